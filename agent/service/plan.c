/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/values.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"

#define KEPT_FORMAT    "egress25-kept-plan/1"
#define INTERVAL_MAX_S INT64_C(315360000) /* ten years */
#define EXTRA_MAX      1000
#define ADDRESSES_MAX  16
#define PORT_TEXT_SIZE 32

/* --- one endpoint --- */

/* Read "25/starttls", or a bare number for a control port, as text for
 * port_list_parse(). */
static int read_port(const struct json_at *at, bool bare,
    char text[PORT_TEXT_SIZE], struct err *err)
{
	int64_t number;

	if (!bare)
		return json_get_text(at, text, PORT_TEXT_SIZE, err);
	if (json_get_integer(at, 1, 65535, &number, err) < 0)
		return -EINVAL;
	snprintf(text, PORT_TEXT_SIZE, "%d/connect", (int)number);
	return 0;
}

static int read_ports(const struct json_at *endpoint, const char *key,
    struct port_list *out, struct err *err)
{
	char list[PORT_LIST_MAX * PORT_TEXT_SIZE] = "", text[PORT_TEXT_SIZE];
	struct json_at array, child;
	size_t count, used = 0;
	bool more;
	struct err why;

	json_member(endpoint, key, &array);
	if (json_get_array(&array, PORT_LIST_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		if (read_port(&child, strcmp(key, "control") == 0, text, err) <
		    0)
			return -EINVAL;
		used += (size_t)snprintf(
		    list + used, sizeof(list) - used, "%s ", text);
	}
	memset(out, 0, sizeof(*out));
	if (count > 0 && port_list_parse(list, out, &why) < 0)
		return json_error(&array, err, "%.200s", why.text);
	return 0;
}

static int read_controls(
    const struct json_at *at, struct endpoint *endpoint, struct err *err)
{
	struct json_at child;

	json_member(at, "control", &child);
	if (json_is_absent(&child))
		return 0;
	if (read_ports(at, "control", &endpoint->control, err) < 0)
		return -EINVAL;
	endpoints_drop_asked_controls(endpoint);
	return 0;
}

static int read_name(const struct json_at *at, const char *key, char *out,
    size_t size, struct err *err)
{
	struct json_at child;
	struct addr address;

	json_member(at, key, &child);
	if (json_get_text_or(&child, out, size, "", err) < 0)
		return -EINVAL;
	if (out[0] != '\0' && !values_is_host_name(out) &&
	    !(strcmp(key, "host") == 0 && addr_parse(&address, out)))
		return json_error(
		    &child, err, "\"%.80s\" is not a valid name", out);
	return 0;
}

static int read_where(
    const struct json_at *at, struct endpoint *endpoint, struct err *err)
{
	if (read_name(at, "host", endpoint->host, sizeof(endpoint->host), err) <
		0 ||
	    read_name(at, "domain", endpoint->domain, sizeof(endpoint->domain),
		err) < 0)
		return -EINVAL;
	if ((endpoint->host[0] == '\0') == (endpoint->domain[0] == '\0'))
		return json_error(at, err, "needs either host or domain");
	return 0;
}

static int read_keys(
    const struct json_at *at, struct endpoint_known *known, struct err *err)
{
	struct json_at array, child;
	size_t count;
	char text[65];
	bool more;

	json_member(at, "spki", &array);
	if (json_is_absent(&array))
		return 0;
	if (json_get_array(&array, KNOWN_KEYS_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		if (json_get_text(&child, text, sizeof(text), err) < 0)
			return -EINVAL;
		if (!hex_decode(text, known->spki_sha256[known->nspki], 32))
			return json_error(
			    &child, err, "is not a SHA-256 digest");
		known->nspki++;
	}
	return 0;
}

static int read_receipt_keys(
    const struct json_at *at, struct endpoint_known *known, struct err *err)
{
	struct json_at array, child;
	size_t count, length;
	char text[45];
	bool more;

	json_member(at, "receipt_keys", &array);
	if (json_is_absent(&array))
		return 0;
	if (json_get_array(&array, KNOWN_RECEIPT_KEYS_MAX, &count, err) < 0)
		return -EINVAL;
	for (more = json_first(&array, &child); more;
	     more = json_next(&child)) {
		if (json_get_text(&child, text, sizeof(text), err) < 0)
			return -EINVAL;
		if (!base64_decode(text, strlen(text),
			known->receipt_keys[known->nreceipt_keys], 32,
			&length) ||
		    length != 32)
			return json_error(&child, err, "is no Ed25519 key");
		known->nreceipt_keys++;
	}
	return 0;
}

static int read_known(
    const struct json_at *at, struct endpoint *endpoint, struct err *err)
{
	struct json_at child;
	int kind;

	json_member(at, "kind", &child);
	if (json_get_word_or(
		&child, endpoint_kind_from_word, ENDPOINT_MX, &kind, err) < 0)
		return -EINVAL;
	endpoint->kind = (enum endpoint_kind)kind;
	json_member(at, "starttls", &child);
	if (json_get_bool_or(
		&child, false, &endpoint->known.offers_starttls, err) < 0)
		return -EINVAL;
	json_member(at, "addresses", &child);
	if (json_get_integer_or(&child, 1, ADDRESSES_MAX, endpoint->addresses,
		&endpoint->addresses, err) < 0)
		return -EINVAL;
	if (read_receipt_keys(at, &endpoint->known, err) < 0)
		return -EINVAL;
	return read_keys(at, &endpoint->known, err);
}

static int read_times(const struct json_at *at, struct endpoint *endpoint,
    struct plan_slot *slot, struct err *err)
{
	struct json_at child;

	json_member(at, "interval_s", &child);
	if (json_get_integer(
		&child, 1, INTERVAL_MAX_S, &endpoint->interval_s, err) < 0)
		return -EINVAL;
	json_member(at, "next", &child);
	if (json_get_time(&child, &slot->next_ms, err) < 0)
		return -EINVAL;
	json_member(at, "least_s", &child);
	if (json_get_integer_or(
		&child, 0, INTERVAL_MAX_S, 0, &slot->least_s, err) < 0)
		return -EINVAL;
	json_member(at, "extra", &child);
	return json_get_integer_or(&child, 0, EXTRA_MAX, 0, &slot->extra, err);
}

static int read_endpoint(
    const struct json_at *at, struct plan *plan, struct err *err)
{
	struct endpoint_list *list = &plan->endpoints;
	struct endpoint *endpoint;
	struct json_at child;
	char name[sizeof(endpoint->name)];
	int error;

	json_member(at, "name", &child);
	if (json_get_text(&child, name, sizeof(name), err) < 0)
		return -EINVAL;
	if (name[0] == '\0' || endpoints_find(list, name) != NULL)
		return json_error(
		    &child, err, "\"%s\" is empty or a duplicate", name);
	endpoint = endpoints_add(list, name);
	if (endpoint == NULL)
		return err_system(err, -ENOMEM, "the plan");
	error = read_where(at, endpoint, err);
	if (error == 0)
		error = read_ports(at, "ports", &endpoint->ports, err);
	if (error == 0)
		endpoints_know_ports(endpoint);
	if (error == 0)
		error = read_controls(at, endpoint, err);
	if (error == 0)
		error = read_known(at, endpoint, err);
	return error == 0 ? read_times(at, endpoint,
				&plan->slots[list->count - 1], err)
			  : error;
}

/* --- the whole plan --- */

static int read_endpoints(
    const struct json_at *root, struct plan *plan, struct err *err)
{
	struct json_at array, child;
	size_t count;
	int error = 0;
	bool more;

	json_member(root, "endpoints", &array);
	if (json_get_array(&array, PLAN_ENDPOINTS_MAX, &count, err) < 0)
		return -EINVAL;
	plan->slots = calloc(count + 1, sizeof(*plan->slots));
	if (plan->slots == NULL)
		return err_system(err, -ENOMEM, "the plan");
	for (more = json_first(&array, &child); error == 0 && more;
	     more = json_next(&child))
		error = read_endpoint(&child, plan, err);
	return error;
}

static int read_format(
    const struct json_at *root, const char *wanted, struct err *err)
{
	char format[64];
	struct json_at at;

	json_member(root, "format", &at);
	if (json_get_text(&at, format, sizeof(format), err) < 0)
		return -EINVAL;
	return strcmp(format, wanted) == 0
		   ? 0
		   : json_error(&at, err, "is not %s", wanted);
}

static int read_plan(
    const struct json_at *root, struct plan *plan, struct err *err)
{
	struct json_at at;
	int error;

	memset(plan, 0, sizeof(*plan));
	error = read_format(root, PLAN_FORMAT, err);
	json_member(root, "at", &at);
	if (error == 0)
		error = json_get_time(&at, &plan->at_ms, err);
	json_member(root, "until", &at);
	if (error == 0)
		error = json_get_time(&at, &plan->until_ms, err);
	if (error == 0 && plan->until_ms <= plan->at_ms)
		error = json_error(&at, err, "is not after `at`");
	if (error == 0)
		error = read_endpoints(root, plan, err);
	if (error < 0)
		plan_free(plan);
	return error;
}

int plan_decode(
    const char *json, size_t length, struct plan *plan, struct err *err)
{
	struct json_at root = {0};
	struct json_value *tree = NULL;
	int error;

	memset(plan, 0, sizeof(*plan));
	error = json_parse(json, length, &tree, err);
	if (error < 0)
		return error;
	root.value = tree;
	error = read_plan(&root, plan, err);
	json_free(tree);
	return error;
}

void plan_keep(const char *json, size_t length, const char *collector,
    int64_t taken_ms, struct buf *out)
{
	struct json_writer writer = {.out = out};

	json_open_object(&writer, NULL);
	json_text(&writer, "format", KEPT_FORMAT);
	json_text(&writer, "collector", collector);
	json_time(&writer, "taken", taken_ms);
	buf_append_text(out, ",\"plan\":");
	buf_append(out, json, length);
	json_close_object(&writer);
	buf_append_char(out, '\n');
}

static int read_kept(const struct json_at *root, const char *collector,
    int64_t *taken_ms, struct err *err)
{
	char of[256];
	struct json_at at;
	int error = read_format(root, KEPT_FORMAT, err);

	json_member(root, "collector", &at);
	if (error == 0)
		error = json_get_text(&at, of, sizeof(of), err);
	if (error == 0 && strcmp(of, collector) != 0)
		error = err_system(err, -ESTALE, "the plan of %s", of);
	json_member(root, "taken", &at);
	return error == 0 ? json_get_time(&at, taken_ms, err) : error;
}

int plan_decode_kept(const struct buf *text, const char *collector,
    int64_t *taken_ms, struct plan *plan, struct err *err)
{
	struct json_at root = {0}, at;
	struct json_value *tree = NULL;
	int error;

	memset(plan, 0, sizeof(*plan));
	error = json_parse(
	    text->data ? text->data : "", text->length, &tree, err);
	if (error < 0)
		return error;
	root.value = tree;
	error = read_kept(&root, collector, taken_ms, err);
	json_member(&root, "plan", &at);
	if (error == 0)
		error = read_plan(&at, plan, err);
	json_free(tree);
	return error;
}

void plan_free(struct plan *plan)
{
	endpoints_free(&plan->endpoints);
	free(plan->slots);
	memset(plan, 0, sizeof(*plan));
}
