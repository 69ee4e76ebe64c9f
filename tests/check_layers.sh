#!/bin/sh
# SPDX-License-Identifier: MIT
# Holds every #include "..." against the order of the sources in Makefile.am: a
# file may include only what stands above it.  And every header compiles alone.
set -u
cd "${SRCDIR:-$(dirname "$0")/..}" || exit 1
n=0
bad=0

# What was found goes to the file $found; anything in it is a failure.
found=$(mktemp "${TMPDIR:-/tmp}/layers.XXXXXX") || exit 1
trap 'rm -f "$found"' EXIT

result() # NAME
{
	n=$((n + 1))
	[ ! -s "$found" ] || { bad=$((bad + 1)); printf 'not '; }
	echo "ok $n - $1"
	sed 's/^/# /' "$found"
}

order=$(awk '
	/^(ground|outside|lines|judging|people|living|watching|lossdog_SOURCES|mkembed_SOURCES) *=/ { on = 1 }
	on { for (i = 1; i <= NF; i++) if ($i ~ /\.[ch]$/) print $i }
	on && !/\\$/ { on = 0 }' Makefile.am)

echo "$order" | awk '
{
	place[$0] = NR
	base = $0
	sub(/.*\//, "", base)
	byname[base] = $0
	file[NR] = $0
}
END {
	for (i = 1; i <= NR; i++) {
		while ((getline line < file[i]) > 0) {
			if (line !~ /^[ \t]*#[ \t]*include[ \t]*"/)
				continue
			split(line, part, "\"")
			want = byname[part[2]]
			if (part[2] == "config.h")
				continue
			if (want == "")
				print file[i] " includes " part[2] ", which Makefile.am does not list"
			else if (place[want] >= i)
				print file[i] " includes " part[2] ", which stands below it"
		}
		close(file[i])
	}
}' >"$found"
result "includes go up only"

for f in src/*.[ch] cmd/*.[ch]; do
	echo "$order" | grep -qx "$f" || echo "$f is not in Makefile.am"
done >"$found"
result "every source is listed"

for h in $(echo "$order" | grep '\.h$'); do
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
	    -iquote src -iquote cmd -x c "$h" >"$found" 2>&1
	result "$h compiles alone"
done
echo "1..$n"
[ $bad -eq 0 ]
