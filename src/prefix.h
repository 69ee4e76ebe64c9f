/* SPDX-License-Identifier: MIT */
/*
 * prefix: what launchers, containers and loggers put before a line.
 *
 * Layers, from the outside in, in any nesting: container and shipper time
 * stamps (docker, Kubernetes/CRI, journald, syslog), ranks of launchers
 * (torchrun, srun -l, mpirun, Ray), loggers (Python logging's usual forms, absl, glog,
 * loguru, rich, structlog, NeMo, mmengine), and JSON-wrapped lines ({"log": ...}).
 * They are data: rules/prefixes.yaml, anchored patterns with named groups
 *	time (with how it is written), rank, node, level, text (JSON: the key of the text).
 * Cheap: the layers that matched the line before are tried first, others only
 * when their first byte can match.
 */
#ifndef PREFIX_H
#define PREFIX_H

#include <stdbool.h>

#include "diag.h"
#include "line.h"
#include "span.h"

struct prefixes;

/* Compiles rules/prefixes.yaml texts, in order; a later entry of the same name replaces an earlier one.
 * NULL when there was a mistake. */
struct prefixes *prefixes_new(void);
int  prefixes_load(struct prefixes *, const char *name, struct span yaml, struct diags *);
void prefixes_free(struct prefixes *);

/* Memory of one stream: which layers matched last.  Zero it to start. */
struct prefix_memo {
	unsigned char layer[8];
	unsigned char n;
	bool          unwrapped; /* the line peeled last was JSON-wrapped: its text is not in the input */
	double        last_time;
	int           year;
	void         *scratch;
};

/* Peels line->text in place (moves its start; for JSON-wrapped lines it may point into memo's scratch)
 * and fills time, rank, node, level. */
void prefixes_peel(const struct prefixes *, struct prefix_memo *, struct line *);
void prefix_memo_fini(struct prefix_memo *);

#endif
