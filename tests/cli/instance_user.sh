#!/usr/bin/env bash
# The walls, driving and reset once more as an ordinary user: user namespaces instead of privileges.
set -euo pipefail
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo 'not root: the unit tests ran as an ordinary user already'; exit 77; }
[ -x "$build/test_instance_walls" ] || { echo 'the unit tests are not built'; exit 77; }
command -v setpriv >/dev/null || { echo 'no setpriv'; exit 77; }
work=$(mktemp -d /tmp/fettle-user.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp" "$work/home"
"$root/tests/hostile-app/make" "$work/hostile" || exit $?
cp "$build/test_instance_walls" "$build/test_instance_run" "$work/"
chown -R 65534:65534 "$work"
as_user() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME="$work/home" TMPDIR="$work/tmp" \
        FETTLE_HOSTILE_DIR="$work/hostile" "$@"
}
as_user unshare -Urn true 2>/dev/null || { echo 'this machine allows no user namespaces'; exit 77; }
as_user "$work/test_instance_walls"
as_user "$work/test_instance_run"
[ -z "$(ls -A "$work/tmp")" ] || { echo "left behind:"; ls -la "$work/tmp"; exit 1; }
