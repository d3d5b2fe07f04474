/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_ENDPOINTS_H
#define EGRESS25_LIB_CONFIG_ENDPOINTS_H

/* The endpoints that are probed; endpoints_file.h reads them from a file. */

#include "lib/config/port_list.h"
#include "lib/report/endpoint_known.h"

#define ENDPOINTS_MAX 4096

enum endpoint_kind { ENDPOINT_MX, ENDPOINT_SUBMISSION, ENDPOINT_BEACON };

/* The word for a kind in the endpoints file and in JSON. */
const char *endpoint_kind_word(enum endpoint_kind kind);

/* The kind that a word names, or -1. */
int endpoint_kind_from_word(const char *word);

/* One section of the endpoints file (section 3 of the contract). */
struct endpoint {
	char name[64];
	char host[256]; /* a name or an address; "" if `domain` is set */
	char
	    domain[256]; /* probe this domain's MX hosts; "" if `host` is set */
	struct port_list ports;
	struct port_list control;
	enum endpoint_kind kind;
	struct endpoint_known known;
	int64_t addresses;  /* at most so many per host */
	int64_t interval_s; /* least time between two visits by one agent */
	double rate;        /* most visits per second by the whole fleet */
};

struct endpoint_list {
	struct endpoint *items; /* owned */
	size_t count;
};

/* Append an endpoint with the format's defaults: ports 25, 587 and 465, no
 * control port, kind mx, 8 addresses, 600 s, 1 visit per second. A `name`
 * longer than its field is cut. NULL: out of memory. The pointer is valid until
 * the next call. */
struct endpoint *endpoints_add(struct endpoint_list *list, const char *name);

/* The endpoint with that name, or NULL. */
const struct endpoint *endpoints_find(
    const struct endpoint_list *list, const char *name);

/* Reduce each endpoint's ports to those in `ports`. Its other ports become
 * controls, because a port is judged against another one of the same host.
 * Returns how many ports are left over all endpoints. */
size_t endpoints_restrict(
    struct endpoint_list *list, const struct port_list *ports);

/* Note the endpoint's ports as known to be served. */
void endpoints_know_ports(struct endpoint *endpoint);

/* Remove control ports that are asked ports too; those serve as controls
 * anyway. */
void endpoints_drop_asked_controls(struct endpoint *endpoint);

/* Free the items and zero the list. */
void endpoints_free(struct endpoint_list *list);

#endif
