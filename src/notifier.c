/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "courier.h"
#include "encode.h"
#include "outbox.h"
#include "xalloc.h"

#define PROGRESS 60.0 /* seconds between two signs of life */

struct notifier {
	struct channels channels;
	struct store   *store;
	bool            own_store, temporary, flushed;
	char           *state_dir;
	char            session[128], host[65];
	int             fd; /* to the courier; -1: it does not run */
	double          progress_time, progress_step;
	unsigned        count;
	char            run[64];   /* what its processes call the run among themselves; "": it is this one alone */
	double          began;
	bool            lost; /* the courier is no more, and that was said */
};

/* --- the courier's process --- */

/* Its own session: Ctrl-C is not for it.  The terminal and the pipes are not its own either. */
_Noreturn static void
become_courier(struct notifier *n, int fd)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	setsid();
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i <= 2 && null != -1; i++)
		dup2(null, i);
	if (fd != 3 && dup2(fd, 3) == -1)
		_exit(1);
	close_range(4, ~0u, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	courier_run(&n->channels, n->state_dir, n->session, 3);
	_exit(0);
}

/* By way of a child that ends at once: so it is init's, and no zombie of ours. */
static int
start_courier(struct notifier *n, struct diag *d)
{
	int pair[2], status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return diag_set(d, "cannot start the delivery: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become_courier(n, pair[1]);
		_exit(pid == -1);
	}
	close(pair[1]);
	status = 0;
	/* Whoever waits for any child may have met it first: that is no failure. */
	if (pid == -1 || (waitpid(pid, &status, 0) == pid && status != 0)) {
		close(pair[0]);
		return diag_set(d, "cannot start the delivery: %s", strerror(errno));
	}
	n->fd = pair[0];
	return 0;
}

/*
 * There is something to deliver.  A courier that is no more is not replaced: a
 * fork of a process that has the database open cannot open it again (SQLite
 * keeps its locks by process).  What waits is delivered by the next start.
 */
static int
wake(struct notifier *n, struct diag *d)
{
	if (n->fd != -1 && (send(n->fd, "news", 4, MSG_DONTWAIT | MSG_NOSIGNAL) == 4 ||
	    errno == EAGAIN)) /* EAGAIN: it has more than enough to read */
		return 0;
	if (n->fd != -1)
		close(n->fd);
	n->fd = -1;
	if (n->lost)
		return 0;
	n->lost = true;
	return diag_set(d, "the process that delivers messages has ended; "
	    "they are kept for the next start");
}

/* --- making --- */

static char *
xdg_state(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		return xasprintf("%s/lossdog", state);
	return xasprintf("%s/.local/state/lossdog", home && *home == '/' ? home : "/tmp");
}

char *
notifier_state_dir(const struct conf *conf, const char *option)
{
	const char *text = option ? option : conf_text(conf, "", "state-dir");
	const char *home = getenv("HOME");

	if (!text || *text == '\0')
		return xdg_state();
	if (strncmp(text, "~/", 2) == 0 && home)
		return xasprintf("%s%s", home, text + 1);
	return xstrdup(text);
}

static int
choose_dir(struct notifier *n, const char *dir, struct diag *d)
{
	const char *tmp = getenv("TMPDIR");

	if (dir) {
		n->state_dir = xstrdup(dir);
		return 0;
	}
	n->temporary = true;
	n->state_dir = xasprintf("%s/lossdog-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(n->state_dir))
		return diag_set(d, "cannot make %s: %s", n->state_dir, strerror(errno));
	return 0;
}

/* Messages for our channels that an earlier process left, or what is to be said again. */
static bool
has_left_over(struct notifier *n)
{
	int64_t waiting;

	for (unsigned i = 0; i < n->channels.n; i++)
		if ((outbox_waiting(n->store, n->channels.channel[i]->name, &waiting,
		    NULL) == 0 && waiting > 0) ||
		    outbox_stands(n->store, n->channels.channel[i], n->session))
			return true;
	return false;
}

void
notifier_share(struct notifier *n, struct store *s)
{
	if (!n)
		return;
	if (n->own_store)
		store_close(n->store);
	n->own_store = false;
	n->store = s;
}

void
notifier_join(struct notifier *n, int64_t run, double began)
{
	snprintf(n->run, sizeof(n->run), "run:%lld:%.6f", (long long)run, began);
	n->began = began;
}

static int
need_store(struct notifier *n, struct diag *d)
{
	static const struct store_schema *const schemas[] = { &outbox_schema, NULL };

	if (n->store)
		return 0;
	if (store_open(n->state_dir, schemas, &n->store, d) == -1)
		return -1;
	n->own_store = true;
	return 0;
}

/* First the courier, which waits, then the database: see wake. */
static int
set_up(struct notifier *n, struct diag *d)
{
	bool left;

	if (start_courier(n, d) == -1 || need_store(n, d) == -1)
		return -1;
	left = has_left_over(n);
	notifier_share(n, NULL);
	return left ? wake(n, d) : 0;
}

static void
remove_temporary(const struct notifier *n)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *path = xasprintf("%s/%s%s", n->state_dir, STORE_FILE, ends[i]);

		unlink(path);
		free(path);
	}
	rmdir(n->state_dir);
}

