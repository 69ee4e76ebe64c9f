/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "keeper_run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "relay.h"
#include "terminal.h"
#include "xalloc.h"

/* Seconds that what the command has left behind may go on printing to us. */
#define DRAIN 2.0
/* Seconds after the end until we say what we are waiting for. */
#define HINT_AFTER 2.0
/* How often the size is looked at while the command has the terminal, whose signals we do not get. */
#define SIZE_LOOK 0.25

struct run {
	const struct run_opts *opts;
	struct relay           relay;
	struct command         command;
	struct terminal        terminal;
	double                 ended;    /* when the command did; infinity: it runs */
	double                 stopping; /* when we asked it to end; infinity: not */
	bool                   said_grace;
	unsigned               hurry;    /* interrupts after its end */
};

/* --- signals --- */

bool
run_reaches_all(const char *comm, const char *cgroup)
{
	/* slurmstepd signals every process of the step's cgroup */
	return strcmp(comm, "slurmstepd") == 0 && strstr(cgroup, "/step_") != NULL;
}

static void
read_text(const char *path, char *text, size_t size)
{
	int     fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, size - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
}

static bool
has_it_already(const struct signal_seen *s)
{
	char path[64], comm[64], cgroup[4096];

	if (s->from <= 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/comm", (int)s->from);
	read_text(path, comm, sizeof comm);
	comm[strcspn(comm, "\n")] = '\0';
	read_text("/proc/self/cgroup", cgroup, sizeof cgroup);
	return run_reaches_all(comm, cgroup);
}

static bool
is_forwarded(const struct run *k, const struct signal_seen *s)
{
	switch (k->opts->forward) {
	case RUN_FORWARD_ALWAYS:
		return true;
	case RUN_FORWARD_NEVER:
		return false;
	default:
		return !has_it_already(s);
	}
}

static void
fit_terminals(struct run *k)
{
	struct relay *r = &k->relay;

	for (unsigned i = 0; i < r->streams; i++)
		if (r->stream[i].kind == RELAY_TERMINAL && r->stream[i].in >= 0)
			terminal_resize(r->out[i].fd, r->stream[i].in);
}

static void
forward(struct run *k, const struct signal_seen *s)
{
	if (s->number == SIGCHLD)
		return;
	if (s->number == SIGWINCH)
		fit_terminals(k); /* before the command looks */
	if (s->number == SIGINT || s->number == SIGTERM || s->number == SIGUSR1 ||
	    s->number == SIGUSR2 || s->number == SIGHUP)
		relay_event(&k->relay, FEED_SIGNAL, s->number, s->from);
	if (!is_forwarded(k, s))
		return;
	if (s->number == SIGCONT && k->terminal.lent)
		terminal_lend(&k->terminal);
	command_signal(&k->command, s->number);
}

/* --- job control --- */

static bool
is_pending(int number)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, number) == 1;
}

/*
 * The command was stopped.  When it wants the terminal and we have it, it gets
 * it; when the user wants the job to stop, we stop as well, so that the shell
 * sees it.  A command stopped by a debugger or a scheduler is left alone.
 */
static void
mind_stop(struct run *k)
{
	int  number = k->command.stopped;
	bool wants = number == SIGTTIN || number == SIGTTOU;

	k->command.stopped = 0;
	if (number == 0 || (!wants && number != SIGTSTP) || k->terminal.fd < 0)
		return;
	if (wants && terminal_lend(&k->terminal)) {
		command_signal(&k->command, SIGCONT);
		return;
	}
	relay_hide_status(&k->relay);
	signals_stop_group(number);
	/* our group may be one that cannot be stopped: then nobody would wake the command */
	if (!is_pending(SIGCONT))
		command_signal(&k->command, SIGCONT);
}

static void
mind_signals(struct run *k)
{
	struct signal_seen s;

	while (relay_signal(&k->relay, &s)) {
		if (k->command.pid > 0)
			forward(k, &s);
		else if (s.number == SIGINT || s.number == SIGTERM || s.number == SIGHUP)
			k->hurry++;
	}
	command_wait(&k->command, k->relay.analyser.pid);
	mind_stop(k);
	if (k->command.pid == 0 && k->ended == INFINITY)
		k->ended = k->relay.now;
}

/* --- the end that we bring about --- */

static void
begin_stop(struct run *k)
{
	struct relay *r = &k->relay;
	int  number = k->opts->stop_signal > 0 ? k->opts->stop_signal : SIGTERM;
	char name[16];

	k->stopping = r->now;
	voice_say(&r->voice, r->now, "%s: ending the command (SIG%s)", r->why,
	    signals_name(number, name));
	command_signal(&k->command, number);
	command_signal(&k->command, SIGCONT); /* a stopped one could not obey */
}

static void
mind_stop_request(struct run *k)
{
	struct relay *r = &k->relay;
	char          span[24];

	if (k->command.pid == 0)
		return;
	if (r->asked && k->stopping == INFINITY)
		begin_stop(k);
	if (k->said_grace || r->now < k->stopping + k->opts->stop_grace)
		return;
	k->said_grace = true;
	clock_span(k->opts->stop_grace, span);
	voice_say(&r->voice, r->now, "the command still runs %s after it was asked to end: "
	    "it is %s", span, k->opts->stop_kill ? "killed" : "not killed without --stop-kill");
	if (k->opts->stop_kill)
		command_signal(&k->command, SIGKILL);
}

