#!/bin/sh
# SPDX-License-Identifier: MIT
# generated.sh LOSSDOG FROM TO: writes what the program says of itself into TO:
# completions/ and man/lossdog.1, whose hand-written part is taken from FROM.
set -eu
lossdog=$1 from=$2 to=$3

mkdir -p "$to/completions" "$to/man"
"$lossdog" help --completions bash >"$to/completions/lossdog.bash"
"$lossdog" help --completions zsh >"$to/completions/_lossdog"
"$lossdog" help --completions fish >"$to/completions/lossdog.fish"
"$lossdog" help --man >"$to/man/generated"
awk -v part="$to/man/generated" '
	/^\.\\" END GENERATED/ { skip = 0 }
	!skip { print }
	/^\.\\" BEGIN GENERATED/ {
		while ((getline line < part) > 0)
			print line
		skip = 1
	}' "$from/man/lossdog.1" >"$to/man/lossdog.1.new"
rm "$to/man/generated"
mv "$to/man/lossdog.1.new" "$to/man/lossdog.1"
