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

done_testing
