/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/agents.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/registry.h"
#include "lib/base/rfc3339.h"
#include "lib/base/text.h"
#include "lib/config/args.h"
#include "lib/json/json.h"

static const char *time_or_never(int64_t wall_ms, char text[RFC3339_SIZE])
{
	return wall_ms == 0 ? "never" : rfc3339_format(wall_ms, text);
}

static int print_agent_text(void *arg, const struct registry_agent *agent)
{
	char enrolled[RFC3339_SIZE], seen[RFC3339_SIZE], revoked[RFC3339_SIZE];
	char contact[sizeof(agent->contact)];

	/* The agent's own words may hold escape sequences. */
	text_copy_printable(
	    contact, sizeof(contact), agent->contact, strlen(agent->contact));
	printf("%-32s  enrolled %s  seen %-24s  revoked %-24s  %s\n", agent->id,
	    time_or_never(agent->enrolled_ms, enrolled),
	    time_or_never(agent->last_seen_ms, seen),
	    time_or_never(agent->revoked_ms, revoked), contact);
	return 0;
}

/* One object a line. */
static int print_agent_json(void *arg, const struct registry_agent *agent)
{
	struct buf *line = arg;
	struct json_writer json = {.out = line};
	char contact[sizeof(agent->contact)];

	snprintf(contact, sizeof(contact), "%s", agent->contact);
	text_make_plain(contact);
	buf_clear(line);
	json_open_object(&json, NULL);
	json_text(&json, "agent", agent->id);
	json_text_or_null(&json, "contact", contact);
	json_time_or_null(&json, "enrolled", agent->enrolled_ms);
	json_time_or_null(&json, "last_seen", agent->last_seen_ms);
	json_time_or_null(&json, "revoked", agent->revoked_ms);
	json_close_object(&json);
	if (line->failed)
		return -ENOMEM;
	puts(line->data);
	return 0;
}

int command_agents(
    const struct collector_options *options, enum list_format format)
{
	struct err err = {"cannot list: out of memory"};
	struct buf line = {0};
	struct store *store;
	int error = command_open_store(options, true, &store, &err);

	if (error < 0)
		return args_fail(error, &err);
	error = registry_list(store,
	    format == LIST_JSON ? print_agent_json : print_agent_text, &line,
	    &err);
	store_close(store);
	buf_free(&line);
	return command_end(error, &err);
}
