/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "screen.h"

#include "cmd.h"

#ifdef HAVE_NCURSES

#include <curses.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "translate.h"
#include "xalloc.h"

#define ESCAPE 27

enum view { VIEW_TABLE, VIEW_RUN, VIEW_HELP };
enum pair { PAIR_PLAIN, PAIR_CRITICAL, PAIR_WARNING, PAIR_GOOD, PAIR_DIM };

struct screen {
	SCREEN      *curses;
	FILE        *in, *out;
	struct board board;
	enum view    view;
	unsigned     top;      /* first row that is shown */
	unsigned     open;     /* the run of VIEW_RUN */
	bool         typing;   /* the filter is being typed */
	bool         colour;
	char         word[256];/* the bottom line */
};

static const char help[] =
    "\n"
    "  up down, j k      choose a run            enter   open it: its curves and findings\n"
    "  page up, down     a page                  esc     back\n"
    "  g G               first, last             q       leave\n"
    "  s                 sort by the next column r       the other way round\n"
    "  /                 only names with ...     f       only runs with findings\n"
    "  h ?               this page\n";

struct screen *
screen_open(bool colour, struct diag *d)
{
	struct screen *s = xcalloc(1, sizeof *s);
	bool           utf8;

	s->in = stdin;
	s->out = stdout;
	s->curses = newterm(NULL, stdout, stdin);
	if (s->curses == NULL) {
		free(s);
		diag_set(d, "the terminal (TERM) is not known: plain lines instead");
		return NULL;
	}
	utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0; /* what ncurses can show */
	board_init(&s->board, utf8, utf8 ? cmd_lang() : LANG_EN);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	s->colour = colour && has_colors();
	if (s->colour) {
		start_color();
		use_default_colors();
		init_pair(PAIR_CRITICAL, COLOR_RED, -1);
		init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
		init_pair(PAIR_GOOD, COLOR_GREEN, -1);
		init_pair(PAIR_DIM, COLOR_BLUE, -1);
	}
	return s;
}

void
screen_close(struct screen *s)
{
	if (s == NULL)
		return;
	endwin();
	delscreen(s->curses);
	board_fini(&s->board);
	free(s);
}

void
screen_resize(struct screen *s)
{
	struct winsize w;

	(void)s;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0)
		resizeterm(w.ws_row, w.ws_col);
}

enum lang
screen_lang(const struct screen *s)
{
	return s->board.lang;
}

void
screen_say(struct screen *s, const char *english)
{
	char      *text = translated(s->board.lang, english);
	struct buf b;

	buf_init(&b, 4096);
	buf_harmless(&b, span_of(text), sizeof s->word - 1);
	free(text);
	snprintf(s->word, sizeof s->word, "%s", buf_cstr(&b));
	buf_fini(&b);
}

/* --- keys --- */

static void
type_filter(struct screen *s, int key)
{
	size_t n = strlen(s->board.filter);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		s->typing = false;
	} else if (key == ESCAPE) {
		s->typing = false;
		s->board.filter[0] = '\0';
	} else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
		if (n > 0)
			s->board.filter[n - 1] = '\0';
	} else if (key >= ' ' && key < 127 && n + 1 < sizeof s->board.filter) {
		s->board.filter[n] = (char)key;
		s->board.filter[n + 1] = '\0';
	}
}

static void
move_by(struct screen *s, int key)
{
	int page = LINES > 5 ? LINES - 4 : 1;

	switch (key) {
	case KEY_UP: case 'k': board_move(&s->board, -1); break;
	case KEY_DOWN: case 'j': board_move(&s->board, 1); break;
	case KEY_PPAGE: board_move(&s->board, -page); break;
	case KEY_NPAGE: case ' ': board_move(&s->board, page); break;
	case KEY_HOME: case 'g': board_move(&s->board, -1000000); break;
	case KEY_END: case 'G': board_move(&s->board, 1000000); break;
	default: break;
	}
}

static int
open_run(struct screen *s, struct roster *r, struct diag *d)
{
	if (s->board.n == 0)
		return 0;
	s->open = s->board.row[board_cursor(&s->board)].run;
	s->view = VIEW_RUN;
	return roster_wake(r, s->open, d);
}

/* false: leave. */
static bool
take_key(struct screen *s, struct roster *r, int key, struct diag *d)
{
	struct board *b = &s->board;

	if (s->typing) {
		type_filter(s, key);
		return true;
	}
	switch (key) {
	case 'q':
		if (s->view == VIEW_TABLE)
			return false;
		s->view = VIEW_TABLE;
		break;
	case ESCAPE: case KEY_LEFT: case KEY_BACKSPACE: case 127:
		s->view = VIEW_TABLE;
		break;
	case '\r': case '\n': case KEY_ENTER: case KEY_RIGHT:
		return open_run(s, r, d) == 0;
	case 's': b->sort = (enum board_sort)((b->sort + 1) % SORTS); break;
	case 'r': b->reverse = !b->reverse; break;
	case 'f': b->bad_only = !b->bad_only; break;
	case '/':
		s->typing = true;
		b->filter[0] = '\0';
		break;
	case 'h': case '?': s->view = s->view == VIEW_HELP ? VIEW_TABLE : VIEW_HELP; break;
	case KEY_RESIZE: break;
	default: move_by(s, key); break;
	}
	return true;
}

