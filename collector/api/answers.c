/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/answers.h"

#include "collector/record/format.h"

/* Columns that answers share: a member, by its name and type. */
#define MEMBER(name, type)                      \
	{                                       \
		name, type, 0, NULL, NULL, NULL \
	}
#define NULLED(name, type)                               \
	{                                                \
		name, type, SHAPE_NULL, NULL, NULL, NULL \
	}
#define ABSENT(name, type)                                 \
	{                                                  \
		name, type, SHAPE_ABSENT, NULL, NULL, NULL \
	}
#define OBJECT(name, of)                              \
	{                                             \
		name, SHAPE_OBJECT, 0, of, NULL, NULL \
	}
#define LIST(name, of)                              \
	{                                           \
		name, SHAPE_LIST, 0, of, NULL, NULL \
	}
#define ROWS(name, columns)                              \
	{                                                \
		name, SHAPE_ROWS, 0, NULL, columns, NULL \
	}
#define WORD(name, words)                              \
	{                                              \
		name, SHAPE_WORD, 0, NULL, NULL, words \
	}
#define NO_WORD(name, words)                                    \
	{                                                       \
		name, SHAPE_WORD, SHAPE_NULL, NULL, NULL, words \
	}
#define END                                           \
	{                                             \
		NULL, SHAPE_TEXT, 0, NULL, NULL, NULL \
	}

#define PAGE(of)                                       \
	LIST("items", of), NULLED("next", SHAPE_TEXT), \
	    MEMBER("generated", SHAPE_TIME)

/* --- errors --- */

static const struct shape error_members[] = {
    NULLED("field", SHAPE_TEXT),
    MEMBER("message", SHAPE_TEXT),
    END,
};

const struct shape answer_error[] = {OBJECT("error", error_members), END};

/* --- networks --- */

static const struct shape share_members[] = {
    MEMBER("low", SHAPE_NUMBER),
    MEMBER("mid", SHAPE_NUMBER),
    MEMBER("high", SHAPE_NUMBER),
    END,
};

static const struct shape outcome_members[] = {
    WORD("outcome", &wording_outcomes),
    NO_WORD("mechanism", &wording_mechanisms),
    MEMBER("probes", SHAPE_INTEGER),
    END,
};

static const struct shape stop_members[] = {
    WORD("where", &wording_wheres),
    NULLED("after_hop", SHAPE_INTEGER),
    MEMBER("vantage_points", SHAPE_INTEGER),
    END,
};

static const struct shape part_members[] = {
    MEMBER("prefix", SHAPE_TEXT),
    WORD("state", &wording_states),
    MEMBER("vantage_points", SHAPE_INTEGER),
    END,
};

static const struct shape destination_members[] = {
    MEMBER("endpoint", SHAPE_TEXT),
    WORD("outcome", &wording_outcomes),
    END,
};

static const struct shape annotation_members[] = {
    NULLED("at", SHAPE_TIME),
    NULLED("by", SHAPE_TEXT),
    WORD("kind", &wording_kinds),
    MEMBER("text", SHAPE_TEXT),
    END,
};

const struct shape answer_network[] = {
    MEMBER("asn", SHAPE_INTEGER),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    MEMBER("family", SHAPE_INTEGER),
    MEMBER("port", SHAPE_INTEGER),
    WORD("state", &wording_states),
    NO_WORD("mechanism", &wording_mechanisms),
    NO_WORD("where", &wording_wheres),
    NO_WORD("stopped_in", &wording_stops),
    NULLED("upstream", SHAPE_INTEGER),
    NO_WORD("reach", &wording_reaches),
    NO_WORD("level", &wording_levels),
    NULLED("confidence", SHAPE_NUMBER),
    NULLED("wrong", SHAPE_NUMBER),
    OBJECT("blocked_share", share_members),
    MEMBER("vantage_points", SHAPE_INTEGER),
    MEMBER("witnesses", SHAPE_INTEGERS),
    MEMBER("prefixes", SHAPE_INTEGER),
    MEMBER("blocked_prefixes", SHAPE_TEXTS),
    MEMBER("endpoints", SHAPE_INTEGER),
    MEMBER("probes", SHAPE_INTEGER),
    NULLED("since", SHAPE_TIME),
    MEMBER("since_is_first", SHAPE_BOOL),
    NULLED("last", SHAPE_TIME),
    MEMBER("because", SHAPE_SENTENCES),
    NULLED("annotation", SHAPE_TEXT),
    LIST("outcomes", outcome_members),
    LIST("stops", stop_members),
    LIST("parts", part_members),
    LIST("destinations", destination_members),
    NULLED("typical_report", SHAPE_TEXT),
    LIST("annotations", annotation_members),
    END,
};

