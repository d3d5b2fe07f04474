/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of a stranger: each gets one whole reply, and no session goes on for
 * ever. */

#include <stdlib.h>
#include <string.h>

#include "beacon/smtp/session.h"
#include "tests/fuzz/fuzz.h"

#define COMMANDS 20

static void require_reply(const struct session_reply *reply)
{
	fuzz_require(reply->length >= 6);
	fuzz_require(reply->length < SESSION_REPLY_MAX);
	fuzz_require(reply->text[0] >= '2' && reply->text[0] <= '5');
	fuzz_require(memcmp(reply->text + reply->length - 2, "\r\n", 2) == 0);
}

/* Nobody sees a beacon that speaks TLS and does not offer it. */
static void greet_back(
    const struct session *session, struct session_reply *reply)
{
	session_greet_back(session, "receipt", reply);
	fuzz_require(
	    session->in_tls == (strstr(reply->text, "STARTTLS") == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct session session;
	struct session_reply reply;
	const uint8_t *end;
	size_t line;
	char *copy;
	int lines = 0;

	session_begin(&session, "b.example", COMMANDS, &reply);
	require_reply(&reply);
	while (length > 0 && reply.next != SESSION_CLOSE) {
		end = memchr(bytes, '\n', length);
		line = end == NULL ? length : (size_t)(end - bytes) + 1;
		copy = malloc(line);
		fuzz_require(copy != NULL);
		memcpy(copy, bytes, line);
		session.has_tls_room = lines % 4 != 3;
		session_line(&session, copy, line, &reply);
		free(copy);
		if (reply.next == SESSION_RECEIPT)
			greet_back(&session, &reply);
		require_reply(&reply);
		if (reply.next == SESSION_TLS)
			session_enter_tls(&session);
		fuzz_require(++lines <= COMMANDS + 1);
		bytes += line;
		length -= line;
	}
	return 0;
}
