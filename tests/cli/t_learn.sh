#!/bin/sh
# SPDX-License-Identifier: MIT
# profiles learn: a profile for an unknown log, which passes its tests and reads the log.
. "$SRCDIR/tests/cli/tap.sh"

# Two epochs of a loop that nobody knows: batches that start anew, a phase in words, a table.
awk 'BEGIN {
	for (e = 1; e <= 3; e++) {
		print "Durchlauf " e " starts, epoch " e
		for (b = 1; b <= 5; b++)
			printf "  [%3d/5] content cost %.3f ~ sharpness: %.2f (lr = 1e-%d) in file part_%d.bin\n", b, 9 / (e * 5 + b), b * 0.37 - e % 2, e + 1, b
		printf "Held out >> Average Validation Loss -> %.3f ~ Top-1 %d%%\n", 3 / e, 40 + 10 * e
	}
}' >odd.log

run "$LOSSDOG" profiles learn odd.log -o odd.yaml
is "learns from an unknown log" "$status" 0
ok "says what it did" grep -q 'of 21 lines with numbers' err
ok "and what it is unsure of" grep -q "^# unsure: 'sharpness' is not in the vocabulary" odd.yaml
run "$LOSSDOG" profiles check --profile odd odd.yaml
is "the profile passes its own check" "$status" 0
ok "with tests" grep -q '^[3-9] tests, 0 failed' out

mkdir -p my/profiles && cp odd.yaml my/profiles
run "$LOSSDOG" export --rules my --profile odd --to csv odd.log
is "the validation loss is found" "$(grep -c ',val/average_loss,' out)" 3
is "the learning rate" "$(grep -c ',lr,' out)" 15
is "a name that nobody knows" "$(grep -c ',train/sharpness,' out)" 15
ok "batches within epochs give a step" grep -q ',train/sharpness,.*,15,3,' out
run "$LOSSDOG" export --rules my --to jsonl odd.log
ok "also beside all other profiles" grep -q '"metric":"train/sharpness".*"profile":"odd"' out

run "$LOSSDOG" profiles learn odd.log -o odd.yaml
is "a file that is there is not replaced" "$status" 3
ok "and the way out is named" grep -q -e '--force' err
run "$LOSSDOG" profiles learn --rules my odd.log
is "what a profile reads already is not learnt again" "$status" 3
run "$LOSSDOG" profiles learn --rules my --all odd.log
is "but with --all" "$status" 0

printf 'epoch,foo,train loss,val loss\n1,7,0.5,0.6\n2,3,0.4,0.55\n3,5,0.3,0.5\n' >t.csv
run "$LOSSDOG" profiles learn --all --name table t.csv
ok "a table is read by its header" grep -q "columns: {sep: ','}" out
ok "its columns are metrics" grep -q "metric: 'val/loss', value: 0.55, epoch: 2" out

printf '{"it": 1, "obj": 2.5, "q": 1}\n{"it": 2, "obj": 2.25, "q": 1}\n' >o.log
run "$LOSSDOG" profiles learn --all --name object o.log
ok "objects are read by a key" grep -q "object: {needs: \['obj'\]}" out

# What counts up in a table is the step; a number may stand before its name.
printf 'loss     seen  features\n0.50 100 2\n0.40 200 2\n0.30 300 2\n0.25 400 2\n' >c.log
run "$LOSSDOG" profiles learn --all --name counted c.log
ok "a column that counts up is the step" grep -q "map: {'seen': step}" out
ok "and the samples stand there" grep -q "metric: 'train/loss', value: 0.25, step: 400" out
printf -- '-5.2 per-word bound, 37.5 perplexity estimate of all\n-5.1 per-word bound, 36.5 perplexity estimate of all\n' >n.log
run "$LOSSDOG" profiles learn --all --name before n.log
ok "a name behind its number" grep -q "metric: 'train/perplexity', value: 36.5" out

printf 'nothing here\n' >none.log
run "$LOSSDOG" profiles learn none.log
is "nothing to learn is status 3" "$status" 3
run "$LOSSDOG" profiles learn missing.log
is "a missing log too" "$status" 3

# Lines that never repeat: bounded, and the ones that do are found among them.
awk 'BEGIN { for (i = 0; i < 20000; i++) {
	s = ""; x = i * 7919 % 65536
	for (k = 0; k < 4; k++) { s = s sprintf("%c", 97 + x % 26); x = int(x / 26) }
	print s " word " s " has the size " i
	if (i % 20 == 0) printf "gang %d: train loss = %.4f\n", i, 5 - i / 5000 } }' >wild.log
run "$LOSSDOG" profiles learn --name wild wild.log
ok "a flood of other lines does not drown the template" grep -q 'train__loss' out

done_testing
