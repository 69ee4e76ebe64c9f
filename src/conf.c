/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "conf.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "number.h"
#include "xalloc.h"
#include "ydoc.h"

#define VALUES_MAX 4096
#define FILES_MAX  16

struct conf_doc {
	struct ydoc *ydoc;
	char        *path;
	bool         open; /* others can read it */
};

struct conf {
	struct conf_value *value;
	size_t             n, cap;
	struct conf_doc   *doc[FILES_MAX];
	unsigned           docs;
};

/* Keys at the top that are no sections. */
static const struct {
	const char *key, *initial, *env;
} plain[] = {
	{ "lang", "auto", "LOSSDOG_LANG" },
	{ "state-dir", NULL, "LOSSDOG_STATE_DIR" },
	{ "link", NULL, NULL },
};

#define NPLAIN (sizeof(plain) / sizeof(*plain))

static const char *const top_keys[] = {
	"lang", "state-dir", "link", "notify", "rules", NULL
};

/* --- the list --- */

static bool
same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void
value_fini(struct conf_value *v)
{
	const char *const text[] = {
		v->section, v->key, v->run, v->metric, v->origin
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		free((char *)(size_t)text[i]);
	if (v->text)
		explicit_bzero((char *)(size_t)v->text, strlen(v->text));
	free((char *)(size_t)v->text);
}

static void
put(struct conf *c, const struct conf_value *v)
{
	struct conf_value *at = NULL;

	for (size_t i = 0; i < c->n && !at; i++)
		if (same(c->value[i].section, v->section) &&
		    same(c->value[i].key, v->key) &&
		    same(c->value[i].run, v->run) &&
		    same(c->value[i].metric, v->metric))
			at = &c->value[i];
	if (at)
		value_fini(at);
	else if (c->n == VALUES_MAX)
		return;
	else {
		XGROW(c->value, c->n, c->cap);
		at = &c->value[c->n++];
	}
	*at = *v;
	at->section = xcopy(v->section);
	at->key = xcopy(v->key);
	at->text = xcopy(v->text);
	at->run = xcopy(v->run);
	at->metric = xcopy(v->metric);
	at->origin = xcopy(v->origin);
}

struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	for (size_t i = 0; i < NPLAIN; i++)
		if (plain[i].initial)
			conf_set(c, "", plain[i].key, plain[i].initial, "built in");
	return c;
}

void
conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		value_fini(&c->value[i]);
	for (unsigned i = 0; i < c->docs; i++) {
		ydoc_free(c->doc[i]->ydoc);
		free(c->doc[i]->path);
		free(c->doc[i]);
	}
	free(c->value);
	free(c);
}

void
conf_set(struct conf *c, const char *section, const char *key,
    const char *text, const char *origin)
{
	struct conf_value v = {
		.section = section, .key = key, .text = text, .origin = origin,
	};

	put(c, &v);
}

/* --- files --- */

struct reader {
	struct conf    *conf;
	struct conf_doc *doc;
	struct diags   *diags;
	bool            bad;
	char            section[160];
	const char     *run, *metric;
};

static void
mistake(struct reader *r, const struct ynode *n, const char *what)
{
	ydoc_error(r->doc->ydoc, n, r->diags, "%s", what);
	r->bad = true;
}

/* The items of a list with newlines between them. */
static bool
join(struct reader *r, const struct ynode *n, struct buf *b)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *item = n->item[i];

		if (item->kind != Y_SCALAR || memchr(item->text.p, '\n', item->text.n)) {
			mistake(r, item, "a list of single lines of text is wanted here");
			return false;
		}
		if (i > 0)
			buf_char(b, '\n');
		buf_span(b, item->text);
	}
	return true;
}

static void
read_value(struct reader *r, const char *key, const struct ynode *n)
{
	struct conf_value v = {
		.section = r->section, .key = key, .run = r->run,
		.metric = r->metric, .origin = r->doc->path,
		.line = n->line, .col = n->col, .doc = r->doc,
	};
	struct buf b;

	buf_init(&b, 65536);
	if (n->kind == Y_MAP)
		mistake(r, n, "text or a list is wanted here, not a map");
	else if (n->kind == Y_SCALAR || join(r, n, &b)) {
		v.list = n->kind == Y_LIST;
		v.text = v.list ? buf_cstr(&b) : n->text.p;
		put(r->conf, &v);
	}
	buf_fini(&b);
}

