#!/bin/sh
# SPDX-License-Identifier: MIT
# lossdog run: options, ending a run, nesting, what the command uses.
. "$SRCDIR/tests/cli/tap.sh"

unset LOSSDOG_RUN PYTHONUNBUFFERED

# A training that goes wrong at step 40 and saves when it is asked to end.
cat >train.sh <<'END'
trap 'echo "saving on TERM"; exit 0' TERM
trap 'echo "saving on INT"; exit 0' INT
trap '' ${IGNORE:-ABRT}
i=0
while [ $i -lt ${STEPS:-100} ]; do
	loss=0.5
	[ $i -lt 40 ] || loss=nan
	echo "step $i/1000 loss: $loss lr: 1e-3"
	[ $i -lt 40 ] || sleep 0.05
	i=$((i + 1))
done
END

run "$LOSSDOG" run sh train.sh </dev/null
is "a bad run has its own status all the same" "$status" 0
ok "and a finding" grep -q 'nonfinite' err
is "every line passes" "$(grep -c '^step' out)" 100

run "$LOSSDOG" run --stop-on critical -- sh train.sh
is "--stop-on critical: status" "$status" 86
ok "--stop-on critical: the command may save" grep -q '^saving on TERM' out
ok "--stop-on critical: it is said, and why" grep -q '^lossdog: nonfinite: .*ending the command (SIGTERM)' err
ok "--stop-on critical: what was saved is said" grep -q 'steps to go: about .* saved' err
not "--stop-on critical: that it ended early is no finding" grep -q 'ended-early\]' err
run "$LOSSDOG" run --stop-on nan-loss --stop-signal INT --cost-per-hour 100 sh train.sh
is "--stop-on a rule by its alias: status" "$status" 86
ok "--stop-signal INT" grep -q '^saving on INT' out
ok "--cost-per-hour" grep -q 'saved, .* at 100.00 an hour' err
run "$LOSSDOG" run --stop-on critical -- sh -c 'sleep 2; i=0; while [ $i -lt 40 ]; do
	i=$((i + 1)); [ $i -lt 3 ] && echo "step $i/1000 loss: 0.5" || echo "step $i/1000 loss: nan"; sleep 0.05; done'
not "what is saved does not hold the start" grep -q 'about [0-9][0-9]m\|about [0-9]*h' err
ok "and is said" grep -q 'steps to go: about .* saved' err
run "$LOSSDOG" run --stop-on overfit-trend sh train.sh
is "another rule does not end it" "$status" 0
run env IGNORE=TERM "$LOSSDOG" run --stop-on critical --stop-grace 0.3 --stop-kill sh train.sh
is "--stop-kill: status" "$status" 86
ok "--stop-kill: it is killed" [ "$(grep -c '^step' out)" -lt 100 ]
ok "--stop-kill: said" grep -q 'still runs 300ms after it was asked to end: it is killed' err
run env IGNORE=TERM STEPS=60 "$LOSSDOG" run --stop-on critical --stop-grace 0.3 sh train.sh
is "no kill unless asked: status" "$status" 86
is "no kill unless asked: it ends by itself" "$(grep -c '^step' out)" 60
ok "no kill unless asked: said" grep -q 'not killed without --stop-kill' err

# who asked it to end
cat >ends.sh <<'END'
trap 'echo saving; exit 0' TERM
echo "step 1/1000 loss: 0.5"; echo "step 2/1000 loss: 0.4"; echo $$ >pid
while :; do sleep 0.05; done
END
rm -f pid
"$LOSSDOG" run --no-state -- sh ends.sh >out 2>err &
while ! [ -s pid ]; do sleep 0.05; done
kill -TERM $!
wait $!
is "asked to end from outside: status" $? 0
ok "asked to end from outside: by whom" grep -q '^lossdog: SIGTERM came from process [0-9]* (' err
not "asked to end from outside: that it ended early is no finding" grep -q 'ended-early\]' err
run "$LOSSDOG" run --no-state -- sh -c 'echo "step 1 loss: 0.5"; kill -SEGV $$'
ok "a fatal signal has its name" grep -q 'ended with signal SEGV and no word' err
run "$LOSSDOG" run --no-state -- sh -c 'echo "step 1 loss: 0.5"; exit 137'
ok "and what a shell makes of it" grep -q 'ended with status 137 (signal KILL)' err
run "$LOSSDOG" run --no-state -- sh -c 'for i in 0 1 2 3 4 5 6 7 8 9; do echo "step $((i * 10))/100 loss: 0.$i"; done'
not "the last print before the end of the plan is no early end" grep -q 'ended-early\]' err
run "$LOSSDOG" run --no-state -- sh -c 'for i in 0 1 2 3 4 5 6 7 8; do echo "step $((i * 10))/100 loss: 0.$i"; done'
ok "the one before is" grep -q 'ended-early\]' err

