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

# What loading does not see: each mistake with its place and what would be right.
cat >odd.yaml <<'YAML'
profile: odd
reads:
- name: a
  pattern: '^(?<stepp>%{int}) (?<train__acuracy>%{num})'
  map: {foo: vall/loss}
- name: b
  pattern: 'MINE %{num} (?<x>[)'
tests:
- lines: ["MINE 3 0.5"]
  samples: [{metric: train/loss, valeu: 0.6}, 5]
YAML
run "$LOSSDOG" profiles check odd.yaml
is "mistakes that are seen when used: status 3" "$status" 3
ok "a pattern without a text that is always there" grep -q 'odd.yaml:4:12: warning: the pattern has no text that is always there' err
ok "a group that is nearly a position" grep -q "odd.yaml:4:17: warning: the group 'stepp' is no metric that is known; did you mean 'step'" err
ok "a group that is nearly a metric" grep -q "odd.yaml:4:34: warning: .*did you mean 'accuracy'" err
ok "a phase that is none" grep -q "odd.yaml:5:14: warning: 'vall' is no phase; did you mean val/loss" err
ok "a wrong pattern behind a shorthand, at its place" grep -q 'odd.yaml:7:32: error: the pattern is wrong' err
ok "a test's key" grep -q 'odd.yaml:10:34: error: .*did you mean "value"' err
ok "a test's sample that is none" grep -q 'odd.yaml:10:47: error: a sample of a test is' err

mkdir -p two/profiles && cp good.yaml two/profiles/one.yaml && cp good.yaml two/profiles/two.yaml
run "$LOSSDOG" profiles list --rules two
is "two profiles of one name in a folder are refused" "$status" 3
ok "with both files" grep -q 'two/profiles/two.yaml:1:10: error: two/profiles/one.yaml is called mine as well' err
run "$LOSSDOG" profiles check --profile mine --rules my good.yaml
is "but one may replace another folder's" "$status" 0

sed 's/value: 0.5/value: 0.75/' good.yaml >wrong.yaml
run "$LOSSDOG" profiles check --profile mine wrong.yaml
is "a failing test is status 1" "$status" 1
ok "with its place, and what came out" grep -q 'wrong.yaml:7:41): value of train/loss is 0.5, not 0.75' out
sed 's,metric: train/loss,metric: val/loss,' good.yaml >wrong.yaml
run "$LOSSDOG" profiles check --profile mine wrong.yaml
ok "a sample that does not come, and those that do" grep -q 'no sample of val/loss came out.*there are train/loss 0.5' out

# The manual's examples.
awk '/^\.Bd -literal -offset indent/ { n++; on = 1; next } /^\.Ed/ { on = 0 }
	on { gsub(/\\e/, "\\"); print > ("example" n) }' "$SRCDIR/man/lossdog-profile.5"
run "$LOSSDOG" profiles check --profile mine example2
is "the manual's profile passes its tests" "$status" 0
ok "which it has" grep -q '^1 tests, 0 failed' out
mkdir -p manual && cp example4 manual/prefixes.yaml
printf '<2024-01-01 00:00:00> INFO loss 0.5 step 3\n' >stamped.log
run "$LOSSDOG" export --rules manual stamped.log
ok "the manual's prefix is peeled" grep -q '"time":1704067200' out

# profiles test
printf 'MINE 7 1.25\nMINE 8 x 0.5\nstep 3: loss 0.5, 17 apples\nwords\nstep 4: loss 1e400\n' >mine.log
run "$LOSSDOG" profiles test --rules my --coverage mine.log
is "profiles test" "$status" 0
ok "what was taken, by whom" grep -q '^ *mine/a: step=7 train/loss=1.25$' out
ok "how far a pattern got, and what it wanted" grep -q '^ *nobody: mine/a got to column 8 and wanted: %{num})' out
ok "numbers that were left" grep -q 'generic/pairs: step=3 train/loss=0.5; not taken: 17' out
ok "a number that does not fit is said" grep -q 'not taken: 1e400 (too large for a number)' out
ok "lines of each reader" grep -q '^ *1 mine/a$' out
ok "a reader without a line" grep -q '^no line generic/csv$' out
not "but not of profiles that read nothing" grep -q '^no line keras' out
ok "a sum" grep -q '3 lines read, 2 not (1 of them with numbers)' out
printf 'MINE 8 x 0.5\nMINE 9 x 0.7\n' >like.log
run "$LOSSDOG" profiles test --rules my like.log
ok "a line like an earlier one is explained there" grep -q 'nobody: as line 1$' out
run "$LOSSDOG" profiles test --rules my --unread mine.log
is "--unread shows what is missed alone" "$(grep -c '^ *[0-9]* \(MINE\|step\|words\)' out)" 1
run "$LOSSDOG" profiles test --rules my --color always mine.log
ok "taken in green, left in yellow" grep -q "$(printf 'loss \033\\[1;32m0.5\033\\[0m, \033\\[33m17')" out

done_testing
