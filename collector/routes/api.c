/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/fleet/networks.h"
#include "collector/http/http.h"
#include "collector/routes/listing.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/report/words.h"

#define NETWORKS_PATH "/v1/networks"

/* The query of the request, or an answer that says what is wrong with it. */
static bool read_query(
    struct evhttp_request *request, unsigned allowed, struct query *query)
{
	struct query_error error;

	if (query_parse(http_query(request), allowed, query, &error) == 0)
		return true;
	http_reply_error(request, 400, error.field, error.message);
	return false;
}

/* --- networks --- */

/* Where a list of networks goes on: behind this one. */
struct network_key {
	unsigned asn, family, port;
};

struct networks {
	struct server *server;
	struct query *query;
	struct buf *out;
	size_t count;
	struct network_key after, last;
	bool more;
	struct err *err;
};

static bool is_behind(
    const struct network_verdict *verdict, const struct network_key *key)
{
	if (verdict->asn != key->asn)
		return verdict->asn > key->asn;
	if (verdict->family != key->family)
		return verdict->family > key->family;
	return verdict->port > key->port;
}

static int append_network(
    struct networks *networks, const struct network_verdict *verdict)
{
	struct network_record record;
	int error = networks_complete(
	    networks->server->reader, verdict, &record, networks->err);

	if (error < 0)
		return error;
	listing_separate(
	    networks->query->format, networks->count, networks->out);
	if (networks->query->format == FORMAT_CSV)
		format_network_csv(&record, networks->out);
	else
		format_network_json(&record, networks->out);
	networks->count++;
	networks->last = (struct network_key){
	    verdict->asn, verdict->family, verdict->port};
	return 0;
}

static int on_decided(void *arg, const struct network_verdict *verdict)
{
	struct networks *networks = arg;

	if (networks->query->state >= 0 &&
	    (int)verdict->state != networks->query->state)
		return 0;
	if (!is_behind(verdict, &networks->after))
		return 0;
	if (networks->count == networks->query->limit) {
		networks->more = true;
		return 1;
	}
	return append_network(networks, verdict);
}

static int read_network_cursor(
    const char *cursor, struct network_key *key, struct err *err)
{
	int used = 0;

	memset(key, 0, sizeof(*key));
	if (cursor[0] == '\0')
		return 0;
	if (sscanf(cursor, "%u.%u.%u%n", &key->asn, &key->family, &key->port,
		&used) != 3 ||
	    cursor[used] != '\0')
		return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
	return 0;
}

static int networks_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct networks networks = {
	    .server = server, .query = query, .out = out, .err = err};
	struct row_filter filter;
	int error = read_network_cursor(query->cursor, &networks.after, err);

	if (error < 0)
		return error;
	query_to_filter(query, &filter);
	filter.asn_from = networks.after.asn;
	error = networks_decide(server->reader, &filter, clock_wall_ms(),
	    on_decided, &networks, err);
	if (error < 0)
		return error;
	query->cursor[0] = '\0';
	if (networks.more)
		snprintf(query->cursor, sizeof(query->cursor), "%u.%u.%u",
		    networks.last.asn, networks.last.family,
		    networks.last.port);
	*count = networks.count;
	return 0;
}

static const struct listing networks_listing = {
    networks_page,
    format_network_csv_header,
};

/* "/v1/networks/64500": the asn is in the path. */
static bool take_asn_from_path(
    struct evhttp_request *request, struct query *query)
{
	const char *rest = http_path(request) + strlen(NETWORKS_PATH);
	struct query_error error;
	struct query asn;
	char text[40];

	if (rest[0] == '\0')
		return true;
	snprintf(text, sizeof(text), "asn=%.30s", rest + 1);
	if (query_parse(text, QUERY_ASN, &asn, &error) < 0) {
		http_reply_error(request, 400, "asn", error.message);
		return false;
	}
	query->asn = asn.asn;
	query->given |= QUERY_ASN;
	return true;
}

