/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_SURROUNDINGS_H
#define EGRESS25_AGENT_EXPLAIN_SURROUNDINGS_H

/* The container or virtual environment and the provider of this host: hints for
 * the advice, never evidence. Pure. */

#include "agent/explain/provider.h"

struct json_writer;

enum enclosure {
	ENCLOSURE_NONE,
	ENCLOSURE_DOCKER,
	ENCLOSURE_PODMAN,
	ENCLOSURE_KUBERNETES,
	ENCLOSURE_LXC,
	ENCLOSURE_NSPAWN,
	ENCLOSURE_OTHER, /* another container */
	ENCLOSURE_WSL,
	ENCLOSURE_COUNT
};

#define SURROUNDINGS_MX_MAX 4

struct surroundings {
	enum enclosure enclosure;
	struct provider provider; /* id "": none was recognised */
	/* The MX hosts of the first named host that answers on no mail port. */
	char mx_domain[256]; /* "": no such host */
	char mx[SURROUNDINGS_MX_MAX][256];
	size_t nmx;
};

/* The word in JSON, as "docker"; "" for none. */
const char *enclosure_word(enum enclosure enclosure);

/* Append which machine to look at besides this one. False: none. */
bool enclosure_sentence(enum enclosure enclosure, struct buf *out);

/* Append where the mail of `mx_domain` goes, and how to ask there. */
void surroundings_mx_sentence(
    const struct surroundings *surroundings, struct buf *out);

/* The member "surroundings"; NULL: null. */
void surroundings_json(
    const struct surroundings *surroundings, struct json_writer *json);

#endif
