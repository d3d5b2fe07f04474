/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/revoke.h"

#include <errno.h>

#include "collector/commands/command.h"
#include "collector/commands/secret.h"
#include "collector/intake/proof.h"
#include "collector/store/registry.h"
#include "lib/base/clock.h"
#include "lib/sign/sign.h"

static int revoke_agent(const struct collector_options *options,
    struct store *store, const char *id, struct err *err)
{
	uint8_t secret[SIGN_SECRET_SIZE];
	struct registry_agent agent;
	char pseudonym[17];
	int error = registry_find(store, id, &agent, err);

	if (error == -ENOENT)
		error = err_input(err, "there is no agent '%.80s'", id);
	if (error == 0)
		error = secret_read(options, store, secret, err);
	if (error < 0)
		return error;
	proof_pseudonym(secret, id, pseudonym);
	return registry_revoke(store, id, pseudonym, clock_wall_ms(), err);
}

int command_revoke(const struct collector_options *options, const char *id)
{
	struct store *store;
	struct err err = {""};
	int error = command_open_store(options, false, &store, &err);

	if (error == 0)
		error = revoke_agent(options, store, id, &err);
	store_close(store);
	return command_end(error, &err);
}
