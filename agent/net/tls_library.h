/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_LIBRARY_H
#define EGRESS25_AGENT_NET_TLS_LIBRARY_H

/*
 * An OpenSSL library context with only what a TLS client needs. OpenSSL 3.0
 * tries every key type and encoding of its provider each time it decodes a
 * certificate's public key, which costs more than verifying a signature with
 * it; most of them never occur in certificates.
 */

struct ossl_lib_ctx_st;

/* The library context, created on first use and kept until exit. NULL if it
 * could not be created: OpenSSL takes that for its default context, so
 * everything works, only slower. */
struct ossl_lib_ctx_st *tls_library(void);

#endif