static void
notifier_free(struct notifier *n)
{
	if (n->fd != -1)
		close(n->fd);
	if (n->own_store)
		store_close(n->store);
	if (n->temporary && n->state_dir)
		remove_temporary(n);
	channels_fini(&n->channels);
	free(n->state_dir);
	free(n);
}

int
notifier_new(const struct notifier_opts *o, struct notifier **ret, struct diags *diags)
{
	struct notifier *n = xcalloc(1, sizeof(*n));
	struct diag d;

	n->fd = -1;
	n->progress_time = -INFINITY;
	n->progress_step = NAN;
	*ret = NULL;
	if (channels_make(o->conf, o->spec, o->specs, &n->channels, diags) == -1) {
		notifier_free(n);
		return -1;
	}
	if (n->channels.n == 0) {
		notifier_free(n);
		return 0;
	}
	gethostname(n->host, sizeof(n->host) - 1);
	if (o->resumes)
		snprintf(n->session, sizeof(n->session), "%s", n->host);
	else
		snprintf(n->session, sizeof(n->session), "%s:%ld:%.6f", n->host, (long)getpid(),
		    clock_wall());
	if (choose_dir(n, o->state_dir, &d) == -1 || set_up(n, &d) == -1) {
		notifier_free(n);
		return diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0, "%s", d.text);
	}
	*ret = n;
	return 0;
}

/* --- telling --- */

/* {run} in the configured link is the run's name. */
static char *
make_link(const char *template, const char *run)
{
	struct buf b;
	const char *at;

	if (!template)
		return NULL;
	buf_init(&b, 2048);
	while ((at = strstr(template, "{run}")) != NULL) {
		buf_add(&b, template, (size_t)(at - template));
		encode_url(&b, span_of(run ? run : ""));
		template = at + 5;
	}
	buf_str(&b, template);
	return buf_take(&b);
}

/* Stores it for all who want it, each with its own link; how many that are. */
static int
tell(struct notifier *n, struct notice *notice, double now, struct diag *d)
{
	int added = 0;

	notice->host = n->host;
	for (unsigned i = 0; i < n->channels.n; i++) {
		struct channels one = { .n = 1, .channel = { n->channels.channel[i] } };
		char *link = make_link(one.channel[0]->link, notice->run);
		int r;

		notice->link = link;
		r = outbox_add(n->store, &one, notice, n->session, now, d);
		free(link);
		if (r == -1)
			return -1;
		added += r;
	}
	return added;
}

/* Ends the transaction that holds a notice with all its messages; then the courier may look. */
static int
stored(struct notifier *n, int added, struct diag *d)
{
	added = store_leave(n->store, added, d);
	return added > 0 ? wake(n, d) : added;
}

/* What the starts and crashes of a run share: its name on this host. */
static void
run_episode(const struct notifier *n, const struct run *r, char ret[static OUTBOX_EPISODE])
{
	char *text = xasprintf("%s\n%s", n->host, r->name ? r->name : "");

	snprintf(ret, OUTBOX_EPISODE, "r-%016llx", span_hash(span_of(text)));
	free(text);
}

/* Of the run as a whole: one of each kind in a session, but for signs of life. */
static int
tell_run(struct notifier *n, enum notice_kind kind, const struct run *r,
    const char *const verdict[LANGS], double now, struct diag *d)
{
	struct notice notice;
	char id[256], episode[OUTBOX_EPISODE];

	notice_init(&notice, kind);
	notice_fill(&notice, r, NULL);
	run_episode(n, r, episode);
	if (kind == NOTICE_STARTED || kind == NOTICE_CRASHED)
		notice.episode = episode;
	if (verdict) {
		notice.verdict = verdict[LANG_EN];
		notice.verdict_zh = verdict[LANG_ZH];
	}
	notice.severity = kind == NOTICE_CRASHED ? SEV_CRITICAL : SEV_INFO;
	if (n->run[0] != '\0' && kind == NOTICE_CRASHED)
		snprintf(id, sizeof(id), "%s-%s", n->run, notice_kind_name(kind));
	else
		snprintf(id, sizeof(id), "%s-%u-%s", n->session, n->count++, notice_kind_name(kind));
	notice.id = id;
	if (need_store(n, d) == -1 || store_enter(n->store, d) == -1)
		return -1;
	return stored(n, tell(n, &notice, now, d), d);
}

