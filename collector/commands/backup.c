/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "collector/base/output_file.h"
#include "collector/base/progress.h"
#include "collector/commands/command.h"
#include "collector/store/store_upkeep.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define PAGE_KB 4

/* A backup that is being made. */
struct backup {
	char unfinished[PATH_MAX];
	int64_t began_us, pages;
	struct progress progress;
};

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

static int on_progress(void *arg, int64_t pages, int64_t pages_of)
{
	struct backup *backup = arg;

	backup->pages = pages_of;
	if (signalled != 0)
		return -EINTR;
	if (progress_is_due(&backup->progress))
		fprintf(stderr, "\r%lld of %lld MB\033[K",
		    (long long)pages * PAGE_KB / 1024,
		    (long long)pages_of * PAGE_KB / 1024);
	return 0;
}

/* Remove the unfinished file of a backup that was killed. The file of one that
 * still runs is locked (store_back_up()). A link is none of ours. */
static int remove_stale(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int error = 0;

	if (fd < 0 &&
	    (errno == ENOENT || (errno == ELOOP && unlink(path) == 0)))
		return 0;
	if (fd < 0)
		return err_system(err, -errno, "%s", path);
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

static int make_copy(struct backup *backup,
    const struct store_settings *settings, struct err *err)
{
	struct store *store = NULL;
	int error = store_open(settings, &store, err);

	if (error == 0)
		error = store_back_up(
		    store, backup->unfinished, on_progress, backup, err);
	store_close(store);
	return error;
}

static int back_up(struct backup *backup,
    const struct collector_options *options, const char *output,
    struct err *err)
{
	struct store_settings settings;
	int error = command_store_settings(options, &settings, err);

	settings.read_only = true;
	if (error == 0)
		error = command_check_output(options, output, err);
	if (error == 0)
		error = output_file_unfinished(output, backup->unfinished, err);
	if (error == 0)
		error = remove_stale(backup->unfinished, err);
	if (error == 0)
		error = make_copy(backup, &settings, err);
	if (error < 0)
		return error;
	return output_file_publish(backup->unfinished, output, err);
}

int command_backup(const struct collector_options *options, const char *output)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct backup backup = {.began_us = clock_mono_us()};
	struct err err = {""};
	int error;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	error = back_up(&backup, options, output, &err);
	progress_clear(&backup.progress);
	if (error < 0)
		return args_fail(error, &err);
	log_info("%s: %lld MB in %.1f s", output,
	    (long long)backup.pages * PAGE_KB / 1024,
	    (double)(clock_mono_us() - backup.began_us) / 1e6);
	return EXIT_FINE;
}
