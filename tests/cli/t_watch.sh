#!/bin/sh
# SPDX-License-Identifier: MIT
# Following with plain lines: findings as they come, restarts, new folders, the end.
. "${SRCDIR:?}/tests/cli/tap.sh"

# lines FROM TO LOSS: a training's output
lines() { awk -v a="$1" -v b="$2" -v l="${3:-}" 'BEGIN { for (i = a; i <= b; i++)
	printf "step %d/1000 | loss: %s | lr: 1.0e-03\n", i, l != "" ? l : sprintf("%.4f", 2 / (1 + i / 50)) }'; }
steps() { sed -n 's/.*"metric":"train\/loss".*"step":\([0-9]*\).*/\1/p' "$1" | sort -n | tr '\n' ' '; }
upto() { seq 1 "$1" | tr '\n' ' '; }
# wait_for PATTERN FILE: at most ten seconds
wait_for()
{
	for i in $(seq 100); do
		grep -q -e "$1" "$2" 2>/dev/null && return 0
		sleep 0.1
	done
	return 1
}
start()
{
	"$LOSSDOG" watch --plain --state-dir "$PWD/state" --to jsonl=s.jsonl "$@" >out 2>err &
	pid=$!
}
stop()
{
	kill "${1:--TERM}" $pid
	for i in $(seq 100); do
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL $pid 2>/dev/null # one that does not end fails by its status
	wait $pid
	status=$?
}

mkdir logs
lines 1 10 >logs/a.log
start logs
ok "what is there is read" wait_for '"step":10,' s.jsonl
lines 11 20 >>logs/a.log
ok "what is added is read" wait_for '"step":20,' s.jsonl
mkdir -p logs/new/deep
lines 21 30 >logs/new/deep/b.log
ok "a folder that appears is found" wait_for '"step":30,' s.jsonl
stop
is "it ends with 0 when it is told to" $status 0
mv logs/a.log logs/a.log.1
lines 31 40 >logs/a.log
start logs
ok "after a restart it goes on" wait_for '"step":40,' s.jsonl
mv logs/a.log logs/a.log.2
lines 41 50 >logs/a.log
ok "a rotation is followed" wait_for '"step":50,' s.jsonl
sleep 6
stop -KILL
lines 51 60 >>logs/a.log
start logs
ok "also after a kill" wait_for '"step":60,' s.jsonl
stop
is "each line once" "$(steps s.jsonl)" "$(upto 60)"

start --json --fail-on critical logs
lines 61 62 nan >>logs/a.log
ok "a finding comes as a line" wait_for '"rule":"nonfinite"' out
# Runs known from before fall due while they sleep; that is no work.
sleep 20
ticks=$(sed 's/.*) //' /proc/$pid/stat | awk '{ print $12 + $13 }')
ok "the silence of known runs costs nothing ($ticks ticks)" test "${ticks:-9999}" -lt 300
stop # not -INT: what a shell starts in the background has that one ignored, and it stays so
is "--fail-on decides the status" $status 2

start --poll 0.2s 'pattern/*/x.log'
mkdir -p pattern/one
lines 70 72 >pattern/one/x.log
ok "a pattern that matches later" wait_for '"step":72,' s.jsonl
stop

run "$LOSSDOG" watch --no-state /dev/null
is "a device cannot be watched" $status 3
run "$LOSSDOG" watch --run-name '{no}' logs
is "a name pattern that is none" $status 3

so=$PWD/inject_io.so
if ${CC:-cc} -shared -fPIC -o "$so" "$SRCDIR/tests/real/inject_io.c" -ldl 2>/dev/null &&
	[ -z "${SLOW_BUILD:-}" ]; then
	rm -f s.jsonl; rm -rf state logs; mkdir logs
	export INJECT=noinotify,nobirth LD_PRELOAD=$so
	start logs
	unset INJECT LD_PRELOAD
	lines 1 10 >logs/a.log
	ok "without inotify and birth times" wait_for '"step":10,' s.jsonl
	mv logs/a.log logs/a.log.1
	lines 11 20 >logs/a.log
	ok "a rotation too" wait_for '"step":20,' s.jsonl
	ok "which is said" grep -q "several times a second" err
	stop
	is "each line once" "$(steps s.jsonl)" "$(upto 20)"
else
	skip "without inotify and birth times" "a library to preload cannot be made here"
fi
done_testing
