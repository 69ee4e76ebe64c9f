# SPDX-License-Identifier: MIT
# Chinese, on the terminal and in messages, by the locale, the configuration or
# a channel; what programs read stays English; words that fit no rule are found.
. "$SRCDIR/tests/cli/tap.sh"

log=$SRCDIR/tests/samples/pytorch-nan.log
unset LC_ALL LC_CTYPE LC_MESSAGES LANG LOSSDOG_LANG

run env LC_ALL=zh_CN.UTF-8 "$LOSSDOG" --quiet <"$log"
ok "a finding, where the locale is Chinese, installed or not" grep -q '严重: train/loss 为 NaN \[nonfinite\]' err
ok "its cause" grep -q '可能：学习率过高，或没有 warm-up' err
ok "its advice" grep -q '建议：停止训练' err
ok "and the verdict" grep -q '未检查：GPU' err
ok "no line of it is wider than the terminal" python3 -c 'import unicodedata
for l in open("err", encoding="utf-8"):
	w = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in l.rstrip("\n"))
	assert w <= 80 or l[0] != " " or "→" in l or "|" in l or "[" in l, l'
run env LC_ALL=zh_CN.GBK "$LOSSDOG" --quiet <"$log"
ok "a terminal of another character set: English" grep -q 'critical: train/loss is NaN' err
run env LC_ALL=zh_CN.UTF-8 LOSSDOG_LANG=en "$LOSSDOG" --quiet <"$log"
ok "LOSSDOG_LANG overrides the locale" grep -q 'critical: train/loss is NaN' err
run env LC_ALL=zh_CN.UTF-8 "$LOSSDOG" check --json --replay "$log"
ok "JSON is for programs: English" grep -q '"summary":"train/loss is NaN"' out
not "with nothing else in it" grep -q '[一-龥]' out

if "$LOSSDOG" notify --list >list 2>/dev/null; then
	printf '#!/bin/sh\necho "$LOSSDOG_TITLE: $LOSSDOG_SUMMARY" >>told\n' >keep.sh
	chmod +x keep.sh
	printf 'notify:\n  a: { type: exec, command: "%s/keep.sh", lang: zh, rules: nonfinite }\n  b: { type: exec, command: "%s/keep.sh", rules: nonfinite }\n' \
	    "$PWD" "$PWD" >both.yaml
	run "$LOSSDOG" --config both.yaml --quiet <"$log"
	ok "a channel in Chinese" grep -q '^严重：nonfinite（.*）: train/loss 为 NaN$' told
	ok "and one in English" grep -q '^CRITICAL: nonfinite (.*): train/loss is NaN$' told
	ok "the terminal is neither's business" grep -q 'critical: train/loss is NaN' err
	ok "the end of the run, too" grep -q '^已完成：' told
else
	skip "messages in Chinese" "no notify command in this build"
fi

# What a person meets every day: nothing of it is left in English.
english() # FILE: lines of it that say something, without a Chinese character
{
	python3 -c 'import re, sys
for l in open(sys.argv[1], encoding="utf-8"):
	words = re.sub(r"\[[^]]*\]|<[^>]*>|--?[a-z-]+|[A-Z]{2,}|\{[a-z]+\}|lossdog|\"[^\"]*\"", "", l)
	if re.search(r"[a-z]{3,}.* [a-z]{2,}", words) and not re.search("[\u4e00-\u9fff]", l):
		print(l, end="")' "$1"
}
zh() # COMMAND ...: what it prints in Chinese, into out and err
{
	run env LC_ALL=zh_CN.UTF-8 "$LOSSDOG" "$@"
}
: >pages
for c in "" filter run watch check export notify help "runs list" "runs show" "runs rm" "runs note" runs \
    "profiles list" "profiles test" "profiles check" "profiles learn" "profiles show" profiles \
    "rules list" "rules explain" "rules show" "rules test" "rules check" rules "config check" "config show" config; do
	zh help $c
	cat out >>pages
