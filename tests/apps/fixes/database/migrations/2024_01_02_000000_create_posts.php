<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('teams', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->timestamps();
        });
        Schema::create('users', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->nullable()->index();
            $table->string('name');
            $table->string('email')->unique();
            $table->boolean('active');
            $table->timestamps();
        });
        Schema::create('categories', function (Blueprint $table) {
            $table->id();
            $table->foreignId('user_id')->index();
            $table->string('name');
            $table->timestamps();
        });
        Schema::create('posts', function (Blueprint $table) {
            $table->id();
            $table->foreignId('user_id')->index();
            $table->foreignId('category_id')->nullable()->index();
            $table->string('slug')->unique();
            $table->string('title');
            $table->string('lang');
            $table->string('status');
            $table->boolean('published');
            $table->integer('views');
            $table->integer('score')->nullable();
            $table->decimal('price');
            $table->date('day');
            $table->json('settings')->nullable();
            $table->timestamp('published_at')->nullable();
            $table->timestamps();
            $table->softDeletes();
            $table->index('created_at');
        });
        Schema::create('comments', function (Blueprint $table) {
            $table->id();
            $table->foreignId('post_id')->index();
            $table->foreignId('user_id')->index();
            $table->boolean('approved');
            $table->integer('stars');
            $table->timestamps();
        });
        Schema::create('post_tag', function (Blueprint $table) {
            $table->id();
            $table->foreignId('post_id')->index();
            $table->foreignId('tag_id')->index();
        });
        Schema::create('tags', function (Blueprint $table) {
            $table->id();
            $table->string('name');
        });
        Schema::create('images', function (Blueprint $table) {
            $table->id();
            $table->morphs('imageable');
            $table->string('path');
        });
        Schema::create('orders', function (Blueprint $table) {
            $table->id();
            $table->foreignId('customer_id')->index();
            $table->boolean('paid');
            $table->timestamps();
        });
        Schema::create('visits', function (Blueprint $table) {
            $table->id();
        });
        Schema::create('products', function (Blueprint $table) {
            $table->id();
            $table->foreignId('visit_id')->index();
            $table->string('name');
            $table->boolean('listed');
        });
    }
};
