/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/uplink.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/net/resolve.h"
#include "agent/upload/gzip.h"
#include "lib/base/base64.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/http/httpsig.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"
#include "lib/sign/possession.h"

#define TIMEOUT_S       30
#define REPLY_BYTES_MAX 65536
#define PLAN_BYTES_MAX  (1024 * 1024)
#define ENROL_KEYID     "enrol"
#define TRIES_A_FAMILY  3 /* addresses */
#define NAME_CHARACTERS                                        \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789_-"

/* A type of call: its request, and how its answer is read. */
struct call_kind {
	const char *method, *path;
	bool each_family; /* call over IPv4, then over IPv6 */
	size_t reply_bytes_max;
	int (*read_reply)(
	    struct uplink *uplink, const struct json_at *root, struct err *err);
};

struct uplink {
	struct event_base *base;
	struct resolver *resolver;
	struct httpc_url url;
	struct ssl_ctx_st *tls;
	const struct sign_key *key;
	char agent_id[REPORT_AGENT_SIZE];
	struct addr answered_at; /* the last to answer; tried first */

	/* The call under way; `kind` NULL: none. */
	const struct call_kind *kind;
	uplink_done *done;
	void *arg;
	struct buf body;
	bool gzipped;
	struct resolve_addresses found4, found6;
	int questions;  /* DNS queries not answered yet */
	uint8_t family; /* each_family: the current one; else 0 */
	size_t attempt; /* addresses tried so far, in this family */
	bool answered;  /* each_family: in at least one of them */
	struct httpc *httpc;
	struct event *later;
	struct uplink_result result;
};

static void attempt(struct uplink *uplink);

/* --- reading the answers --- */

/* The name becomes the keyid of signatures, so its characters are limited. */
static int read_name(
    const struct json_at *root, char name[REPORT_AGENT_SIZE], struct err *err)
{
	struct json_at at;

	json_member(root, "agent", &at);
	if (json_get_text(&at, name, REPORT_AGENT_SIZE, err) < 0)
		return -EINVAL;
	if (name[0] == '\0' || name[strspn(name, NAME_CHARACTERS)] != '\0')
		return json_error(&at, err, "\"%s\" is not a valid name", name);
	return 0;
}

static int read_enrolled(
    struct uplink *uplink, const struct json_at *root, struct err *err)
{
	char name[REPORT_AGENT_SIZE];

	if (read_name(root, name, err) < 0)
		return -EINVAL;
	memcpy(uplink->result.agent_id, name, sizeof(name));
	memcpy(uplink->agent_id, name, sizeof(name));
	return 0;
}

/* The agent must keep its name. */
static int read_rotated(
    struct uplink *uplink, const struct json_at *root, struct err *err)
{
	struct json_at at;

	if (read_name(root, uplink->result.agent_id, err) < 0)
		return -EINVAL;
	json_member(root, "agent", &at);
	if (strcmp(uplink->result.agent_id, uplink->agent_id) != 0)
		return json_error(&at, err, "\"%s\" is another agent",
		    uplink->result.agent_id);
	return 0;
}

static int read_whoami(
    struct uplink *uplink, const struct json_at *root, struct err *err)
{
	struct source_seen source = {0};
	struct json_at at;

	json_member(root, "address", &at);
	if (json_get_address_or_absent(&at, &source.address, err) < 0)
		return -EINVAL;
	if (source.address.family == 0)
		return json_error(&at, err, "is missing");
	json_member(root, "proof", &at);
	if (json_get_text(&at, source.proof, sizeof(source.proof), err) < 0)
		return -EINVAL;
	if (source.address.family == 4)
		uplink->result.source4 = source;
	else
		uplink->result.source6 = source;
	return 0;
}

/* Only this is an acknowledgement. Any other 200 may be from a proxy or a
 * captive portal: the report was not stored. */
static int read_accepted(
    struct uplink *uplink, const struct json_at *root, struct err *err)
{
	struct json_at at;
	int64_t accepted;

	json_member(root, "accepted", &at);
	if (json_get_integer(&at, 0, INT32_MAX, &accepted, err) < 0)
		return -EINVAL;
	json_member(root, "duplicate", &at);
	return json_get_bool_or(&at, false, &uplink->result.duplicate, err);
}

/* The caller parses it (plan.h); read_reply() passes on the text. */
static int read_plan(
    struct uplink *uplink, const struct json_at *root, struct err *err)
{
	(void)uplink;
	return json_get_object(root, err);
}

static const struct call_kind enrol_call = {
    "POST", "/v1/agents", false, REPLY_BYTES_MAX, read_enrolled};
