#!/bin/sh
# SPDX-License-Identifier: MIT
# A log that grows between passes, and passes that are killed: the same findings as in one pass.
. "${SRCDIR:?}/tests/cli/tap.sh"

logs="$SRCDIR/tests/samples/*.log"
for f in faults/nan-loss/mxnet-ssd-smoothl1-nan.log nanogpt/order3-nan-from-start.log keras/fit-verbose2-overfit.log \
	gnmt/pytorch-gnmt-mlperf.log faults/divergence/caffenet-tanh-bs64-lr004.log; do
	[ -f "$SRCDIR/../shared/corpus/$f" ] && logs="$logs $SRCDIR/../shared/corpus/$f"
done

check() { "$LOSSDOG" check --state-dir "$PWD/state" "$@"; }
# The newest state of each finding, without when it was: "rule severity state step line".
newest()
{
	sed -n 's/^{"schema":1,"id":"\([^"]*\)","rule":"\([^"]*\)","severity":"\([^"]*\)","state":"\([^"]*\)".*/\1 \2 \3 \4 &/p' "$1" |
		sed 's/ {.*"step":\([0-9.e+]*\).*"line":\([0-9]*\).*/ step \1 line \2/; s/ {.*"line":\([0-9]*\).*/ line \1/; s/ {.*//' |
		awk '{ id = $1; $1 = ""; last[id] = $0 } END { for (i in last) print last[i] }' | sort
}
standing() { check --format table logs | sed -n 's/ *[0-9.]*[smhd]* *\([0-9.]*[smhd]*\)  \([^ ]*  [^ ]*\)$/ \2/p' | cut -c1-40; }
# grow LOG N: piece after piece onto logs/run.log, `after` behind each
grow()
{
	size=$(wc -c <"$1"); part=$((size / $2 + 1))
	for i in $(seq 0 $(($2 - 1))); do
		dd if="$1" bs=$part skip="$i" count=1 status=none >>logs/run.log
		$3 "$i"
	done
}
quietly() { check --json logs >>parts.json; }
killed()
{
	"$LOSSDOG" check --state-dir "$PWD/state" --json logs >>parts.json &
	pid=$!
	sleep "0.0$(($1 * 7 % 3))$(($1 * 3 % 10))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
}

for log in $logs; do
	name=$(basename "$log")
	rm -rf state logs; mkdir logs
	cp "$log" logs/run.log
	check --json logs >whole.json
	newest whole.json >whole; standing >stands
	rm -rf state logs; mkdir logs; : >parts.json
	grow "$log" 7 quietly
	newest parts.json >parts
	is "$name in pieces: the same findings" "$(cat parts)" "$(cat whole)"
	is "$name in pieces: it stands the same" "$(standing)" "$(cat stands)"
	rm -rf state logs; mkdir logs; : >parts.json
	grow "$log" 9 killed
	check --json logs >>parts.json
	newest parts.json >parts
	is "$name with killed passes: the same findings" "$(cat parts)" "$(cat whole)"
	is "$name with killed passes: it stands the same" "$(standing)" "$(cat stands)"
done

# A run whose process is gone without a word, and one that is silent but there.
rm -rf state logs; mkdir logs
exec 3>logs/gone.log 4>logs/silent.log
for i in $(seq 1 30); do
	echo "step $i/100 | loss 0.$((900 - i)) | lr 1e-3" | tee -a logs/silent.log >&3
done
touch -d '2 minutes ago' logs/*.log
check logs
exec 3>&-
sleep 16 # rules about time are not asked more often
run check --format table logs
ok "a process that is gone is told" grep -q 'gone.log:.*critical: no process writes the log' out
ok "its run has stopped" grep -q '^stopped .*gone.log' out
ok "one that holds its log open is active" grep -q '^active .*silent.log' out
echo "step 31/100 | loss 0.8 | lr 1e-3" >>logs/gone.log
sleep 16
run check --format table logs
ok "it is resumed" grep -q '^active .*gone.log' out
exec 4>&-

# A state of another build, and rubbish: a word, and it goes on.
if command -v sqlite3 >/dev/null; then
	sqlite3 state/lossdog.db "UPDATE watch_state SET state = x'676f6473736f6c00'"
	echo "step 32/100 | loss 0.8 | lr 1e-3" >>logs/silent.log
	run check logs
	ok "a state that is damaged is dropped with a word" grep -q 'begin anew' err
	run check logs
	not "said once" grep -q 'begin anew' err
else
	skip "a damaged state" "sqlite3 is not installed"
fi
done_testing
