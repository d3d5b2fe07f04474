/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_AUTHORITIES_H
#define EGRESS25_AGENT_NET_AUTHORITIES_H

/*
 * The CA certificates of this system. Where they are is not the same
 * everywhere: Debian has a file for each in a directory, which OpenSSL looks
 * up by its hash when it is needed; Fedora, OpenWrt and others have one bundle,
 * which must be loaded as a whole.
 */

#include <stdbool.h>

struct ssl_ctx_st;

/* Of `bundles`, which ends with NULL, the first that can be read; NULL: there
 * is none, or a directory of `directories`, separated by colons, has
 * certificates by their hash. */
const char *authorities_bundle(
    const char *directories, const char *const *bundles);

/* Let a context ask them: those in the directory and the bundle that the
 * environment names (SSL_CERT_DIR, SSL_CERT_FILE), else those of the system.
 * False: no memory. */
bool authorities_use(struct ssl_ctx_st *context);

/* There are any. If not, nobody is trusted, and that says nothing of a
 * certificate. */
bool authorities_are_known(const struct ssl_ctx_st *context);

#endif