static const struct call_kind rotate_call = {
    "POST", "/v1/agents/key", false, REPLY_BYTES_MAX, read_rotated};
static const struct call_kind whoami_call = {
    "GET", "/v1/whoami", true, REPLY_BYTES_MAX, read_whoami};
static const struct call_kind plan_call = {
    "GET", "/v1/plan", false, PLAN_BYTES_MAX, read_plan};
static const struct call_kind report_call = {
    "POST", "/v1/reports", false, REPLY_BYTES_MAX, read_accepted};

/* --- ending --- */

static void finish(struct uplink *uplink)
{
	struct uplink_result result = uplink->result;
	uplink_done *done = uplink->done;
	void *arg = uplink->arg;

	uplink->kind = NULL;
	buf_free(&uplink->body);
	done(arg, &result);
}

static void fail(struct uplink *uplink, enum uplink_end end, const char *why)
{
	uplink->result.end = end;
	snprintf(uplink->result.why, sizeof(uplink->result.why), "%s", why);
}

/* Read the reason from an error reply, {"error":{"field","message"}}, as
 * "FIELD: MESSAGE". False: the reply is not a collector's. */
static bool read_reason(
    const struct httpc_reply *reply, char *reason, size_t size)
{
	struct json_at root = {0}, error, at;
	struct json_value *tree = NULL;
	char field[80], message[160];
	bool said = false;

	if (json_parse(reply->body, reply->body_length, &tree, NULL) == 0) {
		root.value = tree;
		json_member(&root, "error", &error);
		json_member(&error, "message", &at);
		said = json_get_text(&at, message, sizeof(message), NULL) == 0;
		json_member(&error, "field", &at);
		if (json_get_text_or(&at, field, sizeof(field), "", NULL) < 0)
			field[0] = '\0';
		if (said)
			snprintf(reason, size, "%s%s%s", field,
			    field[0] != '\0' ? ": " : "", message);
	}
	json_free(tree);
	return said;
}

/* Whether the request was refused for good. Most statuses count only from the
 * collector itself (`said`): a proxy or a captive portal on the path may send
 * them too. 401 always counts. */
static bool is_final(int status, bool said)
{
	switch (status) {
	case 401:
		return true;
	case 400:
	case 403:
	case 409:
	case 413:
	case 415:
	case 422:
		return said;
	default:
		return false;
	}
}

static void fail_as_said(struct uplink *uplink, const struct httpc_reply *reply)
{
	char reason[256] = "", why[256];
	bool said = read_reason(reply, reason, sizeof(reason));

	snprintf(why, sizeof(why), "the collector answered %d%s%.200s",
	    reply->status, said ? ": " : "", reason);
	uplink->result.status = reply->status;
	uplink->result.retry_after_s = reply->retry_after_s;
	fail(uplink,
	    is_final(reply->status, said) ? UPLINK_REFUSED : UPLINK_TRY_LATER,
	    why);
}

static void read_reply(struct uplink *uplink, const struct httpc_reply *reply)
{
	struct json_at root = {0};
	struct json_value *tree = NULL;
	struct err err;
	char why[256];

	uplink->result.status = reply->status;
	uplink->result.body = reply->body;
	uplink->result.body_length = reply->body_length;
	if (json_parse(reply->body, reply->body_length, &tree, &err) == 0) {
		root.value = tree;
		if (uplink->kind->read_reply(uplink, &root, &err) == 0) {
			uplink->result.end = UPLINK_OK;
			uplink->answered = true;
			json_free(tree);
			return;
		}
	}
	json_free(tree);
	snprintf(why, sizeof(why), "the collector's answer: %.200s", err.text);
	fail(uplink, UPLINK_TRY_LATER, why);
}

static size_t tries(const struct resolve_addresses *found)
{
	return found->count < TRIES_A_FAMILY ? found->count : TRIES_A_FAMILY;
}

/* The address of this attempt: of the current family, or of both, IPv6 before
 * IPv4 (RFC 6724) unless IPv4 answered last. NULL: none left. */
static const struct addr *current_address(const struct uplink *uplink)
{
	const struct resolve_addresses *first = &uplink->found6;
	const struct resolve_addresses *second = &uplink->found4;
	size_t index = uplink->attempt;

	if (uplink->family == 4 ||
	    (uplink->family == 0 && uplink->answered_at.family == 4)) {
		first = &uplink->found4;
		second = &uplink->found6;
	}
	if (index < tries(first))
		return &first->address[index];
	index -= tries(first);
	return uplink->family == 0 && index < tries(second)
		   ? &second->address[index]
		   : NULL;
}

