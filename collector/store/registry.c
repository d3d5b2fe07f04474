/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/registry.h"

#include "collector/store/store_engine.h"

int registry_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err)
{
	struct registry_enrolment one = {
	    .agent = agent, .token_sha256 = token_sha256};

	registry_enrol_all(store, &one, 1);
	*err = one.err;
	return one.error;
}

int registry_enrol_all(
    struct store *store, struct registry_enrolment *list, size_t count)
{
	return store->engine->enrol(store, list, count);
}

int registry_find(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err)
{
	return store->engine->find_agent(store, id, false, agent, err);
}

int registry_find_anew(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err)
{
	return store->engine->find_agent(store, id, true, agent, err);
}

int registry_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err)
{
	return store->engine->change_key(store, agent, new_key, err);
}

int registry_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err)
{
	return store->engine->revoke(store, id, pseudonym, now_ms, err);
}

int registry_list(
    struct store *store, registry_visit *visit, void *arg, struct err *err)
{
	return store->engine->list_agents(store, visit, arg, err);
}

int registry_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err)
{
	return store->engine->add_token(store, token_sha256, now_ms, err);
}

int registry_has_secret(struct store *store, struct err *err)
{
	return store->engine->has_secret(store, err);
}

int registry_bind_secret(struct store *store,
    const uint8_t fingerprint[REGISTRY_FINGERPRINT_BYTES], struct err *err)
{
	return store->engine->bind_secret(store, fingerprint, err);
}
