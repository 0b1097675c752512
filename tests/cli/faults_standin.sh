#!/usr/bin/env bash
# The stand-in server: what it answers, how it misbehaves when asked to, and what it refuses.
set -euo pipefail
bin=$1/examples/research-chat/standin/ai_standin
[ -x "$bin" ] || { echo "no $bin: not built here"; exit 77; }
for tool in curl jq; do command -v "$tool" >/dev/null || { echo "$tool is missing"; exit 77; }; done
work=$(mktemp -d)
exec 3> >(exec "$bin" --port 0 --parent >"$work/out" 2>"$work/err") # its standard input is ours
trap 'exec 3>&-; rm -rf "$work"' EXIT
for _ in $(seq 100); do grep -q listening "$work/out" && break; sleep 0.05; done
port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$work/out")
[ -n "$port" ] || { cat "$work/err"; echo 'it does not listen'; exit 1; }
url=http://127.0.0.1:$port

fails=0
same() { # WHAT EXPECTED GOT
    [ "$2" = "$3" ] || { echo "$1: expected $2, got $3"; fails=$((fails + 1)); }
}
post() { curl -sS --max-time 10 -H 'Content-Type: application/json' "$url$1" -d "$2" "${@:3}"; }
status() { post "$1" "$2" -o /dev/null -w '%{http_code}' "${@:3}"; }
set_to() { post /__control "$1" >/dev/null; }

chat='{"model":"m","messages":[{"role":"user","content":"Why?"}]}'
same 'one answer' chat.completion "$(post /v1/chat/completions "$chat" | jq -r .object)"
same 'the same question, the same words' "$(post /v1/chat/completions "$chat" | jq .choices)" "$(post /v1/chat/completions "$chat" | jq .choices)"
set_to '{"chunk_ms":1}'
stream='{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Why?"}]}'
post /v1/chat/completions "$stream" -N >"$work/stream"
same 'streamed words are the answer' "$(post /v1/chat/completions "$chat" | jq -r '.choices[0].message.content')" \
    "$(sed -n 's/^data: {/{/p' "$work/stream" | jq -sr '[.[].choices[0].delta.content // empty] | join("")')"
same 'the stream ends' 'data: [DONE]' "$(grep . "$work/stream" | tail -1)"
same 'the usage comes when asked for' 1 "$(grep -c total_tokens "$work/stream")"

embed='{"input":["a","b","c","d","e","f"],"dimensions":16}'
same 'six vectors of sixteen' '6 16' "$(post /v1/embeddings "$embed" | jq -r '"\(.data | length) \(.data[0].embedding | length)"')"
plain=$(post /v1/embeddings "$embed" | jq -c '[.data[] | [.index, .embedding]]')
set_to '{"shuffle":true}'
mixed=$(post /v1/embeddings "$embed" | jq -c '[.data[] | [.index, .embedding]]')
same 'shuffled: another order' yes "$([ "$plain" != "$mixed" ] && echo yes)"
same 'shuffled: the same vectors' "$plain" "$(jq -c 'sort' <<<"$mixed")"
same 'unit length' 1 "$(post /v1/embeddings '{"input":"x","dimensions":64}' | jq '[.data[0].embedding[] | . * .] | add | . * 1000 | round / 1000')"
same 'too many inputs' 400 "$(jq -nc '{input: [range(2049) | tostring]}' | curl -sS -o /dev/null -w '%{http_code}' "$url/v1/embeddings" -d @-)"

