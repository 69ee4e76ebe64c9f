/* SPDX-License-Identifier: MIT */
/* Folders, patterns, new names, waking, and the limits of a set of logs. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "watchset.h"
#include "xalloc.h"

#include "../tap.h"

static void
write_to(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		perror(path);
	close(fd);
}

/* One pass; what came out as "path:text|", found names as "+path|". */
static char *
pass(struct watchset *w, bool all)
{
	double             now = clock_wall();
	struct watch_event ev;
	struct buf         b;

	buf_init(&b, 1 << 20);
	watchset_look(w, now, all);
	while (watchset_next(w, now, &ev)) {
		if (ev.kind == WATCH_FOUND)
			buf_printf(&b, "+%s|", follow_path(ev.file->follow));
		if (ev.kind == WATCH_EVENT && ev.event.kind == FOLLOW_DATA) {
			buf_printf(&b, "%s:", follow_path(ev.file->follow));
			buf_span(&b, (struct span){ ev.event.bytes.p, ev.event.bytes.n - 1 });
			buf_char(&b, '|');
		}
	}
	return buf_take(&b);
}

static void
is_pass(struct watchset *w, bool all, const char *want, const char *name)
{
	char *got = pass(w, all);

	IS_STR(got, want, "%s", name);
	free(got);
}

/* Waits until inotify says something; false: nothing within a second. */
static bool
woken(struct watchset *w)
{
	struct pollfd p = { .fd = watchset_fd(w, clock_wall()), .events = POLLIN };
	bool          ready = poll(&p, 1, 1000) == 1;

	watchset_wake(w, clock_wall());
	return ready;
}

static struct watchset *
set_of(const char *path, bool wake)
{
	struct watchset_opts opts = { .wake = wake };
	struct watchset     *w = watchset_new(&opts);
	struct diag          d;

	OK(watchset_add(w, path, &d) == 0, "%s can be watched", path);
	return w;
}

static void
test_folder(void)
{
	struct watchset *w;

	mkdir("d", 0755);
	write_to("d/a.log", 0, "1\n");
	write_to("d/a.log.1", 0, "old\n");
	write_to("d/weights.bin", 0, "1\n");
	mkdir("d/sub", 0755);
	write_to("d/sub/b.out", 0, "2\n");
	w = set_of("d/", false);
	is_pass(w, true, "+d/a.log|d/a.log:1|+d/sub/b.out|d/sub/b.out:2|",
	    "logs in folders, without their rotations and without what is no log");
	is_pass(w, true, "", "nothing new, nothing said");
	mkdir("d/late", 0755);
	mkdir("d/late/r1", 0755);
	write_to("d/late/r1/c.log", 0, "3\n");
	is_pass(w, true, "+d/late/r1/c.log|d/late/r1/c.log:3|", "a folder that appears");
	rename("d/a.log", "d/a.log.2");
	write_to("d/a.log", 0, "4\n");
	write_to("d/a.log.2", O_APPEND, "late\n");
	is_pass(w, true, "d/a.log:late|d/a.log:4|", "a rotation stays with its name");
	watchset_free(w);
}

static void
test_pattern(void)
{
	struct watchset *w = set_of("p/*/train.log", true);

	mkdir("p", 0755);
	is_pass(w, true, "", "a pattern that matches nothing yet");
	mkdir("p/r1", 0755);
	write_to("p/r1/train.log", 0, "1\n");
	write_to("p/r1/other.log", 0, "x\n");
	is_pass(w, true, "+p/r1/train.log|p/r1/train.log:1|", "and then does");
	watchset_free(w);
}

static void
test_wake(void)
{
	struct watchset *w;
	bool             all;
	double           now;

	mkdir("w", 0755);
	write_to("w/a.log", 0, "1\n");
	w = set_of("w", true);
	if (watchset_fd(w, 0) < 0) {
		SKIP("no inotify", "waking");
		watchset_free(w);
		return;
	}
	is_pass(w, true, "+w/a.log|w/a.log:1|", "the first look");
	while (woken(w))
		;
	write_to("w/a.log", O_APPEND, "2\n");
	OK(woken(w), "a write wakes");
	is_pass(w, false, "w/a.log:2|", "and only it is looked at");
	mkdir("w/new", 0755);
	OK(woken(w), "a new folder wakes");
	is_pass(w, false, "", "it is empty");
	write_to("w/new/b.log", 0, "3\n");
	OK(woken(w), "a file in it wakes");
	is_pass(w, false, "+w/new/b.log|w/new/b.log:3|", "and is found");
	write_to("w/weights.bin", 0, "x");
	woken(w);
	write_to("w/weights.bin", O_APPEND, "x");
	OK(woken(w), "a file that is no log wakes once");
	OK(watchset_fd(w, clock_wall()) == -1, "and is then not listened to for a moment");
	usleep(70 * 1000); /* time stamps are too young to prove anything before */
	for (int i = 0; i < 9; i++) {
		char *s = pass(w, true);
		free(s);
	}
	now = clock_wall();
	OK(watchset_deadline(w, now + 1, &all) > now + 30 && all,
	    "when all is quiet it looks less and less often");
	watchset_free(w);
}

static void
test_limits(void)
{
	struct watchset_opts opts = { .descriptors = 4, .files = 30 };
	struct watchset     *w = watchset_new(&opts);
	struct diag          d;
	char                 name[32], *s;
	unsigned             open_now = 0;

	mkdir("l", 0755);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "l/%02d.log", i);
		write_to(name, 0, "1\n");
	}
	watchset_add(w, "l", &d);
	s = pass(w, true);
	free(s);
	IS_NUM(watchset_count(w), 30, "no more logs than are allowed");
	OK(watchset_notice(w) != NULL, "which is said");
	OK(watchset_notice(w) == NULL, "once");
	for (unsigned i = 0; i < watchset_count(w); i++)
		open_now += follow_descriptors(watchset_at(w, i)->follow);
	OK(open_now <= 4, "no more descriptors than are allowed (%u)", open_now);
	write_to("l/03.log", O_APPEND, "2\n");
	is_pass(w, true, "l/03.log:2|", "a closed file is opened again");
	OK(watchset_add(w, "/dev/null", &d) == -1, "a device is refused: %s", d.text);
	watchset_free(w);
}

int
main(void)
{
	char dir[] = "/tmp/lossdog-watchset.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 1;
	test_folder();
	test_pattern();
	test_wake();
	test_limits();
	/* Its own folder alone: another run of the same test may be at work beside it. */
	char clean[64];
	snprintf(clean, sizeof clean, "rm -rf %s", dir);
	if (chdir("/") != 0 || system(clean) != 0)
		perror(clean);
	return DONE();
}
