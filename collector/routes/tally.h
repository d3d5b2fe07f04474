/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_TALLY_H
#define EGRESS25_COLLECTOR_ROUTES_TALLY_H

/* Measurements counted along two axes. Pure but for the memory that it owns;
 * zero-initialise, and release with tally_free(). */

#include "collector/api/query.h"
#include "collector/verdict/evidence/names.h"
#include "lib/json/json.h"

#define TALLY_CELLS_MOST 20000 /* where a page ends */

struct tally {
	enum query_axis x, y;
	struct names endpoints;
	struct tally_cell *cells; /* owned: a hash table */
	size_t count, size;
};

/* Count the measurements of a rollup row, whose network is in that country
 * ("": unknown). 0 or -ENOMEM. */
int tally_add(
    struct tally *tally, const struct rollup_row *row, const char *country);

/* Write the cells as the array "items", by x and then y. 0 or -ENOMEM. */
int tally_write(const struct tally *tally, struct json_writer *json);

void tally_free(struct tally *tally);

#endif