/* This family is done: go on to the next one, or finish. */
static void end_family(struct uplink *uplink)
{
	if (uplink->family == 4) {
		uplink->family = 6;
		uplink->attempt = 0;
		attempt(uplink);
		return;
	}
	if (uplink->answered)
		uplink->result.end = UPLINK_OK;
	finish(uplink);
}

static void on_reply(void *arg, const struct httpc_reply *reply)
{
	struct uplink *uplink = arg;
	char why[256];

	uplink->httpc = NULL;
	if (reply->status == 0) {
		snprintf(why, sizeof(why), "%s: %.150s", uplink->url.host,
		    reply->why);
		fail(uplink, UPLINK_TRY_LATER, why);
		uplink->attempt++;
		attempt(uplink);
		return;
	}
	uplink->answered_at = *current_address(uplink);
	if (reply->status == 200)
		read_reply(uplink, reply);
	else
		fail_as_said(uplink, reply);
	if (uplink->kind->each_family)
		end_family(uplink);
	else
		finish(uplink);
}

/* --- sending --- */

static int sign_request(
    struct uplink *uplink, const char *path, struct httpsig_headers *headers)
{
	struct httpsig_request request = {
	    .method = uplink->kind->method,
	    .path = path,
	    .body = uplink->body.data,
	    .body_length = uplink->body.length,
	};

	return httpsig_sign(&request,
	    uplink->kind == &enrol_call ? ENROL_KEYID : uplink->agent_id,
	    clock_wall_ms() / 1000, uplink->key, headers);
}

static void send_to(struct uplink *uplink, const struct addr *address)
{
	struct httpsig_headers signature;
	char path[512];
	struct httpc_header headers[] = {
	    {"Content-Digest", signature.content_digest},
	    {"Signature-Input", signature.signature_input},
	    {"Signature", signature.signature},
	    {"Content-Type", "application/json"},
	    {uplink->gzipped ? "Content-Encoding" : NULL, "gzip"},
	    {NULL, NULL},
	};
	struct httpc_request request = {
	    .url = &uplink->url,
	    .address = *address,
	    .method = uplink->kind->method,
	    .path = uplink->kind->path,
	    .headers = headers,
	    .body = uplink->body.data,
	    .body_length = uplink->body.length,
	    .reply_bytes_max = uplink->kind->reply_bytes_max,
	    .timeout_s = TIMEOUT_S,
	    .tls = uplink->tls,
	};

	snprintf(
	    path, sizeof(path), "%s%s", uplink->url.base, uplink->kind->path);
	if (!uplink->body.failed && sign_request(uplink, path, &signature) == 0)
		uplink->httpc = httpc_start(
		    uplink->base, &request, on_reply, uplink);
	if (uplink->httpc == NULL) {
		fail(uplink, UPLINK_TRY_LATER,
		    "the request could not be started");
		finish(uplink);
	}
}

static void attempt(struct uplink *uplink)
{
	const struct addr *address = current_address(uplink);

	if (address != NULL)
		send_to(uplink, address);
	else if (uplink->kind->each_family)
		end_family(uplink);
	else
		finish(uplink);
}

/* Move the address to the front if it is in the list. */
static void prefer(
    struct resolve_addresses *found, const struct addr *preferred)
{
	struct addr front = found->address[0];
	size_t i;

	for (i = 1; i < found->count; i++)
		if (addr_equal(&found->address[i], preferred)) {
			found->address[0] = found->address[i];
			found->address[i] = front;
		}
}

static void end_question(struct uplink *uplink)
{
	char why[256];

	if (--uplink->questions > 0)
		return;
	if (uplink->found4.count + uplink->found6.count == 0) {
		snprintf(why, sizeof(why), "%s: %s", uplink->url.host,
		    uplink->found4.why);
		fail(uplink, UPLINK_TRY_LATER, why);
		finish(uplink);
		return;
	}
	prefer(&uplink->found4, &uplink->answered_at);
	prefer(&uplink->found6, &uplink->answered_at);
	attempt(uplink);
}

static void on_found4(void *arg, const struct resolve_addresses *found)
{
	struct uplink *uplink = arg;

	uplink->found4 = *found;
	end_question(uplink);
}