bool
screen_keys(struct screen *s, struct roster *r, struct diag *d)
{
	int key;

	while ((key = getch()) != ERR)
		if (!take_key(s, r, key, d))
			return false;
	return true;
}

/* --- drawing --- */

static chtype
look_of(const struct screen *s, const struct board_row *row)
{
	if (!s->colour)
		return row->firing[SEV_CRITICAL] > 0 ? A_BOLD : A_NORMAL;
	if (row->firing[SEV_CRITICAL] > 0 || row->r.status == RUN_CRASHED)
		return (chtype)COLOR_PAIR(PAIR_CRITICAL);
	if (row->firing[SEV_WARNING] > 0 || row->r.status == RUN_SILENT)
		return (chtype)COLOR_PAIR(PAIR_WARNING);
	if (row->r.status == RUN_FINISHED)
		return (chtype)COLOR_PAIR(PAIR_GOOD);
	return A_NORMAL;
}

static void
put_line(int y, chtype look, const char *text)
{
	attrset((int)look);
	mvaddstr(y, 0, text);
	attrset((int)A_NORMAL);
}

static void
draw_table(struct screen *s, double now)
{
	struct board *b = &s->board;
	unsigned      width = (unsigned)COLS, rows = LINES > 3 ? (unsigned)LINES - 3 : 0;
	unsigned      at = board_cursor(b);
	struct buf    line;

	if (at < s->top)
		s->top = at;
	if (rows > 0 && at >= s->top + rows)
		s->top = at - rows + 1;
	if (b->n <= rows)
		s->top = 0;
	buf_init(&line, 1 << 16);
	board_head(b, width, &line);
	put_line(1, A_BOLD, buf_cstr(&line));
	for (unsigned i = 0; i < rows && s->top + i < b->n; i++) {
		const struct board_row *row = &b->row[s->top + i];

		buf_reset(&line);
		board_line(b, row, width, now, &line);
		put_line((int)i + 2, look_of(s, row) | (s->top + i == at ? A_REVERSE : 0),
		    buf_cstr(&line));
	}
	buf_fini(&line);
}

static void
draw_text(const char *text, int y)
{
	while (*text != '\0' && y < LINES - 1) {
		size_t n = strcspn(text, "\n");

		mvaddnstr(y++, 0, text, (int)n);
		text += n + (text[n] == '\n');
	}
}

static void
draw_run(struct screen *s, const struct roster *r, double now)
{
	struct board_row row = { .run = s->open };
	struct buf       text;

	if (s->open >= roster_count(r)) {
		s->view = VIEW_TABLE;
		return;
	}
	roster_describe(r, s->open, now, &row.r);
	roster_firing(r, s->open, row.firing);
	buf_init(&text, 1 << 20);
	board_run(&s->board, &row, roster_pipeline(r, s->open), (unsigned)COLS,
	    LINES > 2 ? (unsigned)LINES - 2 : 0, now, &text);
	draw_text(buf_cstr(&text), 1);
	buf_fini(&text);
}

static void
draw_help(const struct screen *s)
{
	char *text = translated(s->board.lang, help);

	draw_text(text, 1);
	free(text);
}

static void
draw_bottom(const struct screen *s)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_char(&b, ' ');
	if (s->typing)
		translate_printf(s->board.lang, &b, "only names with: %s_", s->board.filter);
	else if (s->word[0] != '\0')
		buf_str(&b, s->word);
	else
		translate(s->board.lang, s->view == VIEW_TABLE
		    ? "enter: open   s: sort   /: filter   f: findings   h: help   q: leave"
		    : "esc: back", &b);
	attrset(s->colour ? COLOR_PAIR(PAIR_DIM) : (int)A_NORMAL);
	mvaddnstr(LINES - 1, 0, buf_cstr(&b), COLS - 1);
	buf_fini(&b);
	attrset((int)A_NORMAL);
}

void
screen_draw(struct screen *s, struct roster *r, double now)
{
	struct buf title;

	erase();
	board_refresh(&s->board, r, now);
	buf_init(&title, 1 << 16);
	board_title(&s->board, (unsigned)COLS, &title);
	put_line(0, A_REVERSE, buf_cstr(&title));
	buf_fini(&title);
	if (s->view == VIEW_TABLE)
		draw_table(s, now);
	else if (s->view == VIEW_RUN)
		draw_run(s, r, now);
	else
		draw_help(s);
	draw_bottom(s);
	refresh();
}

#else /* !HAVE_NCURSES */

enum lang
screen_lang(const struct screen *s)
{
	(void)s;
	return LANG_EN;
}

struct screen *
screen_open(bool colour, struct diag *d)
{
	(void)colour;
	diag_set(d, "this lossdog was built without ncurses: plain lines instead of a table");
	return NULL;
}

void
screen_close(struct screen *s)
{
	(void)s;
}

bool
screen_keys(struct screen *s, struct roster *r, struct diag *d)
{
	(void)s, (void)r, (void)d;
	return true;
}

void
screen_resize(struct screen *s)
{
	(void)s;
}

void
screen_say(struct screen *s, const char *text)
{
	(void)s, (void)text;
}

void
screen_draw(struct screen *s, struct roster *r, double now)
{
	(void)s, (void)r, (void)now;
}

#endif
