<?php

// Runs before every script of a private instance (auto_prepend_file). It makes the extra provider findable without
// touching the app's vendor folder, and nothing else: no framework class exists yet.

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Fettle\\')) {
        require_once __DIR__.(in_array($class, ['Fettle\\Recorder', 'Fettle\\Ran', 'Fettle\\People'], true) ? '/recorder.php' : '/provider.php');
    }
});