static void on_found6(void *arg, const struct resolve_addresses *found)
{
	struct uplink *uplink = arg;

	uplink->found6 = *found;
	end_question(uplink);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
	struct uplink *uplink = arg;

	(void)fd;
	(void)what;
	uplink->questions = 3;
	if (resolve_host(
		uplink->resolver, uplink->url.host, 4, on_found4, uplink) < 0)
		uplink->questions--;
	if (resolve_host(
		uplink->resolver, uplink->url.host, 6, on_found6, uplink) < 0)
		uplink->questions--;
	end_question(uplink);
}

/* Start a call from the loop, so that `done` is never called before the caller
 * returns. `body` has been filled. */
static void begin(struct uplink *uplink, const struct call_kind *kind,
    uplink_done *done, void *arg)
{
	uplink->kind = kind;
	uplink->done = done;
	uplink->arg = arg;
	uplink->family = kind->each_family ? 4 : 0;
	uplink->attempt = 0;
	uplink->answered = false;
	memset(&uplink->found4, 0, sizeof(uplink->found4));
	memset(&uplink->found6, 0, sizeof(uplink->found6));
	memset(&uplink->result, 0, sizeof(uplink->result));
	fail(uplink, UPLINK_TRY_LATER, "the collector has no usable address");
	event_active(uplink->later, EV_TIMEOUT, 0);
}

/* Begin a JSON body with a public key. */
static void open_body(
    struct uplink *uplink, struct json_writer *json, const struct sign_key *key)
{
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char text[BASE64_SIZE(SIGN_PUBLIC_SIZE)];

	sign_key_public(key, public_key);
	base64_encode(public_key, sizeof(public_key), text);
	buf_clear(&uplink->body);
	uplink->gzipped = false;
	*json = (struct json_writer){.out = &uplink->body};
	json_open_object(json, NULL);
	json_text(json, "public_key", text);
}

void uplink_enrol(struct uplink *uplink, const char *token, const char *contact,
    uplink_done *done, void *arg)
{
	struct json_writer json;

	open_body(uplink, &json, uplink->key);
	json_text_or_null(&json, "contact", contact ? contact : "");
	if (token != NULL)
		json_text(&json, "token", token);
	json_close_object(&json);
	begin(uplink, &enrol_call, done, arg);
}

void uplink_rotate(struct uplink *uplink, const struct sign_key *new_key,
    uplink_done *done, void *arg)
{
	char proof[POSSESSION_SIZE] = "";
	struct json_writer json;

	open_body(uplink, &json, new_key);
	if (possession_prove(new_key, uplink->agent_id, proof) < 0)
		uplink->body.failed = true;
	json_text(&json, "possession", proof);
	json_close_object(&json);
	begin(uplink, &rotate_call, done, arg);
}

/* Start a call without a body. */
static void begin_get(struct uplink *uplink, const struct call_kind *kind,
    uplink_done *done, void *arg)
{
	buf_clear(&uplink->body);
	uplink->gzipped = false;
	begin(uplink, kind, done, arg);
}

void uplink_whoami(struct uplink *uplink, uplink_done *done, void *arg)
{
	begin_get(uplink, &whoami_call, done, arg);
}

void uplink_plan(struct uplink *uplink, uplink_done *done, void *arg)
{
	begin_get(uplink, &plan_call, done, arg);
}

void uplink_report(struct uplink *uplink, const char *json, size_t length,
    uplink_done *done, void *arg)
{
	buf_clear(&uplink->body);
	uplink->gzipped = gzip_append(&uplink->body, json, length) &&
			  uplink->body.length < length;
	if (!uplink->gzipped) {
		buf_clear(&uplink->body);
		buf_append(&uplink->body, json, length);
	}
	begin(uplink, &report_call, done, arg);
}

struct uplink *uplink_new(struct event_base *base, struct resolver *resolver,
    const struct httpc_url *collector, struct ssl_ctx_st *tls,
    const struct sign_key *key, const char *agent_id)
{
	struct uplink *uplink = calloc(1, sizeof(*uplink));

	if (uplink == NULL)
		return NULL;
	uplink->base = base;
	uplink->resolver = resolver;
	uplink->url = *collector;
	uplink->tls = tls;
	uplink->key = key;
	snprintf(uplink->agent_id, sizeof(uplink->agent_id), "%s", agent_id);
	uplink->later = evtimer_new(base, on_later, uplink);
	if (uplink->later == NULL) {
		free(uplink);
		return NULL;
	}
	return uplink;
}

void uplink_free(struct uplink *uplink)
{
	if (uplink == NULL)
		return;
	resolve_cancel(uplink->resolver, uplink);
	httpc_cancel(uplink->httpc);
	event_free(uplink->later);
	buf_free(&uplink->body);
	free(uplink);
}
