/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

struct key_place {
	char name[PATH_SIZE], path[PATH_SIZE];
	struct sign_place sign;
};

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
	    identity->state, NAME_FILE, FILE_BYTES_MAX, &text, err);
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

/* The key's directory, and its name in there: in STATE, or where the
 * configuration has it. */
static void key_place(const struct agent_options *options,
    const struct identity *identity, const char *ending,
    struct key_place *place)
{
	if (options->key[0] == '\0') {
		snprintf(place->name, PATH_SIZE, "agent.key%s", ending);
		snprintf(place->path, PATH_SIZE, "%s/agent.key%s",
		    options->state, ending);
		place->sign.directory = identity->state->fd;
	} else {
		snprintf(place->name, PATH_SIZE, "%s%s", options->key, ending);
		snprintf(place->path, PATH_SIZE, "%s%s", options->key, ending);
		place->sign.directory = AT_FDCWD;
	}
	place->sign.name = place->name;
	place->sign.path = place->path;
	place->sign.make = true;
}

/* A key that root has made elsewhere is for the owner of STATE, who may run the
 * service; but not where others might have put another file in its place. */
static void give_to_owner(
    const struct identity *identity, const struct key_place *place)
{
	struct stat owner, file;
	int fd;

	if (geteuid() != 0 || place->sign.directory != AT_FDCWD ||
	    fstat(identity->state->fd, &owner) < 0 || owner.st_uid == 0)
		return;
	fd = open(place->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
	    file.st_uid == 0 && file.st_nlink == 1 &&
	    fchown(fd, owner.st_uid, owner.st_gid) < 0)
		log_warn("%s: cannot give it to the owner of the state: %s",
		    place->path, strerror(errno));
	close(fd);
}

static int load_key(const struct agent_options *options,
    const struct identity *identity, const char *ending, struct sign_key **key,
    struct err *err)
{
	struct key_place place;
	int error;

	key_place(options, identity, ending, &place);
	error = sign_key_load_at(&place.sign, key, err);
	if (error == 0)
		give_to_owner(identity, &place);
	return error;
}

static int load_keys(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	struct key_place next;
	int error = load_key(options, identity, "", &identity->key, err);

	if (error < 0)
		return error;
	key_place(options, identity, NEXT, &next);
	next.sign.make = false;
	error = sign_key_load_at(&next.sign, &identity->next, err);
	return error == -ENOENT ? 0 : error;
}

int identity_open(const struct agent_options *options,
    const struct state_directory *state, struct identity *identity,
    struct err *err)
{
	int error;

	memset(identity, 0, sizeof(*identity));
	identity->state = state;
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
		   : load_key(options, identity, NEXT, &identity->next, err);
}

int identity_finish_rotation(const struct agent_options *options,
    struct identity *identity, struct err *err)
{
	struct key_place place, next;
	int error = 0;

	key_place(options, identity, "", &place);
	key_place(options, identity, NEXT, &next);
	/* ENOENT: another process has already done it. */
	if (renameat(next.sign.directory, next.name, place.sign.directory,
		place.name) < 0 &&
	    errno != ENOENT)
		error = -errno;
	if (error == 0 && place.sign.directory == AT_FDCWD)
		error = durable_sync_parent(place.path);
	else if (error == 0 && fsync(place.sign.directory) < 0)
		error = -errno;
	if (error < 0)
		return err_system(err, error, "%s", place.path);
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
	struct identity fresh = {.state = identity->state};
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
	int error;

	json_open_object(&json, NULL);
	json_text(&json, "agent", agent_id);
	json_text(&json, "collector", options->collector);
	json_close_object(&json);
	buf_append_char(&text, '\n');
	error = statefile_write(identity->state, NAME_FILE, &text, err);
	buf_free(&text);
	if (error < 0)
		return error;
	snprintf(
	    identity->agent_id, sizeof(identity->agent_id), "%s", agent_id);
	return 0;
}
