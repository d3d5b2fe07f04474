/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_json.h"

#include <stdio.h>
#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/surroundings.h"
#include "agent/readiness/readiness_words.h"
#include "lib/json/json.h"
#include "lib/report/report_encode.h"
#include "lib/report/words.h"

static void add_signs(struct json_writer *json, unsigned signs)
{
	unsigned bit;

	json_open_array(json, "signs");
	for (bit = 1; bit != 0 && bit <= signs; bit <<= 1)
		if ((signs & bit) != 0)
			json_text(
			    json, NULL, soft_sign_word((enum soft_sign)bit));
	json_close_array(json);
}

static void add_diagnosis(struct json_writer *json,
    const struct target_seen *target, const struct diagnosis *diagnosis)
{
	json_open_object(json, NULL);
	json_text(json, "endpoint", target->endpoint);
	json_address(json, "address", &target->address);
	json_integer(json, "family", target->family);
	json_integer(json, "port", diagnosis->port);
	json_text(json, "outcome", outcome_word(diagnosis->outcome));
	json_text(json, "mechanism", mechanism_word(diagnosis->mechanism));
	json_text_or_null(json, "where", where_word(diagnosis->where));
	json_integer_or_null(json, "after_hop", diagnosis->after_hop);
	json_address(json, "after_address", &diagnosis->after_address);
	json_integer_or_null(json, "before_hop", diagnosis->before_hop);
	json_integer_or_null(json, "endpoint_hops", diagnosis->endpoint_hops);
	add_signs(json, diagnosis->signs);
	json_bool(json, "plaintext", diagnosis->plaintext);
	if (diagnosis->seen_from.family != 0) {
		json_open_object(json, "beacon");
		json_address(json, "saw", &diagnosis->seen_from);
		json_integer_or_null(json, "hops",
		    diagnosis->seen_hops > 0 ? diagnosis->seen_hops
					     : OBSERVE_ABSENT);
		json_close_object(json);
	}
	json_text_or_null(
	    json, "rule", diagnosis->rule != NULL ? diagnosis->rule : "");
	json_text(json, "because", diagnosis->because);
	json_close_object(json);
}

static void add_port(struct json_writer *json, const struct explain_port *port)
{
	char key[8];

	snprintf(key, sizeof(key), "%u", port->port);
	json_open_object(json, key);
	json_text(json, "state", port_state_word(port->state));
	json_text_or_null(json, "mechanism", mechanism_word(port->mechanism));
	json_text_or_null(json, "where", where_word(port->where));
	json_text(json, "because", port->because);
	json_close_object(json);
}

/* The names of the endpoints that were asked as a second opinion. */
static void add_references(
    const struct explain_round *round, struct json_writer *json)
{
	const struct report *report = round->report;
	const char *name;
	size_t i;

	for (i = report->ntargets - round->nreferences; i < report->ntargets;
	     i++) {
		name = report->targets[i].endpoint;
		if (i == report->ntargets - round->nreferences ||
		    strcmp(name, report->targets[i - 1].endpoint) != 0)
			json_text(json, NULL, name);
	}
}

void explain_json(const struct explain_round *round,
    const struct explain_port *ports, size_t count,
    const struct readiness *readiness, struct buf *out)
{
	struct json_writer json = {.out = out};
	size_t i;

	json_open_object(&json, NULL);
	json_text(&json, "format", "egress25-check/1");
	json_raw(&json, "report", "");
	report_encode(round->report, out);
	json_open_array(&json, "diagnoses");
	for (i = 0; i < round->count; i++)
		add_diagnosis(&json, explain_target(round, &round->items[i]),
		    &round->items[i].diagnosis);
	json_close_array(&json);
	json_open_object(&json, "ports");
	for (i = 0; i < count; i++)
		add_port(&json, &ports[i]);
	json_close_object(&json);
	readiness_words_json(&json, readiness);
	surroundings_json(round->surroundings, &json);
	json_open_array(&json, "references");
	add_references(round, &json);
	json_close_array(&json);
	json_close_object(&json);
	buf_append_char(out, '\n');
}
