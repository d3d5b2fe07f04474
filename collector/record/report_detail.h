/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_REPORT_DETAIL_H
#define EGRESS25_COLLECTOR_RECORD_REPORT_DETAIL_H

/*
 * What a report shows beside its rows: the agent's software, how far packets
 * got, the words and times of each probe; packed. It is in public form already:
 * no LAN hop, no full address, no name of whose the agent is. Pure.
 *
 *	report_detail_begin(); report_detail_add_path(),
 *report_detail_add_probe()
 */

#include "collector/record/row.h"
#include "lib/base/buf.h"

enum hop_zone {
	ZONE_NONE, /* it did not answer, or its network is not known */
	ZONE_HOME,
	ZONE_PROVIDER,
	ZONE_TRANSIT,
	ZONE_ENDPOINT,
	ZONE_COUNT
};

/* "home"; "" of ZONE_NONE. */
const char *hop_zone_word(enum hop_zone zone);

struct detail_hop {
	int ttl;
	bool answered;
	enum hop_zone zone;
	uint32_t asn;                /* 0: unknown */
	char prefix[ADDR_TEXT_SIZE]; /* /24 or /48; "": none to show */
	int64_t us;                  /* OBSERVE_ABSENT: unknown */
};

struct detail_path {
	uint32_t row, nrows; /* of its target: the first, how many */
	uint16_t port;
	bool reached;
	int answer_ttl; /* OBSERVE_ABSENT: nobody answered */
	size_t nhops;
	struct detail_hop hops[OBSERVE_HOPS_MAX];
};

/* EHLO keywords as they are stored: of many probes they are the same. */
struct detail_keywords {
	size_t length;
	uint8_t bytes[8 + OBSERVE_CAPS_MAX * OBSERVE_CAP_SIZE];
};

struct detail_probe {
	uint32_t row;                 /* its number */
	int64_t us[STAGE_COUNT];      /* OBSERVE_ABSENT: not passed */
	char text[OBSERVE_TEXT_SIZE]; /* of the greeting */
	size_t ncaps;
	char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE];
	int reply_code; /* that ended it; OBSERVE_ABSENT: none did */
	char reply[OBSERVE_TEXT_SIZE];
	enum receipt_worth receipt;
};

void report_detail_begin(struct buf *out, const char *software);
void report_detail_add_path(struct buf *out, const struct detail_path *path);
void report_detail_pack_keywords(struct detail_keywords *out,
    const char (*caps)[OBSERVE_CAP_SIZE], size_t ncaps);
/* `keywords` stand in place of the probe's; NULL: they are packed here. */
void report_detail_add_probe(struct buf *out, const struct detail_probe *probe,
    const struct detail_keywords *keywords);

/* Called with each; valid during the call. Anything but 0 ends the reading. */
struct report_detail_visitor {
	int (*software)(void *arg, const char *software);
	int (*path)(void *arg, const struct detail_path *path);
	int (*probe)(void *arg, const struct detail_probe *probe);
	void *arg;
};

/* Read what was packed; nothing of no bytes. 0, -EBADMSG (what stands before
 * the damage was visited), or what a visit returned. */
int report_detail_read(const void *bytes, size_t length,
    const struct report_detail_visitor *visitor);

#endif
