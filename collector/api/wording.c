/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/wording.h"

#include <string.h>

#include "collector/api/query.h"
#include "collector/record/report_detail.h"
#include "lib/report/words.h"

#define WORD_OF(name, type, function)         \
	static const char *name(int value)    \
	{                                     \
		return function((type)value); \
	}

WORD_OF(state_word, enum network_state, network_state_word)
WORD_OF(reach_word, enum network_reach, network_reach_word)
WORD_OF(level_word, enum network_level, network_level_word)
WORD_OF(stop_word, enum network_stop, network_stop_word)
WORD_OF(mode_word, enum port_mode, port_mode_word)
WORD_OF(stage_text, enum stage, stage_word)
WORD_OF(failure_text, enum failure, failure_word)
WORD_OF(outcome_text, enum outcome, outcome_word)
WORD_OF(mechanism_text, enum mechanism, mechanism_word)
WORD_OF(where_text, enum where, where_word)
WORD_OF(zone_text, enum hop_zone, hop_zone_word)
WORD_OF(verify_text, enum tls_verify, tls_verify_word)
WORD_OF(kind_word, enum annotation_kind, annotation_kind_word)

static const char *format_word(int value)
{
	static const char *const words[FORMAT_COUNT] = {
	    [FORMAT_JSON] = "json",
	    [FORMAT_JSONL] = "jsonl",
	    [FORMAT_CSV] = "csv",
	    [FORMAT_PARQUET] = "parquet",
	};

	return words[value];
}

static const char *layout_word(int value)
{
	return value < FORMAT_COUNT ? format_word(value) : "columns";
}

static const char *sort_word(int value)
{
	static const char *const words[QUERY_SORT_COUNT] = {
	    [QUERY_SORT_ASN] = "asn",
	    [QUERY_SORT_STATE] = "state",
	    [QUERY_SORT_EVIDENCE] = "evidence",
	    [QUERY_SORT_SHARE] = "share",
	    [QUERY_SORT_SINCE] = "since",
	    [QUERY_SORT_NAME] = "name",
	};

	return words[value];
}

static const char *group_word(int value)
{
	(void)value;
	return "family";
}

static const char *axis_word(int value)
{
	static const char *const words[QUERY_AXIS_COUNT] = {
	    [QUERY_AXIS_NONE] = "",
	    [QUERY_AXIS_DAY] = "day",
	    [QUERY_AXIS_ASN] = "asn",
	    [QUERY_AXIS_COUNTRY] = "country",
	    [QUERY_AXIS_FAMILY] = "family",
	    [QUERY_AXIS_PORT] = "port",
	    [QUERY_AXIS_ENDPOINT] = "endpoint",
	    [QUERY_AXIS_OUTCOME] = "outcome",
	    [QUERY_AXIS_MECHANISM] = "mechanism",
	};

	return words[value];
}

const struct wording wording_states = {state_word, STATE_COUNT};
const struct wording wording_outcomes = {outcome_text, OUTCOME_COUNT};
const struct wording wording_levels = {level_word, LEVEL_COUNT};
/* Of all lists; what only some have comes behind. */
const struct wording wording_formats = {format_word, FORMAT_PARQUET};
const struct wording wording_layouts = {layout_word, FORMAT_COUNT + 1};
const struct wording wording_sorts = {sort_word, QUERY_SORT_COUNT};
const struct wording wording_groups = {group_word, 1};
const struct wording wording_axes = {axis_word, QUERY_AXIS_COUNT};

const struct wording wording_zones = {zone_text, ZONE_COUNT};
const struct wording wording_kinds = {kind_word, ANNOTATION_KINDS};
const struct wording wording_reaches = {reach_word, REACH_COUNT};
const struct wording wording_stops = {stop_word, STOP_COUNT};
static const struct wording modes = {mode_word, MODE_COUNT};
static const struct wording stages = {stage_text, STAGE_COUNT};
static const struct wording failures = {failure_text, FAILURE_COUNT};
const struct wording wording_mechanisms = {mechanism_text, MECHANISM_COUNT};
const struct wording wording_wheres = {where_text, WHERE_COUNT};
static const struct wording verifies = {verify_text, VERIFY_COUNT};

const struct wording *wording_of_column(enum column_type type)
{
	static const struct wording *const of[COLUMN_TYPES] = {
	    [COLUMN_MODE] = &modes,
	    [COLUMN_STAGE] = &stages,
	    [COLUMN_FAILURE] = &failures,
	    [COLUMN_OUTCOME] = &wording_outcomes,
	    [COLUMN_MECHANISM] = &wording_mechanisms,
	    [COLUMN_WHERE] = &wording_wheres,
	    [COLUMN_VERIFY] = &verifies,
	    [COLUMN_STATE] = &wording_states,
	    [COLUMN_REACH] = &wording_reaches,
	    [COLUMN_STOP] = &wording_stops,
	    [COLUMN_LEVEL] = &wording_levels,
	    [COLUMN_KIND] = &wording_kinds,
	};

	return of[type];
}

int wording_find(const struct wording *wording, const char *word)
{
	int i;

	if (word[0] == '\0')
		return -1;
	for (i = 0; i < wording->count; i++)
		if (strcmp(wording->word(i), word) == 0)
			return i;
	return -1;
}

static int next_word(const struct wording *wording, int from)
{
	while (from < wording->count && wording->word(from)[0] == '\0')
		from++;
	return from;
}

void wording_list(const struct wording *wording, struct buf *out)
{
	int i = next_word(wording, 0), next;
	bool first = true;

	for (; i < wording->count; i = next, first = false) {
		next = next_word(wording, i + 1);
		if (!first)
			buf_append_text(
			    out, next < wording->count ? ", " : " or ");
		buf_append_text(out, wording->word(i));
	}
}
