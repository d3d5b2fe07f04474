/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_agents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

#define ROOM_LEAST 64

/* Smaller than a registry_agent, most of which is room for a contact. */
struct agents_entry {
	char id[REPORT_AGENT_SIZE];
	uint8_t public_key[SIGN_PUBLIC_SIZE], token[32];
	char run_by[17];
	char *contact; /* owned; NULL: none */
	int64_t enrolled_ms, revoked_ms, seen_ms, changed_ms;
};

static const uint8_t no_token[32];

/* --- hashing --- */

/* FNV-1a */
static size_t hash(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	while (length-- > 0)
		value = (value ^ *at++) * UINT64_C(0x100000001b3);
	return (size_t)(value ^ value >> 32);
}

/* Where the id is, or would be. */
static size_t *slot_of_id(const struct agents *agents, const char *id)
{
	size_t at = hash(id, strlen(id));

	for (;; at++) {
		size_t *slot = &agents->by_id[at & (agents->room - 1)];

		if (*slot == 0 ||
		    strcmp(agents->entries[*slot - 1].id, id) == 0)
			return slot;
	}
}

static size_t *slot_of_token(
    const struct agents *agents, const uint8_t token[32])
{
	size_t at = hash(token, 32);

	for (;; at++) {
		size_t *slot = &agents->by_token[at & (agents->room - 1)];

		if (*slot == 0 ||
		    memcmp(agents->entries[*slot - 1].token, token, 32) == 0)
			return slot;
	}
}

/* Is entry `a` the first of both? */
static bool is_earlier(
    const struct agents_entry *a, const struct agents_entry *b)
{
	if (a->enrolled_ms != b->enrolled_ms)
		return a->enrolled_ms < b->enrolled_ms;
	return strcmp(a->id, b->id) < 0;
}

/* Who has a token: the first of those that used it. */
static void claim_token(struct agents *agents, size_t number)
{
	struct agents_entry *entry = &agents->entries[number];
	size_t *slot;

	if (memcmp(entry->token, no_token, 32) == 0)
		return;
	slot = slot_of_token(agents, entry->token);
	if (*slot == 0 || is_earlier(entry, &agents->entries[*slot - 1]))
		*slot = number + 1;
}

static int make_room(struct agents *agents)
{
	size_t room = agents->room == 0 ? ROOM_LEAST : agents->room * 2, i;
	size_t *by_id, *by_token;

	if (agents->count * 2 < agents->room)
		return 0;
	by_id = calloc(room, sizeof(*by_id));
	by_token = calloc(room, sizeof(*by_token));
	if (by_id == NULL || by_token == NULL) {
		free(by_id);
		free(by_token);
		return -ENOMEM;
	}
	free(agents->by_id);
	free(agents->by_token);
	agents->by_id = by_id;
	agents->by_token = by_token;
	agents->room = room;
	for (i = 0; i < agents->count; i++) {
		*slot_of_id(agents, agents->entries[i].id) = i + 1;
		claim_token(agents, i);
	}
	return 0;
}

/* --- rows --- */

static int set_contact(struct agents_entry *entry, const char *contact)
{
	char *copy = NULL;

	if (entry->contact != NULL && strcmp(entry->contact, contact) == 0)
		return 0;
	if (contact[0] != '\0') {
		copy = strdup(contact);
		if (copy == NULL)
			return -ENOMEM;
	}
	free(entry->contact);
	entry->contact = copy;
	return 0;
}

