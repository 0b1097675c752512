<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('tools', function (Blueprint $table) {
            $table->id();
            $table->string('name');
            $table->string('slug')->unique();
            $table->string('description');
        });

        Schema::create('agents', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->constrained()->cascadeOnDelete();
            $table->foreignId('user_id')->constrained()->cascadeOnDelete();
            $table->string('name');
            $table->string('type', 20);
            $table->string('description', 500);
            $table->text('system_prompt');
            $table->string('model');
            $table->decimal('temperature', 3, 2)->default(0.2);
            $table->boolean('is_active')->default(true);
            $table->timestamps();

            $table->index(['team_id', 'is_active', 'name']);
            $table->index(['team_id', 'name']);
            $table->index('user_id');
        });

        Schema::create('agent_tool', function (Blueprint $table) {
            $table->foreignId('agent_id')->constrained()->cascadeOnDelete();
            $table->foreignId('tool_id')->constrained()->cascadeOnDelete();

            $table->primary(['agent_id', 'tool_id']);
            $table->index('tool_id');
        });

        Schema::create('agent_knowledge_document', function (Blueprint $table) {
            $table->foreignId('agent_id')->constrained()->cascadeOnDelete();
            $table->foreignId('knowledge_document_id')->constrained()->cascadeOnDelete();

            $table->primary(['agent_id', 'knowledge_document_id']);
            $table->index('knowledge_document_id');
        });
    }

    public function down(): void
    {
        Schema::dropIfExists('agent_knowledge_document');
        Schema::dropIfExists('agent_tool');
        Schema::dropIfExists('agents');
        Schema::dropIfExists('tools');
    }
};