static void
read_map(struct reader *r, const struct ynode *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (span_is(n->key[i]->text, "run") || span_is(n->key[i]->text, "metric"))
			if (r->run || r->metric)
				continue; /* the condition itself */
		read_value(r, n->key[i]->text.p, n->item[i]);
	}
}

/* "off", a map of parameters, or a list of such maps with conditions. */
static void
read_rule(struct reader *r, const struct ynode *n)
{
	const struct ynode *at;

	if (n->kind == Y_SCALAR) {
		read_value(r, "enabled", n);
		return;
	}
	if (n->kind == Y_MAP) {
		if ((at = ynode_get(n, "run")) != NULL && at->kind == Y_SCALAR)
			r->run = at->text.p;
		if ((at = ynode_get(n, "metric")) != NULL && at->kind == Y_SCALAR)
			r->metric = at->text.p;
		read_map(r, n);
		r->run = r->metric = NULL;
		return;
	}
	for (size_t i = 0; i < n->n; i++)
		if (n->item[i]->kind == Y_MAP)
			read_rule(r, n->item[i]);
		else
			mistake(r, n->item[i], "a map of parameters is wanted here, such as { run: \"gan-*\", times: 12 }");
}

static void
read_channel(struct reader *r, const struct ynode *n)
{
	if (n->kind == Y_MAP)
		read_map(r, n);
	else if (n->kind == Y_SCALAR && n->text.n == 0)
		read_value(r, "enabled", &(struct ynode){ .line = n->line, .col = n->col,
		    .text = SPAN_LIT("true") });
	else
		read_value(r, "enabled", n);
}

static void
read_sections(struct reader *r, const char *name, const struct ynode *n,
    void (*read)(struct reader *, const struct ynode *))
{
	if (n->kind == Y_SCALAR && n->text.n == 0)
		return; /* "notify:" with nothing under it */
	if (n->kind != Y_MAP) {
		mistake(r, n, "a map of names is wanted here");
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		int len = snprintf(r->section, sizeof(r->section), "%s.%s", name,
		    n->key[i]->text.p);

		if (len < 0 || (size_t)len >= sizeof(r->section))
			mistake(r, n->key[i], "the name is too long");
		else
			read(r, n->item[i]);
	}
	r->section[0] = '\0';
}

static void
read_top(struct reader *r, const struct ynode *root)
{
	if (root->kind == Y_SCALAR && root->text.n == 0)
		return; /* an empty file */
	if (root->kind != Y_MAP) {
		mistake(r, root, "a configuration is a map: notify, rules, lang, ...");
		return;
	}
	if (!ydoc_keys(r->doc->ydoc, root, top_keys, r->diags))
		r->bad = true;
	for (size_t i = 0; i < root->n; i++) {
		struct span key = root->key[i]->text;

		if (span_is(key, "notify"))
			read_sections(r, "notify", root->item[i], read_channel);
		else if (span_is(key, "rules"))
			read_sections(r, "rules", root->item[i], read_rule);
		else
			read_value(r, key.p, root->item[i]);
	}
}

int
conf_read(struct conf *c, const char *path, struct diags *diags)
{
	struct reader r = { .conf = c, .diags = diags };
	struct stat st;
	struct ydoc *y;

	if (c->docs == FILES_MAX)
		return diags_add(diags, DIAG_ERROR, path, NULL, 0, 0,
		    "more than %d configuration files", FILES_MAX);
	if ((y = ydoc_read(path, diags)) == NULL)
		return -1;
	r.doc = c->doc[c->docs++] = xcalloc(1, sizeof(*r.doc));
	r.doc->ydoc = y;
	r.doc->path = xstrdup(path);
	r.doc->open = stat(path, &st) == 0 && (st.st_mode & 077) != 0;
	read_top(&r, ydoc_root(y));
	return r.bad ? -1 : 0;
}

/* dir/lossdog/config.yaml, when it is there. */
static int
read_if_there(struct conf *c, const char *dir, struct diags *diags)
{
	char *path = xasprintf("%s/lossdog/%s", dir, CONF_FILE);
	int r = 0;

	if (access(path, F_OK) == 0)
		r = conf_read(c, path, diags);
	free(path);
	return r;
}

