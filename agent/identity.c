/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/statefile.h"
#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/json_read.h"

#define NAME_FILE      "identity.json"
#define FILE_BYTES_MAX 4096
#define PATH_SIZE      300

static int parse(const char *bytes, size_t length,
    const struct agent_options *options, struct identity *identity,
    struct err *err)
{
	char collector[sizeof(options->collector)];
	struct json_at root = {0}, at;
	struct cJSON *tree = NULL;
	int error;

	error = json_parse(bytes, length, &tree, err);
	if (error < 0)
		return error;
	root.value = tree;
	json_member(&root, "collector", &at);
	error = json_get_text(&at, collector, sizeof(collector), err);
	json_member(&root, "agent", &at);
	if (error == 0)
		error = json_get_text(
		    &at, identity->agent_id, sizeof(identity->agent_id), err);
	json_free(tree);
	if (error < 0 || strcmp(collector, options->collector) != 0)
		identity->agent_id[0] = '\0';
	return error;
}

int identity_read_name(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	struct buf text = {0};
	int error;

	identity->agent_id[0] = '\0';
	error = statefile_read(
	    options->state, NAME_FILE, FILE_BYTES_MAX, &text, err);
	if (error == -ENOENT) {
		error = 0;
	} else if (error == 0) {
		error = parse(text.data != NULL ? text.data : "", text.length,
		    options, identity, err);
		if (error < 0)
			err_prefix(err, "%s/" NAME_FILE, options->state);
	}
	buf_free(&text);
	return error;
}

static void key_path(const struct agent_options *options, char path[PATH_SIZE])
{
	if (options->key[0] != '\0')
		snprintf(path, PATH_SIZE, "%s", options->key);
	else
		snprintf(path, PATH_SIZE, "%s/agent.key", options->state);
}

int identity_open(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	char path[PATH_SIZE];
	int error;

	memset(identity, 0, sizeof(*identity));
	if (mkdir(options->state, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", options->state);
	key_path(options, path);
	error = sign_key_load_or_make(path, &identity->key, err);
	if (error == 0)
		error = identity_read_name(options, identity, err);
	if (error < 0)
		identity_close(identity);
	return error;
}

void identity_close(struct identity *identity)
{
	sign_key_free(identity->key);
	identity->key = NULL;
}

void identity_name_or_expected(
    const struct identity *identity, char name[REPORT_AGENT_SIZE])
{
	uint8_t public_key[SIGN_PUBLIC_SIZE], digest[32];

	if (identity->agent_id[0] != '\0') {
		memcpy(name, identity->agent_id, REPORT_AGENT_SIZE);
		return;
	}
	sign_key_public(identity->key, public_key);
	sha256(public_key, sizeof(public_key), digest);
	hex_encode(digest, 16, name);
}

int identity_keep(const struct agent_options *options, const char *agent_id,
    struct identity *identity, struct err *err)
{
	struct buf text = {0};
	struct json_writer json = {.out = &text};
	int error;

	json_open_object(&json, NULL);
	json_text(&json, "agent", agent_id);
	json_text(&json, "collector", options->collector);
	json_close_object(&json);
	buf_append_char(&text, '\n');
	error = statefile_write(options->state, NAME_FILE, &text, err);
	buf_free(&text);
	if (error < 0)
		return error;
	snprintf(
	    identity->agent_id, sizeof(identity->agent_id), "%s", agent_id);
	return 0;
}