/* Of all that is made from the published view. */
#define VIEW \
	MEMBER("generation", SHAPE_INTEGER), MEMBER("generated", SHAPE_TIME)

/* With group=family and format=columns: the columns alone. */
static const struct shape column_members[] = {
    MEMBER("asn", SHAPE_INTEGERS),
    MEMBER("name", SHAPE_TEXTS),
    MEMBER("country", SHAPE_TEXTS),
    MEMBER("family", SHAPE_INTEGERS),
    MEMBER("last", SHAPE_TEXTS),
    MEMBER("vantage_points", SHAPE_INTEGERS),
    MEMBER("prefixes", SHAPE_INTEGERS),
    MEMBER("endpoints", SHAPE_INTEGERS),
    MEMBER("p25", SHAPE_ARRAYS),
    MEMBER("p587", SHAPE_ARRAYS),
    MEMBER("p465", SHAPE_ARRAYS),
    END,
};

const struct shape answer_networks[] = {
    {"items", SHAPE_LIST, SHAPE_ABSENT, answer_network, NULL, NULL},
    {"next", SHAPE_TEXT, SHAPE_NULL | SHAPE_ABSENT, NULL, NULL, NULL},
    ABSENT("total", SHAPE_INTEGER),
    ABSENT("rows", SHAPE_INTEGER),
    {"columns", SHAPE_OBJECT, SHAPE_ABSENT, column_members, NULL, NULL},
    VIEW,
    END,
};

const struct shape answer_upstream[] = {
    MEMBER("asn", SHAPE_INTEGER),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    MEMBER("family", SHAPE_INTEGER),
    MEMBER("port", SHAPE_INTEGER),
    MEMBER("networks", SHAPE_INTEGER),
    MEMBER("witnesses_blocked", SHAPE_INTEGER),
    NULLED("since", SHAPE_TIME),
    NULLED("last", SHAPE_TIME),
    MEMBER("because", SHAPE_TEXT),
    END,
};

const struct shape answer_upstreams[] = {
    LIST("items", answer_upstream),
    NULLED("next", SHAPE_TEXT),
    MEMBER("total", SHAPE_INTEGER),
    VIEW,
    END,
};

/* --- counts --- */

#define STATES(name)                                               \
	{                                                          \
		name, SHAPE_COUNTS, 0, NULL, NULL, &wording_states \
	}

#define COUNTRY                                          \
	MEMBER("country", SHAPE_TEXT), STATES("states"), \
	    MEMBER("known", SHAPE_INTEGER),              \
	    NULLED("announced", SHAPE_INTEGER),          \
	    MEMBER("vantage_points", SHAPE_INTEGER),     \
	    NULLED("last", SHAPE_TIME)

#define SCOPE MEMBER("family", SHAPE_INTEGER), MEMBER("port", SHAPE_INTEGER)

static const struct shape country_members[] = {COUNTRY, END};

const struct shape answer_countries[] = {
    LIST("items", country_members),
    NULLED("next", SHAPE_TEXT),
    SCOPE,
    VIEW,
    END,
};

const struct shape answer_country[] = {COUNTRY, SCOPE, VIEW, END};

/* --- history --- */

