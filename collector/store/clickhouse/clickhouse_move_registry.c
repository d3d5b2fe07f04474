/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_move_registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_agents.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_registry.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "lib/base/clock.h"

/* A registry that is being taken. */
struct taking {
	struct clickhouse *handle;
	const struct move_entry *entries;
	size_t count;
	const uint8_t **former; /* sorted: keys that were replaced there */
	size_t nformer;
	size_t *used; /* tokens that were used, by the time of it */
	size_t nused;
	bool *spent; /* a token that an agent is found to have used */
	struct buf holders, agents, tokens, revoked;
	int64_t now_ms;
	struct err *err;
};

/* --- what is there to take --- */

static int compare_keys(const void *a, const void *b)
{
	return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b,
	    SIGN_PUBLIC_SIZE);
}

static int compare_uses(const void *a, const void *b, void *arg)
{
	const struct move_entry *entries = arg;
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	if (entries[left].used_ms != entries[right].used_ms)
		return entries[left].used_ms < entries[right].used_ms ? -1 : 1;
	return (left > right) - (left < right);
}

static int index_entries(struct taking *taking)
{
	const struct move_entry *entries = taking->entries;
	size_t i;

	taking->former = calloc(taking->count + 1, sizeof(*taking->former));
	taking->used = calloc(taking->count + 1, sizeof(*taking->used));
	taking->spent = calloc(taking->count + 1, sizeof(*taking->spent));
	if (taking->former == NULL || taking->used == NULL ||
	    taking->spent == NULL)
		return err_system(taking->err, -ENOMEM, "agents");
	for (i = 0; i < taking->count; i++)
		if (entries[i].kind == MOVE_FORMER_KEY)
			taking->former[taking->nformer++] = entries[i].bytes;
		else if (entries[i].kind == MOVE_TOKEN &&
			 entries[i].used_ms != 0)
			taking->used[taking->nused++] = i;
	qsort(taking->former, taking->nformer, sizeof(*taking->former),
	    compare_keys);
	qsort_r(taking->used, taking->nused, sizeof(*taking->used),
	    compare_uses, (void *)entries);
	return 0;
}

/* --- agents --- */

/* The token that was used when this agent enrolled, which was in one
 * transaction. NULL: none. */
static const uint8_t *token_of(
    struct taking *taking, const struct registry_agent *agent)
{
	size_t from = 0, to = taking->nused;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (taking->entries[taking->used[middle]].used_ms <
		    agent->enrolled_ms)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < taking->nused; from++) {
		size_t at = taking->used[from];

		if (taking->entries[at].used_ms != agent->enrolled_ms)
			return NULL;
		if (taking->spent[at])
			continue;
		taking->spent[at] = true;
		return taking->entries[at].bytes;
	}
	return NULL;
}

/* The newer of both: whose key the other one has replaced is older. */
static bool is_newer_here(
    const struct taking *taking, const struct registry_agent *here)
{
	const uint8_t *key = here->public_key;

	return bsearch(&key, taking->former, taking->nformer,
		   sizeof(*taking->former), compare_keys) == NULL;
}

static void put_agent(struct taking *taking, const struct registry_agent *agent)
{
	struct agents_row row = {.agent = *agent};
	const uint8_t *token = token_of(taking, agent);
	struct registry_agent here;

	row.changed_ms = agent->enrolled_ms;
	if (clickhouse_shared_agent(taking->handle, agent->id, &here)) {
		bool same = memcmp(here.public_key, agent->public_key,
				SIGN_PUBLIC_SIZE) == 0;

		if (same ? agent->revoked_ms == 0 || here.revoked_ms != 0
			 : is_newer_here(taking, &here))
			return;
		row.changed_ms = taking->now_ms;
	}
	if (token != NULL)
		memcpy(row.token, token, sizeof(row.token));
	registry_put_holders(&taking->holders, &row);
	registry_put_row(&taking->agents, &row);
}

/* A key or a token of nobody that can be told. */
static void put_nameless(
    struct taking *taking, const uint8_t *key, const uint8_t *token)
{
	struct agents_row row = {{{0}}};

	if (key != NULL)
		memcpy(row.agent.public_key, key, SIGN_PUBLIC_SIZE);
	else
		memcpy(row.agent.public_key, token, SIGN_PUBLIC_SIZE);
	if (token != NULL)
		memcpy(row.token, token, sizeof(row.token));
	registry_put_holders(&taking->holders, &row);
	registry_put_row(&taking->agents, &row);
}

static void put_token(struct taking *taking, size_t i)
{
	const struct move_entry *entry = &taking->entries[i];

	if (entry->used_ms != 0 && !taking->spent[i])
		put_nameless(taking, NULL, entry->bytes);
	if (entry->used_ms != 0)
		return;
	buf_append(&taking->tokens, entry->bytes, sizeof(entry->bytes));
	wire_put(&taking->tokens, (uint64_t)entry->made_ms, 8);
}

/* Agents first: they find the tokens that they used. */
static void put_entries(struct taking *taking)
{
	size_t i;

	for (i = 0; i < taking->count; i++)
		if (taking->entries[i].kind == MOVE_AGENT)
			put_agent(taking, &taking->entries[i].agent);
	for (i = 0; i < taking->count; i++) {
		const struct move_entry *entry = &taking->entries[i];

		if (entry->kind == MOVE_FORMER_KEY)
			put_nameless(taking, entry->bytes, NULL);
		else if (entry->kind == MOVE_TOKEN)
			put_token(taking, i);
		else if (entry->kind == MOVE_REVOKED)
			wire_put_text(&taking->revoked, entry->pseudonym);
	}
}

/* --- writing --- */

/* Who is revoked comes first: nothing of his is shown in between. */
static int insert_all(struct taking *taking)
{
	const struct clickhouse_insert inserts[] = {
	    {.into = "@D.revoked (agent)", .rows = &taking->revoked},
	    {.into = REGISTRY_HOLDERS, .rows = &taking->holders},
	    {.into = "@D.agent (" AGENTS_COLUMNS ")", .rows = &taking->agents},
	    {.into = "@D.token (sha256, made_ms)", .rows = &taking->tokens},
	};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < sizeof(inserts) / sizeof(*inserts); i++)
		error = clickhouse_insert(
		    taking->handle, &inserts[i], taking->err);
	clickhouse_shared_forget(taking->handle);
	return error;
}

int clickhouse_move_registry(struct store *store,
    const struct move_entry *entries, size_t count, struct err *err)
{
	struct taking taking = {
	    .handle = clickhouse_of(store),
	    .entries = entries,
	    .count = count,
	    .now_ms = clock_wall_ms(),
	    .err = err,
	};
	int error = index_entries(&taking);

	if (error == 0)
		error = clickhouse_shared_refresh(taking.handle, err);
	if (error == 0) {
		put_entries(&taking);
		error = insert_all(&taking);
	}
	free(taking.former);
	free(taking.used);
	free(taking.spent);
	buf_free(&taking.holders);
	buf_free(&taking.agents);
	buf_free(&taking.tokens);
	buf_free(&taking.revoked);
	return error;
}
