<?php

use App\Models\Customer;
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

class CreateOrdersTable extends Migration
{
    private const TABLE = 'orders';

    public function up()
    {
        Schema::create(self::TABLE, function (Blueprint $table) {
            $table->uuid('id')->primary();
            $table->foreignIdFor(Customer::class)->constrained()->cascadeOnDelete();
            $table->foreignId('shop_id')->nullable();
            $table->string('state', 20)->default('open');
            $table->string('number')->unique();
            $table->morphs('origin');
            $this->prices($table);
            $table->softDeletes();
            $table->timestamps();
            $table->index(['state', 'created_at']);
        });
        Schema::create('order_lines', function ($table) {
            $table->increments('line_id');
            $table->unsignedBigInteger('order_id');
            $table->string('sku', 40)->index('by_sku');
            $table->integer('position');
            $table->decimal('price')->change();
            $table->foreign('order_id')->references('id')->on('orders');
        });
        foreach (['products' => ['name', 'sku'], 'tags' => ['name']] as $name => $columns) {
            Schema::create($name, function (Blueprint $table) use ($columns) {
                $table->id();
                foreach ($columns as $column) {
                    $table->string($column);
                }
            });
        }
        if (DB::getDriverName() === 'pgsql') {
            DB::statement('create index only_on_pgsql on tags (name)');
        } else {
            DB::statement('ALTER TABLE tags ADD UNIQUE INDEX tags_name (name), ADD COLUMN color char(7) NULL');
        }
        Schema::create('gone', fn (Blueprint $table) => $table->id());
    }

    private function prices(Blueprint $t, string $prefix = 'net')
    {
        $t->decimal($prefix.'_total', 10, 2);
        $t->json('prices')->nullable();
    }
}
