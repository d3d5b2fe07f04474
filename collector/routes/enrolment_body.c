/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/enrolment_body.h"

#include <errno.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/json/json_read.h"

static int read_public_key(
    const struct json_at *root, uint8_t key[32], struct err *err)
{
	char text[BASE64_SIZE(32)];
	struct json_at at;
	size_t length;

	json_member(root, "public_key", &at);
	if (json_get_text(&at, text, sizeof(text), err) < 0)
		return -EINVAL;
	if (!base64_decode(text, strlen(text), key, 32, &length) ||
	    length != 32)
		return json_error(&at, err, "not 32 bytes in base64");
	return 0;
}

static int read_text(const struct json_at *root, const char *name, char *out,
    size_t size, struct err *err)
{
	struct json_at at;

	json_member(root, name, &at);
	return json_get_text_or(&at, out, size, "", err);
}

static int read_members(
    const struct json_at *root, struct enrolment_body *body, struct err *err)
{
	int error = json_get_object(root, err);

	if (error == 0)
		error = read_public_key(root, body->public_key, err);
	if (error == 0)
		error = read_text(
		    root, "contact", body->contact, sizeof(body->contact), err);
	if (error == 0)
		error = read_text(
		    root, "token", body->token, sizeof(body->token), err);
	if (error == 0)
		error = read_text(root, "possession", body->possession,
		    sizeof(body->possession), err);
	return error;
}

int enrolment_body_read(const char *json, size_t length,
    struct enrolment_body *body, struct err *err)
{
	struct json_at root = {0};
	struct json_value *tree;
	int error = json_parse(json, length, &tree, err);

	memset(body, 0, sizeof(*body));
	if (error < 0)
		return error;
	root.value = tree;
	error = read_members(&root, body, err);
	json_free(tree);
	return error;
}
