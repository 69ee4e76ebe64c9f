/* SPDX-License-Identifier: MIT */
#include "translate.h"

#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "func.h"
#include "tap.h"
#include "ydoc.h"

static const struct { const char *english, *chinese; } rows[] = {
	{ "say this and stop", "显示本说明" },
	{ "  say this and stop\n", "  显示本说明\n" },
	{ "Also called: ", "别名：" },                       /* the mark has its blank in itself */
	{ "there is no option --fo; did you mean --fop?", "没有选项 --fo；是不是 --fop？" },
	{ "there is no option --fo", "没有选项 --fo" },
	{ "x.yaml: cannot be read: No such file or directory", "x.yaml: 无法读取：没有这个文件或目录" },
	{ "quiet: \"25\" is not hours such as 22:00-07:00", "quiet：\"25\" 不是时段，例如 22:00-07:00" },
	{ "no rule is called \"warning\"", "没有叫 \"warning\" 的规则" }, /* a word is no sentence */
	{ "there is no option -", "there is no option -" },  /* $1 is never nothing */
	{ "100 %s of $1", "100 %s of $1" },
	{ "what nobody has translated", "what nobody has translated" },
	{ "", "" },
	{ "\n", "\n" },
};

/* The variables of a text, as bits. */
static unsigned
variables(const char *text)
{
	unsigned seen = 0;

	for (; (text = strchr(text, '$')) != NULL; text++)
		if (text[1] >= '1' && text[1] <= '9')
			seen |= 1u << (text[1] - '1');
	return seen;
}

static void
test_catalogue(void)
{
	const struct embed_file *f = NULL;
	struct diags *diags = diags_new();
	struct ydoc  *doc;

	for (size_t i = 0; i < embed_count; i++)
		if (strcmp(embed_files[i].name, "program/zh.yaml") == 0)
			f = &embed_files[i];
	OK(f != NULL, "there is a catalogue");
	doc = ydoc_parse(f->name, (struct span){ f->data, f->size }, diags);
	OK(doc != NULL && ydoc_root(doc)->kind == Y_MAP, "it is a map");
	for (size_t i = 0; i < ydoc_root(doc)->n; i++) {
		const char *en = ydoc_root(doc)->key[i]->text.p, *zh = ydoc_root(doc)->item[i]->text.p;

		if ((variables(zh) & ~variables(en)) != 0 || *zh == '\0')
			OK(false, "line %u says what its English has: %s", ydoc_root(doc)->key[i]->line, en);
		if (*en == ' ' || *en == '\n' || en[strlen(en) - 1] == ' ' || en[strlen(en) - 1] == '\n')
			OK(false, "line %u has no blanks around it: %s", ydoc_root(doc)->key[i]->line, en);
	}
	ydoc_free(doc);
	diags_free(diags);
}

/* A reason why something could not be checked: everybody's verdict has some. */
static void
check_reason(const char *name, const char *why)
{
	char *text = why ? translated(LANG_ZH, why) : NULL;

	if (why && strcmp(text, why) == 0)
		OK(false, "%s: \"%s\" has words", name, why);
	free(text);
}

static void
test_reasons(void)
{
	for (unsigned i = 0; func_at(i); i++)
		check_reason(func_at(i)->name, func_at(i)->why);
	for (unsigned i = 0; field_at(i); i++)
		check_reason(field_at(i)->name, field_at(i)->why);
	OK(true, "reasons");
}

int
main(void)
{
	test_reasons();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = translated(LANG_ZH, rows[i].english);

		IS_STR(text, rows[i].chinese, "%s", rows[i].english);
		free(text);
		text = translated(LANG_EN, rows[i].english);
		IS_STR(text, rows[i].english, "in English as it is");
		free(text);
	}
	test_catalogue();
	return DONE();
}
