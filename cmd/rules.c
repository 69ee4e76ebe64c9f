/* SPDX-License-Identifier: MIT */
/* lossdog rules: what lossdog can diagnose. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "know.h"
#include "lrplot.h"
#include "tell.h"
#include "translate.h"

struct rules_opts {
	struct opts_knowledge knowledge;
	const char *on; /* explain: a log */
};
#define AT(member) offsetof(struct rules_opts, member)

static const struct opt opts[] = {
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static const struct opt explain_opts[] = {
	OPT(STRING, "on", 0, "LOG", AT(on),
	    "what the rule says of this log, for rates with a drawing", .words = WORDS_FILE),
	OPT_GROUP(expect_opts, AT(knowledge)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static int
run_list(void *arg, int argc, char **argv)
{
	struct rules_opts *o = arg;
	struct knowledge k;

	(void)argc;
	(void)argv;
	if (know_open(&k, &o->knowledge, KNOW_WORDS) == -1)
		return STATUS_UNKNOWN;
	for (unsigned i = 0; i < rules_count(k.rules); i++) {
		const struct rule *r = rules_at(k.rules, i);
		printf("%-24s ", rule_id(r));
		cmd_cell(stdout, severity_name(rule_severity(r)), 8);
		putchar(' ');
		cmd_say(stdout, "%s\n", rule_title(r));
	}
	knowledge_fini(&k);
	return STATUS_OK;
}

/* The rules that argv names, each handed to one; STATUS_UNKNOWN when one is not there. */
static int
each_rule(struct rules_opts *o, int argc, char **argv, void (*one)(const struct rule *, enum lang, struct buf *))
{
	struct knowledge k;
	struct buf out;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, KNOW_WORDS) == -1)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc; i++) {
		const struct rule *r = rules_find(k.rules, argv[i]);
		const char *near = r ? NULL : rules_nearest(k.rules, argv[i]);
		buf_init(&out, 1 << 20);
		if (r)
			one(r, cmd_spoken(k.lang), &out);
		else
			status = near ? cmd_error("no rule is called \"%s\"; did you mean \"%s\"?", argv[i], near) :
			    cmd_error("no rule is called \"%s\"", argv[i]);
		fputs(buf_cstr(&out), stdout);
		buf_fini(&out);
	}
	knowledge_fini(&k);
	return status;
}

/* What the judge had to say of the rule, or why it said nothing. */
static void
verdict_of(const struct judge *j, const struct rule *r)
{
	const struct finding *const *f;
	const struct check *check;
	unsigned nchecks = judge_checks(j, &check), n = judge_findings(j, &f);
	bool said = false;

	for (unsigned i = 0; i < n; i++)
		if (strcmp(f[i]->rule, rule_told(r)) == 0) {
			printf("  line %llu: %s: %s\n", (unsigned long long)f[i]->line, severity_name(f[i]->severity),
			    f[i]->summary ? f[i]->summary : "");
			said = true;
		}
	for (unsigned i = 0; i < nchecks && !said; i++)
		if (strcmp(check[i].rule, rule_id(r)) == 0)
			printf("  %s%s\n", check[i].state == CHECK_NOT ? "not checked: " : "checked and clean",
			    check[i].state == CHECK_NOT && check[i].why ? check[i].why : "");
}

/* The longest series of learning rates. */
static const struct series *
rates_of(const struct pipeline *p, struct knowledge *k)
{
	const struct series *most = NULL;
	int metric = vocab_metric_named(k->vocab, "lr");

	for (unsigned i = 0; i < series_count(pipeline_series(p)); i++) {
		const struct series *s = series_at(pipeline_series(p), i);

		if (series_metric(s) == metric && (!most || series_n(s) > series_n(most)))
			most = s;
	}
	return most;
}

static int
on_log(struct knowledge *k, const struct rules_opts *o, const struct rule *r)
{
	struct pipeline_opts po = { .knowledge = k, .profile = know_profile(&o->knowledge) };
	struct pipeline *p;
	const struct series *s;
	struct buf out;
	int status = know_read(o->on, NULL, &po, &p);

	if (!p)
		return status;
	printf("On %s\n", o->on);
	verdict_of(pipeline_judge(p), r);
	s = strncmp(rule_told(r), "lr-", 3) == 0 ? rates_of(p, k) : NULL;
	buf_init(&out, 1 << 16);
	if (s && lr_plot(s, pipeline_run(p)->expect_lr, pipeline_run(p)->steps, 100, cmd_utf8(), &out))
		printf("\n%s", buf_cstr(&out));
	buf_fini(&out);
	pipeline_free(p);
	return status;
}