int
notifier_start(struct notifier *n, const struct run *r, double now, struct diag *d)
{
	return n ? tell_run(n, NOTICE_STARTED, r, NULL, now, d) : 0;
}

int
notifier_progress(struct notifier *n, const struct run *r, double now, struct diag *d)
{
	double at = isnan(r->step) ? r->epoch : r->step;

	if (!n || isnan(at) || at == n->progress_step || now - n->progress_time < PROGRESS)
		return 0;
	n->progress_step = at;
	n->progress_time = now;
	return tell_run(n, NOTICE_PROGRESS, r, NULL, now, d);
}

int
notifier_finding(struct notifier *n, const struct run *r, const struct finding *f,
    double now, struct diag *d)
{
	struct notice notice;
	struct buf json;
	char id[80], episode[OUTBOX_EPISODE];
	double began;
	int ret;

	if (!n)
		return 0;
	/* That it was told, and the messages that tell it, are stored together or not at all. */
	if (need_store(n, d) == -1 || store_enter(n->store, d) == -1)
		return -1;
	buf_init(&json, 65536);
	finding_json(f, &json);
	began = n->run[0] != '\0' ? n->began : r ? r->start : NAN;
	ret = outbox_finding(n->store, f, began, buf_cstr(&json), now, episode, d);
	if (ret == 1) {
		notice_init(&notice, f->state == FINDING_FIRING ? NOTICE_FIRING : NOTICE_RESOLVED);
		notice_fill(&notice, r, f);
		notice.episode = episode;
		notice.json = buf_cstr(&json);
		/* Worse than before is a message of its own. */
		snprintf(id, sizeof(id), "%s-%s%d", f->id,
		    f->state == FINDING_FIRING ? "f" : "r", (int)f->severity);
		notice.id = id;
		ret = tell(n, &notice, now, d);
	}
	buf_fini(&json);
	return stored(n, ret, d);
}

int
notifier_run_end(struct notifier *n, const struct run *r, const char *const verdict[LANGS],
    double now, struct diag *d)
{
	return n ? tell_run(n, run_failed(r) ? NOTICE_CRASHED : NOTICE_FINISHED, r, verdict,
	    now, d) : 0;
}

/* --- the other direction, and the end --- */

int
notifier_fd(const struct notifier *n)
{
	return n ? n->fd : -1;
}

bool
notifier_said(struct notifier *n, struct diag *ret)
{
	char text[400];
	ssize_t size;

	if (!n || n->fd == -1)
		return false;
	size = recv(n->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (size == 0) { /* it has ended */
		close(n->fd);
		n->fd = -1;
		n->lost = true;
	}
	if (size <= 0)
		return false;
	text[size] = '\0';
	diag_set(ret, "%s", text);
	return true;
}

/* Until it has ended or the time is up; what it says is kept in the socket. */
static void
wait_courier(struct notifier *n, double seconds)
{
	double end = clock_mono() + seconds + 0.5;
	char close_text[32];
	int len = snprintf(close_text, sizeof(close_text), "close %.3f", seconds);

	if (send(n->fd, close_text, (size_t)len, MSG_NOSIGNAL) == -1)
		return;
	for (;;) {
		struct pollfd p = { .fd = n->fd, .events = POLLRDHUP };
		double left = end - clock_mono();

		if (left <= 0 || (poll(&p, 1, (int)ceil(left * 1e3)) > 0 &&
		    (p.revents & (POLLHUP | POLLRDHUP | POLLERR))))
			return;
	}
}

void
notifier_flush(struct notifier *n, double seconds)
{
	if (n && n->fd != -1 && !n->flushed)
		wait_courier(n, seconds);
	if (n)
		n->flushed = true;
}

void
notifier_drop(struct notifier *n)
{
	if (!n)
		return;
	n->temporary = false;
	notifier_free(n);
}

unsigned
notifier_close(struct notifier *n, double seconds)
{
	int64_t waiting = 0;

	if (!n)
		return 0;
	notifier_flush(n, seconds);
	for (unsigned i = 0; i < n->channels.n && need_store(n, NULL) == 0; i++) {
		int64_t one;

		if (outbox_waiting(n->store, n->channels.channel[i]->name, &one, NULL) == 0)
			waiting += one;
	}
	notifier_free(n);
	return (unsigned)waiting;
}
