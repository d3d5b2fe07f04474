/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "collector/commands/commands.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/clock.h"
#include "lib/base/durable.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define PROGRESS_US 1000000
#define PAGE_KB     4

/* A backup under way. */
struct backup {
	char unfinished[PATH_MAX];
	int64_t began_us, told_us, pages;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

/* On a terminal, how far it is, once a second. */
static int on_progress(void *arg, int64_t pages, int64_t pages_of)
{
	struct backup *backup = arg;
	int64_t now_us = clock_mono_us();

	backup->pages = pages_of;
	if (signalled != 0)
		return -EINTR;
	if (isatty(STDERR_FILENO) && now_us - backup->told_us >= PROGRESS_US) {
		backup->told_us = now_us;
		fprintf(stderr, "\r%lld of %lld MB\033[K",
		    (long long)pages * PAGE_KB / 1024,
		    (long long)pages_of * PAGE_KB / 1024);
	}
	return 0;
}

/* Remove what a backup that was killed left. One that is being made is
 * locked (store.h). */
static int remove_left(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno == ENOENT ? 0
				       : err_system(err, -errno, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		error = errno == EWOULDBLOCK
			    ? err_input(
				  err, "%s: another backup is being made", path)
			    : err_system(err, -errno, "%s", path);
	else if (unlink(path) < 0)
		error = err_system(err, -errno, "%s", path);
	close(fd);
	return error;
}

static int make_copy(struct backup *backup, const char *database,
    enum store_backend backend, struct err *err)
{
	struct store_settings settings = {
	    .backend = backend,
	    .read_only = true,
	};
	struct store *store = NULL;
	int error;

	snprintf(settings.path, sizeof(settings.path), "%s", database);
	error = store_open(&settings, &store, err);
	if (error == 0)
		error = store_back_up(
		    store, backup->unfinished, on_progress, backup, err);
	store_close(store);
	return error;
}

/* -EINVAL where both are names of one file. */
static int check_other(
    const char *database, const char *output, struct err *err)
{
	char real[PATH_MAX], other[PATH_MAX];

	if (realpath(database, real) != NULL &&
	    realpath(output, other) != NULL && strcmp(real, other) == 0)
		return err_input(err, "--output: %s is the database", output);
	return 0;
}

static int run(struct backup *backup, const struct collector_options *options,
    const char *output, struct err *err)
{
	char database[sizeof(((struct store_settings *)0)->path)];
	int error = collector_options_database(
	    options, database, sizeof(database), err);

	if ((size_t)snprintf(backup->unfinished, sizeof(backup->unfinished),
		"%s" DURABLE_UNFINISHED, output) >= sizeof(backup->unfinished))
		return err_input(err, "--output: the path is too long");
	if (error == 0)
		error = check_other(database, output, err);
	if (error == 0)
		error = remove_left(backup->unfinished, err);
	if (error == 0)
		error = make_copy(backup, database,
		    (enum store_backend)options->backend, err);
	if (error < 0)
		return error;
	if (rename(backup->unfinished, output) < 0) {
		error = err_system(err, -errno, "%s", output);
		unlink(backup->unfinished);
		return error;
	}
	error = durable_sync_parent(output);
	return error < 0 ? err_system(err, error, "%s", output) : 0;
}

int command_backup(const struct collector_options *options, const char *output)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct backup backup = {.began_us = clock_mono_us()};
	struct err err = {""};
	int error;

	if (output == NULL) {
		log_error("backup: it needs --output");
		return EXIT_USAGE;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	error = run(&backup, options, output, &err);
	if (backup.told_us != 0)
		fprintf(stderr, "\r\033[K");
	if (error == 0) {
		log_info("%s: %lld MB in %.1f s", output,
		    (long long)backup.pages * PAGE_KB / 1024,
		    (double)(clock_mono_us() - backup.began_us) / 1e6);
		return EXIT_FINE;
	}
	log_error("%s", err.text);
	return error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
}
