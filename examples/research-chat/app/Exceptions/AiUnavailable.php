<?php

namespace App\Exceptions;

use RuntimeException;

class AiUnavailable extends RuntimeException
{
}
