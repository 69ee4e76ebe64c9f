/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "complete.h"

#include <string.h>

#include "cmd.h"
#include "embed.h"
#include "span.h"

static const char *const words_name[] = {
	[WORDS_NONE] = "none", [WORDS_FILE] = "file", [WORDS_DIR] = "dir",
	[WORDS_PROFILE] = "profile", [WORDS_RULE] = "rule",
	[WORDS_COMMAND] = "command",
};

/* One command or sub-command, for the functions below. */
struct place {
	FILE             *f;
	const struct cmd *parent;
	const struct cmd *cmd;
};

static void
each_command(FILE *f, void (*fn)(const struct place *))
{
	for (const struct cmd *const *c = commands; *c != NULL; c++) {
		struct place p = { f, NULL, *c };

		fn(&p);
		p.parent = *c;
		for (const struct cmd *const *s = (*c)->sub; s && *s; s++) {
			p.cmd = *s;
			fn(&p);
		}
	}
}

/* s inside single quotes of a shell; stop is a character to leave out ("" for none). */
static void
quoted(FILE *f, const char *s, const char *escape)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			fputs("'\\''", f);
		else {
			if (strchr(escape, *s) != NULL)
				fputc('\\', f);
			fputc(*s, f);
		}
	}
}

static void
names(FILE *f, const struct cmd *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		fprintf(f, "%s%s", i > 0 ? " " : "", list[i]->name);
}

static void
choices(FILE *f, const struct opt *o)
{
	for (size_t i = 0; o->choices[i] != NULL; i++)
		fprintf(f, "%s%s", i > 0 ? " " : "", o->choices[i]);
}

/*
 * bash: for each command its options, the kind of its operands and, for each
 * option with a value, what that value may be.
 */

static void
bash_option(const struct opt *o, size_t base, void *arg)
{
	(void)base;
	fprintf(arg, " --%s", o->name);
}

static void
bash_value(const struct opt *o, size_t base, void *arg)
{
	const struct place *p = arg;

	(void)base;
	if (o->arg == NULL)
		return;
	fprintf(p->f, "\t\t--%s", o->name);
	if (o->letter != 0)
		fprintf(p->f, "|-%c", o->letter);
	if (o->choices != NULL) {
		fputs(") value='", p->f);
		choices(p->f, o);
		fputs("' ;;\n", p->f);
	} else
		fprintf(p->f, ") kind=%s ;;\n", words_name[o->words]);
}

static void
bash_command(const struct place *p)
{
	fprintf(p->f, "\t'%s%s%s')\n\t\toptions='--help",
	    p->parent != NULL ? p->parent->name : "", p->parent != NULL ? " " : "",
	    p->cmd->name);
	opt_each(p->cmd->opts, bash_option, p->f);
	fputs("'\n", p->f);
	if (p->cmd->sub != NULL) {
		fputs("\t\tvalue='", p->f);
		names(p->f, p->cmd->sub);
		fputs("'\n", p->f);
	} else if (strcmp(p->cmd->name, "help") == 0)
		fputs("\t\tvalue=$commands\n", p->f);
	else
		fprintf(p->f, "\t\tkind=%s\n", words_name[p->cmd->words]);
	fputs("\t\tcase $prev in\n", p->f);
	opt_each(p->cmd->opts, bash_value, (void *)p);
	fputs("\t\tesac ;;\n", p->f);
}

static void
bash_subs(const struct place *p)
{
	if (p->parent == NULL && p->cmd->sub != NULL)
		fprintf(p->f, "%s%s", " ", p->cmd->name);
}

