#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh RULES OUT: writes the YAML files below the folder RULES as C into OUT,
# which is left alone when nothing has changed.  See embed.h.
set -eu
LC_ALL=C
export LC_ALL
rules=$1 out=$2

# Trigraphs are why '?' is escaped.
find "$rules" -name '*.yaml' -type f | sed "s|^$rules/||" | sort | awk -v dir="$rules" '
BEGIN {
	print "/* Made by src/embed.sh from rules/; not to be edited. */"
	print "#include \"embed.h\"\n"
}
{
	file = dir "/" $0
	name[NR] = $0
	printf "static const char f%d[] =\n\"\"", NR
	while ((ok = (getline line < file)) > 0) {
		gsub(/[\\"?]/, "\\\\&", line)
		gsub(/\t/, "\\t", line)
		printf "\n\"%s\\n\"", line
	}
	if (ok < 0) {
		print "embed.sh: cannot read " file > "/dev/stderr"
		exit 1
	}
	close(file)
	print ";\n"
}
END {
	print "const struct embed_file embed_files[] = {"
	for (i = 1; i <= NR; i++)
		printf "\t{ \"%s\", f%d, sizeof f%d - 1 },\n", name[i], i, i
	print "\t{ \"\", \"\", 0 }\n};"
	print "const size_t embed_count = sizeof embed_files / sizeof embed_files[0] - 1;"
}' >"$out.new"
if cmp -s "$out.new" "$out"; then
	rm -f "$out.new"
else
	mv -f "$out.new" "$out"
fi
