/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/blocklist.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/values.h"

int blocklist_parse_zones(
    const char *text, struct blocklist_zones *zones, struct err *err)
{
	char copy[1024], *rest = copy, *word;

	zones->count = 0;
	if (strlen(text) >= sizeof(copy))
		return err_input(err, "'%.40s...' is too long", text);
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ", ")) != NULL) {
		if (*word == '\0')
			continue;
		if (!values_is_host_name(word) ||
		    strlen(word) >= BLOCKLIST_ZONE_SIZE)
			return err_input(
			    err, "'%.80s' is no zone of a block list", word);
		if (zones->count == BLOCKLISTS_MAX)
			return err_input(
			    err, "more than %d block lists", BLOCKLISTS_MAX);
		snprintf(zones->zone[zones->count++], BLOCKLIST_ZONE_SIZE, "%s",
		    word);
	}
	return zones->count > 0 ? 0 : err_input(err, "no block list is named");
}

void blocklist_query_name(
    const struct addr *address, const char *zone, char name[256])
{
	const uint8_t *bytes = address->bytes;
	size_t length = 0;
	int i;

	if (address->family == 4) {
		snprintf(name, 256, "%u.%u.%u.%u.%s", bytes[3], bytes[2],
		    bytes[1], bytes[0], zone);
		return;
	}
	for (i = 15; i >= 0; i--)
		length += (size_t)snprintf(name + length, 256 - length,
		    "%x.%x.", bytes[i] & 15u, bytes[i] >> 4);
	snprintf(name + length, 256 - length, "%s", zone);
}

void blocklist_test_points(
    int family, struct addr *listed, struct addr *unlisted)
{
	memset(listed, 0, sizeof(*listed));
	listed->family = (uint8_t)family;
	if (family == 4) {
		listed->bytes[0] = 127;
		listed->bytes[3] = 2;
	} else { /* ::FFFF:7F00:2 */
		listed->bytes[10] = listed->bytes[11] = 0xff;
		listed->bytes[12] = 127;
		listed->bytes[15] = 2;
	}
	*unlisted = *listed;
	unlisted->bytes[family == 4 ? 3 : 15] = 1;
}

/* --- meanings --- */

/* Answers of Spamhaus' combined list; others have meanings of their own. */
static const struct {
	uint8_t first, last; /* the last octet of 127.0.0.x */
	const char *words;
} spamhaus[] = {
    {2, 2, "SBL, a source of spam"},
    {3, 3, "CSS, a source of low-reputation mail"},
    {4, 7, "XBL, a hijacked or infected machine"},
    {9, 9, "DROP, a hijacked network"},
    {10, 11,
	"PBL, addresses that are not meant to send mail directly: a policy, no "
	"guilt; a static address can be taken off by its holder"},
};

static bool is_spamhaus(const char *zone)
{
	static const char end[] = "spamhaus.org";
	size_t length = strlen(zone);

	return length >= sizeof(end) - 1 &&
	       strcmp(zone + length - (sizeof(end) - 1), end) == 0;
}

static const char *code_words(const char *zone, const struct addr *code)
{
	size_t i;

	if (!is_spamhaus(zone) || code->bytes[1] != 0 || code->bytes[2] != 0)
		return NULL;
	for (i = 0; i < sizeof(spamhaus) / sizeof(*spamhaus); i++)
		if (code->bytes[3] >= spamhaus[i].first &&
		    code->bytes[3] <= spamhaus[i].last)
			return spamhaus[i].words;
	return NULL;
}

/* 127.255.255.x: the list's own errors. */
static const char *error_words(const struct addr *code)
{
	if (code->bytes[1] != 255 || code->bytes[2] != 255)
		return NULL;
	switch (code->bytes[3]) {
	case 252:
		return "it knows no such zone";
	case 254:
		return "it refuses public resolvers: ask through one of your "
		       "own (--dns)";
	case 255:
		return "it refuses: too many queries from this resolver";
	default:
		return "it answers with an error of its own";
	}
}

static void say(
    struct blocklist_seen *seen, enum blocklist_state state, const char *words)
{
	seen->state = state;
	snprintf(seen->because, sizeof(seen->because), "%s", words);
}

/* True: the answer does not count, and why is said. */
static bool is_void(struct blocklist_seen *seen)
{
	const struct blocklist_answer *answer = &seen->answer;
	const char *words = NULL;
	size_t i;

	for (i = 0; words == NULL && i < answer->count; i++)
		words = answer->code[i].bytes[0] != 127
			    ? "its answer is no code of a list: somebody "
			      "rewrites DNS here"
			    : error_words(&answer->code[i]);
	if (words != NULL)
		say(seen, BLOCKLIST_REFUSED, words);
	return words != NULL;
}

static void say_listed(struct blocklist_seen *seen)
{
	const struct blocklist_answer *answer = &seen->answer;
	char code[ADDR_TEXT_SIZE];
	const char *words;
	size_t i, length = 0;

	seen->state = BLOCKLIST_LISTED;
	for (i = 0; i < answer->count && length < sizeof(seen->because); i++) {
		words = code_words(seen->zone, &answer->code[i]);
		length += (size_t)snprintf(seen->because + length,
		    sizeof(seen->because) - length, "%s%s%s%s",
		    i > 0 ? "; " : "", addr_format(&answer->code[i], code),
		    words != NULL ? " is " : "", words != NULL ? words : "");
	}
}

void blocklist_judge(struct blocklist_seen *seen,
    const struct blocklist_answer *listed,
    const struct blocklist_answer *unlisted)
{
	if (seen->answer.failed) {
		say(seen, BLOCKLIST_UNKNOWN, "DNS gave no answer");
		return;
	}
	if (is_void(seen))
		return;
	if (listed->failed || unlisted->failed)
		say(seen, BLOCKLIST_UNKNOWN,
		    "DNS gave no answer for the list's test entries");
	else if (listed->count == 0)
		say(seen, BLOCKLIST_REFUSED,
		    "it does not answer here: its test entry (RFC 5782) is "
		    "missing");
	else if (unlisted->count > 0)
		say(seen, BLOCKLIST_REFUSED,
		    "it lists everything, its test entry (RFC 5782) too");
	else if (seen->answer.count > 0)
		say_listed(seen);
	else
		say(seen, BLOCKLIST_NOT_LISTED, "");
}
