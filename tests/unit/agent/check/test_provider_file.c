/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/provider.h"

#include <errno.h>
#include <string.h>

#include "agent/check/provider_file.h"
#include "tests/support/rows.h"

static struct provider make(const char *dmi, const char *rdns, const char *asn)
{
	struct provider provider = {.id = "x"};
	struct err err;

	if (dmi != NULL)
		assert_int_equal(provider_set(&provider, "dmi", dmi, &err), 0);
	if (rdns != NULL)
		assert_int_equal(
		    provider_set(&provider, "rdns", rdns, &err), 0);
	if (asn != NULL)
		assert_int_equal(provider_set(&provider, "asn", asn, &err), 0);
	return provider;
}

static const struct row {
	const char *name, *dmi, *rdns, *asn; /* of the provider */
	const char *vendor, *host;           /* of the machine */
	uint32_t number;
	enum provider_match match;
} rows[] = {
    {"a DMI text", "Amazon EC2", NULL, NULL, "Amazon EC2", "", 0,
	PROVIDER_BY_DMI},
    {"one of several, in other case", "Linode | Akamai", NULL, NULL, "akamai",
	"", 0, PROVIDER_BY_DMI},
    {"a longer DMI text is another", "Google", NULL, NULL, "Google Chromebook",
	"", 0, PROVIDER_NO_MATCH},
    {"the end of the reverse name", NULL, ".a.example .b.example", NULL, "",
	"ip-1.B.example", 0, PROVIDER_BY_RDNS},
    {"the end alone is no name", NULL, ".a.example", NULL, "", ".a.example", 0,
	PROVIDER_NO_MATCH},
    {"a name that only ends alike", NULL, ".a.example", NULL, "",
	"x.aa.example", 0, PROVIDER_NO_MATCH},
    {"an AS number", NULL, NULL, "64500  64501", "", "", 64501,
	PROVIDER_BY_ASN},
    {"the surest counts", "V", ".a.example", "64500", "V", "x.a.example", 64500,
	PROVIDER_BY_DMI},
    {"nothing is known of the machine", "V", ".a.example", "64500", "", "", 0,
	PROVIDER_NO_MATCH},
};

static void match(void **state)
{
	const struct row *row = *state;
	struct provider provider = make(row->dmi, row->rdns, row->asn);
	struct provider_traits traits = {.asn = row->number};

	strcpy(traits.dmi[1], row->vendor);
	strcpy(traits.rdns, row->host);
	assert_int_equal(provider_match(&provider, &traits), row->match);
}

static void sentence(void **state)
{
	struct provider provider = {.name = "Amazon",
	    .looks = "an Amazon EC2 instance",
	    .policy = "blocks outbound 25 by default",
	    .lift = "ask at https://example.net/"};
	struct buf out = {0};

	provider_sentence(&provider, &out);
	assert_string_equal(out.data,
	    "This machine looks like an Amazon EC2 instance. Amazon blocks "
	    "outbound 25 by default; ask at https://example.net/.");
	buf_clear(&out);
	provider.is_line = true;
	strcpy(provider.looks, "one of Cox");
	provider_sentence(&provider, &out);
	assert_memory_equal(out.data, "This line looks like one of Cox. ", 33);
	buf_free(&out);
}

static const struct bad_row {
	const char *name, *key, *value, *why;
} bad_rows[] = {
    {"an unknown key", "vendor", "x", "unknown key 'vendor'"},
    {"an AS number that is none", "asn", "AS1", "AS1"},
    {"a port that is none", "ports", "0", "0"},
    {"a kind that is none", "kind", "isp", "neither hoster nor line"},
    {"an empty value", "name", "", "between 1 and"},
    {"more AS numbers than fit", "asn", "1 2 3 4 5 6 7 8 9", "more than 8"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct provider provider = {.id = "x"};
	struct err err = {""};

	assert_int_not_equal(
	    provider_set(&provider, row->key, row->value, &err), 0);
	assert_non_null(strstr(err.text, row->why));
}

static void incomplete(void **state)
{
	struct provider provider = {.id = "x"};
	struct err err = {""};

	assert_int_equal(provider_set(&provider, "name", "a", &err), 0);
	assert_int_equal(provider_set(&provider, "name", "b", &err), -EINVAL);
	assert_int_equal(provider_check(&provider, &err), -EINVAL);
	assert_int_equal(provider_set(&provider, "looks", "a", &err), 0);
	assert_int_equal(provider_set(&provider, "policy", "a", &err), 0);
	assert_int_equal(provider_set(&provider, "lift", "a", &err), 0);
	assert_int_equal(provider_check(&provider, &err), -EINVAL);
	assert_non_null(strstr(err.text, "[x] has no source"));
	assert_int_equal(provider_set(&provider, "source", "a", &err), 0);
	assert_int_equal(provider_set(&provider, "ports", "25", &err), 0);
	assert_int_equal(provider_check(&provider, &err), -EINVAL);
	assert_non_null(strstr(err.text, "recognised"));
	assert_int_equal(provider_set(&provider, "asn", "64500", &err), 0);
	assert_int_equal(provider_check(&provider, &err), 0);
}

/* --- the shipped file --- */

#define SHIPPED_MAX 128

struct shipped {
	struct provider providers[SHIPPED_MAX];
	size_t count;
};

static int keep(void *arg, const struct provider *provider, struct err *err)
{
	struct shipped *shipped = arg;

	assert_true(shipped->count < SHIPPED_MAX);
	shipped->providers[shipped->count++] = *provider;
	return 0;
}

/* No two entries claim the same machine, and the sentences are ones. */
static void check_entry(const struct shipped *all, size_t index)
{
	const struct provider *one = &all->providers[index], *other;
	size_t i, a, b;

	assert_true(strchr(one->source, '.') != NULL);
	assert_null(strchr(".,;", one->policy[strlen(one->policy) - 1]));
	assert_int_not_equal(one->lift[strlen(one->lift) - 1], '.');
	for (i = 0; i < index; i++) {
		other = &all->providers[i];
		assert_string_not_equal(one->id, other->id);
		for (a = 0; a < one->nasns; a++)
			for (b = 0; b < other->nasns; b++)
				assert_int_not_equal(
				    one->asn[a], other->asn[b]);
	}
}

static void shipped(void **state)
{
	static struct shipped all;
	struct provider_traits traits = {.asn = 3320};
	struct provider found;
	struct err err = {""};
	size_t i;

	memset(&all, 0, sizeof(all));
	if (provider_file_walk(SHIPPED_PROVIDERS, keep, &all, &err) != 0)
		fail_msg("%s", err.text);
	assert_in_range(all.count, 25, SHIPPED_MAX);
	for (i = 0; i < all.count; i++)
		check_entry(&all, i);
	strcpy(traits.dmi[0], "Hetzner");
	assert_int_equal(
	    provider_file_find(SHIPPED_PROVIDERS, &traits, &found, &err), 0);
	assert_string_equal(found.id, "hetzner");
	traits.dmi[0][0] = '\0';
	assert_int_equal(
	    provider_file_find(SHIPPED_PROVIDERS, &traits, &found, &err), 0);
	assert_string_equal(found.id, "deutsche-telekom");
	traits.asn = 64500;
	assert_int_equal(
	    provider_file_find(SHIPPED_PROVIDERS, &traits, &found, &err), 0);
	assert_string_equal(found.id, "");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, match);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "the sentence", sentence);
	test_add(&list, "what every entry needs", incomplete);
	test_add(&list, "every shipped entry reads, and has a source", shipped);
	return test_run("provider_file", &list);
}
