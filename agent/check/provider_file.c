/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/provider_file.h"

#include <stdio.h>
#include <string.h>

#include "lib/config/conf.h"

struct walk {
	struct provider provider; /* the section under way */
	provider_visit *visit;
	void *arg;
};

static int end_section(struct walk *walk, struct err *err)
{
	int rc = 0;

	if (walk->provider.id[0] != '\0')
		rc = provider_check(&walk->provider, err);
	if (rc == 0 && walk->provider.id[0] != '\0')
		rc = walk->visit(walk->arg, &walk->provider, err);
	memset(&walk->provider, 0, sizeof(walk->provider));
	return rc;
}

static int on_line(void *arg, const struct conf_line *line, struct err *err)
{
	struct walk *walk = arg;
	int rc;

	if (line->key != NULL) {
		rc = provider_set(&walk->provider, line->key, line->value, err);
		if (rc != 0)
			err_prefix(err, "%s", line->key);
		return rc;
	}
	rc = end_section(walk, err);
	snprintf(
	    walk->provider.id, sizeof(walk->provider.id), "%s", line->section);
	return rc;
}

int provider_file_walk(
    const char *path, provider_visit *visit, void *arg, struct err *err)
{
	struct walk walk = {.visit = visit, .arg = arg};
	int rc = conf_walk(path, on_line, &walk, err);

	if (rc == 0) {
		rc = end_section(&walk, err);
		if (rc != 0)
			err_prefix(err, "%s", path);
	}
	return rc;
}

struct search {
	const struct provider_traits *traits;
	struct provider *found;
	enum provider_match best;
};

static int on_provider(
    void *arg, const struct provider *provider, struct err *err)
{
	struct search *search = arg;
	enum provider_match match = provider_match(provider, search->traits);

	(void)err;
	if (match > search->best) {
		search->best = match;
		*search->found = *provider;
	}
	return 0;
}

int provider_file_find(const char *path, const struct provider_traits *traits,
    struct provider *found, struct err *err)
{
	struct search search = {traits, found, PROVIDER_NO_MATCH};

	memset(found, 0, sizeof(*found));
	return provider_file_walk(path, on_provider, &search, err);
}
