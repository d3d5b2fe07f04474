/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_ENDPOINTS_H
#define EGRESS25_LIB_CONFIG_ENDPOINTS_H

/* The endpoints that are probed. The file they come from is read by
 * endpoints_file.h. */

#include "lib/config/port_list.h"
#include "lib/report/endpoint_known.h"

#define ENDPOINTS_MAX 4096

enum endpoint_kind { ENDPOINT_MX, ENDPOINT_SUBMISSION, ENDPOINT_BEACON };

/* The word of a kind in the endpoints file and in JSON, and back: -1 for a word
 * that names no kind. */
const char *endpoint_kind_word(enum endpoint_kind kind);
int endpoint_kind_from_word(const char *word);

/* One section of the endpoints file (section 3 of the contract). */
struct endpoint {
	char name[64];
	char host[256];   /* a name or an address; "" where `domain` is set */
	char domain[256]; /* its MX hosts are meant; "" otherwise */
	struct port_list ports;
	struct port_list control;
	enum endpoint_kind kind;
	struct endpoint_known known;
	int64_t addresses;  /* of one host, at most */
	int64_t interval_s; /* between two visits by one agent, at least */
	double rate;        /* visits a second by the whole fleet, at most */
};

struct endpoint_list {
	struct endpoint *items; /* owned */
	size_t count;
};

/* Append one with the defaults of the format: ports 25, 587 and 465, no control
 * port, kind mx, 8 addresses, 600 s, 1 visit a second. `name` is cut to its
 * field. NULL: no memory. The pointer is good until the next call. */
struct endpoint *endpoints_add(struct endpoint_list *list, const char *name);

/* The endpoint of that name, or NULL. */
const struct endpoint *endpoints_find(
    const struct endpoint_list *list, const char *name);

/* Ask only those ports of each endpoint that are in `ports`. The others become
 * controls: without them a port alone could not be told from its host. Returns
 * how many ports are asked of all endpoints together. */
size_t endpoints_restrict(
    struct endpoint_list *list, const struct port_list *ports);

/* The ports that it lists are known to be served. */
void endpoints_know_ports(struct endpoint *endpoint);

/* Leave out the control ports that are asked ports too: those serve as
 * controls anyway. */
void endpoints_drop_asked_controls(struct endpoint *endpoint);

void endpoints_free(struct endpoint_list *list);

#endif
