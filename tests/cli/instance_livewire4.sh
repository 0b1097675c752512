#!/usr/bin/env bash
# Driving once more on Livewire 4: its update address is hashed and wants its own header.
set -euo pipefail
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
[ -x "$build/test_instance_run" ] || { echo 'the unit tests are not built'; exit 77; }
work=$(mktemp -d /tmp/fettle-livewire.XXXXXX)
trap 'rm -rf "$work"' EXIT
"$root/tests/hostile-app/make" "$work/hostile" --livewire 4 || exit $?
FETTLE_HOSTILE_DIR=$work/hostile "$build/test_instance_run"
