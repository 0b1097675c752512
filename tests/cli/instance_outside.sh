#!/usr/bin/env bash
# Nothing of an instance reaches out, told by the kernel: in a network namespace of our own, where nobody else lives, no
# connection was opened and no datagram sent; and in a system call trace every connect() to an address was made inside.
set -euo pipefail
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
test=$build/test_instance_walls
[ -x "$test" ] || { echo 'the unit tests are not built'; exit 77; }
work=$(mktemp -d /tmp/fettle-outside.XXXXXX)
trap 'rm -rf "$work"' EXIT
"$root/tests/hostile-app/make" "$work/hostile" || exit $?
export FETTLE_HOSTILE_DIR=$work/hostile
flags=-n
[ "$(id -u)" = 0 ] || flags=-rn
unshare $flags true 2>/dev/null || { echo 'this machine allows no network namespaces'; exit 77; }

unshare $flags bash -c '"$0" && cat /proc/net/snmp >"$1"' "$test" "$work/snmp"
value() { # value PROTOCOL FIELD: the counters stand in pairs of lines, names and numbers
    awk -v p="$1:" -v f="$2" '$1 == p { if (!n) { for (i = 2; i <= NF; i++) if ($i == f) n = i } else { print $n; exit } }' "$work/snmp"
}
[ "$(value Tcp ActiveOpens)" = 0 ] || { echo "$(value Tcp ActiveOpens) TCP connections were opened outside"; exit 1; }
[ "$(value Udp OutDatagrams)" = 0 ] || { echo "$(value Udp OutDatagrams) datagrams were sent outside"; exit 1; }
[ "$(value Ip OutRequests)" = 0 ] || { echo "$(value Ip OutRequests) packets were sent outside"; exit 1; }

command -v strace >/dev/null || { echo 'no strace: that half was not run'; exit 0; }
strace -f --pidns-translation -qq -e trace=connect,sendto,clone,clone3,fork,vfork,unshare -e signal=none -o "$work/trace" "$test" >/dev/null
awk -f "$root/tests/support/outside.awk" "$work/trace"
