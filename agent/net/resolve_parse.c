/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/resolve_parse.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/values.h"

static void take_address(
    struct resolve_addresses *found, uint8_t family, const void *bytes)
{
	struct addr *address;

	if (found->count == RESOLVE_ADDRESSES_MAX) {
		found->cut = true;
		return;
	}
	address = &found->address[found->count++];
	memset(address, 0, sizeof(*address));
	address->family = family;
	memcpy(address->bytes, bytes, family == 4 ? 4 : 16);
}

/* One more than are kept, to see whether any were left out. */
#define RECORDS (RESOLVE_ADDRESSES_MAX + 1)

static int parse_a(
    struct resolve_addresses *found, const unsigned char *answer, int length)
{
	struct ares_addrttl records[RECORDS];
	int i, count = RECORDS;
	int status = ares_parse_a_reply(answer, length, NULL, records, &count);

	for (i = 0; status == ARES_SUCCESS && i < count; i++)
		take_address(found, 4, &records[i].ipaddr);
	return status;
}

static int parse_aaaa(
    struct resolve_addresses *found, const unsigned char *answer, int length)
{
	struct ares_addr6ttl records[RECORDS];
	int i, count = RECORDS;
	int status = ares_parse_aaaa_reply(
	    answer, length, NULL, records, &count);

	for (i = 0; status == ARES_SUCCESS && i < count; i++)
		if (!IN6_IS_ADDR_V4MAPPED(
			(struct in6_addr *)&records[i].ip6addr))
			take_address(found, 6, &records[i].ip6addr);
	return status;
}

int resolve_parse_addresses(struct resolve_addresses *found, uint8_t family,
    const unsigned char *answer, int length)
{
	return family == 4 ? parse_a(found, answer, length)
			   : parse_aaaa(found, answer, length);
}

void resolve_take_mx(
    struct resolve_mx *found, uint16_t preference, const char *host)
{
	size_t at = found->count, after;

	while (at > 0 && found->mx[at - 1].preference > preference)
		at--;
	if (at == RESOLVE_MX_MAX)
		return;
	if (found->count < RESOLVE_MX_MAX)
		found->count++;
	after = found->count - at - 1;
	memmove(&found->mx[at + 1], &found->mx[at], after * sizeof(*found->mx));
	found->mx[at].preference = preference;
	snprintf(found->mx[at].host, sizeof(found->mx[at].host), "%s", host);
}

int resolve_parse_mx(
    struct resolve_mx *found, const unsigned char *answer, int length)
{
	struct ares_mx_reply *records = NULL, *record;
	int status = ares_parse_mx_reply(answer, length, &records);
	struct addr literal;
	bool null_mx = false;

	if (status != ARES_SUCCESS)
		return status;
	for (record = records; record != NULL; record = record->next) {
		if (addr_parse(&literal, record->host))
			found->is_address = true;
		else if (values_is_host_name(record->host))
			resolve_take_mx(found, record->priority, record->host);
		else if (record->host[0] == '\0')
			null_mx = true;
	}
	ares_free_data(records);
	found->null_mx = null_mx && found->count == 0;
	return ARES_SUCCESS;
}

int resolve_parse_ptr(struct resolve_ptr *found, const struct addr *address,
    const unsigned char *answer, int length)
{
	bool is4 = address->family == 4;
	struct hostent *host = NULL;
	int status = ares_parse_ptr_reply(answer, length, address->bytes,
	    is4 ? 4 : 16, is4 ? AF_INET : AF_INET6, &host);
	char **name;

	if (status != ARES_SUCCESS)
		return status;
	for (name = host->h_aliases;
	     *name != NULL && found->count < RESOLVE_PTR_MAX; name++)
		if (values_is_host_name(*name))
			snprintf(found->name[found->count++],
			    sizeof(found->name[0]), "%s", *name);
	ares_free_hostent(host);
	return ARES_SUCCESS;
}

/* Append one string of a record at `*end`. False: no room for it and its NUL.
 */
static bool put_string(char *bytes, size_t *end, const void *text, size_t size)
{
	size_t i;

	if (size >= RESOLVE_TXT_BYTES - *end)
		return false;
	memcpy(bytes + *end, text, size);
	for (i = *end; i < *end + size; i++)
		if (bytes[i] == '\0')
			bytes[i] = RESOLVE_TXT_NUL;
	*end += size;
	bytes[*end] = '\0';
	return true;
}

/* Join each record's strings; a record that does not fit is left out whole. */
static void take_strings(
    struct resolve_txt *found, char *bytes, const struct ares_txt_ext *string)
{
	size_t start = 0, end = 0;
	bool kept = false;

	for (; string != NULL; string = string->next) {
		if (string->record_start) {
			start = kept ? end + 1 : start;
			end = start;
			kept = found->count < RESOLVE_TXT_MAX;
			if (kept)
				found->text[found->count++] = bytes + start;
			else
				found->cut = true;
		}
		if (kept &&
		    !put_string(bytes, &end, string->txt, string->length)) {
			kept = false;
			found->count--;
			found->cut = true;
		}
	}
}

int resolve_parse_txt(struct resolve_txt *found, char **bytes,
    const unsigned char *answer, int length)
{
	struct ares_txt_ext *strings = NULL;
	int status = ares_parse_txt_reply_ext(answer, length, &strings);

	if (status != ARES_SUCCESS)
		return status;
	*bytes = malloc(RESOLVE_TXT_BYTES);
	if (*bytes != NULL)
		take_strings(found, *bytes, strings);
	else
		status = ARES_ENOMEM;
	ares_free_data(strings);
	return status;
}
