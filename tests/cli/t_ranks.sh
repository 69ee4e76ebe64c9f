#!/bin/sh
# SPDX-License-Identifier: MIT
# lossdog run once for each process of a run (srun, mpirun): one run, told of once.
. "$SRCDIR/tests/cli/tap.sh"

unset LOSSDOG_RUN RANK LOCAL_RANK WORLD_SIZE MASTER_ADDR MASTER_PORT PMIX_NAMESPACE PMIX_RANK PMI_RANK \
    OMPI_COMM_WORLD_RANK SLURM_PROCID SLURM_JOB_ID SLURM_STEP_ID SLURM_NTASKS
state=$PWD/state

cat >keep.sh <<'SH'
#!/bin/sh
echo "$LOSSDOG_EVENT $LOSSDOG_RULE" >>told
cat >>stdin
SH
chmod +x keep.sh
if "$LOSSDOG" notify --list >list 2>/dev/null; then
	keep="--notify exec=$PWD/keep.sh"
else
	keep=
fi

# Each rank prints a training of its own, and waits for the others in between: train.sh FACTOR STATUS
cat >train.sh <<'SH'
: >"here.$GROUP.$ME"
i=0
while [ $i -lt 30 ]; do
	i=$((i + 1))
	echo "step $i/30 loss: $1.$((60 - i)) lr: 0.3"
done
while [ "$(ls here.$GROUP.* | wc -l)" -lt "$N" ]; do sleep 0.05; done
[ "$BAD" != 1 ] || for i in 1 2 3; do echo "step 30/30 loss: nan lr: 0.3"; done
sleep 0.3
[ "$ME" = 0 ] || sleep 0.4
exit ${2:-0}
SH

ranks() # N GROUP, then what each rank has in its environment and runs: {} is the rank
{
	n=$1 group=$2
	shift 2
	pids=
	for rank in $(seq 0 $((n - 1))); do
		set_env=$(echo "$*" | sed "s/{}/$rank/g")
		env N=$n GROUP=$group ME=$rank sh -c "exec env $set_env" >out.$rank 2>err.$rank &
		pids="$pids $!"
	done
	for pid in $pids; do wait $pid; done
}

told() # EVENT RULE: how often
{
	grep -c "^$1 $2" told 2>/dev/null
}

runs() { run "$LOSSDOG" runs "$@" --state-dir "$state"; }

wrap="'$LOSSDOG' run $keep --state-dir '$state' -- sh train.sh"
slurm="SLURM_PROCID={} SLURM_NTASKS=3 SLURM_JOB_ID=77 SLURM_JOB_NAME=gpt"
ranks 3 a "$slurm SLURM_STEP_ID=0 $wrap 1{}"
runs list
is "srun: one run" "$(tail -n +2 out | wc -l)" 1
ok "of three ranks" grep -q ' ok .* gpt-77 \[3 ranks\]' out
ok "with the numbers of the lowest" grep -q ' 10.3 ' out
is "the verdict comes once" "$(cat err.? | grep -c 'samples')" 1
runs show --json 1
is "all ranks in one object" "$(grep -o '"rank":[012],"started"' out | sort -u | wc -l)" 3
ok "each with its result" grep -q '"ranks":\[.*"last":10.3,.*"last":11.3,.*"last":12.3,' out
runs show 1
is "for people: a line for each" "$(grep -c '^rank [012] *ok .*loss 1[012].3 ' out)" 3
if [ -n "$keep" ]; then
	is "people are told of its start once" "$(told started)" 1
	is "and of its end once" "$(told finished)" 1
	rm -f told
fi

ranks 3 b "BAD=1 $slurm SLURM_STEP_ID=1 $wrap 1{} 9"
runs list
is "another step is another run" "$(tail -n +2 out | wc -l)" 2
ok "which failed" grep -q ' status 9 .* 2/0 *gpt-77 \[3 ranks\]' out
if [ -n "$keep" ]; then
	is "the finding of all ranks is told once" "$(told firing nonfinite)" 1
	is "and the crash" "$(told crashed)" 1
	is "and no good end" "$(told finished)" 0
	rm -f told
fi
ranks 3 c "$slurm SLURM_STEP_ID=1 $wrap 1{}"
runs list
is "the same step again is a run of its own" "$(grep -c '\[3 ranks\]' out)" 3

ranks 2 d "OMPI_COMM_WORLD_RANK={} OMPI_COMM_WORLD_SIZE=2 PMIX_RANK={} PMIX_NAMESPACE=4711 $wrap 1{}"
ranks 2 e "PMI_RANK={} PMI_SIZE=2 $wrap 1{}"
ranks 2 f "RANK={} WORLD_SIZE=2 MASTER_ADDR=localhost MASTER_PORT=29500 $wrap 1{}"
runs list
is "mpirun, PMI, torchrun" "$(grep -c '\[2 ranks\]' out)" 3
is "and nothing else" "$(tail -n +2 out | wc -l)" 6
runs show --json 1
before=$(wc -c <out)
SLURM_PROCID=0 SLURM_NTASKS=3 SLURM_JOB_ID=77 SLURM_JOB_NAME=gpt "$LOSSDOG" run --state-dir "$state" true 2>err
runs list -n 1
not "a batch script is no rank" grep -q 'rank' out
runs show --json 1
is "and joins no step" "$(wc -c <out)" "$before"
runs rm 1
runs list
is "forgotten with all its ranks" "$(tail -n +2 out | wc -l)" 6
runs show 2
is "a rank is no run" "$status" 3

# one is lost, one goes on
ranks 2 g "RANK={} WORLD_SIZE=2 MASTER_ADDR=h MASTER_PORT=1 '$LOSSDOG' run --state-dir '$state' -- sh -c '[ \$ME = 1 ] || exit 3; sleep 1'" &
sleep 0.8
runs list -n 1
ok "a run of which one rank runs does" grep -q ' running .*\[2 ranks\]' out
wait
runs list -n 1
ok "then the one that failed counts" grep -q ' status 3 .*\[2 ranks\]' out

if command -v mpirun >/dev/null; then
	root=
	[ "$(id -u)" != 0 ] || root=--allow-run-as-root
	run env GROUP=m ME=0 N=1 mpirun $root --oversubscribe -n 2 "$LOSSDOG" run $keep --state-dir "$state" -- sh train.sh 1
	is "the real mpirun: status" "$status" 0
	cp err err.m
	runs list -n 1
	ok "the real mpirun: one run" grep -q '\[2 ranks\]' out
	is "the real mpirun: one verdict" "$(cat err.m | grep -c 'samples')" 1
else
	skip "mpirun" "not installed"
fi

done_testing
