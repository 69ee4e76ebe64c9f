#!/bin/sh
# SPDX-License-Identifier: MIT
# One pass over logs: only what is new, statuses, formats, rotation, state, faults below.
. "${SRCDIR:?}/tests/cli/tap.sh"

like() # NAME TEXT PATTERN
{
	printf '%s\n' "$2" >text
	ok "$1" grep -q -e "$3" text
}

S=$PWD/state
check() { "$LOSSDOG" check --state-dir "$S" "$@"; }
# lines FROM TO LOSS: a training's output
lines() { awk -v a="$1" -v b="$2" -v l="${3:-}" 'BEGIN { for (i = a; i <= b; i++)
	printf "step %d/1000 | loss: %s | lr: 1.0e-03\n", i, l != "" ? l : sprintf("%.4f", 2 / (1 + i / 50)) }'; }
steps() { sed -n 's/.*"metric":"train\/loss".*"step":\([0-9]*\).*/\1/p' "$1" | tr '\n' ' '; }
upto() { seq 1 "$1" | tr '\n' ' '; }

mkdir logs
lines 1 100 >logs/a.log
out=$(check logs 2>&1); st=$?
is "nothing is printed when all is well" "$out" ""
is "and the status is 0" "$st" 0
lines 101 102 nan >>logs/a.log
out=$(check logs); st=$?
like "what is new and wrong is told" "$out" "nonfinite"
is "critical is 2" "$st" 2
out=$(check logs); st=$?
like "it counts until it is resolved" "$out" "still critical"
is "but is told in full only once" "$(check logs | grep -c 'do:')" 0
is "with the same status" "$st" 2
is "for programs: only what is new" "$(check --json logs)" ""
out=$(check --format nagios logs | head -1)
like "a monitoring plugin's line" "$out" "^LOSSDOG CRITICAL - .* | 'critical'="
is "with one bar" "$(printf '%s\n' "$out" | tr -cd '|' | wc -c)" 1
like "each log counts once" "$("$LOSSDOG" check --format nagios --state-dir "$PWD/fresh" logs | head -1)" "'runs'=1;;;0 'logs'=1;;;0"
like "a table" "$(check --format table logs)" "102/1000"
out=$(check --remind 0.01s logs)
like "--remind tells again" "$out" "do:"

rm -rf logs state; mkdir logs
lines 1 30 >logs/a.log
check --to jsonl=s.jsonl logs
lines 31 40 >>logs/a.log
mv logs/a.log logs/a.log.1
lines 41 60 >logs/a.log
gzip logs/a.log.1
check --to jsonl=s.jsonl logs
is "rotated and compressed between two passes: each line once, samples behind each other" "$(steps s.jsonl)" "$(upto 60)"
printf 'step 61/1000 | loss: 0.1' >>logs/a.log
check --to jsonl=s.jsonl logs
printf '234 | lr: 1.0e-03\n' >>logs/a.log
check --to jsonl=s.jsonl logs
is "a line in two halves is one line" "$(steps s.jsonl)" "$(upto 61)"

rm -rf logs state s.jsonl; mkdir -p logs/r1 logs/r2
lines 1 5 >logs/r1/train.log; lines 6 9 >logs/r1/extra.log; lines 1 5 >logs/r2/train.log
check --run-name '{parent}' --format table logs >out
is "several logs are one run by the pattern of its name" "$(awk 'NR > 1 && /r[12]$/ { print $NF }' out | tr '\n' ' ')" "r1 r2 "
out=$(check --run-name '{folder}' logs 2>&1); st=$?
is "a word that the pattern does not know is a mistake" "$st" 3

out=$("$LOSSDOG" check --state-dir "$S" /dev/null 2>&1); st=$?
is "a device cannot be checked: $out" "$st" 3
rm -rf state; mkdir state; echo rubbish >state/lossdog.db
out=$(check logs 2>&1)
like "a broken database is moved aside, and that is said" "$out" "aside"
lines 1 5 >logs/n.log
"$LOSSDOG" check --no-state logs; is "without a state" "$?" 0

for f in cron systemd logrotate nagios icinga; do
	like "--print-$f has the path" "$("$LOSSDOG" check --print-$f "logs/a b")" "$PWD/logs/a b"
done
if command -v systemd-analyze >/dev/null; then
	"$LOSSDOG" check --print-systemd logs | sed -n '/lossdog.service ---/,/lossdog.timer ---/p' >lossdog.service
	ok "systemd understands them" systemd-analyze verify ./lossdog.service
fi

# System calls that fail.
so=$PWD/inject_io.so
if ! ${CC:-cc} -shared -fPIC -o "$so" "$SRCDIR/tests/real/inject_io.c" -ldl 2>/dev/null || [ -n "${SLOW_BUILD:-}" ]; then
	skip "injected faults" "a library to preload cannot be made here"
else
	for what in eintr short nobirth eintr,short,nobirth eio eio,short eio,nobirth; do
		rm -rf logs state s.jsonl; mkdir logs
		for i in 1 2 3 4 5; do
			lines $((i * 10 - 9)) $((i * 10)) >>logs/a.log
			[ $i = 3 ] && mv logs/a.log logs/a.log.1
			INJECT=$what INJECT_PATH=/logs/ LD_PRELOAD=$so check --to jsonl=s.jsonl logs 2>/dev/null
		done
		for i in 1 2 3; do check --to jsonl=s.jsonl logs; done
		is "with $what: each line once" "$(steps s.jsonl)" "$(upto 50)"
	done
	rm -rf logs state; mkdir logs
	lines 1 5 nan >logs/a.log
	check logs >/dev/null
	lines 6 7 nan >>logs/a.log
	out=$(INJECT=enospc INJECT_PATH=/state/ LD_PRELOAD=$so check logs 2>&1); st=$?
	like "a full disk is told" "$out" "could not be [us]"
	is "and the findings count all the same" "$st" 2
fi
done_testing
