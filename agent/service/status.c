/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"
#include "lib/json/json_read.h"
#include "lib/report/words.h"

#define SEEN_MAX  (STATUS_ENDPOINTS_MAX * 8)
#define PORTS_MAX 512

struct status_endpoint *status_endpoint(struct status *status, const char *name)
{
	struct status_endpoint *grown;
	size_t i;

	for (i = 0; i < status->nendpoints; i++)
		if (strcmp(status->endpoints[i].name, name) == 0)
			return &status->endpoints[i];
	grown = realloc(
	    status->endpoints, (status->nendpoints + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	status->endpoints = grown;
	grown += status->nendpoints++;
	memset(grown, 0, sizeof(*grown));
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	return grown;
}

void status_drop_endpoint(struct status *status, const char *name)
{
	struct port_states *states = &status->port_states;
	size_t i, kept = 0;

	for (i = 0; i < states->nseen; i++)
		if (strcmp(states->seen[i].endpoint, name) != 0)
			states->seen[kept++] = states->seen[i];
	states->nseen = kept;
	for (i = kept = 0; i < status->nendpoints; i++)
		if (strcmp(status->endpoints[i].name, name) != 0)
			status->endpoints[kept++] = status->endpoints[i];
	status->nendpoints = kept;
}

void status_free(struct status *status)
{
	port_states_free(&status->port_states);
	free(status->endpoints);
	memset(status, 0, sizeof(*status));
}

/* --- writing --- */

static void write_work(struct json_writer *json, const struct status *status)
{
	json_open_object(json, "round");
	json_time_or_null(json, "began", status->round_began_ms);
	json_time_or_null(json, "ended", status->round_ended_ms);
	json_integer(json, "addresses", status->round_addresses);
	json_close_object(json);
	json_time_or_null(json, "next", status->next_ms);
	json_open_object(json, "spool");
	json_integer(json, "reports", status->spool_reports);
	json_integer(json, "dropped", status->spool_dropped);
	json_close_object(json);
	json_open_object(json, "upload");
	json_time_or_null(json, "last", status->upload_ms);
	json_time_or_null(json, "failed", status->upload_failed_ms);
	json_text_or_null(json, "error", status->upload_error);
	json_time_or_null(json, "retry", status->upload_retry_ms);
	json_close_object(json);
	json_open_object(json, "plan");
	json_time_or_null(json, "taken", status->plan_taken_ms);
	json_time_or_null(json, "until", status->plan_until_ms);
	json_close_object(json);
	json_open_object(json, "plan_day");
	json_time_or_null(json, "day", status->day_ms);
	json_integer(json, "syns", status->day_syns);
	json_integer(json, "most", status->day_most);
	json_integer(json, "questions", status->day_questions);
	json_integer(json, "questions_most", status->day_questions_most);
	json_close_object(json);
	json_open_object(json, "sources");
	json_address(json, "4", &status->source4);
	json_address(json, "6", &status->source6);
	json_close_object(json);
}

static void write_ports(
    struct json_writer *json, const struct port_states *states)
{
	const struct port_states_port *port;
	size_t i;

	json_open_array(json, "ports");
	for (i = 0; i < states->nports; i++) {
		port = &states->ports[i];
		json_open_object(json, NULL);
		json_integer(json, "family", port->family);
		json_integer(json, "port", port->port);
		json_text(json, "state", port_state_word(port->state));
		json_time_or_null(json, "since", port->since_ms);
		json_time_or_null(json, "last", port->last_ms);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_seen(
    struct json_writer *json, const struct port_states *states)
{
	const struct port_states_seen *seen;
	size_t i;

	json_open_array(json, "seen");
	for (i = 0; i < states->nseen; i++) {
		seen = &states->seen[i];
		json_open_object(json, NULL);
		json_text(json, "endpoint", seen->endpoint);
		json_integer(json, "family", seen->family);
		json_integer(json, "port", seen->port);
		json_text(json, "outcome", outcome_word(seen->outcome));
		json_text(json, "mechanism", mechanism_word(seen->mechanism));
		json_time_or_null(json, "at", seen->at_ms);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_endpoints(
    struct json_writer *json, const struct status *status)
{
	const struct status_endpoint *endpoint;
	size_t i;

	json_open_array(json, "endpoints");
	for (i = 0; i < status->nendpoints; i++) {
		endpoint = &status->endpoints[i];
		json_open_object(json, NULL);
		json_text(json, "name", endpoint->name);
		json_time_or_null(json, "visited", endpoint->visited_ms);
		json_time_or_null(json, "next", endpoint->next_ms);
		json_integer(json, "turned_away", endpoint->away);
		json_close_object(json);
	}
	json_close_array(json);
}

void status_encode(const struct status *status, struct buf *out)
{
	struct json_writer json = {.out = out};

	json_open_object(&json, NULL);
	json_text(&json, "format", STATUS_FORMAT);
	json_integer(&json, "pid", status->pid);
	json_integer(&json, "process_start", status->process_start);
	json_text(&json, "software", status->software);
	json_text_or_null(&json, "agent", status->agent);
	json_text_or_null(&json, "collector", status->collector);
	json_text_or_null(&json, "doing", status->doing);
	json_time_or_null(&json, "started", status->started_ms);
	json_time_or_null(&json, "written", status->written_ms);
	write_work(&json, status);
	write_ports(&json, &status->port_states);
	write_seen(&json, &status->port_states);
	write_endpoints(&json, status);
	json_close_object(&json);
	buf_append_char(out, '\n');
}

/* --- reading --- */

static int read_text(const struct json_at *at, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at child;

	json_member(at, key, &child);
	return json_get_text_or(&child, out, size, "", err);
}

static int read_count(
    const struct json_at *at, const char *key, int64_t *out, struct err *err)
{
	struct json_at child;

	json_member(at, key, &child);
	return json_get_integer_or(&child, 0, INT64_C(1) << 50, 0, out, err);
}

static int read_time(
    const struct json_at *at, const char *key, int64_t *out, struct err *err)
{
	struct json_at child;

	*out = 0;
	json_member(at, key, &child);
	return json_is_absent(&child) ? 0 : json_get_time(&child, out, err);
}

static int read_address(const struct json_at *at, const char *key,
    struct addr *out, struct err *err)
{
	struct json_at child;

	json_member(at, key, &child);
	return json_get_address_or_absent(&child, out, err);
}

static int read_place(
    const struct json_at *at, uint8_t *family, uint16_t *port, struct err *err)
{
	struct json_at child;
	int64_t number;

	json_member(at, "family", &child);
	if (json_get_integer(&child, 4, 6, &number, err) < 0)
		return -EINVAL;
	*family = (uint8_t)number;
	json_member(at, "port", &child);
	if (json_get_integer(&child, 1, 65535, &number, err) < 0)
		return -EINVAL;
	*port = (uint16_t)number;
	return 0;
}

static int port_state_from_word(const char *word)
{
	int state;

	for (state = 0; state < PORT_STATES; state++)
		if (strcmp(port_state_word((enum port_state)state), word) == 0)
			return state;
	return -1;
}

static int read_port(
    const struct json_at *at, struct status *status, struct err *err)
{
	struct port_states_port port = {0};
	struct json_at child;
	int state, error;

	error = read_place(at, &port.family, &port.port, err);
	json_member(at, "state", &child);
	if (error == 0)
		error = json_get_word(
		    &child, port_state_from_word, &state, err);
	if (error == 0)
		error = read_time(at, "since", &port.since_ms, err);
	if (error == 0)
		error = read_time(at, "last", &port.last_ms, err);
	if (error < 0)
		return error;
	port.state = (enum port_state)state;
	return port_states_add_port(&status->port_states, &port);
}

static int read_seen(
    const struct json_at *at, struct status *status, struct err *err)
{
	struct port_states_seen seen = {0};
	struct json_at child;
	int outcome = 0, mechanism = 0, error;

	error = read_place(at, &seen.family, &seen.port, err);
	if (error == 0)
		error = read_text(
		    at, "endpoint", seen.endpoint, sizeof(seen.endpoint), err);
	json_member(at, "outcome", &child);
	if (error == 0)
		error = json_get_word(&child, outcome_from_word, &outcome, err);
	json_member(at, "mechanism", &child);
	if (error == 0)
		error = json_get_word(
		    &child, mechanism_from_word, &mechanism, err);
	if (error == 0)
		error = read_time(at, "at", &seen.at_ms, err);
	if (error < 0)
		return error;
	seen.outcome = (enum outcome)outcome;
	seen.mechanism = (enum mechanism)mechanism;
	return port_states_add_seen(&status->port_states, &seen);
}

static int read_endpoint(
    const struct json_at *at, struct status *status, struct err *err)
{
	struct status_endpoint *endpoint;
	char name[sizeof(endpoint->name)];
	struct json_at child;
	int error;

	json_member(at, "name", &child);
	if (json_get_text(&child, name, sizeof(name), err) < 0)
		return -EINVAL;
	endpoint = status_endpoint(status, name);
	if (endpoint == NULL)
		return -ENOMEM;
	error = read_time(at, "visited", &endpoint->visited_ms, err);
	if (error == 0)
		error = read_time(at, "next", &endpoint->next_ms, err);
	if (error == 0)
		error = read_count(at, "turned_away", &endpoint->away, err);
	return error;
}

static const struct list {
	const char *key;
	size_t most;
	int (*read)(
	    const struct json_at *at, struct status *status, struct err *err);
} lists[] = {
    {"ports", PORTS_MAX, read_port},
    {"seen", SEEN_MAX, read_seen},
    {"endpoints", STATUS_ENDPOINTS_MAX, read_endpoint},
};

static int read_list(const struct json_at *root, const struct list *list,
    struct status *status, struct err *err)
{
	struct json_at array, child;
	size_t count;
	bool more;
	int error;

	json_member(root, list->key, &array);
	if (json_is_absent(&array))
		return 0;
	error = json_get_array(&array, list->most, &count, err);
	if (error < 0)
		return error;
	for (more = json_first(&array, &child); error == 0 && more;
	     more = json_next(&child))
		error = list->read(&child, status, err);
	return error;
}

static int read_lists(
    const struct json_at *root, struct status *status, struct err *err)
{
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < sizeof(lists) / sizeof(*lists); i++)
		error = read_list(root, &lists[i], status, err);
	return error;
}

/* The scalar members of the document. */
enum field_kind { A_TIME, A_COUNT, A_TEXT, AN_ADDRESS };

static const struct field {
	const char *object, *key; /* object NULL: the root */
	enum field_kind kind;
	size_t offset, size;
} fields[] = {
#define FIELD(object, key, kind, name)                            \
	{                                                         \
		object, key, kind, offsetof(struct status, name), \
		    sizeof(((struct status *)0)->name)            \
	}
    FIELD(NULL, "pid", A_COUNT, pid),
    FIELD(NULL, "process_start", A_COUNT, process_start),
    FIELD(NULL, "software", A_TEXT, software),
    FIELD(NULL, "agent", A_TEXT, agent),
    FIELD(NULL, "collector", A_TEXT, collector),
    FIELD(NULL, "doing", A_TEXT, doing),
    FIELD(NULL, "started", A_TIME, started_ms),
    FIELD(NULL, "written", A_TIME, written_ms),
    FIELD(NULL, "next", A_TIME, next_ms),
    FIELD("round", "began", A_TIME, round_began_ms),
    FIELD("round", "ended", A_TIME, round_ended_ms),
    FIELD("round", "addresses", A_COUNT, round_addresses),
    FIELD("spool", "reports", A_COUNT, spool_reports),
    FIELD("spool", "dropped", A_COUNT, spool_dropped),
    FIELD("upload", "last", A_TIME, upload_ms),
    FIELD("upload", "failed", A_TIME, upload_failed_ms),
    FIELD("upload", "error", A_TEXT, upload_error),
    FIELD("upload", "retry", A_TIME, upload_retry_ms),
    FIELD("plan", "taken", A_TIME, plan_taken_ms),
    FIELD("plan", "until", A_TIME, plan_until_ms),
    FIELD("plan_day", "day", A_TIME, day_ms),
    FIELD("plan_day", "syns", A_COUNT, day_syns),
    FIELD("plan_day", "most", A_COUNT, day_most),
    FIELD("plan_day", "questions", A_COUNT, day_questions),
    FIELD("plan_day", "questions_most", A_COUNT, day_questions_most),
    FIELD("sources", "4", AN_ADDRESS, source4),
    FIELD("sources", "6", AN_ADDRESS, source6),
#undef FIELD
};

static int read_field(const struct json_at *root, const struct field *field,
    struct status *status, struct err *err)
{
	struct json_at object = *root;
	void *out = (char *)status + field->offset;

	if (field->object != NULL)
		json_member(root, field->object, &object);
	if (json_is_absent(&object))
		return 0;
	if (json_get_object(&object, err) < 0)
		return -EINVAL;
	switch (field->kind) {
	case A_TIME:
		return read_time(&object, field->key, out, err);
	case A_COUNT:
		return read_count(&object, field->key, out, err);
	case A_TEXT:
		return read_text(&object, field->key, out, field->size, err);
	case AN_ADDRESS:
	default:
		return read_address(&object, field->key, out, err);
	}
}

static int read_all(
    const struct json_at *root, struct status *status, struct err *err)
{
	char format[64];
	struct json_at at;
	int error;
	size_t i;

	json_member(root, "format", &at);
	error = json_get_text(&at, format, sizeof(format), err);
	if (error == 0 && strcmp(format, STATUS_FORMAT) != 0)
		error = json_error(&at, err, "is not " STATUS_FORMAT);
	for (i = 0; error == 0 && i < sizeof(fields) / sizeof(*fields); i++)
		error = read_field(root, &fields[i], status, err);
	return error == 0 ? read_lists(root, status, err) : error;
}

int status_decode(
    const char *json, size_t length, struct status *status, struct err *err)
{
	struct json_at root = {0};
	struct json_value *tree = NULL;
	int error;

	memset(status, 0, sizeof(*status));
	error = json_parse(json, length, &tree, err);
	if (error < 0)
		return error;
	root.value = tree;
	error = read_all(&root, status, err);
	json_free(tree);
	if (error < 0)
		status_free(status);
	return error == -ENOMEM ? err_system(err, error, "the status") : error;
}