#define WINDOW MEMBER("since", SHAPE_TIME), MEMBER("until", SHAPE_TIME)

const struct shape answer_history[] = {
    WINDOW,
    MEMBER("history", SHAPE_MAP),
    VIEW,
    END,
};

static const struct shape network_day_members[] = {
    MEMBER("day", SHAPE_TEXT),
    SCOPE,
    WORD("state", &wording_states),
    NO_WORD("level", &wording_levels),
    NO_WORD("mechanism", &wording_mechanisms),
    MEMBER("vantage_points", SHAPE_INTEGER),
    OBJECT("blocked_share", share_members),
    END,
};

const struct shape answer_network_history[] = {
    MEMBER("asn", SHAPE_INTEGER),
    LIST("items", network_day_members),
    NULLED("next", SHAPE_TEXT),
    WINDOW,
    VIEW,
    END,
};

static const struct shape country_day_members[] = {
    MEMBER("day", SHAPE_TEXT),
    STATES("states"),
    END,
};

const struct shape answer_country_history[] = {
    MEMBER("country", SHAPE_TEXT),
    SCOPE,
    LIST("items", country_day_members),
    NULLED("next", SHAPE_TEXT),
    WINDOW,
    VIEW,
    END,
};

/* --- events --- */

const struct shape answer_event[] = {
    MEMBER("id", SHAPE_TEXT),
    MEMBER("at", SHAPE_TIME),
    MEMBER("asn", SHAPE_INTEGER),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    SCOPE,
    WORD("from", &wording_states),
    WORD("to", &wording_states),
    NO_WORD("level", &wording_levels),
    MEMBER("vantage_points", SHAPE_INTEGER),
    MEMBER("because", SHAPE_TEXT),
    END,
};

const struct shape answer_events[] = {
    LIST("items", answer_event),
    NULLED("next", SHAPE_TEXT),
    NULLED("since", SHAPE_TIME),
    MEMBER("until", SHAPE_TIME),
    MEMBER("generated", SHAPE_TIME),
    END,
};

/* --- measurements --- */

const struct shape answer_measurements[] = {
    ROWS("items", format_measurement_columns),
    NULLED("next", SHAPE_TEXT),
    NULLED("since", SHAPE_TIME),
    MEMBER("until", SHAPE_TIME),
    MEMBER("generated", SHAPE_TIME),
    END,
};

static const struct shape aggregate_members[] = {
    ABSENT("day", SHAPE_TEXT),
    ABSENT("asn", SHAPE_INTEGER),
    {"country", SHAPE_TEXT, SHAPE_NULL | SHAPE_ABSENT, NULL, NULL, NULL},
    ABSENT("family", SHAPE_INTEGER),
    ABSENT("port", SHAPE_INTEGER),
    ABSENT("endpoint", SHAPE_TEXT),
    {"outcome", SHAPE_WORD, SHAPE_ABSENT, NULL, NULL, &wording_outcomes},
    {"mechanism", SHAPE_WORD, SHAPE_NULL | SHAPE_ABSENT, NULL, NULL,
	&wording_mechanisms},
    MEMBER("measurements", SHAPE_INTEGER),
    END,
};

const struct shape answer_aggregate[] = {
    LIST("items", aggregate_members),
    NULLED("next", SHAPE_TEXT),
    WINDOW,
    ABSENT("generation", SHAPE_INTEGER),
    MEMBER("generated", SHAPE_TIME),
    END,
};

/* --- a report --- */

static const struct shape ms_members[] = {
    ABSENT("resolve", SHAPE_NUMBER),
    NULLED("connect", SHAPE_NUMBER),
    ABSENT("banner", SHAPE_NUMBER),
    ABSENT("ehlo", SHAPE_NUMBER),
    ABSENT("starttls", SHAPE_NUMBER),
    ABSENT("tls", SHAPE_NUMBER),
    ABSENT("ehlo-tls", SHAPE_NUMBER),
    ABSENT("done", SHAPE_NUMBER),
    NULLED("total", SHAPE_NUMBER),
    END,
};

