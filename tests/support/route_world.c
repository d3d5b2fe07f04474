/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/route_world.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet/census.h"
#include "collector/intake/client_limits.h"
#include "collector/routes/identity.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/rfc3339.h"
#include "lib/sign/possession.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define HEADERS_MAX 8

/* --- open and close --- */

/* A path beside the database. */
static void make_path(const char *name, char path[600])
{
	struct store_settings settings = stored_settings(true);

	*strrchr(settings.path, '/') = '\0';
	snprintf(path, 600, "%s/%s", settings.path, name);
}

static void write_endpoints(
    struct collector_options *options, const char *endpoints)
{
	char path[600];
	FILE *file;

	if (endpoints[0] == '\0')
		return;
	make_path("endpoints.conf", path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(endpoints, file);
	fclose(file);
	snprintf(options->endpoints, sizeof(options->endpoints), "%s", path);
}

static void make_settings(struct route_world *world,
    const struct collector_options *options, const char *endpoints)
{
	struct collector_options own = *options;
	struct settings *settings;
	char path[600];
	struct err err;

	make_path(".", path);
	snprintf(own.state, sizeof(own.state), "%s", path);
	write_endpoints(&own, endpoints);
	if (settings_load(&own, &settings, &err) < 0)
		fail_msg("%s", err.text);
	world->server.holder = settings_holder_new(settings);
	server_take_settings(&world->server);
}

static struct sign_key *make_key(const char *name)
{
	struct sign_key *key;
	char path[600];
	struct err err;

