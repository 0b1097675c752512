<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('authors', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('country');
            $table->timestamps();
        });
        Schema::create('books', function (Blueprint $table) {
            $table->id();
            $table->foreignId('author_id')->index();
            $table->string('title');
            $table->boolean('published');
            $table->boolean('ready');
            $table->integer('position');
            $table->timestamps();
            $table->index('created_at');
        });
        Schema::create('chapters', function (Blueprint $table) {
            $table->id();
            $table->foreignId('book_id')->index();
            $table->foreignId('editor_id')->index();
            $table->boolean('long');
            $table->string('title');
            $table->timestamps();
        });
    }
};
