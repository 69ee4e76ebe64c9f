/* SPDX-License-Identifier: MIT */
/*
 * The desktop (libnotify).  It runs in a child with a time limit, since a
 * D-Bus that does not answer would hold it for minutes; and the library, which
 * brings GLib along, is loaded there only.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

static const struct notify_field fields[] = { { 0 } };

#ifdef HAVE_LIBNOTIFY

#include <dlfcn.h>
#include <libnotify/notify.h>

#define LIMIT 2.0

/* What is used, found by name. */
#define NOTIFY_FUNCTIONS(F) \
	F(notify_init) F(notify_notification_new) F(notify_notification_show) \
	F(notify_notification_set_urgency) F(notify_notification_set_category) \
	F(notify_get_server_caps) F(notify_get_server_info) F(g_log_set_handler)

struct library {
#define F(name) __typeof__(name) *f_##name;
	NOTIFY_FUNCTIONS(F)
#undef F
};

static const char *
load(struct library *l)
{
	void *handle = dlopen("libnotify.so.4", RTLD_NOW | RTLD_GLOBAL);

	if (!handle)
		return "libnotify is not installed here (libnotify4)";
#define F(name) \
	*(void **)(void *)&l->f_##name = dlsym(handle, #name); \
	if (!l->f_##name) \
		return "this libnotify is too old: it has no " #name;
	NOTIFY_FUNCTIONS(F)
#undef F
	return NULL;
}

/* A daemon that says nothing of markup shows it as text. */
static bool
has_markup(const struct library *l)
{
	for (GList *i = l->f_notify_get_server_caps(); i; i = i->next)
		if (strcmp(i->data, "body-markup") == 0)
			return true;
	return false;
}

static void
keep_silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer arg)
{
	(void)domain, (void)level, (void)text, (void)arg;
}

/* Where the session's bus is; without it libnotify would try to start one. */
static bool
has_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char *path;
	bool ret;

	if (address && *address)
		return true;
	if (!dir || !*dir)
		return false;
	path = xasprintf("%s/bus", dir);
	ret = access(path, F_OK) == 0;
	free(path);
	return ret;
}

static int
fail(const char *why)
{
	puts(why);
	return 69; /* EX_UNAVAILABLE */
}

static int
show(const struct library *l, const struct page *p)
{
	static const NotifyUrgency urgency[] = {
		NOTIFY_URGENCY_LOW, NOTIFY_URGENCY_LOW,
		NOTIFY_URGENCY_NORMAL, NOTIFY_URGENCY_CRITICAL,
	};
	NotifyNotification *n;
	GError *error = NULL;
	struct buf body;
	char *name = NULL;

	l->f_g_log_set_handler("libnotify", G_LOG_LEVEL_MASK, keep_silent, NULL);
	if (!l->f_notify_init("lossdog") ||
	    !l->f_notify_get_server_info(&name, NULL, NULL, NULL))
		return fail("no notification daemon answers on this session's D-Bus");
	buf_init(&body, 8192);
	page_write(p, has_markup(l) ? DIALECT_PANGO : DIALECT_PLAIN, 1500, &body);
	n = l->f_notify_notification_new(p->title, buf_cstr(&body),
	    p->severity >= SEV_WARNING ? "dialog-warning" : "dialog-information");
	l->f_notify_notification_set_urgency(n, urgency[p->severity]);
	l->f_notify_notification_set_category(n, p->severity >= SEV_WARNING ?
	    "device.error" : "transfer.complete");
	if (!l->f_notify_notification_show(n, &error))
		return fail(error ? error->message : "the notification was refused");
	printf("shown by %s\n", name);
	return 0;
}

static int
call(void *arg)
{
	const struct request *r = arg;
	struct library l;
	const char *why;

	if (!has_bus())
		return fail("there is no D-Bus session here (no desktop)");
	if ((why = load(&l)) != NULL)
		return fail(why);
	return show(&l, r->arg);
}

#else

#define LIMIT 2.0

static int
call(void *arg)
{
	(void)arg;
	puts("this lossdog was built without libnotify");
	return 69;
}

#endif

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	(void)d;
	request_init(r, REQUEST_CALL);
	buf_str(&r->url, m->page->title); /* for `notify --show` */
	page_write(m->page, DIALECT_PLAIN, 1500, &r->body);
	r->call = call;
	r->limit = LIMIT;
	return 0;
}

/* A desktop that is not there now is not there in a minute: told once, then dropped. */
static enum outcome
answer(struct answer *a, struct diag *d)
{
	if (a->status == 0 && a->failure == HTTP_OK)
		return OUTCOME_SENT;
	if (a->failure == HTTP_TIMEOUT)
		diag_set(d, "the notification daemon did not answer within %.0f s", LIMIT);
	return OUTCOME_FINAL;
}

const struct notify_ops notify_desktop = {
	.name = "desktop",
	.help = "a notification on this desktop",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 30, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