static const struct shape smtp_members[] = {
    MEMBER("code", SHAPE_INTEGER),
    NULLED("text", SHAPE_TEXT),
    MEMBER("capabilities", SHAPE_TEXTS),
    END,
};

static const struct shape reply_members[] = {
    MEMBER("code", SHAPE_INTEGER),
    NULLED("text", SHAPE_TEXT),
    END,
};

static const struct shape tls_members[] = {
    MEMBER("version", SHAPE_TEXT),
    NULLED("verify", SHAPE_TEXT),
    END,
};

static const struct shape icmp_members[] = {
    MEMBER("type", SHAPE_INTEGER),
    NULLED("code", SHAPE_INTEGER),
    END,
};

static const struct shape elsewhere_members[] = {
    MEMBER("tried", SHAPE_INTEGER),
    MEMBER("reached", SHAPE_INTEGER),
    MEMBER("networks", SHAPE_INTEGER),
    END,
};

#define NO_OBJECT(name, of)                                    \
	{                                                      \
		name, SHAPE_OBJECT, SHAPE_NULL, of, NULL, NULL \
	}

static const struct shape probe_members[] = {
    MEMBER("port", SHAPE_INTEGER),
    MEMBER("mode", SHAPE_TEXT),
    MEMBER("ended", SHAPE_TEXT),
    NULLED("failure", SHAPE_TEXT),
    OBJECT("ms", ms_members),
    NO_OBJECT("smtp", smtp_members),
    NO_OBJECT("reply", reply_members),
    NULLED("receipt", SHAPE_TEXT),
    NO_OBJECT("tls", tls_members),
    NO_OBJECT("icmp", icmp_members),
    NO_WORD("outcome", &wording_outcomes),
    NO_WORD("mechanism", &wording_mechanisms),
    NO_WORD("where", &wording_wheres),
    NULLED("after_hop", SHAPE_INTEGER),
    NULLED("endpoint_hops", SHAPE_INTEGER),
    MEMBER("because", SHAPE_TEXTS),
    NO_OBJECT("elsewhere", elsewhere_members),
    END,
};

static const struct shape hop_members[] = {
    MEMBER("ttl", SHAPE_INTEGER),
    MEMBER("answered", SHAPE_BOOL),
    NO_WORD("zone", &wording_zones),
    NULLED("asn", SHAPE_INTEGER),
    NULLED("prefix", SHAPE_TEXT),
    NULLED("ms", SHAPE_NUMBER),
    END,
};

static const struct shape path_members[] = {
    MEMBER("port", SHAPE_INTEGER),
    MEMBER("reached", SHAPE_BOOL),
    NULLED("answer_ttl", SHAPE_INTEGER),
    LIST("hops", hop_members),
    END,
};

static const struct shape target_members[] = {
    MEMBER("endpoint", SHAPE_TEXT),
    NULLED("address", SHAPE_TEXT),
    MEMBER("family", SHAPE_INTEGER),
    MEMBER("at", SHAPE_TIME),
    LIST("probes", probe_members),
    LIST("paths", path_members),
    END,
};

const struct shape answer_report[] = {
    MEMBER("id", SHAPE_TEXT),
    MEMBER("at", SHAPE_TIME),
    MEMBER("agent", SHAPE_TEXT),
    NULLED("software", SHAPE_TEXT),
    MEMBER("proof", SHAPE_BOOL),
    NULLED("asn", SHAPE_INTEGER),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    NULLED("prefix", SHAPE_TEXT),
    LIST("targets", target_members),
    MEMBER("generated", SHAPE_TIME),
    END,
};

/* --- the collector --- */

static const struct shape endpoint_members[] = {
    MEMBER("name", SHAPE_TEXT),
    NULLED("host", SHAPE_TEXT),
    NULLED("domain", SHAPE_TEXT),
    MEMBER("kind", SHAPE_TEXT),
    MEMBER("ports", SHAPE_INTEGERS),
    END,
};