	make_path(name, path);
	assert_int_equal(sign_key_load_or_make(path, &key, &err), 0);
	return key;
}

static void fill_store(struct route_world *world, int reports)
{
	struct registry_agent agent = {.enrolled_ms = STORED_NOON};
	struct store *store = stored_open(false);
	bool duplicate;
	struct err err;
	int i;

	sign_key_public(world->key, agent.public_key);
	identity_name(agent.public_key, agent.id);
	snprintf(world->agent, sizeof(world->agent), "%s", agent.id);
	assert_int_equal(registry_enrol(store, &agent, NULL, &err), 0);
	for (i = 1; i <= reports; i++)
		assert_int_equal(stored_put(store, i, &duplicate, &err), 0);
	store_close(store);
}

static void wait_for_census(struct census *census)
{
	const struct census_view *view = NULL;
	int i;

	for (i = 0; i < 1000 && view == NULL; i++) {
		view = census_hold(census);
		census_drop(census, view);
		usleep(view == NULL ? 10000 : 0);
	}
	assert_non_null(view);
}

void route_world_open(struct route_world *world,
    const struct collector_options *options, int reports, const char *endpoints)
{
	struct store_settings settings;
	struct server *server = &world->server;
	struct err err;

	memset(world, 0, sizeof(*world));
	assert_int_equal(stored_set_up(NULL), 0);
	make_settings(world, options, endpoints);
	world->key = make_key("key");
	world->other_key = make_key("other-key");
	fill_store(world, reports);
	settings = stored_settings(false);
	server->metrics = &world->metrics;
	server->limits = client_limits_new();
	assert_int_equal(writer_start(&settings, 10, &server->writer, &err), 0);
	server->reader = stored_open(true);
	settings = stored_settings(true);
	assert_int_equal(
	    census_start(&settings, server->secret, &server->census, &err), 0);
	wait_for_census(server->census);
}

void route_world_close(struct route_world *world)
{
	struct server *server = &world->server;

	census_stop(server->census);
	writer_stop(server->writer);
	client_limits_free(server->limits);
	server_end(server);
	settings_holder_free(server->holder);
	sign_key_free(world->key);
	sign_key_free(world->other_key);
	assert_int_equal(stored_tear_down(NULL), 0);
}

/* --- the request --- */

static void write_value(
    const struct route_world *world, const char *name, struct buf *out)
{
	char text[POSSESSION_SIZE > RFC3339_SIZE ? POSSESSION_SIZE
						 : RFC3339_SIZE];
	const struct sign_key *key = strcmp(name, "$KEY") == 0
					 ? world->key
					 : world->other_key;
	uint8_t public_key[SIGN_PUBLIC_SIZE];

	if (strcmp(name, "$AGENT") == 0) {
		buf_append_text(out, world->agent);
		return;
	}
	sign_key_public(key, public_key);
	if (strcmp(name, "$NOW") == 0)
		rfc3339_format(clock_wall_ms(), text);
	else if (strcmp(name, "$PROOF") == 0)
		possession_prove(key, world->agent, text);
	else
		base64_encode(public_key, sizeof(public_key), text);
	buf_append_text(out, text);
}

/* The body with the values of its $NAMES. */
static void expand(
    const struct route_world *world, const char *body, struct buf *out)
{
	char name[16];
	size_t length;

	while (body != NULL && *body != '\0') {
		length = strcspn(body, "$");
		buf_append(out, body, length);
		body += length;
		if (*body == '\0')
			return;
		length = 1 + strspn(body + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		snprintf(name, sizeof(name), "%.*s", (int)length, body);
		write_value(world, name, out);
		body += length;
	}
}

static size_t sign(const struct route_world *world, enum route_signer signer,
    const struct request *request, struct httpsig_headers *signed_as,
    struct request_header *headers)
{
	struct httpsig_request message = {
	    .method = request_method_word(request),
	    .path = request->path,
	    .body = request->body,
	    .body_length = request->body_length,
	};

	if (signer == UNSIGNED)
		return 0;
	assert_int_equal(
	    httpsig_sign(&message,
		signer == TO_ENROL ? IDENTITY_ENROL_KEYID : world->agent,
		clock_wall_ms() / 1000,
		signer == BY_AGENT ? world->key : world->other_key, signed_as),
	    0);
	headers[0] = (struct request_header){
	    "Content-Digest", signed_as->content_digest};
	headers[1] = (struct request_header){
	    "Signature-Input", signed_as->signature_input};
	headers[2] = (struct request_header){"Signature", signed_as->signature};
	return 3;
}

/* --- the reply --- */

static void on_done(struct writer_job *job)
{
	sem_post((sem_t *)((struct deferred_reply *)job)->exchange);
}

static void have_written(struct route_world *world,
    struct deferred_reply *deferred, struct reply *reply)
{
	sem_t done;

	sem_init(&done, 0, 0);
	deferred->job.done = on_done;
	deferred->exchange = (struct exchange *)&done;
	assert_int_equal(writer_put(world->server.writer, &deferred->job), 0);
	sem_wait(&done);
	deferred->finish(&world->server, deferred, reply);
	deferred->release(deferred);
	sem_destroy(&done);
}

static void make_reply(struct route_world *world,
    const struct route_table *table, struct request *request,
    struct reply *reply)
{
	const struct route *route = dispatch_find(
	    table, &world->server, request, reply);
	struct deferred_reply *deferred;

	request->route = route;
	if (route == NULL)
		return;
	if (request_is_read(request)) {
		route->get(&world->server, request, reply);
		return;
	}
	deferred = route->post(&world->server, request, reply);
	if (deferred != NULL)
		have_written(world, deferred, reply);
}

static void describe(
    struct route_world *world, struct reply *reply, struct buf *text)
{
	const struct reply_stream *stream = &reply->stream;
	size_t i;

	for (i = 0; i < reply->nheaders; i++)
		buf_printf(text, "%s: %s\n", reply->headers[i].name,
		    reply->headers[i].value);
	buf_append_char(text, '\n');
	if (stream->fill == NULL)
		buf_append(text, reply->content, reply->content_length);
	else
		while (stream->fill(&world->server, stream->arg, text))
			assert_false(text->failed);
}

int route_world_ask(struct route_world *world, const struct route_table *table,
    const struct route_question *question, struct buf *text)
{
	struct request_header headers[HEADERS_MAX];
	struct httpsig_headers signed_as;
	struct request request = {
	    .method = question->method,
	    .path = question->path,
	    .query = question->query,
	    .headers = headers,
	};
	struct reply reply = {0};
	struct buf body = {0};
	int i, status;

	expand(world, question->body, &body);
	request.body = body.data;
	request.body_length = body.length;
	addr_parse(&request.client,
	    question->client != NULL ? question->client : "203.0.113.9");
	request.nheaders = sign(
	    world, question->signer, &request, &signed_as, headers);
	for (i = 0; i < 2 && question->headers[i][0] != NULL; i++)
		headers[request.nheaders++] = (struct request_header){
		    question->headers[i][0], question->headers[i][1]};
	make_reply(world, table, &request, &reply);
	reply_settle(&reply, &request);
	describe(world, &reply, text);
	status = reply.status;
	reply_reset(&reply);
	buf_free(&body);
	return status;
}