done
grep -v 'python train.py\|lossdog COMMAND' pages >said
english said | grep -v 'peak=3e-4\|notice, warning, critical\|table, nagios' | sort -u >left
ok "help ($(wc -l <left) lines are in English)" test "$(wc -l <left)" -le 6
ok "no line of it is too wide" python3 -c 'import unicodedata
for l in open("pages", encoding="utf-8"):
	assert sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in l.rstrip("\n")) <= 80, l'
zh rules list
# A rule that is new may still wait for its words: it is shown in English until then.
cut -c25- out | sed 's/^[^ ]* *//' | grep -v '[一-龥]' >english
ok "titles of rules ($(wc -l <english) are in English)" test "$(wc -l <english)" -le $(($(wc -l <out) / 20))
zh rules explain nonfinite
is "a rule in plain words" "$(grep -v '^  *\(not finite\|mmengine\)' out | english /dev/stdin)" ""
ok "its causes" grep -q '1. 学习率过高，或没有 warm-up' out
ok "its severity" grep -q '^级别：严重。$' out
zh check --replay "$log"
is "the verdict" "$(grep -v '|\|=' out | english /dev/stdin)" ""
zh runs list --state-dir st
ok "no runs yet" grep -q '还没有存档的任务' err
run env LC_ALL=zh_CN.UTF-8 "$LOSSDOG" run --state-dir st -- sh -c "cat '$log'; exit 3"
zh runs list --state-dir st
ok "runs" grep -q '编号  开始时间 .*状态 .*损失 .*名称' out
ok "how it ended" grep -q '状态码 3' out
zh runs show --state-dir st 1
ok "one run" grep -q '^状态      状态码 3' out
mkdir logs && cp "$log" logs/a.log
zh check --state-dir st2 --format table logs
ok "check's table" grep -q '^状态 .*步数 .*损失 .*剩余 .*任务' out
ok "and its sum" grep -q '^lossdog check: 严重 [0-9]* 条' out
zh check --state-dir st2 logs
ok "what still fires" grep -q '：仍为严重：.*NaN' out
printf 'notify:\n  a: {type: slakc}\n  b: {type: desktop, quiet: "25:00", secert: x}\nrules: {plateu: off}\n' >bad.yaml
zh config check --config bad.yaml
ok "a mistake in the configuration" grep -q '2:13: 错误: slakc 不是通知方式' err
ok "with a value that is explained" grep -q '"25:00" 不是时段，例如' err
is "all of them" "$(grep error err)" ""
zh --foo
ok "a wrong option" grep -q '没有选项 --foo' err
run env LC_ALL=zh_CN.GBK "$LOSSDOG" --foo
ok "in another character set: English" grep -q 'there is no option --foo' err

run "$LOSSDOG" rules check
is "all words belong to a rule" "$status" 0
mkdir -p mine/lang mine/diagnostics
cat >mine/diagnostics/own.yaml <<'END'
rule: own
title: a rule of one's own
severity: warning
needs: {loss: train/loss}
min_points: 2
when: loss > 0
summary: "{each} is positive"
summary-zh: "{each} 是正数"
causes:
- because: a test
  do: nothing
END
cat >mine/lang/zh.yaml <<'END'
lang: zh
rules:
  own:
  - {en: a test, zh: 一个测试}
  - {en: something else, zh: 别的}
END
run "$LOSSDOG" rules check --rules mine
is "words of a text that is no more: a warning" "$status" 0
ok "with its place" grep -q 'mine/lang/zh.yaml:5:.*own has no such text' err
run env LOSSDOG_LANG=zh "$LOSSDOG" --quiet --rules mine <"$log"
ok "words beside the text and from the file" grep -q '是正数 \[own\]' err
ok "both" grep -q '可能：一个测试' err
sed -i 's/own:/owm:/' mine/lang/zh.yaml
run "$LOSSDOG" rules check --rules mine
is "words of no rule: an error" "$status" 3
ok "with the nearest" grep -q 'no rule is called "owm"; did you mean own' err
printf 'lang: zh\nrules: {own: [{en: a test, zh: "{nosuch}"}]}\n' >mine/lang/zh.yaml
run "$LOSSDOG" rules check --rules mine
ok "values are checked as in the rule" grep -q 'mine/lang/zh.yaml:2:.*nosuch' err
done_testing
