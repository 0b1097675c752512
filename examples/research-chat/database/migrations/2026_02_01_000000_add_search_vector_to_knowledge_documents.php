<?php

use App\Support\SearchIndex;
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

/**
 * Adds the full-text index to a table that may hold hundreds of thousands of rows and is being
 * written to meanwhile. In this order: an empty place for the vectors, triggers for rows that
 * come from now on, the old rows in chunks, and only then the indexes (an index that exists
 * during the load makes every row dearer). Every step may be repeated, and the chunks note how far
 * they came, so that a migration that was killed goes on where it stopped.
 */
return new class extends Migration
{
    /** Each chunk commits by itself, and PostgreSQL builds indexes concurrently only outside a transaction. */
    public $withinTransaction = false;

    private const INDEXES = [
        'documents_user_privacy_index' => ['user_id', 'privacy_level'],
        'documents_created_status_index' => ['created_at', 'status'],
        'documents_type_expiry_index' => ['content_type', 'expires_at'],
    ];

    public function up(): void
    {
        if (! Schema::hasTable('backfills')) {
            Schema::create('backfills', function (Blueprint $table) {
                $table->string('name')->primary();
                $table->unsignedBigInteger('last_id')->default(0);
            });
        }

        $index = SearchIndex::for(DB::connection());
        $index->prepare();
        $index->backfill();
        $index->finish();

        foreach (self::INDEXES as $name => $columns) {
            $index->createIndex($name, $columns);
        }
    }

    public function down(): void
    {
        $index = SearchIndex::for(DB::connection());

        foreach (self::INDEXES as $name => $columns) {
            $index->dropIndex($name, $columns);
        }
        $index->drop();

        Schema::dropIfExists('backfills');
    }
};
