<?php

namespace App\Notifications;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Notifications\Messages\MailMessage;
use Illuminate\Notifications\Notification;

class WeeklyDigest extends Notification implements ShouldQueue
{
    use Queueable;

    public function __construct(
        private readonly string $team,
        private readonly int $documents,
        private readonly int $executions,
    ) {
    }

    public function via(object $notifiable): array
    {
        return ['mail'];
    }

    public function toMail(object $notifiable): MailMessage
    {
        return (new MailMessage)
            ->subject("{$this->team}: your week")
            ->line("{$this->documents} new documents, {$this->executions} agent runs.")
            ->action('Open', route('dashboard'));
    }
}