set_to '{"status_429_next":2,"retry_after":1.5}'
same 'two are refused' '429 429 200' "$(for _ in 1 2 3; do status /v1/chat/completions "$chat"; echo; done | paste -sd' ')"
set_to '{"status_429_next":1}'
same 'and say when to come again' 1.5 "$(post /v1/chat/completions "$chat" -D - -o /dev/null | tr -d '\r' | sed -n 's/^Retry-After: //p')"
set_to '{"fail_rate":1,"fail_status":503}'
same 'failure' 503 "$(status /v1/embeddings "$embed")"
same 'health and counters are not touched by it' '200 200' "$(curl -sS -o /dev/null -w '%{http_code}' "$url/health") $(curl -sS -o /dev/null -w '%{http_code}' "$url/__stats")"
set_to '{"fail_rate":0,"delay_ms":300}'
took=$(post /v1/chat/completions "$chat" -o /dev/null -w '%{time_total}')
same 'late' yes "$(awk -v t="$took" 'BEGIN { print (t >= 0.3 && t < 3) ? "yes" : t }')"
set_to '{"delay_ms":0,"stall":true}'
same 'never' 28 "$(curl -sS --max-time 0.5 "$url/v1/models" >/dev/null 2>&1; echo $?)"
set_to '{"stall":false,"drop":true}'
same 'closed without an answer' 52 "$(curl -sS "$url/v1/models" >/dev/null 2>&1; echo $?)"
set_to '{"drop":false}'

put() { curl -sS -X PATCH "$url/indexes/x/settings" -d "$1"; }
same 'known settings' settingsUpdate "$(put '{"pagination":{"maxTotalHits":9},"rankingRules":["words","attribute","created_at:desc"]}' | jq -r .type)"
same 'an unknown setting is named' 'Unknown field `maxSearchMemory`' "$(put '{"maxSearchMemory":"1GB"}' | jq -r .message)"
same 'an unknown nested name' 'Unknown field `max`' "$(put '{"faceting":{"max":1}}' | jq -r .message)"
same 'a rule of a later version' bad_request "$(put '{"rankingRules":["attributeRank"]}' | jq -r .code)"
set_to '{"version":"1.36.0"}'
same 'is known there' settingsUpdate "$(put '{"rankingRules":["attributeRank"]}' | jq -r .type)"

same 'no JSON' 400 "$(status /v1/embeddings '{"input":')"
same 'nested too deeply' 400 "$(status /v1/embeddings "$(printf '[%.0s' $(seq 80))$(printf ']%.0s' $(seq 80))")"
same 'an unknown control' 400 "$(status /__control '{"speed":1}')"
same 'a body past the limit' 413 "$(head -c 9000000 /dev/zero | tr '\0' a | curl -sS -o /dev/null -w '%{http_code}' -H 'Expect:' "$url/v1/embeddings" --data-binary @- 2>/dev/null)"
same 'headers past the limit' 431 "$(curl -sS -o /dev/null -w '%{http_code}' -H "X-Long: $(printf 'a%.0s' $(seq 17000))" "$url/health")"
same 'a body without a length' 411 "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Transfer-Encoding: chunked' "$url/v1/embeddings" -d "$embed")"
same 'a large body after 100-continue' 6000 "$(jq -nc '{input: [range(2000) | tostring * 400], dimensions: 3}' | curl -sS -H 'Expect: 100-continue' "$url/v1/embeddings" -d @- | jq '[.data[].embedding[]] | length')"

before=$(curl -sS "$url/__stats" | jq .connections)
seq 40 | sed "s|.*|url=$url/v1/models|" | curl -sS --parallel --parallel-max 20 -K - >/dev/null 2>&1 || true
same 'forty at once' yes "$([ "$(curl -sS "$url/__stats" | jq .connections)" -gt "$before" ] && echo yes)"
same 'counters' 'true true true' "$(curl -sS "$url/__stats" | jq -r '"\(.chat > 5) \(.embedding_inputs > 2000) \(.stalled == 1)"')"
set_to '{"reset":true}'
same 'reset' '0' "$(curl -sS "$url/__stats" | jq .chat)"
same 'loopback only' '' "$(ss -ltnH "sport = :$port" 2>/dev/null | awk '{print $4}' | grep -v '^127\.0\.0\.1:' || true)"
[ "$fails" = 0 ] && echo 'the stand-in does what it should'
