/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "meta.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "hush.h"
#include "jsonw.h"
#include "sha256.h"
#include "span.h"

/* Seconds for one question to git. */
#define GIT_LIMIT 10

extern char **environ;

/* Of the environment only what these begin with. */
static const char *const wanted[] = { "CUDA_", "NVIDIA_VISIBLE", "HIP_VISIBLE", "ROCR_",
	"OMP_", "MKL_", "NCCL_", "PYTORCH_", "TORCH_", "TF_", "XLA_", "JAX_", "RANK=",
	"LOCAL_RANK=", "WORLD_SIZE=", "LOCAL_WORLD_SIZE=", "MASTER_", "SLURM_JOB", "SLURM_N",
	"SLURM_PROCID=", "SLURM_STEP", "OMPI_COMM_WORLD", "PBS_JOB", "LSB_JOB", "CONDA_DEFAULT_ENV=",
	"VIRTUAL_ENV=", "PYTHONHASHSEED=", "PYTHONPATH=", "TOKENIZERS_", "HF_HOME=", "DEEPSPEED_",
	"ACCELERATE_", NULL };

static void
add_environment(struct jsonw *w)
{
	jsonw_key(w, "environment");
	jsonw_object(w);
	for (char **e = environ; *e != NULL; e++) {
		const char *eq = strchr(*e, '=');
		char        name[128];

		for (const char *const *x = wanted; eq != NULL && *x != NULL; x++) {
			if (strncmp(*e, *x, strlen(*x)) != 0)
				continue;
			snprintf(name, sizeof name, "%.*s", (int)(eq - *e), *e);
			jsonw_key(w, name);
			jsonw_cstr(w, hush_name(span_of(name)) ? HUSH_MARK : eq + 1);
			break;
		}
	}
	jsonw_object_end(w);
}

