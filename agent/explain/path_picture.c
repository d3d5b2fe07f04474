/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/path_picture.h"

#include <stdio.h>
#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/place.h"
#include "lib/report/words.h"

#define CELL       4  /* characters a hop */
#define CELL_SMALL 2  /* of a long path */
#define LONG_PATH  13 /* hops; more do not fit 80 characters beside words */
#define LANE_SIZE  (OBSERVE_HOPS_MAX * CELL_SMALL + LONG_PATH * CELL)

/* A stretch of characters: host at 0, hop h at h cells, then the endpoint. */
struct lane {
	char text[LANE_SIZE];
	int cell, end; /* characters a hop; hops to the endpoint */
};

static bool is_stopped(const struct explain_item *item)
{
	return (EXPLAIN_STOPPED >> item->diagnosis.outcome & 1) != 0;
}

/* What is stopped only after the handshake reaches the endpoint, or seems to.
 */
static bool arrives(const struct diagnosis *diagnosis)
{
	switch (diagnosis->mechanism) {
	case MECHANISM_DROP_REPLY:
	case MECHANISM_RESET_AFTER_CONNECT:
	case MECHANISM_STALL_AFTER_CONNECT:
	case MECHANISM_STARTTLS_STRIPPED:
	case MECHANISM_TLS_INTERCEPTED:
		return true;
	default:
		return false;
	}
}

/* Where the wall stands, in characters; -1: nobody knows. */
static int wall_at(const struct lane *lane, const struct diagnosis *diagnosis)
{
	int hop = diagnosis->after_hop;

	if (diagnosis->outcome == OUTCOME_LOCAL ||
	    diagnosis->where == WHERE_HOST)
		return 1;
	if (diagnosis->where == WHERE_FAR_END ||
	    (hop == OBSERVE_ABSENT && arrives(diagnosis)))
		return lane->end * lane->cell - 1;
	if (hop == OBSERVE_ABSENT)
		return -1;
	hop = hop < lane->end ? hop : lane->end - 1;
	return hop * lane->cell + lane->cell / 2;
}

static void draw_line(struct lane *lane, int to)
{
	memset(lane->text, '-', (size_t)to);
	lane->text[0] = 'o';
}

/* Hops that are never reached. */
static void draw_ghost(struct lane *lane, int from)
{
	int at;

	for (at = 1; at <= lane->end; at++)
		if (at * lane->cell > from)
			lane->text[at * lane->cell] = '.';
}

static void draw_stopped(struct lane *lane, const struct diagnosis *diagnosis)
{
	int wall = wall_at(lane, diagnosis), last = lane->end * lane->cell;

	if (arrives(diagnosis)) {
		draw_line(lane, last);
		lane->text[last] = 'o';
	} else {
		draw_line(lane, wall > 0 ? wall : 1);
		draw_ghost(lane, wall);
	}
	if (wall > 0)
		lane->text[wall] = diagnosis->outcome == OUTCOME_INTERCEPTED
				       ? '@'
				       : '#';
}

static void draw(struct lane *lane, const struct diagnosis *diagnosis)
{
	int last = lane->end * lane->cell;

	memset(lane->text, ' ', sizeof(lane->text));
	if ((EXPLAIN_STOPPED >> diagnosis->outcome & 1) != 0) {
		draw_stopped(lane, diagnosis);
	} else if (diagnosis->outcome == OUTCOME_UNKNOWN) {
		draw_line(lane, 1);
		draw_ghost(lane, 0);
	} else {
		draw_line(lane, last);
		lane->text[last] = diagnosis->outcome == OUTCOME_REACHABLE
				       ? 'o'
				       : 'x';
	}
	lane->text[last + 1] = '\0';
}

static void add_lane(
    const struct explain_item *item, struct lane *lane, struct buf *out)
{
	const struct diagnosis *diagnosis = &item->diagnosis;
	char place[160] = "";

	draw(lane, diagnosis);
	place_short(diagnosis, place, sizeof(place));
	buf_printf(out, "%5u %s  %s/%s%s%s\n", diagnosis->port, lane->text,
	    outcome_word(diagnosis->outcome),
	    mechanism_word(diagnosis->mechanism), place[0] != '\0' ? " " : "",
	    place);
}

/* The number of each hop above it, every fifth of a long path. */
static void add_scale(const struct lane *lane, struct buf *out)
{
	int step = lane->cell == CELL ? 1 : 5, hop;
	char text[LANE_SIZE + 8];

	memset(text, ' ', sizeof(text));
	text[0] = '0';
	for (hop = step; hop <= lane->end; hop += step)
		memcpy(text + hop * lane->cell,
		    (char[2]){
			hop >= 10 ? (char)('0' + hop / 10) : (char)('0' + hop),
			hop >= 10 ? (char)('0' + hop % 10) : ' '},
		    2);
	hop -= step;
	text[hop * lane->cell + (hop >= 10 ? 2 : 1)] = '\0';
	buf_printf(out, "  hop %s\n", text);
}

static const struct explain_item *first_stopped(
    const struct explain_round *round)
{
	size_t i;

	for (i = 0; i < round->count; i++)
		if (is_stopped(&round->items[i]) &&
		    round->items[i].diagnosis.endpoint_hops > 1 &&
		    !explain_is_reference(round, &round->items[i]))
			return &round->items[i];
	return NULL;
}

void path_picture_add(const struct explain_round *round, struct buf *out)
{
	const struct explain_item *first = first_stopped(round);
	struct lane lane;
	size_t i;

	if (first == NULL)
		return;
	lane.end = first->diagnosis.endpoint_hops;
	if (lane.end > OBSERVE_HOPS_MAX)
		return;
	lane.cell = lane.end > LONG_PATH ? CELL_SMALL : CELL;
	buf_printf(out, "How far each port gets to %s, %d hops away:\n",
	    explain_target(round, first)->endpoint, lane.end);
	add_scale(&lane, out);
	for (i = 0; i < round->count; i++)
		if (round->items[i].target == first->target)
			add_lane(&round->items[i], &lane, out);
	buf_append_char(out, '\n');
}