static void
bash(FILE *f)
{
	fputs("# bash completion for lossdog; written by lossdog help --completions bash\n"
	    "_lossdog()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal command= options= value= kind= commands word i\n"
	    "\tcommands='", f);
	names(f, commands);
	fputs("'\n"
	    "\tif [[ $cur == = ]]; then cur=\n"
	    "\telif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tword=${COMP_WORDS[i]}\n"
	    "\t\tif [[ -z $command && \" $commands \" == *\" $word \"* ]]; then\n"
	    "\t\t\tcommand=$word\n"
	    "\t\t\tif [[ \"", f);
	each_command(f, bash_subs);
	fputs(" \" != *\" $word \"* ]]; then break; fi\n"
	    "\t\telif [[ -n $command && $word != -* ]]; then\n"
	    "\t\t\tcommand+=\" $word\"; break\n"
	    "\t\tfi\n\tdone\n"
	    "\tcase ${command:-filter} in\n", f);
	each_command(f, bash_command);
	fputs("\tesac\n"
	    "\t[[ -z $command && -z $value && $prev != -* ]] && value=$commands\n"
	    "\tif [[ $cur == -* ]]; then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	    "\telif [[ -n $value ]]; then\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$value\" -- \"$cur\")\n"
	    "\telse\n"
	    "\t\tcase $kind in\n"
	    "\t\tfile) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	    "\t\tdir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	    "\t\tcommand) mapfile -t COMPREPLY < <(compgen -c -- \"$cur\") ;;\n"
	    "\t\tprofile|rule) mapfile -t COMPREPLY < <(compgen -W \\\n"
	    "\t\t\t\"$(\"${COMP_WORDS[0]}\" help --words \"$kind\" 2>/dev/null)\" -- \"$cur\") ;;\n"
	    "\t\tesac\n"
	    "\tfi\n}\n"
	    "complete -F _lossdog lossdog\n", f);
}

/*
 * zsh: specifications for _arguments.
 */

static void
zsh_kind(FILE *f, enum opt_words w, const char *what)
{
	static const char *const action[] = {
		[WORDS_NONE] = " ", [WORDS_FILE] = "_files", [WORDS_DIR] = "_files -/",
		[WORDS_PROFILE] = "_lossdog_words profile",
		[WORDS_RULE] = "_lossdog_words rule",
		[WORDS_COMMAND] = "_command_names -e",
	};

	quoted(f, what, ":");
	fprintf(f, ":%s", action[w]);
}

static void
zsh_spec(const struct opt *o, FILE *f)
{
	fputc('[', f);
	quoted(f, o->help, "[]:");
	fputc(']', f);
	if (o->arg == NULL)
		return;
	fputc(':', f);
	if (o->choices != NULL) {
		fprintf(f, "%s:(", o->arg);
		choices(f, o);
		fputc(')', f);
	} else
		zsh_kind(f, o->words, o->arg);
}

static void
zsh_option(const struct opt *o, size_t base, void *arg)
{
	FILE       *f = arg;
	const char *many = o->kind == OPT_LIST ? "*" : "";

	(void)base;
	fprintf(f, " \\\n\t\t'%s--%s%s", many, o->name, o->arg != NULL ? "=" : "");
	zsh_spec(o, f);
	fputc('\'', f);
	if (o->letter == 0)
		return;
	fprintf(f, " \\\n\t\t'%s-%c%s", many, o->letter, o->arg != NULL ? "+" : "");
	zsh_spec(o, f);
	fputc('\'', f);
}

static void
zsh_command(const struct place *p)
{
	FILE *f = p->f;

	fprintf(f, "\t'%s%s%s')\n\t\t_arguments '(-h --help)'{-h,--help}'[say how it is used]'",
	    p->parent != NULL ? p->parent->name : "", p->parent != NULL ? " " : "",
	    p->cmd->name);
	opt_each(p->cmd->opts, zsh_option, f);
	if (p->cmd->sub != NULL) {
		fputs(" \\\n\t\t'1:command:(", f);
		names(f, p->cmd->sub);
		fputs(")'", f);
	} else if (strcmp(p->cmd->name, "help") == 0)
		fputs(" \\\n\t\t'1:command:($commands)'", f);
	else if (p->cmd->args != NULL) {
		fputs(" \\\n\t\t'*:", f);
		zsh_kind(f, p->cmd->words, p->cmd->args);
		fputc('\'', f);
	}
	fputs(" ;;\n", f);
}

static void
zsh_sub_arm(const struct place *p)
{
	if (p->parent == NULL && p->cmd->sub != NULL)
		fprintf(p->f, "%s|", p->cmd->name);
}

