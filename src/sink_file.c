/* SPDX-License-Identifier: MIT */
/* Samples into a file or standard output: JSON lines and CSV have the same columns. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "sinks.h"
#include "xalloc.h"

struct file_sink {
	FILE *f;
	bool  own;
	const struct vocab *vocab;
	struct buf buf;
};

static void *
open_file(const char *arg, const struct vocab *vocab, struct diag *d)
{
	bool more = arg[0] == '+'; /* behind what is there */
	bool own = arg[more] != '\0' && strcmp(arg, "-") != 0;
	FILE *f;

	arg += more;
	f = own ? fopen(arg, more ? "ae" : "we") : stdout;

	if (!f) {
		diag_set(d, "%s: %s", arg, strerror(errno));
		return NULL;
	}
	struct file_sink *s = xcalloc(1, sizeof *s);
	s->f = f;
	s->own = own;
	s->vocab = vocab;
	buf_init(&s->buf, 64 << 10);
	return s;
}

static int
put(struct file_sink *s, struct diag *d)
{
	errno = 0;
	if (fwrite(s->buf.p, 1, s->buf.n, s->f) == s->buf.n)
		return 0;
	return diag_set(d, "cannot write: %s", strerror(errno));
}

static int
sample_jsonl(void *self, const struct run *run, const struct sample *x, struct diag *d)
{
	struct file_sink *s = self;
	struct jsonw w;

	if (x->live)
		return 0;
	buf_reset(&s->buf);
	jsonw_init(&w, &s->buf);
	jsonw_object(&w);
	jsonw_opt_str(&w, "run", run->name);
	jsonw_opt_str(&w, "metric", vocab_metric_name(s->vocab, x->metric));
	jsonw_opt_pairs(&w, "labels", vocab_labels_text(s->vocab, x->labels));
	jsonw_opt_num(&w, "step", x->step);
	jsonw_opt_num(&w, "epoch", x->epoch);
	jsonw_opt_num(&w, "time", x->time);
	jsonw_key(&w, "value");
	jsonw_num(&w, x->value);
	jsonw_opt_str(&w, "unit", x->unit);
	if (x->line > 0) {
		jsonw_key(&w, "line");
		jsonw_uint(&w, x->line);
	}
	jsonw_opt_str(&w, "profile", x->profile);
	jsonw_object_end(&w);
	buf_char(&s->buf, '\n');
	return put(s, d);
}

static void
csv_text(struct buf *b, const char *text)
{
	bool quote = text[strcspn(text, ",\"\r\n")] != '\0';

	if (quote)
		buf_char(b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_char(b, '"');
		buf_char(b, *text);
	}
	if (quote)
		buf_char(b, '"');
}

static void
csv_num(struct buf *b, double v)
{
	char text[32];

	if (!isnan(v)) {
		jsonw_shortest(v, text);
		buf_str(b, text);
	}
}

static void *
open_csv(const char *arg, const struct vocab *vocab, struct diag *d)
{
	struct file_sink *s = open_file(arg, vocab, d);

	if (s && (fseek(s->f, 0, SEEK_END) != 0 || ftell(s->f) <= 0))
		fputs("run,metric,labels,step,epoch,time,value,unit,line,profile\n", s->f);
	return s;
}

static int
sample_csv(void *self, const struct run *run, const struct sample *x, struct diag *d)
{
	struct file_sink *s = self;

	if (x->live)
		return 0;
	buf_reset(&s->buf);
	csv_text(&s->buf, run->name);
	buf_char(&s->buf, ',');
	csv_text(&s->buf, vocab_metric_name(s->vocab, x->metric));
	buf_char(&s->buf, ',');
	csv_text(&s->buf, vocab_labels_text(s->vocab, x->labels));
	for (unsigned i = 0; i < 3; i++) {
		buf_char(&s->buf, ',');
		csv_num(&s->buf, i == 0 ? x->step : i == 1 ? x->epoch : x->time);
	}
	buf_char(&s->buf, ',');
	if (isnan(x->value))
		buf_str(&s->buf, "NaN");
	else if (isinf(x->value))
		buf_str(&s->buf, x->value < 0 ? "-Infinity" : "Infinity");
	else
		csv_num(&s->buf, x->value);
	buf_char(&s->buf, ',');
	buf_str(&s->buf, x->unit ? x->unit : "");
	buf_char(&s->buf, ',');
	if (x->line > 0)
		buf_printf(&s->buf, "%llu", (unsigned long long)x->line);
	buf_char(&s->buf, ',');
	csv_text(&s->buf, x->profile ? x->profile : "");
	buf_char(&s->buf, '\n');
	return put(s, d);
}

static int
flush_file(void *self, struct diag *d)
{
	struct file_sink *s = self;

	errno = 0;
	return fflush(s->f) == 0 ? 0 : diag_set(d, "cannot write: %s", strerror(errno));
}

static int
close_file(void *self, struct diag *d)
{
	struct file_sink *s = self;
	int status = flush_file(s, d);

	if (s->own && fclose(s->f) != 0 && status == 0)
		status = diag_set(d, "cannot write: %s", strerror(errno));
	buf_fini(&s->buf);
	free(s);
	return status;
}

const struct sink_ops sink_jsonl = {
	.name = "jsonl",
	.help = "samples as JSON lines, into a file (jsonl=FILE; jsonl=+FILE: behind what is there) or standard output",
	.open = open_file,
	.sample = sample_jsonl,
	.flush = flush_file,
	.close = close_file,
};

const struct sink_ops sink_csv = {
	.name = "csv",
	.help = "samples as comma-separated values with a header",
	.open = open_csv,
	.sample = sample_csv,
	.flush = flush_file,
	.close = close_file,
};
