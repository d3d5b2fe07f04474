/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_IDENTITY_H
#define EGRESS25_AGENT_UPLOAD_IDENTITY_H

#include "agent/base/options.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

/*
 * Who this agent is: its key, and the name that a collector gave it, which is
 * kept in STATE/identity.json with the collector's URL. With another
 * collector it has no name yet. A key that is to take its place waits in a
 * file of its own, KEY.next. Files that root makes in somebody's STATE are
 * given to them.
 */
struct identity {
	struct sign_key *key;  /* owned */
	struct sign_key *next; /* owned: a change is under way; or NULL */
	char agent_id[REPORT_AGENT_SIZE]; /* "": not enrolled there */
};

/* Make STATE where it is missing (0700), load the key or make it, and read the
 * name. A broken identity file is an error that names it. */
int identity_open(const struct agent_options *options,
    struct identity *identity, struct err *err);
void identity_close(struct identity *identity);

/* Make KEY.next, unless it is there from a change that was not finished. */
int identity_begin_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* The new key is in force: it takes the old one's place. */
int identity_finish_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* Whether the keys on disk are others than these, as after a change that
 * another process made; then they are these now. Nobody may use the old ones
 * any more. What cannot be read is no other key. */
bool identity_refresh(
    const struct agent_options *options, struct identity *identity);

/* Read the name again, as after a change of `options->collector`. */
int identity_read_name(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* The name; where it has none yet, the one that collectors give: the first 32
 * hexadecimal digits of SHA-256 over the public key. */
void identity_name_or_expected(
    const struct identity *identity, char name[REPORT_AGENT_SIZE]);

/* Keep the name on disk, synced. */
int identity_keep(const struct agent_options *options, const char *agent_id,
    struct identity *identity, struct err *err);

#endif