/* The XDG rules: relative names are ignored. */
static int
read_usual(struct conf *c, struct diags *diags)
{
	const char *dirs = getenv("XDG_CONFIG_DIRS"), *home = getenv("XDG_CONFIG_HOME");
	char *list = xstrdup(dirs && *dirs ? dirs : "/etc/xdg"), *own, *end;
	int r = 0;

	/* The first is the most important one, so it is read last. */
	while (*list != '\0') {
		end = strrchr(list, ':');
		own = end ? end + 1 : list;
		if (*own == '/')
			r |= read_if_there(c, own, diags);
		*(end ? end : list) = '\0';
	}
	free(list);
	if (home && *home == '/')
		return r | read_if_there(c, home, diags);
	if ((home = getenv("HOME")) == NULL || *home != '/')
		return r;
	own = xasprintf("%s/.config", home);
	r |= read_if_there(c, own, diags);
	free(own);
	return r;
}

int
conf_load(struct conf *c, const char *path, struct diags *diags)
{
	const char *env = getenv("LOSSDOG_CONFIG");
	int r;

	if (!path && env && *env)
		path = env;
	r = path ? conf_read(c, path, diags) : read_usual(c, diags);
	for (size_t i = 0; i < NPLAIN; i++) {
		const char *text = plain[i].env ? getenv(plain[i].env) : NULL;
		char *origin;

		if (!text || *text == '\0')
			continue;
		origin = xasprintf("environment (%s)", plain[i].env);
		conf_set(c, "", plain[i].key, text, origin);
		free(origin);
	}
	return r == 0 ? 0 : -1;
}

/* --- asking --- */

unsigned
conf_count(const struct conf *c)
{
	return (unsigned)c->n;
}

const struct conf_value *
conf_at(const struct conf *c, unsigned i)
{
	return &c->value[i];
}

const struct conf_value *
conf_find(const struct conf *c, const char *section, const char *key)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct conf_value *v = &c->value[i];

		if (!v->run && !v->metric && same(v->section, section) &&
		    same(v->key, key))
			return v;
	}
	return NULL;
}

const char *
conf_text(const struct conf *c, const char *section, const char *key)
{
	const struct conf_value *v = conf_find(c, section, key);

	return v ? v->text : NULL;
}

static bool
is_first_of_section(const struct conf *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same(c->value[j].section, c->value[i].section))
			return false;
	return true;
}

const char *
conf_section(const struct conf *c, const char *prefix, unsigned i)
{
	size_t n = strlen(prefix);

	for (size_t j = 0; j < c->n; j++)
		if (strncmp(c->value[j].section, prefix, n) == 0 &&
		    is_first_of_section(c, j) && i-- == 0)
			return c->value[j].section + n;
	return NULL;
}

const char *
conf_path(const struct conf *c, unsigned i)
{
	return i < c->docs ? c->doc[i]->path : NULL;
}

bool
conf_is_open(const struct conf_value *v)
{
	return v->doc && v->doc->open;
}

int
conf_mistake(const struct conf_value *v, enum diag_level level, struct diags *diags,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (v && v->doc)
		return diags_add(diags, level, v->doc->path, ydoc_text(v->doc->ydoc),
		    v->line, v->col, "%s", text);
	return diags_add(diags, level, NULL, NULL, 0, 0, "%s%s%s", text,
	    v ? ", from the " : "", v ? v->origin : "");
}

bool
conf_bool(const char *text, bool *ret)
{
	static const struct { const char *name; bool value; } names[] = {
		{ "true", true }, { "on", true }, { "yes", true },
		{ "false", false }, { "off", false }, { "no", false },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(text, names[i].name) == 0) {
			*ret = names[i].value;
			return true;
		}
	return false;
}

bool
conf_seconds(const char *text, double *ret)
{
	static const struct { const char *name; double factor; } units[] = {
		{ "", 1 }, { "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 },
		{ "d", 86400 },
	};
	double v;
	size_t used = strspn(text, "0123456789."), n;

	if (number_read((struct span){ text, used }, &v, &n) != NUMBER_OK ||
	    n != used || !isfinite(v) || v < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(text + used, units[i].name) == 0) {
			*ret = v * units[i].factor;
			return true;
		}
	return false;
}