# outputs that are full or closed
if [ -c /dev/full ]; then
	status=0
	"$LOSSDOG" run --no-state -- sh -c 'echo x; sleep 0.2; exit 4' >/dev/full 2>err || status=$?
	is "a full disk: status" "$status" 4
	is "a full disk: said once" "$(grep -c '^lossdog: cannot write to standard output: No space' err)" 1
fi
for fd in '0<&-' '1>&-' '2>&-'; do
	cat >closed.sh <<END
[ -e /proc/\$\$/fd/${fd%[<>]*} ]
echo \$? >closed
END
	eval "\"\$LOSSDOG\" run --no-state -- sh closed.sh >out 2>err $fd"
	is "closed on entry is closed for the command: $fd" "$(cat closed)" 1
done

run "$LOSSDOG" run --stop-on nonfinit true
is "an unknown rule: status" "$status" 125
ok "an unknown rule: the nearest name" grep -q 'did you mean "nonfinite"' err
run "$LOSSDOG" run --stop-signal BARK true
is "an unknown signal" "$status" 125
run "$LOSSDOG" run --log /no/such/dir/log true
is "a log that cannot be written: status" "$status" 125
ok "a log that cannot be written: said" grep -q '/no/such/dir/log' err
run "$LOSSDOG" run --no-such-option true
ok "an unknown option" [ "$status" != 0 ]
run "$LOSSDOG" run
ok "no command" [ "$status" != 0 ]
run "$LOSSDOG" run /no/such/command
is "not found" "$status" 127
ok "not found: said" grep -q '/no/such/command' err
run "$LOSSDOG" run --quiet sh train.sh
not "--quiet: nothing passes" test -s out
ok "--quiet: but the finding" grep -q nonfinite err
run "$LOSSDOG" run -- echo --quiet -- x
is "options of the command are its own" "$(cat out)" "--quiet -- x"

cat >hook.sh <<'END'
cat >got.json
env | grep ^LOSSDOG_ >got.env
END
run "$LOSSDOG" run --no-state --on 'nonfinite=sh hook.sh' --on overfit-trend="touch wrong" --on critical=false -- sh train.sh
ok "--on: the finding comes as JSON" grep -q '"rule":"nonfinite"' got.json
ok "--on: and in the environment" grep -q '^LOSSDOG_SUMMARY=train/loss is NaN' got.env
not "--on: another rule's command does not run" test -e wrong
ok "--on: one that fails is said" grep -q '^lossdog: --on: exit status 1' err
is "--on: and changes nothing" "$status" 0
run "$LOSSDOG" run --no-state --on 'critical=touch $(id)' -- sh train.sh
ok "--on: there is no shell" test -e '$(id)'
run "$LOSSDOG" run --state-dir hooked --on 'critical=sleep 40' -- sh -c 'echo "step 1 loss: nan"'
ok "--on: one that hangs is ended when the run is over" grep -q '^lossdog: --on: 1 command still ran' err
not "--on: and costs no verdict" grep -q 'analysis' err
is "--on: nor the archive" "$("$LOSSDOG" runs list --state-dir hooked | grep -c ' ok ')" 1
# an analysis that hangs or is stopped must not keep the one who waits for the command
if mkfifo nobody; then
	began=$(date +%s)
	run "$LOSSDOG" run --no-state --to jsonl=nobody -- sh -c 'echo "step 1 loss: 1"; exit 4'
	is "an analysis that hangs at the end: status" "$status" 4
	ok "it is not waited for" [ $(($(date +%s) - began)) -lt 10 ]
	is "it is said once" "$(grep -c '^lossdog: the analysis gave no sign of life' err)" 1
	cat nobody >late
	ok "what is left to itself goes on when it can" grep -q '"metric":"train/loss"' late
fi
began=$(date +%s)
"$LOSSDOG" run --no-state -- sh -c 'echo "step 1 loss: nan"; echo >there; sleep 1; exit 4' >out 2>err &
pid=$!
while ! [ -e there ]; do sleep 0.05; done
for p in /proc/[0-9]*; do
	grep -q "^PPid:	$pid$" "$p/status" 2>/dev/null && [ "$(cat "$p/comm")" = lossdog-analyse ] && kill -STOP "${p#/proc/}"
done
wait $pid
is "an analysis that was stopped: status" $? 4
ok "it is woken at the end" [ $(($(date +%s) - began)) -lt 10 ]
ok "and gives its verdict" grep -q 'lossdog: a training loop, step 1' err

run "$LOSSDOG" run --on nonfinit=true true
is "--on: an unknown rule" "$status" 125
run "$LOSSDOG" run --on nonfinite true
ok "--on: no command" grep -q 'RULE=COMMAND' err

