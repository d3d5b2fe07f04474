/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/secret.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "collector/store/registry.h"

static int check_fingerprint(struct store *store, const char *path,
    const uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	static const char purpose[] = "fingerprint";
	uint8_t fingerprint[32];
	int error;

	hmac_sha256(secret, SIGN_SECRET_SIZE, purpose, sizeof(purpose) - 1,
	    fingerprint);
	error = registry_bind_secret(store, fingerprint, err);
	if (error != -EACCES)
		return error;
	err_prefix(err, "%s", path);
	return -EINVAL;
}

static int read_secret(const struct collector_options *options,
    struct store *store, bool may_begin, uint8_t secret[SIGN_SECRET_SIZE],
    struct err *err)
{
	char path[300];
	int error;

	snprintf(path, sizeof(path), "%s/secret", options->state);
	if (access(path, F_OK) < 0) {
		error = may_begin ? registry_has_secret(store, err) : 1;
		if (error < 0)
			return error;
		if (error > 0)
			return err_input(err,
			    "%s: is missing, and the database goes with it: "
			    "put it back from a backup",
			    path);
	}
	error = secret_load_or_make(path, secret, err);
	return error < 0 ? error : check_fingerprint(store, path, secret, err);
}

int secret_read(const struct collector_options *options, struct store *store,
    uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	return read_secret(options, store, false, secret, err);
}

int secret_read_or_begin(const struct collector_options *options,
    struct store *store, uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	return read_secret(options, store, true, secret, err);
}
