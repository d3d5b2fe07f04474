/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/metrics/metrics.h"

#include <stdio.h>

#include "lib/prometheus/prometheus.h"

static void write_refused(
    const struct metrics *metrics, const struct prometheus *to)
{
	static const char *const limits[LIMIT_COUNT] = {
	    [LIMIT_CONNECTIONS] = "connections",
	    [LIMIT_ADDRESS] = "connections-address",
	    [LIMIT_TLS] = "tls-sessions",
	};
	char label[40];
	size_t i;

	prometheus_begin(to, "refused_total", PROMETHEUS_COUNTER,
	    "Connections, or TLS on one, refused by a limit.");
	for (i = 0; i < LIMIT_COUNT; i++) {
		snprintf(label, sizeof(label), "limit=\"%s\"", limits[i]);
		prometheus_sample(
		    to, "refused_total", label, metrics->refused[i]);
	}
}

static void write_handshakes(
    const struct metrics *metrics, const struct prometheus *to)
{
	prometheus_begin(to, "tls_handshakes_total", PROMETHEUS_COUNTER,
	    "TLS handshakes that were begun, by how they ended.");
	prometheus_sample(
	    to, "tls_handshakes_total", "result=\"done\"", metrics->handshakes);
	prometheus_sample(to, "tls_handshakes_total", "result=\"failed\"",
	    metrics->handshakes_failed);
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
	const struct prometheus to = {out, "egress25_beacon_"};

	prometheus_counter(&to, "connections_total", "Connections taken.",
	    metrics->connections);
	prometheus_gauge(&to, "connections_open",
	    "Connections that are open now.", metrics->open);
	prometheus_gauge(&to, "tls_sessions_open",
	    "Connections that are in TLS now.", metrics->open_tls);
	write_refused(metrics, &to);
	prometheus_counter(&to, "dialogues_total",
	    "Connections on which EHLO was answered.", metrics->dialogues);
	prometheus_counter(&to, "receipts_signed_total", "Receipts signed.",
	    metrics->receipts);
	write_handshakes(metrics, &to);
	prometheus_counter(&to, "timeouts_total",
	    "Connections ended because their time was over.",
	    metrics->timeouts);
}