void api_networks(struct server *server, struct evhttp_request *request)
{
	bool one = http_path(request)[strlen(NETWORKS_PATH)] != '\0';
	unsigned allowed = QUERY_FAMILY | QUERY_PORT | QUERY_STATE |
			   QUERY_LIMIT | QUERY_CURSOR | QUERY_FORMAT |
			   (one ? 0 : QUERY_ASN | QUERY_COUNTRY);
	struct query query;

	if (!read_query(request, allowed, &query) ||
	    !take_asn_from_path(request, &query))
		return;
	listing_reply(server, request, &networks_listing, &query);
}

/* --- measurements --- */

struct measurements {
	enum format format;
	struct buf *out;
	size_t count;
};

static int append_measurement(void *arg, const struct measurement *row)
{
	struct measurements *measurements = arg;

	listing_separate(
	    measurements->format, measurements->count, measurements->out);
	if (measurements->format == FORMAT_CSV)
		format_measurement_csv(row, measurements->out);
	else
		format_measurement_json(row, measurements->out);
	measurements->count++;
	return 0;
}

static int measurements_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct measurements measurements = {query->format, out, 0};
	struct store_page page = {.limit = query->limit, .newest_first = true};
	struct row_filter filter;
	int error;

	query_to_filter(query, &filter);
	memcpy(page.cursor, query->cursor, sizeof(page.cursor));
	error = store_measurements(server->reader, &filter, &page,
	    append_measurement, &measurements, err);
	memcpy(query->cursor, page.cursor, sizeof(query->cursor));
	*count = measurements.count;
	return error;
}

static const struct listing measurements_listing = {
    measurements_page,
    format_measurement_csv_header,
};

void api_measurements(struct server *server, struct evhttp_request *request)
{
	struct query query;

	if (read_query(request,
		QUERY_ASN | QUERY_COUNTRY | QUERY_FAMILY | QUERY_PORT |
		    QUERY_OUTCOME | QUERY_SINCE | QUERY_UNTIL | QUERY_LIMIT |
		    QUERY_CURSOR | QUERY_FORMAT,
		&query))
		listing_reply(server, request, &measurements_listing, &query);
}

/* --- the rest --- */

static void write_time_or_null(
    struct json_writer *json, const char *key, int64_t wall_ms)
{
	if (wall_ms != 0)
		json_time(json, key, wall_ms);
	else
		json_null(json, key);
}

void api_summary(struct server *server, struct evhttp_request *request)
{
	struct store_totals totals;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct query query;
	struct err err;

	if (!read_query(request, 0, &query))
		return;
	if (store_totals(server->reader, &totals, &err) < 0) {
		log_error("%s", err.text);
		http_reply_busy(request, 503, 5, "the store does not answer");
		return;
	}
	json_open_object(&json, NULL);
	json_integer(&json, "networks", totals.networks);
	json_integer(&json, "agents", totals.agents);
	json_integer(&json, "reports", totals.reports);
	json_integer(&json, "measurements", totals.measurements);
	write_time_or_null(&json, "first", totals.first_ms);
	write_time_or_null(&json, "last", totals.last_ms);
	json_close_object(&json);
	http_reply_json(request, 200, &body);
	buf_free(&body);
}

static void write_endpoint(
    struct json_writer *json, const struct endpoint *endpoint)
{
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "name", endpoint->name);
	json_text_or_null(json, "host", endpoint->host);
	json_text_or_null(json, "domain", endpoint->domain);
	json_text(json, "kind", endpoint_kind_word(endpoint->kind));
	json_open_array(json, "ports");
	for (i = 0; i < endpoint->ports.count; i++)
		json_integer(json, NULL, endpoint->ports.port[i]);
	json_close_array(json);
	json_close_object(json);
}

void api_endpoints(struct server *server, struct evhttp_request *request)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct query query;
	size_t i;

	if (!read_query(request, 0, &query))
		return;
	json_open_object(&json, NULL);
	json_open_array(&json, "items");
	for (i = 0; i < server->settings->endpoints.count; i++)
		write_endpoint(&json, &server->settings->endpoints.items[i]);
	json_close_array(&json);
	json_null(&json, "next");
	json_close_object(&json);
	http_reply_json(request, 200, &body);
	buf_free(&body);
}
