/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_METRICS_SCRAPE_H
#define EGRESS25_BEACON_METRICS_SCRAPE_H

/* Answers GET /metrics over HTTP, for a scraper on this host. */

#include "beacon/metrics/metrics.h"
#include "lib/base/err.h"

struct event_base;
struct scrape;

/* Listen on "ADDRESS:PORT" or "[ADDRESS]:PORT". `metrics` is borrowed. 0 or
 * -errno with a sentence; end with scrape_close(). */
int scrape_open(struct event_base *base, const char *where,
    const struct metrics *metrics, struct scrape **scrape, struct err *err);

void scrape_close(struct scrape *scrape); /* NULL is allowed */

#endif
