<?php

namespace Tests\Support;

use CurlHandle;

/** One browser's worth of cookies over curl, so that many can be asked at the same moment. */
final class HttpSession
{
    private string $jar;

    public function __construct(private string $base)
    {
        $this->jar = tempnam(sys_get_temp_dir(), 'jar');
    }

    public function __destruct()
    {
        @unlink($this->jar);
    }

    /** @return array{int, string} status and body */
    public function get(string $path): array
    {
        return $this->finish($this->handle($path));
    }

    public function signIn(string $email, string $password = 'password'): int
    {
        [, $page] = $this->get('/login');
        preg_match('/name="_token" value="([^"]+)"/', $page, $token);
        $handle = $this->handle('/login');
        curl_setopt_array($handle, [
            CURLOPT_POSTFIELDS => http_build_query(['_token' => $token[1] ?? '', 'email' => $email, 'password' => $password]),
            CURLOPT_FOLLOWLOCATION => false,
        ]);

        return $this->finish($handle)[0];
    }

    public function handle(string $path): CurlHandle
    {
        $handle = curl_init($this->base.$path);
        curl_setopt_array($handle, [
            CURLOPT_RETURNTRANSFER => true, CURLOPT_COOKIEJAR => $this->jar, CURLOPT_COOKIEFILE => $this->jar, CURLOPT_TIMEOUT => 60,
        ]);

        return $handle;
    }

    private function finish(CurlHandle $handle): array
    {
        $body = (string) curl_exec($handle);
        $status = (int) curl_getinfo($handle, CURLINFO_HTTP_CODE);
        curl_close($handle);

        return [$status, $body];
    }
}
