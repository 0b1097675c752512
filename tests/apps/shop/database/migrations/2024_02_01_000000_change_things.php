<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration {
    public function up(): void
    {
        Schema::table('orders', function (Blueprint $table) {
            $table->renameColumn('shop_id', 'store_id');
            $table->dropIndex(['state', 'created_at']);
            $table->index(['store_id', 'state', 'created_at'], 'orders_by_store');
            $table->dropColumn(['prices']);
            $table->string('state', 40)->nullable()->change();
        });
        Schema::dropIfExists('gone');
        Schema::rename('tags', 'labels');
        Schema::table($this->unknown(), fn ($t) => $t->id());
    }
};