run "$LOSSDOG" run sh -c 'echo "$PYTHONUNBUFFERED"'
is "Python's output is unbuffered" "$(cat out)" 1
run env PYTHONUNBUFFERED= "$LOSSDOG" run sh -c 'echo "<$PYTHONUNBUFFERED>"'
is "unless the user has said otherwise" "$(cat out)" "<>"
run "$LOSSDOG" run --no-unbuffer sh -c 'echo "<$PYTHONUNBUFFERED>"'
is "or --no-unbuffer" "$(cat out)" "<>"
run "$LOSSDOG" run --pty=always sh -c '[ -t 1 ] && [ -t 2 ] && echo both'
is "--pty=always" "$(cat out)" both

run "$LOSSDOG" run -- "$LOSSDOG" run -- sh -c 'echo inner; exit 9'
is "inside of another run: status" "$status" 9
is "inside of another run: output" "$(cat out)" inner
ok "inside of another run: a word" grep -q 'inside of another lossdog run' err
is "inside of another run: one verdict" "$(grep -c 'no training output' err)" 1
run "$LOSSDOG" run -- sh -c 'sh train.sh | "$LOSSDOG"'
is "a filter inside of a run steps aside: one verdict" "$(grep -c ' samples$' err)" 1
ok "with a word" grep -q 'inside of another lossdog run: its output' err
run sh -c '"$LOSSDOG" run -- sh train.sh 2>first | "$LOSSDOG"'
ok "into a filter: it steps aside" grep -q 'a lossdog reads this output' first
ok "into a filter: which judges" grep -q nonfinite err

# until the second look, which takes its time on a busy machine
run "$LOSSDOG" run --to jsonl=s.jsonl -- sh -c 'i=0
	while [ $i -lt 300 ] && ! grep -q proc/cpu s.jsonl; do i=$((i+1)); sleep 0.1; done'
ok "the processes' CPU time" grep -q '"metric":"proc/cpu"' s.jsonl
ok "and memory" grep -q '"metric":"proc/rss"' s.jsonl
if [ -d /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ]; then
	run "$LOSSDOG" run --to jsonl=d.jsonl -- sh -c 'i=0
		while [ $i -lt 200 ] && ! grep -q proc/count d.jsonl; do i=$((i+1)); sleep 0.05; done; sleep 0.2' \
		train --output_dir /dev/shm --save-path="$PWD"
	ok "free space where checkpoints go" grep -q '"metric":"disk/free","labels":{"disk":"/dev/shm"}' d.jsonl
	is "each file system once" "$(grep -o '"disk/free","labels":{[^}]*}' d.jsonl | sort -u | wc -l)" 2
fi
ok "free space of the disk" grep -q '"metric":"disk/free","labels":{"disk":"."}' s.jsonl

if command -v cc >/dev/null && cc -shared -fPIC -o libnvidia-ml.so.1 "$SRCDIR/tests/real/fake_nvml.c" 2>cc.log; then
	run env LD_LIBRARY_PATH="$PWD" "$LOSSDOG" run --to jsonl=g.jsonl sh -c 'i=0
		while [ $i -lt 200 ] && ! grep -q gpu/ecc_errors.*gpu...1 g.jsonl; do i=$((i+1)); sleep 0.05; done'
	is "GPUs: the command's status" "$status" 0
	for want in 'gpu/util.*"gpu":"0".*"value":0.93' 'gpu/util.*"gpu":"1".*"value":0.07' \
	    'gpu/memory".*"gpu":"0".*"value":42949672960' 'gpu/temperature.*"gpu":"0".*"value":71' \
	    'gpu/power".*"gpu":"0".*"value":312.5' 'gpu/throttled.*"gpu":"1".*"value":1' \
	    'gpu/throttled.*"gpu":"0".*"value":0' 'gpu/ecc_errors.*"gpu":"1".*"value":2' \
	    'gpu/processes.*"gpu":"0".*"value":3' 'gpu/clock.*"gpu":"0".*"value":1410000000'; do
		ok "GPUs: $want" grep -q "\"metric\":\"$want" g.jsonl
	done
	not "GPUs: what one does not tell is not there" grep -q 'gpu/power".*"gpu":"1"' g.jsonl
	run env LD_LIBRARY_PATH="$PWD" FAKE_NVML=hang "$LOSSDOG" run sh -c 'echo on; exit 7'
	is "a GPU that hangs does not: status" "$status" 7
	is "a GPU that hangs does not: output" "$(cat out)" on
	run env LD_LIBRARY_PATH="$PWD" FAKE_NVML=none "$LOSSDOG" run --to jsonl=n.jsonl sleep 0.3
	not "no driver, no GPUs" grep -q gpu/ n.jsonl
else
	skip "GPUs" "no compiler"
fi

done_testing
