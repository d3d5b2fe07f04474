/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/token.h"

#include <stdio.h>
#include <string.h>

#include "collector/commands/command.h"
#include "collector/store/registry.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/config/args.h"
#include "lib/sign/sign.h"

#define TOKEN_BYTES 18 /* 24 characters, 144 bits */

int command_token(const struct collector_options *options)
{
	uint8_t secret[TOKEN_BYTES], digest[32];
	char token[BASE64_SIZE(TOKEN_BYTES)];
	struct store *store;
	struct err err = {""};
	int error = command_open_store(options, false, &store, &err);

	if (error < 0)
		return args_fail(error, &err);
	random_bytes(secret, sizeof(secret));
	base64url_encode(secret, sizeof(secret), token);
	/* The store keeps only the digest: whoever reads it cannot enrol. */
	sha256(token, strlen(token), digest);
	error = registry_add_token(store, digest, clock_wall_ms(), &err);
	store_close(store);
	if (error == 0)
		puts(token);
	return command_end(error, &err);
}