static int
run_explain(void *arg, int argc, char **argv)
{
	struct rules_opts *o = arg;
	struct knowledge k;
	int status = each_rule(o, argc, argv, rule_explain);

	if (!o->on || status != STATUS_OK)
		return status;
	if (know_open(&k, &o->knowledge, KNOW_WORDS) == -1)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc && status == STATUS_OK; i++)
		status = on_log(&k, o, rules_find(k.rules, argv[i]));
	knowledge_fini(&k);
	return status;
}

static void
show(const struct rule *r, enum lang lang, struct buf *out)
{
	buf_printf(out, "%s: ", rule_id(r));
	translate(lang, rule_title(r), out);
	translate_printf(lang, out, "\n  %s at most, from %s\n", severity_name(rule_severity(r)), rule_file(r));
	for (unsigned i = 0; rule_alias(r, i); i++)
		translate_printf(lang, out, "  also called %s\n", rule_alias(r, i));
}

static int
run_show(void *arg, int argc, char **argv)
{
	return each_rule(arg, argc, argv, show);
}

/* The rules that are compiled in and those of FILEs: their mistakes, and nothing else. */
static int
load(struct knowledge *k, struct rules_opts *o, int argc, char **argv)
{
	struct diags *diags = diags_new();
	int status = know_open(k, &o->knowledge, KNOW_WORDS);

	if (status == -1) {
		diags_free(diags);
		return -1;
	}
	for (int i = 0; i < argc; i++)
		if (knowledge_file(k, argv[i], diags) == -1)
			status = -1;
	if (argc > 0 && rules_finish(k->rules, diags) == -1)
		status = -1;
	cmd_diags(diags);
	diags_free(diags);
	if (status == -1)
		knowledge_fini(k);
	return status;
}

static int
run_check(void *arg, int argc, char **argv)
{
	struct knowledge k;

	if (load(&k, arg, argc, argv) == -1)
		return STATUS_UNKNOWN;
	printf("%u rules, no mistakes\n", rules_count(k.rules));
	knowledge_fini(&k);
	return STATUS_OK;
}

static int
run_test(void *arg, int argc, char **argv)
{
	struct knowledge k;
	struct rules_test_stat st = { 0, 0, 0, 0 };
	struct buf out;

	/* An operand is a file, or else the id of the one rule to test. */
	bool id = argc == 1 && strchr(argv[0], '.') == NULL && strchr(argv[0], '/') == NULL;
	if (load(&k, arg, id ? 0 : argc, argv) == -1)
		return STATUS_UNKNOWN;
	if (id && !rules_find(k.rules, argv[0])) {
		knowledge_fini(&k);
		return cmd_error("no rule is called \"%s\"", argv[0]);
	}
	buf_init(&out, 8 << 20);
	int failed = rules_test(k.rules, id ? argv[0] : NULL, &out, &st);
	fputs(buf_cstr(&out), stdout);
	printf("%u tests, %u failed, %u rules and %u causes that no test reaches\n", st.tests, st.failed,
	    st.rules_untested, st.causes_untested);
	buf_fini(&out);
	knowledge_fini(&k);
	/* What no test reaches is as good as broken. */
	return failed || st.rules_untested || st.causes_untested ? STATUS_WARNING : STATUS_OK;
}

#define SUB(name_, args_, summary_, least_, run_) { .name = name_, .args = args_, .summary = summary_, \
	.opts = opts, .size = sizeof(struct rules_opts), .words = WORDS_RULE, .least = least_, .run = run_ }
static const struct cmd list_cmd = SUB("list", NULL, "the rules, their severity and what they mean", 0, run_list);
static const struct cmd show_cmd = SUB("show", "ID...", "where a rule comes from, and its other names", 1, run_show);
static const struct cmd explain_cmd = { .name = "explain", .args = "ID...", .summary = "a rule in plain words, and what it says of a log",
	.opts = explain_opts, .size = sizeof(struct rules_opts), .words = WORDS_RULE, .least = 1, .run = run_explain };
static const struct cmd check_cmd = SUB("check", "[FILE...]", "mistakes in rules, with their place", 0, run_check);
static const struct cmd test_cmd = SUB("test", "[ID | FILE...]", "the tests that rules carry", 0, run_test);
static const struct cmd *const subs[] = { &list_cmd, &show_cmd, &explain_cmd, &check_cmd, &test_cmd, NULL };

const struct cmd cmd_rules = {
	.name = "rules",
	.summary = "what is diagnosed, why, and what it advises",
	.sub = subs,
};
