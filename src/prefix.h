/* SPDX-License-Identifier: MIT */
/*
 * prefix: what launchers, containers and loggers put before a line.
 *
 * Layers, from the outside in, in any nesting: container and shipper time
 * stamps (docker, Kubernetes/CRI, journald, syslog), ranks of launchers
 * (torchrun, srun -l, mpirun, Ray), loggers (Python logging's usual forms, absl, glog,
 * loguru, rich, structlog, NeMo, mmengine), and JSON-wrapped lines ({"log": ...}).
 * They are data: rules/prefixes.yaml, which says how they are written.
 *
 * Cheap: the layers that matched the line before are tried first, others only
 * when the line's first bytes have their shape.  A line is no prefix's in
 * doubt: a layer counts only when its time can be read and its level is one,
 * and layers that could be metric text ("0: ", "node-3: ") only after they
 * have come again and again ("confirm" in the file).
 */
#ifndef PREFIX_H
#define PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "line.h"
#include "span.h"
#include "stamp.h"
#include "ydoc.h"

#define PREFIX_LAYERS  62 /* most layers in all files */
#define PREFIX_DEPTH   8  /* most layers of a line */
#define PREFIX_STREAKS 4  /* most layers with confirm */

struct prefixes;

struct prefixes *prefixes_new(void);
/*
 * Adds the layers of a document, which is taken (NULL: it could not be parsed); a layer of a name that is there replaces it.  -1:
 * there were mistakes, which diags holds; what was right is kept.  Regular
 * expressions are compiled at their first use.
 */
int  prefixes_load(struct prefixes *, struct ydoc *, struct diags *);
void prefixes_free(struct prefixes *);
/* All that can be wrong with a file: its patterns compile, its tests hold.  -1: diags says what does not. */
int  prefixes_check(const char *name, struct span yaml, struct diags *);

/* Memory of one stream.  Zero it to start; prefix_memo_fini at the end. */
struct prefix_memo {
	uint64_t      lines;
	unsigned char layer[PREFIX_DEPTH]; /* those of the last line that had any */
	unsigned char n;
	unsigned char json_idle; /* JSON lines in a row that were nothing but that */
	bool          unwrapped; /* the last line was JSON-wrapped: its text is not in the input */
	struct stamp_memo stamp;
	struct prefix_streak {
		uint64_t line, seen;
		long     last;
		unsigned score;
	} streak[PREFIX_STREAKS];
	void *scratch; /* unescaped text */
};

/* Peels line->text in place (moves its start; for JSON-wrapped lines it may point into memo's scratch)
 * and fills time, rank, node, level. */
void prefixes_peel(const struct prefixes *, struct prefix_memo *, struct line *);
void prefix_memo_fini(struct prefix_memo *);

#endif