const struct shape answer_endpoints[] = {PAGE(endpoint_members), END};

static const struct shape file_members[] = {
    MEMBER("name", SHAPE_TEXT),
    MEMBER("bytes", SHAPE_INTEGER),
    END,
};

static const struct shape dump_members[] = {
    MEMBER("day", SHAPE_TEXT),
    MEMBER("version", SHAPE_INTEGER),
    MEMBER("path", SHAPE_TEXT),
    LIST("files", file_members),
    END,
};

const struct shape answer_dumps[] = {
    PAGE(dump_members),
    NULLED("since", SHAPE_TIME),
    MEMBER("until", SHAPE_TIME),
    END,
};

const struct shape answer_summary[] = {
    SCOPE,
    STATES("states"),
    {"states_week_ago", SHAPE_COUNTS, SHAPE_NULL, NULL, NULL, &wording_states},
    MEMBER("networks", SHAPE_INTEGER),
    MEMBER("countries", SHAPE_INTEGER),
    MEMBER("vantage_points", SHAPE_INTEGER),
    MEMBER("single_vantage", SHAPE_INTEGER),
    NULLED("ipv6_share", SHAPE_NUMBER),
    MEMBER("expected_wrong", SHAPE_NUMBER),
    MEMBER("agents", SHAPE_INTEGER),
    MEMBER("reports", SHAPE_INTEGER),
    MEMBER("measurements", SHAPE_INTEGER),
    NULLED("first", SHAPE_TIME),
    NULLED("last", SHAPE_TIME),
    VIEW,
    END,
};

const struct shape answer_about[] = {
    MEMBER("software", SHAPE_TEXT),
    MEMBER("simulated", SHAPE_BOOL),
    MEMBER("daily_files", SHAPE_BOOL),
    NULLED("operator", SHAPE_TEXT),
    NULLED("contact", SHAPE_TEXT),
    NULLED("licence", SHAPE_TEXT),
    NULLED("retention_days", SHAPE_INTEGER),
    MEMBER("thresholds", SHAPE_NUMBERS),
    NULLED("expected_wrong", SHAPE_NUMBER),
    MEMBER("generated", SHAPE_TIME),
    END,
};

const struct shape answer_whoami[] = {
    MEMBER("address", SHAPE_TEXT),
    MEMBER("family", SHAPE_INTEGER),
    ABSENT("asn", SHAPE_INTEGER),
    ABSENT("network", SHAPE_TEXT),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    {"networks", SHAPE_LIST, SHAPE_NULL, answer_network, NULL, NULL},
    ABSENT("agent", SHAPE_TEXT),
    ABSENT("expires", SHAPE_TIME),
    ABSENT("proof", SHAPE_TEXT),
    MEMBER("generated", SHAPE_TIME),
    END,
};

const struct shape answer_openapi[] = {
    MEMBER("openapi", SHAPE_TEXT),
    END,
};

/* --- agents --- */

const struct shape answer_plan[] = {MEMBER("format", SHAPE_TEXT), END};

const struct shape answer_accepted[] = {
    MEMBER("accepted", SHAPE_INTEGER),
    MEMBER("duplicate", SHAPE_BOOL),
    END,
};

const struct shape answer_enrolled[] = {MEMBER("agent", SHAPE_TEXT), END};

const struct shape body_report[] = {
    MEMBER("format", SHAPE_TEXT),
    MEMBER("report", SHAPE_TEXT),
    MEMBER("agent", SHAPE_TEXT),
    END,
};

const struct shape body_enrolment[] = {
    MEMBER("public_key", SHAPE_TEXT),
    ABSENT("token", SHAPE_TEXT),
    END,
};

const struct shape body_key[] = {
    MEMBER("public_key", SHAPE_TEXT),
    MEMBER("possession", SHAPE_TEXT),
    END,
};
