<?php

// Read before every script of a private instance (auto_prepend_file), and again with its package manifest, because
// `php -r` reads no prepend file. It makes our classes findable without touching the app's vendor folder, no more.

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Fettle\\')) {
        require_once __DIR__.(in_array($class, ['Fettle\\Recorder', 'Fettle\\Ran', 'Fettle\\People'], true) ? '/recorder.php' : '/provider.php');
    }
});
