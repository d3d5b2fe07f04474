/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_text.h"

#include <stdio.h>
#include <string.h>

#include "agent/explain/explain_advice.h"
#include "agent/explain/explain_select.h"
#include "agent/explain/notes.h"
#include "agent/explain/path_picture.h"
#include "agent/explain/place.h"
#include "lib/base/text.h"
#include "lib/report/words.h"

#define CELL_SIZE 160
#define GAP       2 /* between two columns */

/* Fill a cell of the table; it is "" on entry. */
typedef void fill_cell(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE]);

static void fill_endpoint(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	const struct target_seen *target = explain_target(round, item);
	const char *mark = strstr(target->endpoint, EXPLAIN_MX_MARK);

	/* Which of the domain's MX hosts. */
	if (mark != NULL && target->host[0] != '\0')
		snprintf(cell, CELL_SIZE, "%.100s%s", target->host, mark);
	else
		snprintf(cell, CELL_SIZE, "%s", target->endpoint);
}

static void fill_address(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	const struct target_seen *target = explain_target(round, item);

	if (target->address.family != 0)
		addr_format(&target->address, cell);
	else
		snprintf(cell, CELL_SIZE, "(no IPv%d)", target->family);
}

static void fill_port(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	snprintf(cell, CELL_SIZE, "%u", item->diagnosis.port);
}

static void fill_outcome(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	snprintf(cell, CELL_SIZE, "%s", outcome_word(item->diagnosis.outcome));
}

static void fill_mechanism(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	snprintf(
	    cell, CELL_SIZE, "%s", mechanism_word(item->diagnosis.mechanism));
}

static void fill_where(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	place_short(&item->diagnosis, cell, CELL_SIZE);
}

static void fill_tls(const struct explain_round *round,
    const struct explain_item *item, char cell[CELL_SIZE])
{
	const struct probe_seen *probe = explain_best_probe(round, item);
	const struct tls_seen *tls;

	if (item->diagnosis.plaintext)
		snprintf(cell, CELL_SIZE, "not offered");
	if (probe == NULL || probe->tls.version[0] == '\0')
		return;
	tls = &probe->tls;
	if (tls->verify == VERIFY_OK || tls->verify == VERIFY_ABSENT)
		snprintf(cell, CELL_SIZE, "%s", tls->version);
	else
		snprintf(cell, CELL_SIZE, "%s, not verified: %s", tls->version,
		    tls_verify_word(tls->verify));
}

static const struct column {
	const char *head;
	fill_cell *fill;
} columns[] = {
    {"ENDPOINT", fill_endpoint},
    {"ADDRESS", fill_address},
    {"PORT", fill_port},
    {"OUTCOME", fill_outcome},
    {"MECHANISM", fill_mechanism},
    {"WHERE", fill_where},
    {"TLS", fill_tls},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

static void add_cell(
    struct buf *out, const char *text, size_t width, const char *colour)
{
	size_t blanks = width - text_characters(text) + GAP;

	if (*colour != '\0')
		buf_printf(out, "\033[%sm%s\033[0m", colour, text);
	else
		buf_append_text(out, text);
	for (; blanks > 0; blanks--)
		buf_append_char(out, ' ');
}

/* Take off the blanks behind the last cell. */
static void end_line(struct buf *out)
{
	while (out->length > 0 && out->data[out->length - 1] == ' ')
		out->length--;
	buf_append_char(out, '\n');
}

/* The SGR code of an outcome: green, red or yellow. */
static const char *colour_of(enum outcome outcome)
{
	if (outcome == OUTCOME_REACHABLE)
		return "32";
	if (outcome == OUTCOME_ENDPOINT || outcome == OUTCOME_UNKNOWN)
		return "33";
	return "31";
}

static void measure(const struct explain_round *round, size_t widths[COLUMNS])
{
	char cell[CELL_SIZE];
	size_t i, k;

	for (k = 0; k < COLUMNS; k++) {
		widths[k] = strlen(columns[k].head);
		for (i = 0; i < round->count; i++) {
			cell[0] = '\0';
			columns[k].fill(round, &round->items[i], cell);
			if (text_characters(cell) > widths[k])
				widths[k] = text_characters(cell);
		}
	}
}

static void add_row(const struct explain_round *round,
    const struct explain_item *item, const size_t widths[COLUMNS], bool colour,
    struct buf *out)
{
	char cell[CELL_SIZE];
	const char *code;
	size_t k;

	for (k = 0; k < COLUMNS; k++) {
		cell[0] = '\0';
		columns[k].fill(round, item, cell);
		code = colour && columns[k].fill == fill_outcome
			   ? colour_of(item->diagnosis.outcome)
			   : "";
		add_cell(out, cell, widths[k], code);
	}
	end_line(out);
}

static void add_table(
    const struct explain_round *round, bool colour, struct buf *out)
{
	size_t widths[COLUMNS], i;

	measure(round, widths);
	for (i = 0; i < COLUMNS; i++)
		add_cell(out, columns[i].head, widths[i], colour ? "1" : "");
	end_line(out);
	for (i = 0; i < round->count; i++)
		add_row(round, &round->items[i], widths, colour, out);
}

void explain_text(const struct explain_round *round,
    const struct explain_port *ports, size_t count, bool colour,
    struct buf *out)
{
	size_t i;

	if (round->count > 0) {
		add_table(round, colour, out);
		buf_append_char(out, '\n');
	}
	path_picture_add(round, out);
	for (i = 0; i < count; i++)
		buf_printf(out, "%s\n", ports[i].because);
	notes_add(round, ports, count, out);
	explain_advice(round, ports, count, out);
}
