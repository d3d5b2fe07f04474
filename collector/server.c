/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/server.h"

void server_take_settings(struct server *server)
{
	const struct settings *before = server->settings;

	settings_renew(server->board, &server->settings);
	if (server->settings != before)
		server->trusted = server->settings->trusted;
}
