#!/bin/sh
# SPDX-License-Identifier: MIT
# What is written from the program's tables is what the program says now, and
# the manuals are well formed.
set -u
n=0
bad=0
found=$(mktemp "${TMPDIR:-/tmp}/docs.XXXXXX") || exit 1
made=$(mktemp -d "${TMPDIR:-/tmp}/docs.XXXXXX") || exit 1
trap 'rm -rf "$found" "$made"' EXIT

result() # NAME; anything in $found is a failure
{
	n=$((n + 1))
	[ ! -s "$found" ] || { bad=$((bad + 1)); printf 'not '; }
	echo "ok $n - $1"
	sed 's/^/# /' "$found" | head -n 40
}

skip() # NAME WHY
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

"$SRCDIR/tests/generated.sh" "$LOSSDOG" "$SRCDIR" "$made" 2>"$found"
result "the program writes its completions and manual"
for f in completions/lossdog.bash completions/_lossdog completions/lossdog.fish man/lossdog.1 man/lossdog-profile.5; do
	diff "$SRCDIR/$f" "$made/$f" >"$found" 2>&1 || echo "to write it again: make generated" >>"$found"
	result "$f is what the program says"
done

for shell in bash:lossdog.bash zsh:_lossdog fish:lossdog.fish; do
	f=${shell#*:}
	shell=${shell%:*}
	if command -v "$shell" >/dev/null; then
		"$shell" -n "$made/completions/$f" >"$found" 2>&1
		result "$shell reads $f"
	else
		skip "$shell reads $f" "no $shell"
	fi
done

for f in "$SRCDIR"/man/*.[1-8]; do
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$f" 2>&1 | grep -v 'lossdog-[a-z]* [0-9] *$' >"$found"
		result "$(basename "$f") is well formed"
	else
		skip "$(basename "$f") is well formed" "no mandoc"
	fi
done

# Every command and every visible option has a sentence, without a full stop.
for c in '' $("$LOSSDOG" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	"$LOSSDOG" help $c >"$made/help" 2>"$found" || echo "status $?" >>"$found"
	awk 'length($0) > 100 { print "too wide: " $0 }
	     /^  +(-.,)? *--[a-z-]+ *$/ { getline next_; if (next_ !~ /^ {20,}[a-z]/) print "no sentence: " $0 }' \
		"$made/help" >>"$found"
	result "help $c"
done
echo "1..$n"
[ $bad -eq 0 ]
