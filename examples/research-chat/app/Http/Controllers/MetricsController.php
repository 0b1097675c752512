<?php

namespace App\Http\Controllers;

use App\Metrics\Metrics;
use App\Services\OpcacheStatus;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

/** What Prometheus scrapes. No session; a token where METRICS_TOKEN is set. */
class MetricsController extends Controller
{
    public function __invoke(Request $request, Metrics $metrics, OpcacheStatus $opcache): Response
    {
        $token = config('research.metrics.token');
        abort_if($token && ! hash_equals($token, (string) $request->bearerToken()), 403);

        foreach ($opcache->read() as $name => $value) {
            $metrics->gauge("opcache_{$name}", (float) $value);
        }
        $metrics->gauge('memory_peak_bytes', memory_get_peak_usage());

        return response($metrics->render(), 200, ['Content-Type' => 'text/plain; version=0.0.4; charset=utf-8']);
    }
}
