#!/bin/sh
# SPDX-License-Identifier: MIT
# generated.sh LOSSDOG FROM TO: writes what the program says of itself into TO:
# completions/ and the manuals, whose hand-written parts are taken from FROM.
set -eu
lossdog=$1 from=$2 to=$3

mkdir -p "$to/completions" "$to/man"
"$lossdog" help --completions bash >"$to/completions/lossdog.bash"
"$lossdog" help --completions zsh >"$to/completions/_lossdog"
"$lossdog" help --completions fish >"$to/completions/lossdog.fish"

# fill PAGE: what the command on standard input wrote takes its place in the page.
fill()
{
	cat >"$to/man/generated"
	awk -v part="$to/man/generated" '
		/^\.\\" END GENERATED/ { skip = 0 }
		!skip { print }
		/^\.\\" BEGIN GENERATED/ {
			while ((getline line < part) > 0)
				print line
			skip = 1
		}' "$from/man/$1" >"$to/man/$1.new"
	rm "$to/man/generated"
	mv "$to/man/$1.new" "$to/man/$1"
}
"$lossdog" help --man | fill lossdog.1
env XDG_CONFIG_HOME=/nonexistent "$lossdog" profiles list --mdoc | fill lossdog-profile.5
