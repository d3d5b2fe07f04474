/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded into a program under test: a clock that steps and a disk that
 * fails. The file named by FAULTY may change at any time. It holds 64-bit
 * numbers: the seconds that the wall clock is ahead, the errno with which
 * pwrite() fails, that with which syncs fail (0: they succeed), and the seconds
 * that the machine has been suspended since the program started. Where more
 * follow: the signal that the program gets when it stores a report's entry on a
 * cluster (0: none), and whether it gets it after that was sent, and not
 * before.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct faults {
	int64_t ahead_s, write_error, sync_error, slept_s;
	int64_t entry_signal, entry_sent;
};

static const volatile struct faults none, *faults = &none;

__attribute__((constructor)) static void find_faults(void)
{
	const char *path = getenv("FAULTY");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd >= 0 ? mmap(NULL, sizeof(struct faults), PROT_READ,
				  MAP_SHARED, fd, 0)
			    : MAP_FAILED;

	if (map == MAP_FAILED)
		abort();
	close(fd);
	faults = map;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, now);
	if (result == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += faults->ahead_s;
	if (result == 0 && clock == CLOCK_BOOTTIME)
		now->tv_sec += faults->slept_s;
	return result;
}

/* The kernel's own clock has not been suspended. */
int timerfd_settime(
    int fd, int flags, const struct itimerspec *when, struct itimerspec *before)
{
	static int (*real)(
	    int, int, const struct itimerspec *, struct itimerspec *);
	struct itimerspec awake = *when;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "timerfd_settime");
	if (awake.it_value.tv_sec > faults->slept_s)
		awake.it_value.tv_sec -= faults->slept_s;
	else if (awake.it_value.tv_sec > 0)
		awake.it_value = (struct timespec){.tv_nsec = 1};
	return real(fd, flags, &awake, before);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
	errno = (int)faults->write_error;
	return errno != 0 ? -1 : real(fd, bytes, length, offset);
}

int fdatasync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	errno = (int)faults->sync_error;
	return errno != 0 ? -1 : real(fd);
}

int fsync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	errno = (int)faults->sync_error;
	return errno != 0 ? -1 : real(fd);
}

static bool is_entry(const void *bytes, size_t length)
{
	static const char entry[] =
	    "query=INSERT%20INTO%20egress25%2Ereport%20";

	return memmem(bytes, length, entry, sizeof(entry) - 1) != NULL;
}

/* The statement's head is sent first, and then its rows. */
ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	static _Thread_local int rows_fd = -1;
	bool is_rows = rows_fd == fd;
	ssize_t result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "send");
	rows_fd = -1;
	if (faults->entry_signal != 0 && is_entry(bytes, length)) {
		rows_fd = fd;
		if (faults->entry_sent == 0)
			raise((int)faults->entry_signal);
	}
	result = real(fd, bytes, length, flags);
	if (is_rows && faults->entry_signal != 0 && faults->entry_sent != 0)
		raise((int)faults->entry_signal);
	return result;
}
