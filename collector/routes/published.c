/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/published.h"

#include "collector/threads/server.h"

#define RETRY_AFTER_S 2

const struct census_view *published_hold(
    struct server *server, struct reply *reply)
{
	const struct census_view *held = NULL;

	if (server->census != NULL)
		held = census_hold(server->census);
	if (held == NULL)
		reply_busy(reply, 503, RETRY_AFTER_S,
		    "networks are being judged for the first time since the "
		    "start; ask again");
	return held;
}
