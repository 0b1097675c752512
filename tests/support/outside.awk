# Reads what strace -f --pidns-translation wrote of connect, sendto, clone…, unshare: every connection to an address must
# have been made inside, that is by a process that itself, or an ancestor of it, called unshare(… CLONE_NEWNET …).
{ pid = $1; line = $0; sub(/^[0-9]+ +/, "", line) }
line ~ /unshare\(/ && line ~ /CLONE_NEWNET/ && line ~ /= 0$/ { inside[pid] = 1 }
line ~ /(clone3?|v?fork)(\(|.*resumed)/ && match(line, /= [0-9]+( \/\* [0-9]+ in strace.s PID NS \*\/)?$/) {
    child = substr(line, RSTART + 2)
    if (match(child, /\/\* [0-9]+/)) child = substr(child, RSTART + 3)
    sub(/[^0-9].*/, "", child)
    parent[child] = pid
}
line ~ /connect\(.*AF_INET/ || line ~ /sendto\(.*AF_INET/ { calls[++n] = pid "\t" line }
END {
    for (i = 1; i <= n; i++) {
        split(calls[i], part, "\t")
        for (p = part[1]; p && !inside[p]; p = parent[p]) ;
        if (p) seen++
        else { print "outside: " calls[i]; bad = 1 }
    }
    if (!seen) { print "the trace shows no connection at all: it proves nothing"; bad = 1 }
    else print seen " connections, all inside"
    exit bad
}
