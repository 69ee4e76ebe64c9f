#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh MKEMBED RULES OUT: writes the YAML files below the folder RULES as C into OUT,
# which is left alone when nothing has changed.  See embed.h and mkembed.c.
set -eu
mkembed=$1 rules=$2 out=$3

find "$rules" -name '*.yaml' -type f | sed "s|^$rules/||" | LC_ALL=C sort |
	"$mkembed" "$rules" >"$out.new"
if cmp -s "$out.new" "$out"; then
	rm -f "$out.new"
else
	mv -f "$out.new" "$out"
fi
