/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/server.h"

void server_init(struct server *server, const struct server *like)
{
	*server = *like;
	server->settings = NULL;
	server->reader = NULL;
}

void server_take_settings(struct server *server)
{
	settings_renew(server->holder, &server->settings);
}

void server_end(struct server *server)
{
	store_close(server->reader);
	server->reader = NULL;
	settings_drop(server->holder, &server->settings);
}
