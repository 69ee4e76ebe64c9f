#!/bin/sh
# SPDX-License-Identifier: MIT
# lossdog run --log: when lossdog is killed the training goes on, and watch takes over.
. "$SRCDIR/tests/cli/tap.sh"

unset LOSSDOG_RUN RANK LOCAL_RANK SLURM_PROCID SLURM_JOB_ID
state=$PWD/state

cat >train.sh <<'SH'
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	echo "step $i/60 loss: 0.$((99 - i)) lr: 0.3"
	sleep 0.1
done
echo "Training complete"
echo done >done
SH
"$LOSSDOG" run --state-dir "$state" --run-name taken --log train.log -- sh train.sh >out 2>&1 &
pid=$!
while [ "$(grep -c step train.log 2>/dev/null)" != 10 ]; do sleep 0.05; done
kill -9 $pid
wait $pid 2>/dev/null
sleep 0.5
run "$LOSSDOG" runs list --state-dir "$state"
ok "the command goes on, unwatched" grep -q ' unwatched .*taken' out
run "$LOSSDOG" runs show --state-dir "$state" 1
ok "where it prints is told" grep -q "^log  *$PWD/train.log" out
"$LOSSDOG" watch --plain --state-dir "$state" --to jsonl=s.jsonl train.log >w.out 2>w.err &
watch=$!
i=0
while ! grep -q 'finished' w.err && [ $i -lt 700 ]; do
	i=$((i + 1))
	sleep 0.1
done
ok "the training has ended by itself" test -s done
ok "watch says how" grep -q '^lossdog: .*train.log: finished at step 60 of 60, loss 0.39$' w.err
kill $watch
wait $watch
is "it has read all of it" "$(grep -c '"metric":"train/loss"' s.jsonl)" 60
run "$LOSSDOG" runs list --state-dir "$state"
ok "that nobody saw the status stays" grep -q ' lost .*taken' out

done_testing
