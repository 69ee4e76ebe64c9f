#!/bin/sh
# SPDX-License-Identifier: MIT
# rules: the tests that rules carry, and mistakes with their place.
. "$SRCDIR/tests/cli/tap.sh"

run "$LOSSDOG" rules test
is "every shipped rule passes its own tests" "$status" 0
grep '^not ok' out | sed 's/^/# /' | head -n 20
run "$LOSSDOG" rules list
ok "list names them" grep -q '^nonfinite' out
run "$LOSSDOG" rules explain nan-loss
ok "an alias works" grep -q 'not finite' out
run "$LOSSDOG" rules explain nonfinit
is "an unknown id is status 3" "$status" 3
ok "with the nearest" grep -q 'did you mean "nonfinite"' err

printf 'rule: mine\ntitle: t\nneeds: {a: train/loss}\nseverity: warning\nwhen: mdian(a, 5) > 1\nsummary: s\n' >bad.yaml
run "$LOSSDOG" rules check bad.yaml
is "a broken rule is status 3" "$status" 3
ok "with its place and the nearest name" grep -q 'bad.yaml:5:7: error: .*median' err

printf 'rule: mine\ntitle: t\nneeds: {a: train/loss}\nseverity: warning\nwhen: a > 1\nsummary: s\n' >untested.yaml
run "$LOSSDOG" rules test untested.yaml
is "a rule without tests fails" "$status" 1
ok "and is named" grep -q 'the rule mine has no tests' out

# a schedule of 400 steps where 1,000 were declared
awk 'BEGIN { for (i = 0; i < 400; i += 5) printf "step %d/1000 loss %.4f lr %.8f\n", i, 2 - i / 400, 3e-4 * (1 - i / 400) }' >lr.log
run "$LOSSDOG" check --replay --json --expect-lr "linear peak=3e-4 total=1000" lr.log
ok "the declared schedule is held against the log" grep -q '"rule":"lr-mismatch","severity":"warning"' out
run "$LOSSDOG" check --replay --json --expect-lr "linear peak=3e-4 total=400" lr.log
not "and the right one is right" grep -q '"rule":"lr-mismatch"' out
"$LOSSDOG" --quiet --json --no-state --expect-lr "linear peak=3e-4 total=1000" <lr.log >out 2>err
ok "in the filter" grep -q lr-mismatch out err
run "$LOSSDOG" run --no-state --json --quiet --expect-lr "linear peak=3e-4 total=1000" -- cat lr.log
ok "in run" grep -q lr-mismatch out err
run "$LOSSDOG" check --replay --expect-lr "linear peek=1" lr.log
is "a wrong declaration is status 3" "$status" 3
ok "with what would be right" grep -q 'no "peek" (peak' err
LC_ALL=C run "$LOSSDOG" rules explain lr-mismatch --on lr.log --expect-lr "linear peak=3e-4 total=1000"
ok "explain draws the declared rate" grep -q '\.\.\.\.' out
ok "and the printed one" grep -q 'oo' out
ok "and tells what it says of the log" grep -q '^  line [0-9]*: warning: the learning rate is' out

done_testing
