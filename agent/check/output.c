/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/output.h"

#include <errno.h>
#include <stdio.h>

#include "agent/check/terminal.h"
#include "agent/explain/explain.h"
#include "agent/explain/explain_json.h"
#include "agent/explain/explain_text.h"
#include "agent/explain/letter.h"
#include "agent/explain/nagios.h"
#include "agent/readiness/readiness_words.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define PORTS_MAX 32

/* A diagnosed round and its ports. */
struct page {
	struct explain_round round;
	struct explain_port ports[PORTS_MAX];
	size_t count;
};

static size_t add_untold(
    struct explain_port *ports, size_t count, uint16_t port)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (ports[i].port == port)
			return count;
	if (count == PORTS_MAX)
		return count;
	ports[count] = (struct explain_port){
	    .port = port,
	    .state = PORT_UNKNOWN,
	    .mechanism = MECHANISM_COUNT,
	};
	snprintf(ports[count].because, sizeof(ports[count].because),
	    "Port %u could not be settled in the time that was given; a "
	    "longer --timeout may tell.",
	    port);
	return count + 1;
}

/* A port that was asked, and of which the round had no time to say anything,
 * is named too. */
static size_t add_untold_ports(const struct endpoint_list *endpoints,
    struct explain_port *ports, size_t count)
{
	const struct port_list *asked;
	size_t i, j;

	for (i = 0; i < endpoints->count; i++) {
		asked = &endpoints->items[i].ports;
		for (j = 0; j < asked->count; j++)
			if (asked->mode[j] != MODE_CONNECT)
				count = add_untold(
				    ports, count, asked->port[j]);
	}
	return count;
}

/* 0 or -ENOMEM. End with explain_free(&page->round). */
static int make_page(const struct output *output, struct page *page)
{
	int rc = explain_round(output->report, output->endpoints, &page->round);

	if (rc != 0)
		return rc;
	page->round.nreferences = output->nreferences;
	page->round.surroundings = output->surroundings;
	page->count = explain_ports(&page->round, page->ports, PORTS_MAX);
	page->count = add_untold_ports(
	    output->endpoints, page->ports, page->count);
	return 0;
}

/* --- forms --- */

static int write_text(
    const struct output *output, const struct page *page, struct buf *out)
{
	explain_text(&page->round, page->ports, page->count,
	    terminal_wants_colour(), out);
	if (output->readiness != NULL)
		readiness_words_text(output->readiness, out);
	return explain_exit_code(page->ports, page->count);
}

static int write_json(
    const struct output *output, const struct page *page, struct buf *out)
{
	explain_json(
	    &page->round, page->ports, page->count, output->readiness, out);
	return explain_exit_code(page->ports, page->count);
}

static int write_nagios(
    const struct output *output, const struct page *page, struct buf *out)
{
	nagios_line(&page->round, page->ports, page->count, out);
	return (int)nagios_status(page->ports, page->count);
}

static int write_letter(
    const struct output *output, const struct page *page, struct buf *out)
{
	if (!letter_write(&page->round, output->readiness, out))
		log_info("no letter: no network was seen to stop a port");
	return explain_exit_code(page->ports, page->count);
}

static int (*const writers[])(
    const struct output *output, const struct page *page, struct buf *out) = {
    [OUTPUT_TEXT] = write_text,
    [OUTPUT_JSON] = write_json,
    [OUTPUT_NAGIOS] = write_nagios,
    [OUTPUT_LETTER] = write_letter,
};

int output_print(
    const struct output *output, enum output_form form, struct err *err)
{
	const struct buf *dialogues = output->dialogues;
	struct buf out = {0};
	struct page page;
	int rc = make_page(output, &page);

	if (rc != 0)
		return err_system(err, rc, "the diagnosis");
	rc = writers[form](output, &page, &out);
	explain_free(&page.round);
	if (dialogues->length > 0)
		fwrite(dialogues->data, 1, dialogues->length,
		    form == OUTPUT_TEXT ? stdout : stderr);
	if (out.failed)
		rc = err_system(err, -ENOMEM, "the output");
	else if (out.length > 0)
		fwrite(out.data, 1, out.length, stdout);
	buf_free(&out);
	return rc;
}

bool output_is_open(const struct output *output, uint16_t port)
{
	const struct explain_port *found;
	struct page page;
	bool open;

	if (make_page(output, &page) != 0)
		return false;
	found = port_state_find(page.ports, page.count, port);
	open = found != NULL && found->state == PORT_OPEN;
	explain_free(&page.round);
	return open;
}

int output_fail(enum output_form form, int rc, const struct err *err)
{
	struct buf out = {0};

	if (form != OUTPUT_NAGIOS)
		return args_fail(rc, err);
	nagios_error(err->text, &out);
	if (!out.failed)
		fwrite(out.data, 1, out.length, stdout);
	buf_free(&out);
	args_finish_output();
	return NAGIOS_UNKNOWN;
}
