/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/hosts_file.h"

#include <ares.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static void take(const struct hostent *entry, uint8_t family,
    struct resolve_addresses *found)
{
	char **bytes;

	for (bytes = entry->h_addr_list;
	     *bytes != NULL && found->count < RESOLVE_ADDRESSES_MAX; bytes++) {
		struct addr *address = &found->address[found->count++];

		address->family = family;
		memcpy(address->bytes, *bytes, family == 4 ? 4 : 16);
	}
}

/* NULL: the file has no such host over this family. */
static struct hostent *look_up(
    struct ares_channeldata *channel, const char *host, uint8_t family)
{
	struct hostent *entry = NULL;

	return ares_gethostbyname_file(channel, host,
		   family == 4 ? AF_INET : AF_INET6, &entry) == ARES_SUCCESS
		   ? entry
		   : NULL;
}

bool hosts_file_read(struct ares_channeldata *channel, const char *host,
    uint8_t family, struct resolve_addresses *found)
{
	struct hostent *entry;

	if (strcasecmp(host, "localhost") == 0)
		return false;
	entry = look_up(channel, host, family);
	if (entry != NULL) {
		take(entry, family, found);
		ares_free_hostent(entry);
		return true;
	}
	entry = look_up(channel, host, family == 4 ? 6 : 4);
	if (entry == NULL)
		return false;
	ares_free_hostent(entry);
	snprintf(found->why, sizeof(found->why),
	    "the hosts file has it over the other family alone");
	return true;
}
