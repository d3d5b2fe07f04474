/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/operator.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/public_unicast.h"

#define MARK_SIZE 300

/* The contact in small letters, without blanks around it. */
static void fold_contact(const char *contact, char out[MARK_SIZE])
{
	size_t length, i;

	while (isspace((unsigned char)*contact))
		contact++;
	length = strlen(contact);
	while (length > 0 && isspace((unsigned char)contact[length - 1]))
		length--;
	if (length > MARK_SIZE - 1)
		length = MARK_SIZE - 1;
	for (i = 0; i < length; i++)
		out[i] = (char)tolower((unsigned char)contact[i]);
	out[length] = '\0';
}

/* The first mark that there is, and of which kind it is. NULL: none. */
static const char *choose_mark(
    const struct operator_marks *marks, char mark[MARK_SIZE])
{
	if (marks->token_sha256 != NULL) {
		hex_encode(marks->token_sha256, 32, mark);
		return "token";
	}
	fold_contact(marks->contact, mark);
	if (mark[0] != '\0')
		return "contact";
	if (marks->client == NULL || !public_unicast_is(marks->client))
		return NULL;
	addr_format_prefix(marks->client, mark);
	return "block";
}

void operator_name(const uint8_t secret[SIGN_SECRET_SIZE],
    const struct operator_marks *marks, char name[OPERATOR_NAME_SIZE])
{
	char mark[MARK_SIZE], message[MARK_SIZE + 32];
	const char *kind = choose_mark(marks, mark);
	uint8_t mac[32];
	int length;

	name[0] = '\0';
	if (kind == NULL)
		return;
	length = snprintf(
	    message, sizeof(message), "operator|%s|%s", kind, mark);
	hmac_sha256(secret, SIGN_SECRET_SIZE, message, (size_t)length, mac);
	hex_encode(mac, 8, name);
}
