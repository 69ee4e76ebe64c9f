/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "hook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "jsonw.h"
#include "words.h"
#include "xalloc.h"

#define WORD_MAX 100

static bool
word_text(struct span word, char ret[static WORD_MAX])
{
	snprintf(ret, WORD_MAX, "%.*s", (int)word.n, word.p);
	return word.n > 0 && word.n < WORD_MAX;
}

bool
hook_word_valid(const struct knowledge *k, struct span word, enum severity least,
    const char *option, struct diag *d)
{
	char          text[WORD_MAX];
	enum severity sev;
	const char   *near;

	if (word_text(word, text) && severity_find(text, &sev)) {
		if (sev >= least)
			return true;
		diag_set(d, "%s %s: a run is ended for a warning or something critical", option, text);
		return false;
	}
	if (k->rules == NULL || rules_find(k->rules, text) != NULL)
		return true;
	near = rules_nearest(k->rules, text);
	diag_set(d, "%s %s: neither a severity nor a rule%s%s%s", option, text,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return false;
}

bool
hook_means(const struct knowledge *k, struct span word, const struct finding *f)
{
	char               text[WORD_MAX];
	enum severity      sev;
	const struct rule *rule;

	if (!word_text(word, text))
		return false;
	if (severity_find(text, &sev))
		return f->severity >= sev;
	rule = rules_find(k->rules, text);
	return rule != NULL && strcmp(rule_id(rule), f->rule) == 0;
}

bool
hook_valid(const struct knowledge *k, const char *spec, struct diag *d)
{
	const char  *eq = strchr(spec, '=');
	struct words words;

	if (eq == NULL) {
		diag_set(d, "--on %s: it should be RULE=COMMAND", spec);
		return false;
	}
	if (!hook_word_valid(k, (struct span){ spec, (size_t)(eq - spec) }, SEV_INFO, "--on", d))
		return false;
	if (words_split(eq + 1, &words, d) != 0)
		return false;
	words_fini(&words);
	return true;
}

/* --- one of them --- */

#define ENV_MAX 12

static void
add_env(char **env, unsigned *n, const char *name, const char *value)
{
	if (value != NULL)
		env[(*n)++] = xasprintf("LOSSDOG_%s=%s", name, value);
}

static void
add_number(char **env, unsigned *n, const char *name, double v)
{
	char text[32];

	if (isnan(v) && strcmp(name, "VALUE") != 0)
		return;
	jsonw_shortest(v, text);
	add_env(env, n, name, isnan(v) ? "NaN" : text);
}

static void
start(struct hooks *h, const char *command, const struct finding *f, double mono)
{
	struct words words;
	struct buf   json;
	struct diag  d = { .text = "" };
	char        *env[ENV_MAX + 1] = { NULL };
	unsigned     n = 0;

	if (words_split(command, &words, &d) != 0)
		return; /* was valid at the start */
	buf_init(&json, 64 << 10);
	finding_json(f, &json);
	buf_char(&json, '\n');
	add_env(env, &n, "RULE", f->rule);
	add_env(env, &n, "SEVERITY", severity_name(f->severity));
	add_env(env, &n, "STATE", f->state == FINDING_FIRING ? "firing" : "resolved");
	add_env(env, &n, "NAME", f->run);
	add_env(env, &n, "METRIC", f->metric);
	add_env(env, &n, "SUMMARY", f->summary);
	add_env(env, &n, "ADVICE", f->advice);
	add_number(env, &n, "STEP", f->step);
	add_number(env, &n, "EPOCH", f->epoch);
	add_number(env, &n, "VALUE", f->value);
	struct child_spec spec = { .argv = (const char *const *)words.argv,
		.env = (const char *const *)env, .input = buf_get(&json), .limit = HOOK_LIMIT };
	h->child[h->n] = child_start(&spec, mono, &d);
	if (h->child[h->n] != NULL)
		h->n++;
	else
		cmd_remark("--on %s: %s", f->rule, d.text);
	for (unsigned i = 0; i < n; i++)
		free(env[i]);
	words_fini(&words);
	buf_fini(&json);
}

void
hook_finding(struct hooks *h, const struct knowledge *k, const struct finding *f, double mono)
{
	for (size_t i = 0; h->on != NULL && i < h->on->n; i++) {
		const char *spec = h->on->v[i], *eq = strchr(spec, '=');

		if (!hook_means(k, (struct span){ spec, (size_t)(eq - spec) }, f))
			continue;
		if (h->n < HOOK_RUNNING)
			start(h, eq + 1, f, mono);
		else
			cmd_remark("--on %s: too many commands run already", f->rule);
	}
}

void
hook_step(struct hooks *h, double mono)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < h->n; i++) {
		struct child *c = h->child[i];
		struct diag   d = { .text = "" };

		if (!child_step(c, mono)) {
			h->child[kept++] = c;
			continue;
		}
		if (child_check(c, "--on", &d) != 0)
			cmd_remark("%s", d.text);
		child_free(c);
	}
	h->n = kept;
}

void
hook_end(struct hooks *h, double mono)
{
	struct timespec moment = { 0, 10000000 };
	double          until = mono + HOOK_LAST;

	while (h->n > 0 && mono < until) {
		hook_step(h, mono);
		if (h->n > 0)
			nanosleep(&moment, NULL);
		mono = clock_mono();
	}
	if (h->n > 0)
		cmd_remark("--on: %u command%s still ran %.0f s after the end of the run: ended", h->n,
		    h->n > 1 ? "s" : "", HOOK_LAST);
	while (h->n > 0)
		child_free(h->child[--h->n]);
}
