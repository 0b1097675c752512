<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('sources', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->constrained()->cascadeOnDelete();
            $table->string('name');
            $table->string('kind', 20);
            $table->string('url')->nullable();
            $table->timestamps();

            $table->index(['team_id', 'name']);
        });

        Schema::create('tags', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('slug')->unique();
        });

        Schema::create('knowledge_documents', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->constrained()->cascadeOnDelete();
            $table->foreignId('user_id')->constrained()->cascadeOnDelete();
            $table->foreignId('source_id')->nullable()->constrained()->nullOnDelete();
            $table->string('title');
            $table->string('description', 500);
            $table->string('content_type', 20);
            $table->string('privacy_level', 10)->default('team');
            $table->string('status', 12)->default('draft');
            $table->string('file_path')->nullable();
            $table->unsignedInteger('word_count')->default(0);
            // sha256 of the content, kept by the model; embedding_hash is the content the vector was made of.
            $table->char('content_hash', 64);
            $table->char('embedding_hash', 64)->nullable();
            $table->timestamp('embedding_generated_at')->nullable();
            $table->timestamp('expires_at')->nullable();
            $table->timestamps();
            // The wide ones last: SQLite reads through a row's overflow pages to reach what stands behind them.
            $table->longText('content');
            $table->longText('embedding')->nullable();

            // Browsing a team's documents, newest first, with and without the type and status filters.
            $table->index(['team_id', 'created_at', 'id']);
            $table->index(['team_id', 'content_type', 'created_at', 'id'], 'documents_team_type_index');
            $table->index(['team_id', 'status', 'created_at', 'id'], 'documents_team_status_index');
            // How many a user may see, without touching a row; and what each has added in a month.
            $table->index(['team_id', 'privacy_level', 'user_id']);
            $table->index(['user_id', 'created_at']);
            $table->index('source_id');
        });

        Schema::create('document_tag', function (Blueprint $table) {
            $table->foreignId('knowledge_document_id')->constrained()->cascadeOnDelete();
            $table->foreignId('tag_id')->constrained()->cascadeOnDelete();

            $table->primary(['knowledge_document_id', 'tag_id']);
            $table->index(['tag_id', 'knowledge_document_id']);
        });

        Schema::create('notes', function (Blueprint $table) {
            $table->id();
            $table->foreignId('user_id')->constrained()->cascadeOnDelete();
            $table->string('notable_type');
            $table->unsignedBigInteger('notable_id');
            $table->text('body');
            $table->timestamps();

            $table->index(['notable_type', 'notable_id', 'created_at', 'id']);
            $table->index('user_id');
        });
    }

    public function down(): void
    {
        Schema::dropIfExists('notes');
        Schema::dropIfExists('document_tag');
        Schema::dropIfExists('knowledge_documents');
        Schema::dropIfExists('tags');
        Schema::dropIfExists('sources');
    }
};