static void
zsh(FILE *f)
{
	fputs("#compdef lossdog\n"
	    "# zsh completion for lossdog; written by lossdog help --completions zsh\n"
	    "_lossdog_words()\n{\n"
	    "\tlocal -a names\n"
	    "\tnames=(${(f)\"$(lossdog help --words $1 2>/dev/null)\"})\n"
	    "\tcompadd -a names\n}\n\n"
	    "_lossdog()\n{\n"
	    "\tlocal command=filter\n"
	    "\tlocal -a commands\n"
	    "\tcommands=(", f);
	names(f, commands);
	fputs(")\n"
	    "\tif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n"
	    "\t\tcompadd -a commands\n\t\treturn\n\tfi\n"
	    "\tif (( ${commands[(Ie)$words[2]]} )); then\n"
	    "\t\tcommand=$words[2]\n\t\tshift words\n\t\t(( CURRENT-- ))\n\tfi\n"
	    "\tcase $command in\n\t", f);
	each_command(f, zsh_sub_arm);
	fputs("-)\n"
	    "\t\tif (( CURRENT > 2 )); then\n"
	    "\t\t\tcommand+=\" $words[2]\"\n\t\t\tshift words\n\t\t\t(( CURRENT-- ))\n"
	    "\t\tfi ;;\n\tesac\n"
	    "\tcase $command in\n", f);
	each_command(f, zsh_command);
	fputs("\tesac\n}\n\n_lossdog \"$@\"\n", f);
}

/*
 * fish: one line an option, with the condition under which it is offered.
 */

static void
fish_when(const struct place *p)
{
	fputs("complete -c lossdog -n '", p->f);
	if (strcmp(p->cmd->name, "filter") == 0)
		fputs("__fish_use_subcommand", p->f);
	else if (p->parent != NULL)
		fprintf(p->f, "__fish_seen_subcommand_from %s; and "
		    "__fish_seen_subcommand_from %s", p->parent->name, p->cmd->name);
	else
		fprintf(p->f, "__fish_seen_subcommand_from %s", p->cmd->name);
	fputc('\'', p->f);
}

static void
fish_kind(FILE *f, enum opt_words w)
{
	static const char *const action[] = {
		[WORDS_NONE] = " -x", [WORDS_FILE] = " -r -F",
		[WORDS_DIR] = " -x -a '(__fish_complete_directories)'",
		[WORDS_PROFILE] = " -x -a '(lossdog help --words profile 2>/dev/null)'",
		[WORDS_RULE] = " -x -a '(lossdog help --words rule 2>/dev/null)'",
		[WORDS_COMMAND] = " -x -a '(__fish_complete_command)'",
	};

	fputs(action[w], f);
}

static void
fish_option(const struct opt *o, size_t base, void *arg)
{
	const struct place *p = arg;

	(void)base;
	fish_when(p);
	fprintf(p->f, " -l %s", o->name);
	if (o->letter != 0)
		fprintf(p->f, " -s %c", o->letter);
	if (o->choices != NULL) {
		fputs(" -x -a '", p->f);
		choices(p->f, o);
		fputc('\'', p->f);
	} else if (o->arg != NULL)
		fish_kind(p->f, o->words);
	fputs(" -d '", p->f);
	quoted(p->f, o->help, "");
	fputs("'\n", p->f);
}

static void
fish_command(const struct place *p)
{
	if (p->parent != NULL) {
		fprintf(p->f, "complete -c lossdog -f -n '__fish_seen_subcommand_from %s' "
		    "-a %s -d '", p->parent->name, p->cmd->name);
		quoted(p->f, p->cmd->summary, "");
		fputs("'\n", p->f);
	} else if (strcmp(p->cmd->name, "filter") != 0) {
		fprintf(p->f, "complete -c lossdog -f -n __fish_use_subcommand -a %s -d '",
		    p->cmd->name);
		quoted(p->f, p->cmd->summary, "");
		fputs("'\n", p->f);
	}
	opt_each(p->cmd->opts, fish_option, (void *)p);
	if (p->cmd->words != WORDS_NONE) {
		fish_when(p);
		fish_kind(p->f, p->cmd->words);
		fputc('\n', p->f);
	}
}

static void
fish(FILE *f)
{
	fputs("# fish completion for lossdog; written by lossdog help --completions fish\n"
	    "complete -c lossdog -s h -l help -d 'say how it is used'\n", f);
	each_command(f, fish_command);
}

void
complete_write(const char *shell, FILE *f)
{
	if (strcmp(shell, "bash") == 0)
		bash(f);
	else if (strcmp(shell, "zsh") == 0)
		zsh(f);
	else
		fish(f);
}

void
complete_words(const char *kind, FILE *f)
{
	const char *under = strcmp(kind, "profile") == 0 ? "profiles/" : "diagnostics/";

	for (size_t i = 0; i < embed_count; i++) {
		struct span name = span_of(embed_files[i].name);

		if (!span_starts(name, under))
			continue;
		name = span_from(name, strlen(under));
		fprintf(f, "%.*s\n", (int)(name.n - strlen(".yaml")), name.p);
	}
}
