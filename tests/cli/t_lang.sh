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
ok "and the verdict" grep -q '未检查，没有打印 gpu/util' err
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
