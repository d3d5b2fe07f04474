/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/path_picture.h"

#include <stdio.h>
#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/path_words.h"

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

/* The hop after which the wall stands; -1: nobody knows. Where the first hops
 * are silent on every port it is behind any of them. */
static int wall_after(
    const struct lane *lane, const struct diagnosis *diagnosis)
{
	int last = lane->end - 1, hop = diagnosis->after_hop;

	if (diagnosis->where == WHERE_LINK)
		return 0;
	if (diagnosis->where == WHERE_FAR_END)
		return last;
	if (hop > 0)
		return hop < last ? hop : last;
	return arrives(diagnosis) ? last : -1;
}

/* Where the wall stands, in characters; -1: nobody knows. */
static int wall_at(const struct lane *lane, const struct diagnosis *diagnosis)
{
	int hop;

	if (diagnosis->outcome == OUTCOME_LOCAL ||
	    diagnosis->where == WHERE_HOST)
		return 1;
	hop = wall_after(lane, diagnosis);
	return hop < 0 ? -1 : hop * lane->cell + lane->cell / 2;
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

static void clear(struct lane *lane)
{
	memset(lane->text, ' ', sizeof(lane->text));
	lane->text[lane->end * lane->cell + 1] = '\0';
}

static void draw(struct lane *lane, const struct diagnosis *diagnosis)
{
	int last = lane->end * lane->cell;

	clear(lane);
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
}

/* A control port is not diagnosed: it connects, or it does not. */
static void draw_control(struct lane *lane, const struct probe_seen *probe)
{
	clear(lane);
	if (probe->failure == FAILURE_NONE) {
		draw_line(lane, lane->end * lane->cell);
		lane->text[lane->end * lane->cell] = 'o';
	} else {
		draw_line(lane, 1);
		draw_ghost(lane, 0);
	}
}

static void add_lane(const struct explain_round *round,
    const struct explain_item *item, struct lane *lane, struct buf *out)
{
	draw(lane, &item->diagnosis);
	buf_printf(out, "%5u %s  ", item->diagnosis.port, lane->text);
	path_words_add(round, item, out);
	buf_append_char(out, '\n');
}

/* It is asked for handshakes and nothing else. */
static bool is_control(const struct target_seen *target, uint16_t port)
{
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == port &&
		    target->probes[i].mode != MODE_CONNECT)
			return false;
	return true;
}

/* The control port that comes after `before`, by its last attempt. NULL: no
 * more. */
static const struct probe_seen *next_control(
    const struct target_seen *target, unsigned before)
{
	const struct probe_seen *probe, *next = NULL;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port > before &&
		    (next == NULL || probe->port <= next->port) &&
		    is_control(target, probe->port))
			next = probe;
	}
	return next;
}

static void add_controls(
    const struct target_seen *target, struct lane *lane, struct buf *out)
{
	const struct probe_seen *probe = next_control(target, 0);

	for (; probe != NULL; probe = next_control(target, probe->port)) {
		draw_control(lane, probe);
		buf_printf(out, "%5u %s  ", probe->port, lane->text);
		path_words_add_control(probe, out);
		buf_append_char(out, '\n');
	}
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
			add_lane(round, &round->items[i], &lane, out);
	add_controls(explain_target(round, first), &lane, out);
	buf_append_char(out, '\n');
}