/* A file's first bytes, NUL-terminated; -1: not read. */
static ssize_t
slurp(const char *path, char *p, size_t size)
{
	int     fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t  n = 0;
	ssize_t got = -1;

	if (fd < 0)
		return -1;
	while (n + 1 < size && (got = read(fd, p + n, size - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	p[n] = '\0';
	return got < 0 ? -1 : (ssize_t)n;
}

/* "key : value" of a text like /proc/cpuinfo. */
static void
add_field(struct jsonw *w, const char *key, const char *text, const char *field)
{
	const char *at = strstr(text, field);

	if (at == NULL)
		return;
	at += strlen(field) + strspn(at + strlen(field), " \t:");
	jsonw_key(w, key);
	jsonw_str(w, (struct span){ at, strcspn(at, "\n") });
}

static void
add_machine(struct jsonw *w)
{
	static char    text[16384];
	struct utsname u;
	struct passwd *pw = getpwuid(getuid());

	jsonw_opt_str(w, "user", pw != NULL ? pw->pw_name : NULL);
	if (uname(&u) == 0) {
		jsonw_opt_str(w, "host", u.nodename);
		jsonw_opt_str(w, "kernel", u.release);
		jsonw_opt_str(w, "machine", u.machine);
	}
	jsonw_opt_num(w, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
	jsonw_opt_num(w, "memory", (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE));
	if (slurp("/proc/cpuinfo", text, sizeof text) > 0)
		add_field(w, "cpu", text, "model name");
}

/* The kernel's own words: they come also when the GPU's library hangs. */
static void
add_gpus(struct jsonw *w)
{
	static const char base[] = "/proc/driver/nvidia";
	char           path[512], text[4096];
	DIR           *dir;
	struct dirent *e;

	snprintf(path, sizeof path, "%s/version", base);
	if (slurp(path, text, sizeof text) > 0)
		add_field(w, "driver", text, "NVRM version");
	snprintf(path, sizeof path, "%s/gpus", base);
	dir = opendir(path);
	if (dir == NULL)
		return;
	jsonw_key(w, "gpus");
	jsonw_array(w);
	while ((e = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/gpus/%s/information", base, e->d_name);
		if (e->d_name[0] == '.' || slurp(path, text, sizeof text) <= 0)
			continue;
		jsonw_object(w);
		add_field(w, "model", text, "Model:");
		add_field(w, "uuid", text, "GPU UUID:");
		jsonw_opt_str(w, "bus", e->d_name);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	closedir(dir);
}

/* --- git --- */

/* What git says, trimmed; false: it fails. */
static bool
git(const char *const *argv, char *ret, size_t size)
{
	/* the index is not ours to refresh */
	static const char *const env[] = { "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", NULL };
	struct child_spec spec = { .argv = argv, .env = env, .limit = GIT_LIMIT, .quiet = true };
	struct diag       d;
	struct child     *c = child_run(&spec, &d);
	bool              good = c != NULL && child_check(c, "git", &d) == 0;
	struct span       out;

	if (good) {
		out = span_trim(child_output(c));
		snprintf(ret, size, "%.*s", (int)(out.n < size ? out.n : size - 1), out.p);
	}
	child_free(c);
	return good;
}

static void
hash_file(const char *path, char ret[static 65])
{
	static char   block[65536];
	unsigned char sum[SHA256_SIZE];
	struct sha256 h;
	ssize_t       got;
	int           fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	ret[0] = '\0';
	if (fd < 0)
		return;
	sha256_init(&h);
	while ((got = read(fd, block, sizeof block)) > 0)
		sha256_add(&h, (struct span){ block, (size_t)got });
	close(fd);
	if (got < 0)
		return;
	sha256_end(&h, sum);
	sha256_hex(sum, ret);
}

/* The hash of all that is not committed. */
static void
add_diff(struct jsonw *w)
{
	char        path[] = "/tmp/lossdog-diff.XXXXXX", option[64], hash[65], none[8];
	int         fd = mkostemp(path, O_CLOEXEC);
	const char *argv[] = { "git", "diff", "HEAD", "--no-ext-diff", "--no-color", option, NULL };

	if (fd < 0)
		return;
	close(fd);
	snprintf(option, sizeof option, "--output=%s", path);
	if (git(argv, none, sizeof none)) {
		hash_file(path, hash);
		jsonw_opt_str(w, "diff_sha256", hash);
	}
	unlink(path);
}

static void
add_git(struct jsonw *w)
{
	static const char *const commit[] = { "git", "rev-parse", "HEAD", NULL };
	static const char *const branch[] = { "git", "rev-parse", "--abbrev-ref", "HEAD", NULL };
	static const char *const remote[] = { "git", "config", "--get", "remote.origin.url", NULL };
	static const char *const status[] = { "git", "status", "--porcelain", "--untracked-files=no", NULL };
	char text[512];

	if (!git(commit, text, sizeof text))
		return;
	jsonw_key(w, "git");
	jsonw_object(w);
	jsonw_opt_str(w, "commit", text);
	if (git(branch, text, sizeof text))
		jsonw_opt_str(w, "branch", text);
	if (git(remote, text, sizeof text) && strchr(text, '@') == NULL) /* no passwords in addresses */
		jsonw_opt_str(w, "remote", text);
	if (git(status, text, sizeof text)) {
		jsonw_key(w, "dirty");
		jsonw_bool(w, text[0] != '\0');
		if (text[0] != '\0')
			add_diff(w);
	}
	jsonw_object_end(w);
}

/* --- files named on the command line --- */

static bool
ends_as(const char *path, const char *const *ends)
{
	const char *dot = strrchr(path, '.');

	for (; dot != NULL && *ends != NULL; ends++)
		if (strcasecmp(dot, *ends) == 0)
			return true;
	return false;
}

/* Copied; of a program only the hash is kept: it may hold what hush_text does not see. */
static const char *const configs[] = { ".yaml", ".yml", ".json", ".toml", ".cfg", ".ini",
	".conf", ".gin", ".jsonnet", NULL };
static const char *const programs[] = { ".py", ".sh", ".txt", NULL };

static bool
add_file(struct jsonw *w, const char *path)
{
	static char text[META_FILE + 2];
	struct stat st;
	struct buf  copy;
	char        hash[65];
	ssize_t     n;

	if (!(ends_as(path, configs) || ends_as(path, programs)) || stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > (64 << 20))
		return false;
	hash_file(path, hash);
	jsonw_object(w);
	jsonw_opt_str(w, "path", path);
	jsonw_opt_num(w, "size", (double)st.st_size);
	jsonw_opt_str(w, "sha256", hash);
	n = ends_as(path, configs) && st.st_size <= META_FILE ?
	    slurp(path, text, sizeof text) : -1;
	if (n >= 0 && memchr(text, '\0', (size_t)n) == NULL) {
		buf_init(&copy, 2 * META_FILE);
		hush_text((struct span){ text, (size_t)n }, &copy);
		jsonw_key(w, "text");
		jsonw_str(w, buf_get(&copy));
		buf_fini(&copy);
	}
	jsonw_object_end(w);
	return true;
}

static void
add_files(struct jsonw *w, char *const *argv)
{
	unsigned n = 0;

	jsonw_key(w, "files");
	jsonw_array(w);
	for (; *argv != NULL && n < META_FILES; argv++) {
		const char *eq = strchr(*argv, '=');

		n += add_file(w, eq != NULL ? eq + 1 : *argv);
	}
	jsonw_array_end(w);
}

/* --- the collector --- */

static void
collect(char *const *argv, struct buf *out)
{
	struct jsonw w;
	char         cwd[4096];

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "command");
	hush_args(argv, &w);
	if (getcwd(cwd, sizeof cwd) != NULL)
		jsonw_opt_str(&w, "cwd", cwd);
	add_machine(&w);
	add_gpus(&w);
	add_environment(&w);
	add_git(&w);
	add_files(&w, argv);
	jsonw_object_end(&w);
}

static _Noreturn void
be_collector(int fd, char *const *argv)
{
	int        null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct buf out;

	prctl(PR_SET_NAME, "lossdog-meta");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	dup2(fd, 3);
	close_range(4, ~0U, 0);
	buf_init(&out, META_MAX);
	collect(argv, &out);
	if (!out.over && write(3, out.p, out.n) != (ssize_t)out.n)
		_exit(1);
	_exit(0);
}

void
meta_start(struct meta *m, char *const *argv)
{
	m->fd = memfd_create("lossdog-meta", MFD_CLOEXEC);
	m->pid = m->fd >= 0 ? fork() : 0;
	if (m->pid == 0 && m->fd >= 0)
		be_collector(m->fd, argv);
	if (m->pid < 0)
		m->pid = 0;
}

static bool
has_ended(struct meta *m, double seconds)
{
	struct timespec moment = { 0, 10000000 };
	double          until = clock_mono() + seconds;

	while (m->pid > 0 && waitpid(m->pid, NULL, WNOHANG) == 0) {
		if (clock_mono() >= until)
			return false;
		nanosleep(&moment, NULL);
	}
	m->pid = 0;
	return true;
}

void
meta_take(struct meta *m, double seconds, struct buf *ret)
{
	char    block[8192];
	size_t  before = ret->n;
	off_t   at = 0;
	ssize_t got;

	if (m->fd >= 0 && has_ended(m, seconds))
		for (; (got = pread(m->fd, block, sizeof block, at)) > 0; at += got)
			buf_add(ret, block, (size_t)got);
	if (ret->n == before)
		buf_str(ret, "{}");
}
