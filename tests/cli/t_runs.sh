#!/bin/sh
# SPDX-License-Identifier: MIT
# lossdog runs: what is kept of a run, and that secrets are not.
. "$SRCDIR/tests/cli/tap.sh"

unset LOSSDOG_RUN RANK LOCAL_RANK SLURM_PROCID SLURM_JOB_ID
state=$PWD/state

runs()
{
	what=$1
	shift
	run "$LOSSDOG" runs "$what" --state-dir "$state" "$@"
}

runs list
is "an empty archive is no error" "$status" 0
ok "and says so" grep -q 'no run is archived' err

printf 'model: gpt2\napi_key: sk-in-a-file\n' >conf.yaml
cat >train.sh <<'END'
echo "Namespace(lr=0.3, hf_token='hf-in-the-log', config='conf.yaml')"
echo "PyTorch version: 2.1.0+cu121"
i=0
while [ $i -lt 30 ]; do
	i=$((i + 1))
	echo "step $i/30 loss: 0.$((60 - i)) lr: 0.3"
done
sleep 0.3
exit ${1:-0}
END
run env CUDA_VISIBLE_DEVICES=0,1 MY_TOKEN=env-secret NCCL_TOKEN=nccl-secret \
    "$LOSSDOG" run --state-dir "$state" -- sh train.sh 0 --token tok-in-words --config conf.yaml
is "a run" "$status" 0
run "$LOSSDOG" run --state-dir "$state" -- sh train.sh 7
run "$LOSSDOG" run --state-dir "$state" --run-name third -- sh -c 'kill -9 $$'
run "$LOSSDOG" run --no-state -- true
runs list
is "three runs and a head" "$(wc -l <out)" 4
ok "the newest comes first" sh -c 'sed -n 2p out | grep -q "signal 9.*third"'
ok "a status" grep -q 'status 7' out
ok "one that went well" sh -c 'sed -n 4p out | grep -q " ok  .*0.3 "'
runs list -n 1
is "--limit" "$(wc -l <out)" 2
runs list --json
is "one JSON object a line" "$(grep -c '^{"schema":1,"id":' out)" 3

runs show --json 1
ok "the command" grep -q '"command":\["sh","train.sh","0","--token","\*\*\*","--config","conf.yaml"\]' out
ok "the environment that matters" grep -q '"CUDA_VISIBLE_DEVICES":"0,1"' out
ok "a file that was named, with its hash" grep -q "\"path\":\"conf.yaml\",\"size\":$(wc -c <conf.yaml),\"sha256\":\"$(sha256sum <conf.yaml | cut -c1-64)\"" out
ok "parameters from the log" grep -q '"parameters":{"lr":"0.3"' out
ok "versions from the log" grep -q '"versions":{"pytorch":"2.1.0+cu121"}' out
ok "best values" grep -q '"metric":"train/loss","points":30,"first":0.59,"last":0.3,"best":0.3,"best_step":30' out
ok "start and end" grep -q '"started":"2.*"ended":"2' out
ok "what the processes used" grep -q '"metric":"proc/rss"' out
for secret in sk-in-a-file hf-in-the-log env-secret nccl-secret tok-in-words; do
	not "$secret is not kept" grep -rq "$secret" out "$state"
done
runs show 2
ok "for people" grep -q '^state *status 7$' out
ok "with the parameters" grep -q 'parameters.lr *0.3' out

if command -v git >/dev/null; then
	git init -q work
	(cd work && git config user.email a@b && git config user.name a && echo 1 >f && git add f && git commit -qm 1)
	(cd work && "$LOSSDOG" run --state-dir "$state" true) 2>err
	runs show --json 4
	ok "the commit" grep -q "\"commit\":\"$(git -C work rev-parse HEAD)\"" out
	ok "a clean work tree" grep -q '"dirty":false' out
	echo 2 >work/f
	(cd work && "$LOSSDOG" run --state-dir "$state" true) 2>err
	runs show --json 5
	ok "a dirty one, with the hash of the difference" \
	    grep -q "\"dirty\":true,\"diff_sha256\":\"$(git -C work diff HEAD | sha256sum | cut -c1-64)\"" out
else
	skip "git" "no git"
fi

runs note 2 "the learning rate was wrong"
is "a note" "$status" 0
runs list
ok "is shown" grep -q '# the learning rate was wrong' out
runs rm 1
is "forget" "$status" 0
runs show 1
is "it is gone: status" "$status" 3
ok "it is gone: said" grep -q 'there is no run 1' err
runs rm 99
is "nothing to forget" "$status" 3
runs show x
is "no number" "$status" 3

# A run whose machine died.
"$LOSSDOG" run --state-dir "$state" --run-name dies sleep 20 2>/dev/null &
pid=$!
i=0
while [ $i -lt 50 ]; do
	runs list
	grep -q 'running.*dies' out && break
	i=$((i + 1))
	sleep 0.1
done
ok "a run that runs" grep -q 'running.*dies' out
analyser=
for p in /proc/[0-9]*; do
	[ "$(cat "$p/comm" 2>/dev/null)" = lossdog-analyse ] || continue
	grep -q "^PPid:	$pid$" "$p/status" 2>/dev/null && analyser=${p#/proc/}
done
kill -9 $pid $analyser
wait $pid 2>/dev/null
runs list
ok "one whose watcher was killed is lost" grep -q 'lost.*dies' out

# One of several processes.
run env RANK=3 WORLD_SIZE=8 "$LOSSDOG" run --state-dir "$state" --to jsonl=r.jsonl -- sh train.sh 0
ok "samples carry the rank" grep -q '"metric":"train/loss","labels":{"rank":"3"}' r.jsonl
not "and rank 3 has no verdict when all is well" grep -q 'best 0.3' err
runs show --json 7
ok "the archive knows the rank" grep -q '"rank":3' out

done_testing
