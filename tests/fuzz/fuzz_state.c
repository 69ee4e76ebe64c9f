/* SPDX-License-Identifier: MIT */
/*
 * A saved state with bytes changed: the input is a list of changes (three bytes of
 * place, one of value).  It is refused or it serves; what then comes in is read.
 */
#include "pipeline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char before[] =
    "[rank0]: 2024-01-02 03:04:05,678 INFO step 1/9 | loss: 2.5 | lr: 1.0e-03 | mem 3.1 GiB\n"
    "step 2/9 | loss: 2.4 | lr: 9.0e-04\nstep 3/9 | loss: 2.3 | lr: 8.0e-04\nepoch,train_loss,valid_loss\n1,0.5,0.6\n"
    "RuntimeError: CUDA out of memory. Tried to allocate 2.00 MiB\nstep 4/9 | loss: nan | lr: 7.0e-04\n"
    "Traceback (most recent call last):\n  File \"t.py\", line 3, in f\n"
    " 10%|#         | 1/10 [00:01<00:09,  1.0it/s, loss=0.3]\r 20%|##        | 2/10 [00:02<00:08,  1.0it/s, loss=0.2]\r";
static const char after[] = "2,0.4,0.7\nValueError: x\nstep 5/9 | loss: 2 | lr: 6.0e-04\nstep 1/9 | loss: 1 | lr: 1.0e-03\n";

static struct knowledge knowledge;
static struct buf       state;

static struct pipeline *
begin(void)
{
	struct pipeline_opts o = { .knowledge = &knowledge, .run = "r", .live = true };
	struct diag d;
	struct pipeline *p = pipeline_new(&o, &d);

	if (!p)
		abort();
	return p;
}

static void
make_state(void)
{
	struct diags *d = diags_new();
	struct pipeline *p;

	if (knowledge_init(&knowledge, NULL, 0, KNOWLEDGE_RULES, d) == -1)
		abort();
	diags_free(d);
	p = begin();
	pipeline_feed(p, 0, span_of(before), 1.7e9);
	buf_init(&state, 1 << 24);
	pipeline_save(p, &state);
	pipeline_free(p);
}

/* The head's hash says that nothing was changed. */
static void
mend_hash(char *p, size_t n)
{
	uint64_t hash = span_hash((struct span){ p + 24, n - 24 });

	memcpy(p + 16, &hash, sizeof hash);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pipeline *p;
	struct diag d;
	size_t n, cut;
	char *copy;

	if (state.n == 0)
		make_state();
	if (size < 2)
		return 0;
	cut = (size_t)(data[0] | data[1] << 8);
	n = cut & 1 ? state.n : state.n - cut % (state.n - 24);
	copy = malloc(n);
	if (!copy)
		abort();
	memcpy(copy, state.p, n);
	for (size_t i = 2; i + 4 <= size; i += 4)
		copy[24 + (size_t)(data[i] | data[i + 1] << 8 | data[i + 2] << 16) % (n - 24)] = (char)data[i + 3];
	mend_hash(copy, n);
	p = begin();
	if (pipeline_load(p, (struct span){ copy, n }, &d) == -1 && size == 2 && cut & 1)
		abort(); /* nothing was changed */
	pipeline_feed(p, 0, span_of(after), 1.7e9 + 100);
	pipeline_tick(p, 1.7e9 + 1000);
	pipeline_end(p, 1.7e9 + 2000);
	free(copy);
	pipeline_free(p);
	return 0;
}
