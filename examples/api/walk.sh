#!/bin/sh
# A walk through the API with curl: refer a patient, meet a rule, look at the gate, record what is allowed, read it back.
#
#   livingdrug serve --demo --folder demo &
#   LIVINGDRUG_DEMO=1 livingdrug token create physician@demo.example --scopes read,act --database sqlite:///demo/demo.sqlite3
#   LIVINGDRUG_TOKEN=ld_… sh examples/api/walk.sh
#
# The token is that of a physician of the center chop. LIVINGDRUG_URL is where the service is, if not on this machine.
set -eu
api="${LIVINGDRUG_URL:-http://127.0.0.1:8000}/api/v1"
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
# In a file, so that nobody reads the token in the list of processes.
printf 'Authorization: Bearer %s\nContent-Type: application/json\n' "$LIVINGDRUG_TOKEN" > "$kept/headers"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

ask() { curl -sS -H @"$kept/headers" -D "$kept/answer" "$@"; echo; }
tag() { sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:cntrl:]]*\).*/\1/p' "$kept/answer"; }
key() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

echo "== Is the service there?"
ask "$api/health"

echo "== Refer a patient. Record number, name and birth date are kept as tokens."
number=$(key)
referral=$(cat <<END
{"event": "referred", "at": "$now", "patient": "walk-$number", "therapy": "tisagenlecleucel", "center": "chop",
 "identifiers": [{"kind": "record number", "value": "$number"}, {"kind": "name and birth date", "value": "Walk, An $number"}]}
END
)
first=$(key)
ask -X POST "$api/journeys" -H "Idempotency-Key: $first" -d "$referral" | tee "$kept/begun"
id=$(sed -n 's/.*"journey": *"\([^"]*\)".*/\1/p' "$kept/begun")
seen=$(tag)

echo "== Send it again, as after a lost connection: the same answer, and no second patient."
ask -X POST "$api/journeys" -H "Idempotency-Key: $first" -d "$referral"
grep -i '^idempotent-replay' "$kept/answer"

echo "== Too early: the rules that are against it, by number, and why there are such."
ask -X POST "$api/journeys/$id/events" -H "If-Match: $seen" -H "Idempotency-Key: $(key)" \
    -d "{\"events\": [{\"event\": \"lymphodepletion started\", \"at\": \"$now\", \"drugs\": [\"fludarabine\"]}]}"

echo "== The infusion gate, before anything was scanned: every condition, and none is taken for granted."
ask -X POST "$api/journeys/$id/gate" -d '{}'

echo "== What is allowed is recorded."
ask -X POST "$api/journeys/$id/events" -H "If-Match: $seen" -H "Idempotency-Key: $(key)" \
    -d "{\"events\": [{\"event\": \"consent given\", \"at\": \"$now\", \"scope\": \"treatment\"}]}"

echo "== Who has not seen that is told so."
ask -X POST "$api/journeys/$id/events" -H "If-Match: $seen" -H "Idempotency-Key: $(key)" \
    -d "{\"events\": [{\"event\": \"consent given\", \"at\": \"$now\", \"scope\": \"research\"}]}"

echo "== The journey, event by event."
ask "$api/journeys/$id/events"
