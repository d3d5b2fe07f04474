/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_deadline.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* A socket that a request is awaited at. */
struct awaited {
	int64_t since_us; /* 0: none is */
	ino_t socket;     /* which one had the number then */
};

struct patience {
	size_t size, used; /* numbers; above `used` none was seen yet */
	struct awaited *awaited;
};

struct patience *patience_new(size_t size)
{
	struct patience *patience = calloc(1, sizeof(*patience));

	if (patience == NULL)
		return NULL;
	/* Only what is used becomes memory. */
	patience->awaited = calloc(size, sizeof(*patience->awaited));
	patience->size = size;
	if (patience->awaited != NULL)
		return patience;
	free(patience);
	return NULL;
}

void patience_free(struct patience *patience)
{
	if (patience != NULL)
		free(patience->awaited);
	free(patience);
}

void patience_begin(struct patience *patience, int fd, int64_t now_us)
{
	struct stat status;

	if (fd < 0 || (size_t)fd >= patience->size || fstat(fd, &status) < 0)
		return;
	patience->awaited[fd].since_us = now_us;
	patience->awaited[fd].socket = status.st_ino;
	if ((size_t)fd >= patience->used)
		patience->used = (size_t)fd + 1;
}

void patience_end(struct patience *patience, int fd)
{
	if (fd >= 0 && (size_t)fd < patience->used)
		patience->awaited[fd].since_us = 0;
}

/* Shut it down if it is still the one that was meant. */
static bool shut(struct patience *patience, size_t fd)
{
	struct stat status;
	bool is_same = fstat((int)fd, &status) == 0 &&
		       status.st_ino == patience->awaited[fd].socket;

	patience->awaited[fd].since_us = 0;
	return is_same && shutdown((int)fd, SHUT_RDWR) == 0;
}

/* The number awaited longest, or `used`. */
static size_t find_oldest(const struct patience *patience, int64_t since_us)
{
	size_t fd, oldest = patience->used;

	for (fd = 0; fd < patience->used; fd++) {
		int64_t at_us = patience->awaited[fd].since_us;

		if (at_us != 0 && at_us <= since_us) {
			since_us = at_us;
			oldest = fd;
		}
	}
	return oldest;
}

size_t patience_shut(struct patience *patience, int64_t since_us, size_t most)
{
	size_t fd, count = 0;

	while (count < most &&
	       (fd = find_oldest(patience, since_us)) < patience->used)
		count += shut(patience, fd);
	return count;
}
