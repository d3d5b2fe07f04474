/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/server.h"

#include "collector/http/connection.h"

void server_take_settings(struct server *server)
{
	const struct settings *before = server->settings;

	settings_renew(server->holder, &server->settings);
	if (server->settings != before)
		server->trusted = server->settings->trusted;
	if (server->connections != NULL)
		connections_set_patience(server->connections,
		    server->settings->options.limit_request_s);
}
