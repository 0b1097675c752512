<?php

namespace Database\Seeders;

use Illuminate\Database\Seeder;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\DB;

/** Sessions of uneven length; the first one, of the first user, is the long chat, and the last that was used. */
class ChatSeeder extends Seeder
{
    private const CHUNK = 1000;

    private int $messageId = 0;

    private array $messages = [];

    public function run(SeedPlan $plan): void
    {
        mt_srand(44);
        $agents = DB::table('agents')->orderBy('id')->get(['id', 'team_id'])->groupBy('team_id')
            ->map(fn ($rows) => $rows->pluck('id')->all())->all();

        $sessions = $last = [];
        for ($id = 1; $id <= $plan->sessions; $id++) {
            $owner = $id === 1 ? 1 : $plan->owner();
            $team = $plan->teamOf($owner);
            $agent = $agents[$team][mt_rand(0, count($agents[$team]) - 1)];
            $start = $id === 1 ? $plan->today->copy()->addHours(13)->subMinutes(5 * $plan->longChat) : $plan->moment(120);
            $sessions[] = [
                'id' => $id, 'team_id' => $team, 'user_id' => $owner, 'agent_id' => $agent,
                'title' => $id === 1 ? 'Long-running literature review' : Prose::title(),
                'created_at' => $start, 'updated_at' => $start,
            ];
            $last[$id] = [$owner, $agent, $start, $id === 1 ? $plan->longChat : 2 * mt_rand(2, 22)];
        }
        DB::table('chat_sessions')->insert($this->withLastMessage($sessions, $last));
        foreach ($last as $id => [$owner, $agent, $start, $count]) {
            $this->conversation($id, $owner, $agent, $start, $count);
        }
        $this->flush();

        SequenceReset::run(['chat_sessions', 'chat_messages']);
    }

    /** Message ids are dense, so each session's last one is known before they are written. */
    private function withLastMessage(array $sessions, array $last): array
    {
        $end = 0;
        foreach ($sessions as &$session) {
            [, , $start, $count] = $last[$session['id']];
            $end += $count;
            $session['last_message_id'] = $end;
            $session['last_message_at'] = $start->copy()->addMinutes($count * 5);
        }

        return $sessions;
    }

    private function conversation(int $session, int $owner, int $agent, Carbon $start, int $count): void
    {
        for ($n = 1; $n <= $count; $n++) {
            $asks = $n % 2 === 1;
            $content = $asks ? Prose::question() : Prose::paragraph(mt_rand(2, 5));
            $at = $start->copy()->addMinutes($n * 5);
            $this->messages[] = [
                'id' => ++$this->messageId, 'chat_session_id' => $session, 'user_id' => $asks ? $owner : null,
                'agent_id' => $asks ? null : $agent, 'role' => $asks ? 'user' : 'assistant', 'content' => $content,
                'status' => 'complete', 'tokens' => (int) (strlen($content) / 4), 'created_at' => $at, 'updated_at' => $at,
            ];
            if (count($this->messages) === self::CHUNK) {
                $this->flush();
            }
        }
    }

    private function flush(): void
    {
        if ($this->messages) {
            DB::table('chat_messages')->insert($this->messages);
            $this->messages = [];
        }
    }
}
