/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/statefile.h"
#include "lib/base/base64.h"
#include "lib/base/buf.h"
#include "lib/base/durable.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"

#define NAME_FILE      "identity.json"
#define NEXT           ".next"
#define FILE_BYTES_MAX 4096
#define PATH_SIZE      300

static int parse(const char *bytes, size_t length,
    const struct agent_options *options, struct identity *identity,
    struct err *err)
{
	char collector[sizeof(options->collector)];
	struct json_at root = {0}, at;
	struct json_value *tree = NULL;
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

static void key_path(
    const struct agent_options *options, const char *ending, char *path)
{
	if (options->key[0] != '\0')
		snprintf(path, PATH_SIZE, "%s%s", options->key, ending);
	else
		snprintf(
		    path, PATH_SIZE, "%s/agent.key%s", options->state, ending);
}

/* The service may run as a different user than the person who runs `enrol`. */
static void give_to_owner(const struct agent_options *options, const char *path)
{
	struct stat state;

	if (geteuid() == 0 && stat(options->state, &state) == 0 &&
	    state.st_uid != 0 && lchown(path, state.st_uid, state.st_gid) < 0)
		log_warn("%s: cannot give it to the owner of the state: %s",
		    path, strerror(errno));
}

static int load_key(const struct agent_options *options, const char *ending,
    struct sign_key **key, struct err *err)
{
	char path[PATH_SIZE];
	int error;

	key_path(options, ending, path);
	error = sign_key_load_or_make(path, key, err);
	if (error == 0)
		give_to_owner(options, path);
	return error;
}

static int load_keys(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	char next[PATH_SIZE];
	int error = load_key(options, "", &identity->key, err);

	key_path(options, NEXT, next);
	if (error == 0 && access(next, F_OK) == 0)
		error = load_key(options, NEXT, &identity->next, err);
	return error;
}

int identity_open(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	int error;

	memset(identity, 0, sizeof(*identity));
	if (mkdir(options->state, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", options->state);
	error = load_keys(options, identity, err);
	if (error == 0)
		error = identity_read_name(options, identity, err);
	if (error < 0)
		identity_close(identity);
	return error;
}

void identity_close(struct identity *identity)
{
	sign_key_free(identity->key);
	sign_key_free(identity->next);
	identity->key = identity->next = NULL;
}

int identity_begin_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	return identity->next != NULL
		   ? 0
		   : load_key(options, NEXT, &identity->next, err);
}

int identity_finish_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	char path[PATH_SIZE], next[PATH_SIZE];
	int error = 0;

	key_path(options, "", path);
	key_path(options, NEXT, next);
	/* ENOENT: another process has already done it. */
	if (rename(next, path) < 0 && errno != ENOENT)
		error = -errno;
	if (error == 0)
		error = durable_sync_parent(path);
	if (error < 0)
		return err_system(err, error, "%s", path);
	sign_key_free(identity->key);
	identity->key = identity->next;
	identity->next = NULL;
	return 0;
}

static bool same_key(const struct sign_key *a, const struct sign_key *b)
{
	uint8_t left[SIGN_PUBLIC_SIZE], right[SIGN_PUBLIC_SIZE];

	if (a == NULL || b == NULL)
		return a == b;
	sign_key_public(a, left);
	sign_key_public(b, right);
	return memcmp(left, right, sizeof(left)) == 0;
}

bool identity_refresh(
    const struct agent_options *options, struct identity *identity)
{
	struct identity fresh = {NULL};
	bool changed;

	if (load_keys(options, &fresh, NULL) < 0) {
		identity_close(&fresh);
		return false;
	}
	changed = !same_key(fresh.key, identity->key) ||
		  !same_key(fresh.next, identity->next);
	if (changed) {
		identity_close(identity);
		identity->key = fresh.key;
		identity->next = fresh.next;
	} else {
		identity_close(&fresh);
	}
	return changed;
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
	char path[PATH_SIZE];
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
	snprintf(path, sizeof(path), "%s/" NAME_FILE, options->state);
	give_to_owner(options, path);
	snprintf(
	    identity->agent_id, sizeof(identity->agent_id), "%s", agent_id);
	return 0;
}
