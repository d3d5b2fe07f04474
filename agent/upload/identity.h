/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_IDENTITY_H
#define EGRESS25_AGENT_UPLOAD_IDENTITY_H

/*
 * Who this agent is: its private key, and the name a collector gave it. The
 * name is stored in STATE/identity.json with the URL of that collector; at
 * another collector the agent has no name yet. During a key rotation the new
 * key is in KEY.next. Files that root creates in another user's STATE are that
 * user's.
 */

#include "agent/base/options.h"
#include "agent/base/statefile.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

struct identity {
	const struct state_directory *state; /* borrowed */
	struct sign_key *key;                /* owned */
	struct sign_key *next; /* owned; NULL: no rotation under way */
	char agent_id[REPORT_AGENT_SIZE]; /* "": not enrolled there */
};

/* Load or create the key, and read the name. `state` is borrowed as long as
 * the identity is used. 0, -EINVAL if identity.json is malformed, or -errno; on
 * failure nothing is owned. */
int identity_open(const struct agent_options *options,
    const struct state_directory *state, struct identity *identity,
    struct err *err);
void identity_close(struct identity *identity);

/* Load KEY.next if an interrupted rotation left it, or create it. */
int identity_begin_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* The collector has accepted KEY.next: move it over KEY, on disk and in
 * `identity`. */
int identity_finish_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* Reload the keys if another process has replaced them on disk. True: they
 * were reloaded, and the old pointers are freed. False: they are the same, or
 * could not be read. */
bool identity_refresh(
    const struct agent_options *options, struct identity *identity);

/* Read the name again, after `options->collector` has changed. */
int identity_read_name(const struct agent_options *options,
    struct identity *identity, struct err *err);

/* Copy the name; if there is none yet, the name that collectors derive from
 * the key: the first 32 hexadecimal digits of SHA-256 over the public key. */
void identity_name_or_expected(
    const struct identity *identity, char name[REPORT_AGENT_SIZE]);

/* Store the name in `identity` and on disk, synced. */
int identity_keep(const struct agent_options *options, const char *agent_id,
    struct identity *identity, struct err *err);

#endif
