/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/network_cursor.h"

#include <stdio.h>
#include <stdlib.h>

/* A number without sign and blanks, and what follows it. */
static bool read_part(
    const char **at, char end, unsigned long most, unsigned long *number)
{
	char *stop;

	if (**at < '0' || **at > '9')
		return false;
	*number = strtoul(*at, &stop, 10);
	if (*stop != end || *number > most)
		return false;
	*at = stop + (end != '\0');
	return true;
}

int network_cursor_read(
    const char *cursor, struct query_key *key, struct err *err)
{
	unsigned long asn, family, port;
	const char *at = cursor;

	if (!read_part(&at, '.', UINT32_MAX, &asn) ||
	    !read_part(&at, '.', UINT8_MAX, &family) ||
	    !read_part(&at, '\0', UINT16_MAX, &port))
		return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
	*key = (struct query_key){
	    (uint32_t)asn, (uint8_t)family, (uint16_t)port};
	return 0;
}

void network_cursor_write(
    const struct query_key *key, char cursor[ROW_CURSOR_SIZE])
{
	snprintf(cursor, ROW_CURSOR_SIZE, "%u.%u.%u", key->asn, key->family,
	    key->port);
}
