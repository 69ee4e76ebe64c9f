#!/bin/sh
# SPDX-License-Identifier: MIT
# profiles: the tests that profiles carry, and mistakes with their place.
. "$SRCDIR/tests/cli/tap.sh"

run "$LOSSDOG" profiles check
is "every shipped profile passes its own tests" "$status" 0
ok "and has some" grep -q ' 0 failed, 0 profiles without tests' out
sed -n 's/^not ok/# not ok/p' out | head -n 20

run "$LOSSDOG" profiles list
ok "list names them" grep -q '^generic ' out
run "$LOSSDOG" profiles show generic
ok "show gives the text" grep -q '^profile: generic' out
run "$LOSSDOG" profiles show genric
is "an unknown name is status 3" "$status" 3
ok "with the nearest" grep -q 'did you mean "generic"' err

printf 'profile: mine\nreads:\n- name: a\n  patern: "x"\n- pattern: "%%{nmu} loss"\n' >bad.yaml
run "$LOSSDOG" profiles check bad.yaml
is "a broken profile is status 3" "$status" 3
ok "with file, line and column" grep -q 'bad.yaml:4:3: error: .*did you mean .*pattern' err
ok "and all mistakes at once" grep -q 'bad.yaml:5:.*no shorthand' err

printf 'profile: mine\nreads:\n- name: a\n  pattern: "^MINE (?<step>%%{int}) (?<loss>%%{num})"\ntests:\n- lines: ["MINE 3 0.5"]\n  samples: [{metric: train/loss, value: 0.5, step: 3}]\n' >good.yaml
run "$LOSSDOG" profiles check --profile mine good.yaml
is "a profile of one's own" "$status" 0
mkdir -p my/profiles && cp good.yaml my/profiles
printf 'MINE 7 1.25\n' >mine.log
run "$LOSSDOG" export --rules my mine.log
ok "reads with --rules" grep -q '"metric":"train/loss","step":7,"value":1.25' out

done_testing
