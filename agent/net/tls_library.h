/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_TLS_LIBRARY_H
#define EGRESS25_AGENT_NET_TLS_LIBRARY_H

/*
 * OpenSSL with only what a TLS client needs. OpenSSL 3.0 looks through all the
 * kinds of keys and encodings that its provider has each time that it reads
 * the public key of a certificate, which costs more than to verify with the
 * key; most of them never are in a certificate.
 */

struct ossl_lib_ctx_st;

/* The library, made when first asked for; it stays as long as the process.
 * NULL, which OpenSSL takes for its own, where it could not be made: then
 * everything works, and costs more. */
struct ossl_lib_ctx_st *tls_library(void);

#endif
