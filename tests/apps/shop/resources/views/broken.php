<?php

class Half { public function a() { return [1, ; } }
