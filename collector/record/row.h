/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROW_H
#define EGRESS25_COLLECTOR_RECORD_ROW_H

/*
 * The collector's two kinds of rows. A measurement is one probe, attributed to
 * a network and diagnosed (contract, section 5; schema_version 2). A rollup row
 * counts the measurements of one day that differ in nothing but their time;
 * rollups are the only input of a verdict.
 */

#include "lib/report/observe.h"

#define ROW_SCHEMA_VERSION 2
#define ROW_ID_SIZE        48 /* "REPORT:N" (row_id.h), and NUL */
#define ROW_AGENT_SIZE     17 /* pseudonym: 16 hex digits, and NUL */
#define ROW_OPERATOR_SIZE  33 /* pseudonym of who enrolled it; imports vary */
#define ROW_NETWORK_SIZE   128
#define ROW_ENDPOINT_SIZE  64

/* In three parts, so that whoever writes many rows need not make the same text
 * of the same part again (repeated.h). */
struct measurement {
	/* Of this probe alone. */
	char id[ROW_ID_SIZE];
	int64_t at_ms;
	int64_t connect_us, total_us;
	int endpoint_hops;

	/* From where, to where. */
	char agent[ROW_AGENT_SIZE];
	struct addr address; /* of the endpoint */
	uint8_t family;
	bool attributed;
	uint32_t asn; /* 0: not attributed */
	char endpoint[ROW_ENDPOINT_SIZE];
	char prefix[ADDR_TEXT_SIZE]; /* the agent's /24 or /48, or "" */
	char country[3];             /* ISO 3166, or "" */
	char network[ROW_NETWORK_SIZE];
	char run_by[ROW_OPERATOR_SIZE]; /* the operator's; "": unknown */

	/* What came of it. */
	uint16_t port;
	/* The list of the collector that took the report in has this probe
	 * (intake/listed.h). What is not listed is kept, and goes nowhere. */
	bool listed;
	enum port_mode mode;
	enum stage ended;
	enum failure failure;
	/* The diagnosis of the port in its round. A control port has none:
	 * OUTCOME_COUNT, MECHANISM_COUNT and WHERE_NONE. */
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	int after_hop, before_hop;
	uint32_t after_asn, before_asn; /* of these hops; 0: none is known */
	unsigned signs;                 /* of enum soft_sign */
	int icmp_type, icmp_code, smtp_code;
	enum tls_verify tls_verify;
	char tls_version[16];
};

struct rollup_row {
	int32_t day; /* days since 1970, UTC */
	uint32_t asn;
	char prefix[ADDR_TEXT_SIZE];
	uint8_t family;
	uint16_t port;
	char agent[ROW_AGENT_SIZE];
	char endpoint[ROW_ENDPOINT_SIZE];
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	uint32_t after_asn, before_asn; /* rollup.h; 0: none is known */
	int64_t count;
	int64_t first_ms, last_ms;
};

/* An agent, as its rows show it. */
struct vantage {
	char agent[ROW_AGENT_SIZE];
	char run_by[ROW_OPERATOR_SIZE]; /* by its newest rows; "": unknown */
	int32_t first_day;              /* of its rollups */
	bool is_local; /* it enrolled and reported here; not by import alone */
};

/* Called for each row of a list. Anything but 0 ends the list, and is what the
 * function that lists returns. */
typedef int measurement_visit(void *arg, const struct measurement *row);
typedef int rollup_visit(void *arg, const struct rollup_row *row);
typedef int rollup_first_visit(void *arg, const struct vantage *vantage);

#endif
