/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_ENGINE_H
#define EGRESS25_COLLECTOR_STORE_STORE_ENGINE_H

/* What an engine must do: the operations of this room's headers, each with the
 * contract of its namesake there. It only names their structs. */

#include "collector/record/event.h"
#include "collector/record/filter.h"
#include "collector/record/network.h"

struct buf;
struct err;
struct history_day;
struct history_filter;
struct registry_agent;
struct registry_enrolment;
struct review;
struct store;
struct store_changes;
struct store_expiry;
struct store_flags;
struct store_log;
struct store_page;
struct store_past;
struct store_rebuilt;
struct store_report;
struct store_revising;
struct store_settings;
struct store_totals;

struct store_engine {
	const char *name;             /* for messages */
	int64_t gather_us;            /* between two writes */
	size_t group_most, rows_most; /* of a write, but for its last report */
	int (*open)(const struct store_settings *settings, struct store **store,
	    struct err *err);
	void (*close)(struct store *store);
	void (*interrupt)(struct store *store);
	int (*write)(struct store *store, const struct store_report *reports,
	    size_t count, const struct store_flags *flags, struct err *err);
	int (*measurements)(struct store *store,
	    const struct row_filter *filter, struct store_page *page,
	    measurement_visit *visit, void *arg, struct err *err);
	int (*report_rows)(struct store *store, const char *id,
	    measurement_visit *visit, void *arg, struct err *err);
	int (*report_detail)(struct store *store, const char *id,
	    struct buf *out, struct err *err);
	int (*rollups)(struct store *store, const struct row_filter *filter,
	    struct rollup_page *page, rollup_visit *visit, void *arg,
	    struct err *err);
	int (*first_days)(struct store *store, rollup_first_visit *visit,
	    void *arg, struct err *err);
	int (*changes)(struct store *store, struct store_changes *changes,
	    struct err *err);
	int (*network)(struct store *store, uint32_t asn,
	    struct network_info *network, struct err *err);
	int (*annotate)(struct store *store, uint32_t asn,
	    const struct annotation *annotation, struct err *err);
	int (*annotations)(struct store *store,
	    int (*visit)(void *, uint32_t, const struct annotation *),
	    void *arg, struct err *err);
	int (*decide_review)(
	    struct store *store, const struct review *review, struct err *err);
	int (*reviews)(struct store *store,
	    int (*visit)(void *arg, const struct review *review), void *arg,
	    struct err *err);
	int (*revise_day)(struct store *store, const struct store_revising *how,
	    struct err *err);
	int (*totals)(
	    struct store *store, struct store_totals *totals, struct err *err);
	int (*add_past)(struct store *store, const struct store_past *past,
	    struct err *err);
	int (*closed_day)(struct store *store, int32_t *day, struct err *err);
	int (*history)(struct store *store, const struct history_filter *filter,
	    int (*visit)(void *arg, const struct history_day *day), void *arg,
	    struct err *err);
	int (*events)(struct store *store, const struct event_filter *filter,
	    struct store_page *page,
	    int (*visit)(void *arg, const struct event *event), void *arg,
	    struct err *err);
	int (*last_events)(struct store *store,
	    int (*visit)(void *, const struct event *), void *, struct err *);
	int (*expire)(
	    struct store *store, struct store_expiry *expiry, struct err *err);
	int (*rebuild_day)(struct store *store, int32_t day,
	    struct store_rebuilt *rebuilt, struct err *err);
	/* Up to back_up: or NULL. */
	int (*upkeep)(struct store *store, int64_t now_ms, struct err *err);
	int64_t (*now)(struct store *store, int64_t now_ms);
	int (*copy_log)(
	    struct store *store, struct store_log *log, struct err *err);
	int64_t (*log_pages)(const struct store *store);
	int (*back_up)(struct store *store, const char *path,
	    int (*progress)(void *arg, int64_t pages, int64_t pages_of),
	    void *arg, struct err *err);
	int (*enrol)(
	    struct store *store, struct registry_enrolment *list, size_t count);
	int (*find_agent)(struct store *store, const char *id, bool anew,
	    struct registry_agent *agent, struct err *err);
	int (*change_key)(struct store *store,
	    const struct registry_agent *agent, const uint8_t *new_key,
	    struct err *err);
	int (*revoke)(struct store *store, const char *id,
	    const char *pseudonym, int64_t now_ms, struct err *err);
	int (*list_agents)(struct store *store,
	    int (*visit)(void *arg, const struct registry_agent *agent),
	    void *arg, struct err *err);
	int (*add_token)(struct store *store, const uint8_t *token_sha256,
	    int64_t now_ms, struct err *err);
	int (*has_secret)(struct store *store, struct err *err);
	int (*bind_secret)(
	    struct store *store, const uint8_t *fingerprint, struct err *err);
};

struct store { /* what every open store begins with; the rest is the engine's */
	const struct store_engine *engine;
};

#endif
