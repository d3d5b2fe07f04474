/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_SERVE_H
#define EGRESS25_BEACON_SERVE_H

#include "beacon/base/options.h"

/* Serve until SIGTERM or SIGINT. SIGHUP reads the configuration at `config`
 * (NULL: the default path), certificate and keys again, as a whole or not at
 * all; open connections stay. Returns the exit code. */
int serve_run(const char *config, const struct beacon_options *options);

/* Print the public key that signs receipts, and the digest of the one that TLS
 * shows, as lines of an endpoints file; they are made where there are none.
 * Returns the exit code. */
int serve_print_key(const char *config, const struct beacon_options *options);

#endif
