# SPDX-License-Identifier: MIT
# Messages as the user of filter, run and check gets them: each finding of each run, once.
. "$SRCDIR/tests/cli/tap.sh"

if ! "$LOSSDOG" notify --list >list 2>/dev/null; then
	skip "messages" "no notify command in this build"
	done_testing
fi

cat >keep.sh <<'END'
#!/bin/sh
echo "$LOSSDOG_EVENT $LOSSDOG_RULE $LOSSDOG_RUN" >>told
cat >>stdin
END
chmod +x keep.sh
cp "$SRCDIR/tests/samples/pytorch-nan.log" train.log
keep="exec=$PWD/keep.sh"

told() # EVENT RULE: how often it was told
{
	grep -c "^$1 $2" told
}

run "$LOSSDOG" run --notify "$keep" -- cat train.log
is "run: the command's status" "$status" 0
is "and the finding, once" "$(told firing nonfinite)" 1
run "$LOSSDOG" run --notify "$keep" -- cat train.log
is "a second run of the same name that goes wrong too is told as well" "$(told firing nonfinite)" 2
rm told

run "$LOSSDOG" --notify "$keep" <train.log
run "$LOSSDOG" --notify "$keep" <train.log
is "the filter: twice as well" "$(told firing nonfinite)" 2
rm told

mkdir logs
cp train.log logs
run "$LOSSDOG" check --notify "$keep" logs
is "check: critical" "$status" 2
is "is told" "$(told firing nonfinite)" 1
run "$LOSSDOG" check --notify "$keep" logs
is "the next pass: still critical" "$status" 2
is "but nobody is told again" "$(told firing nonfinite)" 1
sed 's/2591/2592/; s/loss: 0/loss: 0.0/; 80,$d' train.log >new.log
mv new.log logs/train.log
run "$LOSSDOG" check --notify "$keep" logs
is "another training writes the same file" "$status" 2
is "and is told of" "$(told firing nonfinite)" 2
run "$LOSSDOG" check --jobs 2 --notify "$keep" --state-dir other logs
is "by two processes as well" "$(told firing nonfinite)" 3
run "$LOSSDOG" notify --outbox --state-dir other
not "all of it is sent" grep -v ' sent ' out

printf '#!/bin/sh\ncat >>mails\n' >sendmail
chmod +x sendmail
printf 'notify:\n  mail: { to: a@example.org, sendmail: %s/sendmail }\n' "$PWD" >mail.yaml
run "$LOSSDOG" run --config mail.yaml -- sh -c 'cat train.log; exit 3'
is "a crash" "$status" 3
ok "is told in a mail" grep -q 'CRASHED' mails
if "$LOSSDOG" --version | grep -q +zlib; then
	ok "with the curve of the metric" grep -q 'Content-Type: image/png' mails
else
	skip "with the curve" "built without zlib"
fi

# What is on its way when lossdog ends is waited for, by the process that sends it.
DRIVE=$BUILDDIR/tests/unit/test_notifier
if [ -x "$DRIVE" ]; then
	printf '#!/bin/sh\necho "$LOSSDOG_ID" >>slow\nsleep 1.5\necho yes >>slow\n' >slow.sh
	chmod +x slow.sh
	printf 'notify:\n  slow: { type: exec, command: "%s/slow.sh" }\n' "$PWD" >slow.yaml
	run "$DRIVE" --drive slow.yaml "$PWD/slowstate" 0.7 fire:1
	not "the end comes before the answer" grep -q yes slow
	sleep 2
	run "$LOSSDOG" notify --flush --config slow.yaml --state-dir slowstate
	is "and it is not told twice" "$(grep -vc yes slow)" 1
fi
done_testing
