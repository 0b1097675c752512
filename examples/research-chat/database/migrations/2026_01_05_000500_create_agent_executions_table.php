<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('agent_executions', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->constrained()->cascadeOnDelete();
            $table->foreignId('agent_id')->constrained()->cascadeOnDelete();
            $table->foreignId('user_id')->nullable()->constrained()->nullOnDelete();
            $table->foreignId('chat_session_id')->nullable()->constrained()->nullOnDelete();
            $table->string('status', 12)->default('pending');
            $table->text('query');
            $table->string('endpoint', 12)->nullable();
            $table->unsignedInteger('duration_ms')->nullable();
            $table->unsignedInteger('prompt_tokens')->default(0);
            $table->unsignedInteger('completion_tokens')->default(0);
            $table->string('error', 500)->nullable();
            $table->timestamp('started_at')->nullable();
            $table->timestamp('completed_at')->nullable();
            $table->timestamps();
            $table->longText('response')->nullable();

            // An agent's page: newest first, all or of one status. The reports: a team's days.
            $table->index(['agent_id', 'created_at', 'id']);
            $table->index(['agent_id', 'status', 'created_at', 'id'], 'executions_agent_status_index');
            $table->index(['team_id', 'created_at', 'status']);
            $table->index(['user_id', 'created_at']);
            $table->index('chat_session_id');
        });

        // One row a team, agent type and day: written by the metrics job, read by the reports.
        Schema::create('execution_metrics', function (Blueprint $table) {
            $table->id();
            $table->foreignId('team_id')->constrained()->cascadeOnDelete();
            $table->string('agent_type', 20);
            $table->date('day');
            $table->unsignedInteger('executions')->default(0);
            $table->unsignedInteger('failures')->default(0);
            $table->unsignedBigInteger('duration_ms')->default(0);
            $table->unsignedBigInteger('tokens')->default(0);
            $table->timestamps();

            $table->unique(['team_id', 'day', 'agent_type']);
        });
    }

    public function down(): void
    {
        Schema::dropIfExists('execution_metrics');
        Schema::dropIfExists('agent_executions');
    }
};
