<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('users', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('email')->unique();
            $table->timestamps();
        });
        Schema::create('rooms', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('slug');
            $table->boolean('open')->default(true);
            $table->foreignId('owner_id')->index();
            $table->foreignId('creator_id')->nullable()->index();
            $table->timestamps();
        });
        Schema::create('messages', function (Blueprint $table) {
            $table->id();
            $table->foreignId('room_id')->index();
            $table->foreignId('author_id')->index();
            $table->text('body');
            $table->unsignedInteger('tokens')->default(0);
            $table->boolean('read')->default(false);
            $table->timestamps();
            $table->index('created_at');
        });
        Schema::create('tags', function (Blueprint $table) {
            $table->id();
            $table->string('name')->unique();
        });
        Schema::create('room_tag', function (Blueprint $table) {
            $table->foreignId('room_id');
            $table->foreignId('tag_id')->index();
            $table->primary(['room_id', 'tag_id']);
        });
        Schema::create('documents', function (Blueprint $table) {
            $table->id();
            $table->string('title');
            $table->text('body');
            $table->text('embedding');
            $table->string('status');
            $table->timestamps();
        });
    }
};
