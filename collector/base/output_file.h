/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_OUTPUT_FILE_H
#define EGRESS25_COLLECTOR_BASE_OUTPUT_FILE_H

/*
 * What a command writes: standard output, a pipe or a device, or a file that
 * gets its name once it is whole.
 *
 *	output_file_open(); output_file_write() ...; output_file_finish(), or
 *	after an error output_file_abandon().
 */

#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <zlib.h>

#include "lib/base/err.h"

struct output_file {
	const char *path;          /* borrowed; NULL: stdout */
	char unfinished[PATH_MAX]; /* "": it is no file */
	FILE *out;
	bool is_zipped;
	z_stream zip;
	int64_t bytes;      /* written so far */
	EVP_MD_CTX *digest; /* NULL: not wanted */
	char sha256[65];    /* of a file that is finished, in hex */
};

/* Open it. With `gzip` the bytes are compressed, the same ones always alike.
 * 0 or -errno, with nothing to abandon. */
int output_file_open(
    struct output_file *file, const char *path, bool gzip, struct err *err);

/* Have the SHA-256 of what is written from now on. 0 or -ENOMEM. */
int output_file_digest(struct output_file *file, struct err *err);

/* 0 or -errno, without a sentence; `arg` is the output_file. */
int output_file_write(void *arg, const void *bytes, size_t length);

/* Write what is left, sync a file and give it its name. 0, or -errno with
 * nothing left of it. */
int output_file_finish(struct output_file *file, struct err *err);

void output_file_abandon(struct output_file *file);

/* Where an output file is written until it is complete. 0, or -EINVAL: the path
 * is too long. */
int output_file_unfinished(
    const char *output, char path[PATH_MAX], struct err *err);

/* Rename the unfinished file to `output` and sync its directory. 0 or -errno;
 * the unfinished file is removed on failure. */
int output_file_publish(
    const char *unfinished, const char *output, struct err *err);

#endif
