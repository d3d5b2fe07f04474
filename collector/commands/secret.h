/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_SECRET_H
#define EGRESS25_COLLECTOR_COMMANDS_SECRET_H

/*
 * The collector's secret, STATE/secret. Pseudonyms and source proofs are made
 * with it, so a store goes with one secret, whose fingerprint it has: with
 * another one each agent would be a second vantage point, and nobody could be
 * revoked.
 */

#include "collector/base/options.h"
#include "collector/store/store.h"
#include "lib/sign/sign.h"

/* Read the secret that the store, open for writing, goes with. 0, -EINVAL: it
 * is missing or another one, or -errno. */
int secret_read(const struct collector_options *options, struct store *store,
    uint8_t secret[SIGN_SECRET_SIZE], struct err *err);

/* The same, but a store that goes with no secret yet gets the one that is
 * there, or a new one. */
int secret_read_or_begin(const struct collector_options *options,
    struct store *store, uint8_t secret[SIGN_SECRET_SIZE], struct err *err);

#endif