/* A new entry, with its id alone. NULL: out of memory. */
static struct agents_entry *add_entry(
    struct agents *agents, const char *id, size_t *slot)
{
	struct agents_entry *grown = array_grow(
	    agents->entries, agents->count, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	agents->entries = grown;
	grown += agents->count++;
	memset(grown, 0, sizeof(*grown));
	memcpy(grown->id, id, sizeof(grown->id));
	grown->changed_ms = INT64_MIN;
	*slot = agents->count;
	return grown;
}

void agents_take_row(struct agents_row *row, struct wire *wire)
{
	struct registry_agent *agent = &row->agent;

	*row = (struct agents_row){{{0}}};
	wire_take_text(wire, agent->id, sizeof(agent->id));
	wire_take_fixed(wire, agent->public_key, SIGN_PUBLIC_SIZE);
	wire_take_text(wire, agent->contact, sizeof(agent->contact));
	wire_take_text(wire, agent->run_by, sizeof(agent->run_by));
	agent->enrolled_ms = wire_take_signed(wire, 8);
	agent->revoked_ms = wire_take_signed(wire, 8);
	wire_take_fixed(wire, row->token, sizeof(row->token));
	row->changed_ms = wire_take_signed(wire, 8);
}

bool agents_is_newer(
    const struct agents_row *row, int64_t changed_ms, const uint8_t *public_key)
{
	if (row->changed_ms != changed_ms)
		return row->changed_ms > changed_ms;
	return memcmp(row->agent.public_key, public_key, SIGN_PUBLIC_SIZE) > 0;
}

int agents_put(struct agents *agents, const struct agents_row *row)
{
	const struct registry_agent *agent = &row->agent;
	struct agents_entry *entry;
	size_t *slot;

	if (agent->id[0] == '\0')
		return 0;
	if (make_room(agents) < 0)
		return -ENOMEM;
	slot = slot_of_id(agents, agent->id);
	entry = *slot != 0 ? &agents->entries[*slot - 1]
			   : add_entry(agents, agent->id, slot);
	if (entry == NULL || set_contact(entry, agent->contact) < 0)
		return -ENOMEM;
	if (agent->revoked_ms != 0 &&
	    (entry->revoked_ms == 0 || agent->revoked_ms < entry->revoked_ms))
		entry->revoked_ms = agent->revoked_ms;
	if (!agents_is_newer(row, entry->changed_ms, entry->public_key))
		return 0;
	agents->moves += entry->changed_ms != INT64_MIN &&
			 entry->enrolled_ms != agent->enrolled_ms;
	entry->changed_ms = row->changed_ms;
	entry->enrolled_ms = agent->enrolled_ms;
	memcpy(entry->public_key, agent->public_key, SIGN_PUBLIC_SIZE);
	memcpy(entry->token, row->token, 32);
	memcpy(entry->run_by, agent->run_by, sizeof(entry->run_by));
	claim_token(agents, (size_t)(entry - agents->entries));
	return 0;
}

void agents_see(struct agents *agents, const char *id, int64_t seen_ms)
{
	struct agents_entry *entry;
	size_t *slot;

	if (agents->room == 0)
		return;
	slot = slot_of_id(agents, id);
	if (*slot == 0)
		return;
	entry = &agents->entries[*slot - 1];
	if (seen_ms > entry->seen_ms)
		entry->seen_ms = seen_ms;
}

/* --- reading --- */

/* When it was revoked; 0: never. */
static int64_t revoked_at(
    const struct agents *agents, const struct agents_entry *entry)
{
	size_t *slot;

	if (entry->revoked_ms != 0 || memcmp(entry->token, no_token, 32) == 0)
		return entry->revoked_ms;
	slot = slot_of_token(agents, entry->token);
	return *slot == 0 || &agents->entries[*slot - 1] == entry
		   ? 0
		   : entry->enrolled_ms;
}

static void read_entry(const struct agents *agents,
    const struct agents_entry *entry, struct registry_agent *agent)
{
	memset(agent, 0, sizeof(*agent));
	memcpy(agent->id, entry->id, sizeof(agent->id));
	memcpy(agent->public_key, entry->public_key, SIGN_PUBLIC_SIZE);
	memcpy(agent->run_by, entry->run_by, sizeof(agent->run_by));
	if (entry->contact != NULL)
		strncat(
		    agent->contact, entry->contact, sizeof(agent->contact) - 1);
	agent->enrolled_ms = entry->enrolled_ms;
	agent->last_seen_ms = entry->seen_ms;
	agent->revoked_ms = revoked_at(agents, entry);
}

bool agents_find(
    const struct agents *agents, const char *id, struct registry_agent *agent)
{
	size_t *slot;

	if (agents->room == 0)
		return false;
	slot = slot_of_id(agents, id);
	if (*slot == 0)
		return false;
	read_entry(agents, &agents->entries[*slot - 1], agent);
	return true;
}

void agents_read(
    const struct agents *agents, size_t number, struct registry_agent *agent)
{
	read_entry(agents, &agents->entries[number], agent);
}

void agents_read_key(
    const struct agents *agents, size_t number, struct agents_key *key)
{
	const struct agents_entry *entry = &agents->entries[number];

	key->enrolled_ms = entry->enrolled_ms;
	key->number = number;
	memcpy(key->id, entry->id, sizeof(key->id));
}

int agents_compare(const struct agents_key *a, const struct agents_key *b)
{
	if (a->enrolled_ms != b->enrolled_ms)
		return a->enrolled_ms < b->enrolled_ms ? -1 : 1;
	return strcmp(a->id, b->id);
}

void agents_free(struct agents *agents)
{
	size_t i;

	for (i = 0; i < agents->count; i++)
		free(agents->entries[i].contact);
	free(agents->entries);
	free(agents->by_id);
	free(agents->by_token);
	memset(agents, 0, sizeof(*agents));
}
