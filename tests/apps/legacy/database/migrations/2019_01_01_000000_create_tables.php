<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;

class CreateTables extends Migration
{
    private $indexes = [['users', ['email'], 'users_by_email'], ['blog_posts', ['owner_id', 'state'], 'posts_by_owner']];

    public function up()
    {
        $names = config('kit.tables');
        Schema::create('users', function (Blueprint $table) {
            $table->increments('id');
            $table->string('email')->unique()->index();
            $table->timestamp('seen_at')->nullable();
        });
        Schema::create($names['posts'], function (Blueprint $table) {
            $table->increments('id');
            $table->integer('owner_id')->unsigned();
            $table->string('state')->default('draft');
            $table->foreign('owner_id')->references('id')->on('users');
        });
        $add = function (Blueprint $table) { $table->softDeletes(); };
        Schema::table('users', $add);
        foreach ($this->indexes as [$table, $columns, $name]) {
            $list = implode(', ', array_map(fn ($c) => "`$c`", $columns));
            DB::statement("CREATE INDEX {$name} ON {$table} ({$list})");
        }
    }
}
