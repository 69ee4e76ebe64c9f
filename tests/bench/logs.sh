#!/bin/sh
# SPDX-License-Identifier: MIT
#
# logs.sh KIND MEGABYTES >LOG: a log to measure with.  Curves fall and are noisy,
# as real ones do; the same every time.
#	megatron   every line a metric line of nine numbers
#	dict       every line a Python dict, as the HF Trainer prints it
#	sparse     a metric in one line of twenty, the others are a logger's
#	bars       progress bars that are redrawn
set -u
kind=$1
bytes=$(($2 * 1000000))

awk -v kind="$kind" '
function noise() {
	seed = (seed * 69069 + 1) % 4294967296
	return seed / 4294967296 - 0.5
}
BEGIN {
	seed = 1
	for (i = 0; ; i++) {
		loss = 2 + 8 / (1 + i / 2000) + 0.05 * noise()
		lr = i < 2000 ? 3e-4 * i / 2000 : 3e-5 + 2.7e-4 * (1 + cos(i % 1000000 / 318310)) / 2
		grad = 0.6 + 1 / (1 + i / 500) + 0.1 * noise()
		if (kind == "megatron")
			printf " iteration %8d/ 1000000 | consumed samples: %12d | elapsed time per iteration (ms): %.1f | learning rate: %.6E | global batch size: %5d | lm loss: %.6E | loss scale: 1.0 | grad norm: %.3f | number of skipped iterations:   0 | number of nan iterations:   0 |\n", i, i * 32, 400 + 10 * noise(), lr, 32, loss, grad
		else if (kind == "dict")
			printf "{\047loss\047: %.4f, \047grad_norm\047: %.15f, \047learning_rate\047: %.15e, \047epoch\047: %.2f}\n", loss, grad, lr, i / 50000
		else if (kind == "bars")
			printf "%sEpoch %d: %3d%%|####      | %d/500 [00:%02d<00:30, %.2fit/s, loss=%.3f]%s", i % 500 ? "\r" : "", i / 500, i % 500 / 5, i % 500, i % 60, 30 + noise(), loss, i % 500 == 499 ? "\n" : ""
		else if (i % 20 == 0)
			printf "step %d: loss %.4f, lr %.3e\n", i, loss, lr
		else
			printf "2026-01-01 10:%02d:%02d INFO loading shard %d of the data set from /data/train/shard-%05d.tar took %d ms\n", i / 60 % 60, i % 60, i, i, 100 + 50 * noise()
	}
}' | head -c "$bytes"
