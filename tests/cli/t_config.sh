# SPDX-License-Identifier: MIT
# config check and show: mistakes with their place, origins, secrets hidden.
. "$SRCDIR/tests/cli/tap.sh"

if ! "$LOSSDOG" config show >out 2>/dev/null; then
	skip "config" "no config command in this build"
	done_testing
fi
ok "built in" grep -q '^lang = auto.*built in' out
run env LOSSDOG_LANG=zh "$LOSSDOG" config show
ok "from the environment" grep -q '^lang = zh.*LOSSDOG_LANG' out
run "$LOSSDOG" config check
is "no file is fine" "$status" 0

mkdir -p "$XDG_CONFIG_HOME/lossdog"
f=$XDG_CONFIG_HOME/lossdog/config.yaml
cat >"$f" <<'END'
lang: en
notify:
  team: { type: slack, url: "https://hooks.slack.com/services/T0/B0/abcdefghijkl" }
  ding: { type: dingtalk, url: "env:DING", secert: SEC1 }
  odd: { type: slakc }
  late: { type: desktop, quiet: "25:00-1", rate: often }
rules:
  plateau: off
  loss-spike:
    - { k: 8 }
    - { run: "gan-*", k: 12 }
END
chmod 644 "$f"
run "$LOSSDOG" config check
is "mistakes are found" "$status" 3
ok "a wrong setting, with its place and the right word" \
    grep -q 'config.yaml:4:.*no setting secert; did you mean secret' err
ok "a wrong type" grep -q 'config.yaml:5:.*slakc is no way to notify' err
ok "wrong hours" grep -q 'config.yaml:6:.*"25:00-1" is not hours' err
ok "a wrong rate" grep -q '"often" is not a count' err
ok "a secret that others can read" grep -q 'config.yaml:3:.*warning: a secret in a file' err
run "$LOSSDOG" config show
ok "the origin of a value" grep -q '^notify.team.type = slack.*config.yaml:3' out
ok "rules, with their conditions" grep -q '^rules.loss-spike.k \[run gan-\*\] = 12' out
not "a secret is not shown" grep -q abcdefgh out
ok "but the name of one is" grep -q 'notify.ding.url = env:DING' out
log=$SRCDIR/tests/samples/pytorch-nan.log
judged() # YAML: the findings with these settings of rules, into out
{
	printf 'rules:\n  %s\n' "$1" >rules.yaml
	run "$LOSSDOG" check --config rules.yaml --json --replay "$log"
}
judged 'nonfinite: {keep: 1}'
ok "as it is: a finding" grep -q '"rule":"nonfinite","severity":"critical"' out
judged 'nonfinite: off'
not "a rule that is off" grep -q '"rule":"nonfinite"' out
judged 'nan-loss: {severity: notice}'
ok "another severity, by an alias" grep -q '"rule":"nonfinite","severity":"notice"' out
judged 'nonfinite: [{keep: 1}, {run: "*nan.log", keep: 1000}]'
not "a parameter for some runs" grep -q '"rule":"nonfinite"' out
judged 'nonfinite: [{run: "other*", keep: 1000}]'
ok "and not for others" grep -q '"rule":"nonfinite"' out
judged 'nonfinite: {run: "*nan.log", severity: notice}'
ok "a severity for some runs" grep -q '"rule":"nonfinite","severity":"notice"' out
judged 'nonfinite: [{metric: "val/*", severity: notice}, {run: "other*", severity: info}]'
ok "and not for other runs and metrics" grep -q '"rule":"nonfinite","severity":"critical"' out
judged 'nonfinite: {run: "*nan.log", enabled: off}'
not "off for some runs" grep -q '"rule":"nonfinite"' out
judged 'nonfinite: {metric: "val/*", enabled: off}'
ok "and not for other metrics" grep -q '"rule":"nonfinite"' out
judged 'nonfinite: [{metric: "train/l*", enabled: on, severity: warning}, {enabled: off, severity: info}]'
ok "what is for some prevails over what is for all" grep -q '"rule":"nonfinite","severity":"warning"' out
judged 'oom-cuda: {metric: "train/*", severity: info}'
ok "a rule about no metric cannot be limited to some" grep -q 'oom-cuda is about no metric' err
judged 'loss-spike: {tims: 3}'
ok "a parameter that is none: the nearest" grep -q 'no parameter tims; did you mean times' err
judged 'loss-spike: {zzz: 3}'
ok "or all that there are" grep -q 'no parameter zzz; there are: enabled, severity, keep, min_points, .*times' err
mkdir -p etc/lossdog
printf 'notify:\n  late: {lang: en}\nlink: "https://h/{run}"\n' >etc/lossdog/config.yaml
run env XDG_CONFIG_DIRS="$PWD/etc" "$LOSSDOG" config show
is "what belongs together stands together" \
    "$(sed 's/\.[a-z]* = .*//; s/ = .*//' out | uniq | grep -c '^notify.late')" 1
judged 'loss-spik: off'
is "no such rule" "$status" 3
ok "with its place and the nearest" grep -q 'rules.yaml:2:.*did you mean loss-spike' err
run "$LOSSDOG" config check --config rules.yaml
is "config check finds it too" "$status" 3
run "$LOSSDOG" notify --test slack=https://hooks.slack.com/services/x/y/zzzzzzzz
is "a secret on the command line" "$status" 3
ok "is refused" grep -q 'can be seen by everybody' err
done_testing
