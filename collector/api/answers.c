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

const struct shape answer_network[] = {
    MEMBER("asn", SHAPE_INTEGER),
    NULLED("name", SHAPE_TEXT),
    NULLED("country", SHAPE_TEXT),
    MEMBER("family", SHAPE_INTEGER),
    MEMBER("port", SHAPE_INTEGER),
    WORD("state", &wording_states),
    NO_WORD("mechanism", &wording_mechanisms),
    NO_WORD("where", &wording_wheres),
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
    END,
};

const struct shape answer_networks[] = {PAGE(answer_network), END};

/* --- measurements --- */

const struct shape answer_measurements[] = {
    ROWS("items", format_measurement_columns),
    NULLED("next", SHAPE_TEXT),
    NULLED("since", SHAPE_TIME),
    MEMBER("until", SHAPE_TIME),
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

const struct shape answer_summary[] = {
    MEMBER("networks", SHAPE_INTEGER),
    MEMBER("agents", SHAPE_INTEGER),
    MEMBER("reports", SHAPE_INTEGER),
    MEMBER("measurements", SHAPE_INTEGER),
    NULLED("first", SHAPE_TIME),
    NULLED("last", SHAPE_TIME),
    MEMBER("generated", SHAPE_TIME),
    END,
};

const struct shape answer_about[] = {
    MEMBER("software", SHAPE_TEXT),
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
