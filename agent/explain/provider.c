/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/provider.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/values.h"

#define WORD_SIZE 96

/* --- reading --- */

static int set_text(
    char *field, size_t size, const char *value, struct err *err)
{
	if (*field != '\0')
		return err_input(err, "the key is there twice");
	if (*value == '\0' || strlen(value) >= size)
		return err_input(err, "between 1 and %zu characters", size - 1);
	snprintf(field, size, "%s", value);
	return 0;
}

static int set_kind(
    struct provider *provider, const char *value, struct err *err)
{
	int kind = values_find_word("hoster line", value);

	if (kind < 0)
		return err_input(
		    err, "'%.40s' is neither hoster nor line", value);
	provider->is_line = kind == 1;
	return 0;
}

static int set_asns(
    struct provider *provider, const char *value, struct err *err)
{
	char copy[192], *rest = copy, *word;
	int64_t asn;

	if (strlen(value) >= sizeof(copy))
		return err_input(err, "too long");
	snprintf(copy, sizeof(copy), "%s", value);
	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		if (provider->nasns == PROVIDER_ASNS_MAX)
			return err_input(
			    err, "more than %d AS numbers", PROVIDER_ASNS_MAX);
		if (values_parse_count(word, 1, UINT32_MAX, &asn, err) != 0)
			return -1;
		provider->asn[provider->nasns++] = (uint32_t)asn;
	}
	return 0;
}

int provider_set(struct provider *provider, const char *key, const char *value,
    struct err *err)
{
	const struct {
		const char *key;
		char *field;
		size_t size;
	} texts[] = {
	    {"name", provider->name, sizeof(provider->name)},
	    {"looks", provider->looks, sizeof(provider->looks)},
	    {"dmi", provider->dmi, sizeof(provider->dmi)},
	    {"rdns", provider->rdns, sizeof(provider->rdns)},
	    {"policy", provider->policy, sizeof(provider->policy)},
	    {"lift", provider->lift, sizeof(provider->lift)},
	    {"source", provider->source, sizeof(provider->source)},
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(key, texts[i].key) == 0)
			return set_text(
			    texts[i].field, texts[i].size, value, err);
	if (strcmp(key, "kind") == 0)
		return set_kind(provider, value, err);
	if (strcmp(key, "asn") == 0)
		return set_asns(provider, value, err);
	if (strcmp(key, "ports") == 0)
		return port_list_parse(value, &provider->ports, err);
	return err_input(err, "unknown key '%.40s'", key);
}

int provider_check(const struct provider *provider, struct err *err)
{
	if (provider->name[0] == '\0' || provider->looks[0] == '\0' ||
	    provider->policy[0] == '\0' || provider->lift[0] == '\0')
		return err_input(err,
		    "[%s] lacks one of name, looks, policy and lift",
		    provider->id);
	if (provider->source[0] == '\0')
		return err_input(err, "[%s] has no source", provider->id);
	if (provider->ports.count == 0)
		return err_input(err, "[%s] has no ports", provider->id);
	if (provider->dmi[0] == '\0' && provider->rdns[0] == '\0' &&
	    provider->nasns == 0)
		return err_input(err,
		    "[%s] has nothing to be recognised by: dmi, asn or rdns",
		    provider->id);
	return 0;
}

/* --- matching --- */

/* The next part of a list, without blanks around it; false: no more. */
static bool next_part(
    const char **list, const char *separators, char part[WORD_SIZE])
{
	size_t length;

	while (**list != '\0') {
		*list += strspn(*list, separators);
		*list += strspn(*list, " ");
		length = strcspn(*list, separators);
		snprintf(part, WORD_SIZE, "%.*s", (int)length, *list);
		*list += length;
		length = strlen(part);
		while (length > 0 && part[length - 1] == ' ')
			part[--length] = '\0';
		if (length > 0)
			return true;
	}
	return false;
}

static bool has_dmi(
    const struct provider *provider, const struct provider_traits *traits)
{
	const char *list = provider->dmi;
	char part[WORD_SIZE];
	size_t i;

	while (next_part(&list, "|", part))
		for (i = 0; i < PROVIDER_DMI_FIELDS; i++)
			if (strcasecmp(traits->dmi[i], part) == 0)
				return true;
	return false;
}

static bool has_rdns(
    const struct provider *provider, const struct provider_traits *traits)
{
	const char *list = provider->rdns;
	size_t name = strlen(traits->rdns), end;
	char part[WORD_SIZE];

	while (next_part(&list, " ", part)) {
		end = strlen(part);
		if (name > end &&
		    strcasecmp(traits->rdns + name - end, part) == 0)
			return true;
	}
	return false;
}

static bool has_asn(
    const struct provider *provider, const struct provider_traits *traits)
{
	size_t i;

	for (i = 0; i < provider->nasns; i++)
		if (provider->asn[i] == traits->asn)
			return true;
	return false;
}

enum provider_match provider_match(
    const struct provider *provider, const struct provider_traits *traits)
{
	if (has_dmi(provider, traits))
		return PROVIDER_BY_DMI;
	if (has_rdns(provider, traits))
		return PROVIDER_BY_RDNS;
	return has_asn(provider, traits) ? PROVIDER_BY_ASN : PROVIDER_NO_MATCH;
}

void provider_sentence(const struct provider *provider, struct buf *out)
{
	buf_printf(out, "This %s looks like %s. %s %s; %s.",
	    provider->is_line ? "line" : "machine", provider->looks,
	    provider->name, provider->policy, provider->lift);
}