static double
next_deadline(const struct run *k)
{
	double until = k->said_grace ? INFINITY : k->stopping + k->opts->stop_grace;

	if (k->terminal.lent)
		until = fmin(until, k->relay.now + SIZE_LOOK);
	if (k->command.pid == 0 && k->opts->command.log != NULL)
		return k->relay.now; /* one last look at the log */
	return fmin(until, k->ended + DRAIN);
}

/* --- copying --- */

static void
mind_terminals(struct run *k)
{
	struct relay *r = &k->relay;

	if (k->terminal.lent)
		for (unsigned i = 0; i < r->streams; i++)
			if (r->stream[i].kind == RELAY_TERMINAL && r->stream[i].in >= 0 &&
			    terminal_resize(r->out[i].fd, r->stream[i].in))
				command_signal(&k->command, SIGWINCH);
	for (unsigned i = 0; i < r->streams; i++) {
		if (r->stream[i].changed && terminal_is_near(&k->terminal))
			terminal_copy_modes(r->out[i].fd, r->stream[i].in);
		r->stream[i].changed = false;
	}
}

/* A log file has no end of its own: the command's end and nothing more to read. */
static void
end_files(struct run *k)
{
	struct relay *r = &k->relay;

	for (unsigned i = 0; i < r->streams; i++)
		if (r->stream[i].kind == RELAY_FILE && r->stream[i].off == r->stream[i].n)
			relay_end_stream(r, &r->stream[i]);
}

static bool
goes_on(struct run *k)
{
	if (k->command.pid > 0)
		return true;
	if (!relay_flowing(&k->relay))
		return false;
	return k->relay.now < k->ended + DRAIN || relay_blocked(&k->relay);
}

static void
watch(struct run *k)
{
	struct relay *r = &k->relay;

	while (goes_on(k)) {
		relay_round(r, next_deadline(k));
		/* the end is seen before the last look at the files */
		if (k->command.pid == 0)
			end_files(k);
		mind_signals(k);
		mind_terminals(k);
		mind_stop_request(k);
		if (k->hurry > 1)
			return;
	}
}

/*
 * What the command has left behind still prints: it must neither be killed by a
 * broken pipe nor keep our caller waiting.  A process of its own copies on.
 */
static void
leave_copier(struct run *k)
{
	struct relay *r = &k->relay;

	if (!relay_flowing(r) || k->hurry > 1 || fork() != 0)
		return;
	prctl(PR_SET_NAME, "lossdog-copy");
	signals_restore(&r->signals);
	feed_out_fini(&r->analyser.feed);
	close(r->analyser.back);
	close(r->voice.in);
	r->analyser = (struct analyser){ .feed = { .fd = -1 }, .back = -1,
		.voice = -1, .look = INFINITY };
	r->voice.in = -1;
	r->voice.n = 0;
	while (relay_flowing(r))
		relay_round(r, INFINITY);
	_exit(0);
}

static void
let_go(struct run *k)
{
	struct relay *r = &k->relay;

	leave_copier(k);
	for (unsigned i = 0; i < r->streams; i++)
		relay_end_stream(r, &r->stream[i]);
	terminal_take_back(&k->terminal);
	terminal_close(&k->terminal);
	relay_event(r, FEED_EXIT, k->command.status, k->stopping < INFINITY);
	relay_close_output(r);
}

/* Its output came faster than it could be analysed. */
static void
say_backlog(struct relay *r)
{
	uint64_t left = feed_out_backlog(&r->analyser.feed);

	if (r->analyser.pid > 0 && left > 0)
		voice_say(&r->voice, r->now, "the command has ended; %llu MB of its output are still to be "
		    "analysed; interrupt to have the verdict now", (unsigned long long)(left / 1000000 + 1));
}

static void
await_verdict(struct run *k)
{
	struct relay *r = &k->relay;
	unsigned      before = k->hurry;
	double        hint = r->now + HINT_AFTER;

	relay_finish(r, before > 0 ? FEED_END_INTERRUPTED : FEED_END_INPUT);
	while (!relay_done(r)) {
		relay_round(r, hint);
		mind_signals(k);
		if (r->now >= hint) {
			say_backlog(r);
			hint = INFINITY;
		}
		if (k->hurry == before)
			continue;
		before = k->hurry;
		if (before > 1)
			analyser_kill(&r->analyser, r->now);
		else
			analyser_hurry(&r->analyser);
	}
}

static int
result(const struct run *k)
{
	int status = k->command.status;

	if (k->stopping < INFINITY)
		return RUN_STOPPED;
	return WIFSIGNALED(status) ? KEEPER_SIGNAL(WTERMSIG(status)) : WEXITSTATUS(status);
}

int
keeper_run(const struct run_opts *opts, analyse_fn *analyse, void *arg, struct diag *d)
{
	struct run *k = xcalloc(1, sizeof *k);
	int         status = KEEPER_FAILED;

	d->text[0] = '\0';
	k->opts = opts;
	k->ended = k->stopping = INFINITY;
	k->terminal.fd = -1;
	if (relay_open(&k->relay, &opts->keeper, true, analyse, arg, d) != 0)
		goto out;
	if (command_start(&k->command, &opts->command, &k->relay, d) == 0) {
		terminal_open(&k->terminal, k->command.group);
		relay_event(&k->relay, FEED_STARTED, k->command.group, 0);
		watch(k);
		let_go(k);
		await_verdict(k);
		status = result(k);
	} else if (k->command.error != 0) {
		status = command_exec_status(&k->command);
	}
	relay_close(&k->relay);
out:
	free(k);
	return status;
}
