# SPDX-License-Identifier: MIT
# The frame around the commands: help, version, unknown words, standard output
# that cannot be written.
. "$SRCDIR/tests/cli/tap.sh"

run "$LOSSDOG" --help
is "--help succeeds" "$status" 0
ok "--help goes to stdout" grep -q '^Usage: ' out
not "--help says nothing on stderr" test -s err
run "$LOSSDOG" help
ok "help is --help" grep -q '^Commands:' out
run "$LOSSDOG" help help
ok "help of a command" grep -q '^Usage: lossdog help' out
cp out help.help
run "$LOSSDOG" help --help
ok "--help of a command is the same" cmp out help.help

run "$LOSSDOG" --version
is "--version succeeds" "$status" 0
ok "--version begins as others do" sh -c 'head -n 1 out | grep -Eq "^lossdog [0-9]+\.[0-9]+\.[0-9]+$"'
ok "--version names the libraries" grep -Eq '^Built with: \+pcre2 [0-9.]+ \+libyaml' out

run "$LOSSDOG" hlep
is "an unknown command: status" "$status" 3
ok "an unknown command: the nearest" grep -q 'did you mean "help"' err
not "an unknown command: nothing on stdout" test -s out
touch train.log
run "$LOSSDOG" train.log
is "a file as a command: status" "$status" 3
ok "a file as a command: what to say instead" grep -q 'lossdog < train.log' err
run "$LOSSDOG" help nothing
is "help of an unknown command: status" "$status" 3
run "$LOSSDOG" help --wrods profile
is "an unknown option: status" "$status" 3
ok "an unknown option is named" grep -q -- '--wrods' err
run "$LOSSDOG" help --completions
is "a missing value: status" "$status" 3
ok "a missing value is said" grep -q -- '--completions wants a value' err
run "$LOSSDOG" help --completions=csh
ok "a wrong choice: what there is" grep -q 'bash, zsh, fish\|did you mean' err

if [ -w /dev/full ]; then
	status=0
	"$LOSSDOG" --help >/dev/full 2>err || status=$?
	is "a full disk: status" "$status" 3
	ok "a full disk is said" grep -q 'standard output: No space left' err
else
	skip "a full disk: status" "no /dev/full"
	skip "a full disk is said" "no /dev/full"
fi
status=0
"$LOSSDOG" --help >&- 2>err || status=$?
is "a closed stdout: status" "$status" 3
ok "a closed stdout is said" grep -q 'cannot write to standard output' err
status=0
"$LOSSDOG" --help <&- >out 2>&1 || status=$?
is "a closed stdin does not matter to help" "$status" 0

for shell in bash zsh fish; do
	run "$LOSSDOG" help --completions "$shell"
	is "completions for $shell" "$status" 0
	ok "completions for $shell know the commands" grep -q help out
done
if command -v bash >/dev/null; then
	"$LOSSDOG" help --completions bash >c.bash
	cat >try.bash <<'END'
. ./c.bash
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _lossdog; echo "${COMPREPLY[*]}"; }
compopt() { :; }
try lossdog he
try lossdog help --he
try lossdog help he
END
	run bash try.bash
	is "bash completes commands, options, operands" "$(cat out)" "help
--help
help"
else
	skip "bash completes commands, options, operands" "no bash"
fi
done_testing
