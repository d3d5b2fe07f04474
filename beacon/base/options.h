/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_BASE_OPTIONS_H
#define EGRESS25_BEACON_BASE_OPTIONS_H

#include "lib/base/addr.h"
#include "lib/config/conf.h"
#include "lib/config/port_list.h"

#define BEACON_CONFIG_PATH   "/etc/egress25/beacon.conf" /* without --config */
#define BEACON_ADDRESSES_MAX 16

/* The beacon's configuration (contract, section 3). */
struct beacon_options {
	char name[256];              /* in the greeting; "": the host's name */
	char addresses[512];         /* to listen on, separated by blanks */
	struct port_list ports;      /* mode tls: TLS first; else STARTTLS */
	char state[256];             /* directory of the keys */
	char certificate[256];       /* PEM; "": a self-signed one */
	char key[256];               /* of the certificate, PEM */
	char metrics[256];           /* "ADDRESS:PORT" for HTTP; "": none */
	int64_t connections;         /* at a time */
	int64_t connections_address; /* of one address, or /64; 0: any */
	int64_t tls_sessions;        /* at a time */
	int64_t idle_s;              /* without a byte */
	int64_t session_s;           /* of one connection */
	int64_t commands;            /* in one connection */
};

extern const struct conf_option beacon_option_table[];

/* Read the configuration at `path`. NULL: the default path, and all defaults
 * if that file does not exist. 0, -EINVAL or -errno. */
int beacon_options_read(
    const char *path, struct beacon_options *options, struct err *err);

/* The addresses to listen on. Returns how many. */
size_t beacon_options_addresses(const struct beacon_options *options,
    struct addr addresses[BEACON_ADDRESSES_MAX]);

#endif
