/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/smtp/session.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define NONCE    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
#define COMMANDS 50

/* Lines are said in turn; `replies` are the beginnings of theirs, in turn. */
static const struct row {
	const char *name;
	const char *lines[6];
	const char *replies[6];
	enum session_next last;
} rows[] = {
    {"EHLO wants a receipt, and the reply has it", {"EHLO client.example\r\n"},
	{"250-b.example\r\n"}, SESSION_READ},
    {"verbs in lower case are the same", {"ehlo [192.0.2.1]\r\n"},
	{"250-b.example\r\n"}, SESSION_READ},
    {"a line that ends in LF alone is taken", {"QUIT\n"}, {"221 "},
	SESSION_CLOSE},
    {"EHLO without a name is refused", {"EHLO\r\n"}, {"501 "}, SESSION_READ},
    {"HELO gets one line and no receipt", {"HELO client.example\r\n"},
	{"250 b.example\r\n"}, SESSION_READ},
    {"MAIL is refused with a plain word",
	{"EHLO c\r\n", "MAIL FROM:<a@example.net>\r\n"},
	{"250-", "550 5.7.1 this server takes no mail"}, SESSION_READ},
    {"MAIL is refused without EHLO too", {"MAIL FROM:<>\r\n"}, {"550 "},
	SESSION_READ},
    {"RCPT and DATA are out of order", {"RCPT TO:<a@b>\r\n", "DATA\r\n"},
	{"503 ", "503 "}, SESSION_READ},
    {"VRFY is not offered", {"VRFY root\r\n"}, {"502 "}, SESSION_READ},
    {"RSET and NOOP are taken at any time", {"RSET\r\n", "NOOP\r\n"},
	{"250 ", "250 "}, SESSION_READ},
    {"NOOP with any argument is taken (RFC 5321, 4.1.1.9)",
	{"NOOP what ever\r\n"}, {"250 "}, SESSION_READ},
    {"an unknown command", {"GET / HTTP/1.1\r\n"}, {"500 "}, SESSION_READ},
    {"an empty line", {"\r\n"}, {"500 "}, SESSION_READ},
    {"bytes that are no text", {"\x16\x03\x01\r\n"}, {"500 "}, SESSION_READ},
    {"STARTTLS leads to a handshake", {"EHLO c\r\n", "STARTTLS\r\n"},
	{"250-", "220 "}, SESSION_TLS},
    {"STARTTLS with a parameter", {"STARTTLS now\r\n"}, {"501 "}, SESSION_READ},
};

static bool begins(const struct session_reply *reply, const char *text)
{
	return reply->length >= strlen(text) &&
	       memcmp(reply->text, text, strlen(text)) == 0;
}

static void say(struct session *session, const char *line, const char *receipt,
    struct session_reply *reply)
{
	session_line(session, line, strlen(line), reply);
	if (reply->next == SESSION_RECEIPT)
		session_greet_back(session, receipt, reply);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct session session;
	struct session_reply reply;
	size_t i;

	session_begin(&session, "b.example", COMMANDS, &reply);
	assert_true(begins(&reply, "220 b.example ESMTP"));
	for (i = 0; i < 6 && row->lines[i] != NULL; i++) {
		say(&session, row->lines[i], "RECEIPT", &reply);
		if (!begins(&reply, row->replies[i]))
			fail_msg("%s: %s", row->lines[i], reply.text);
		assert_memory_equal(reply.text + reply.length - 2, "\r\n", 2);
	}
	assert_int_equal(reply.next, row->last);
}

static void test_receipt(void **state)
{
	struct session session;
	struct session_reply reply;

	session_begin(&session, "b.example", COMMANDS, &reply);
	say(&session, "EHLO c\r\n", "abc", &reply);
	assert_string_equal(reply.text,
	    "250-b.example\r\n250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n"
	    "250 XEGRESS25 abc\r\n");
	say(&session, "EHLO c\r\n", NULL, &reply);
	assert_null(strstr(reply.text, "XEGRESS25"));
}

/* A reply to EHLO without the offer of STARTTLS would look like a network that
 * strips it. */
static void test_no_room_for_tls(void **state)
{
	struct session session;
	struct session_reply reply;

	session_begin(&session, "b.example", COMMANDS, &reply);
	session.has_tls_room = false;
	say(&session, "EHLO c\r\n", "abc", &reply);
	assert_true(begins(&reply, "421 4.7.0 "));
	assert_null(strstr(reply.text, "XEGRESS25"));
	assert_int_equal(reply.next, SESSION_CLOSE);
	assert_true(reply.lacks_tls);
	say(&session, "HELO c\r\n", NULL, &reply);
	assert_true(begins(&reply, "250 "));
	assert_false(reply.lacks_tls);
	say(&session, "STARTTLS\r\n", NULL, &reply);
	assert_true(begins(&reply, "454 "));
	assert_int_equal(reply.next, SESSION_READ);
	assert_true(reply.lacks_tls);
	session_enter_tls(&session);
	say(&session, "EHLO c\r\n", "abc", &reply);
	assert_true(begins(&reply, "250-"));
}

/* RFC 3207, 4.2: nothing said in the clear is known in TLS. */
static void test_nonce(void **state)
{
	static const uint8_t none[RECEIPT_NONCE_SIZE];
	struct session session;
	struct session_reply reply;

	session_begin(&session, "b.example", COMMANDS, &reply);
	say(&session, "NOOP " NONCE "\r\n", NULL, &reply);
	assert_int_equal(session.nonce[23], 23);
	say(&session, "NOOP short\r\n", NULL, &reply);
	assert_int_equal(session.nonce[23], 23);
	session_enter_tls(&session);
	assert_memory_equal(session.nonce, none, sizeof(none));
	say(&session, "EHLO c\r\n", "abc", &reply);
	assert_null(strstr(reply.text, "STARTTLS"));
	say(&session, "STARTTLS\r\n", NULL, &reply);
	assert_true(begins(&reply, "503 "));
	say(&session, "NOOP " NONCE "\r\n", NULL, &reply);
	assert_int_equal(session.nonce[23], 23);
}

static void test_limits(void **state)
{
	char line[SESSION_LINE_MAX + 2];
	struct session session;
	struct session_reply reply;
	int i;

	session_begin(&session, "b.example", COMMANDS, &reply);
	for (i = 0; i < COMMANDS; i++) {
		say(&session, "NOOP\r\n", NULL, &reply);
		assert_int_equal(reply.next, SESSION_READ);
	}
	say(&session, "NOOP\r\n", NULL, &reply);
	assert_true(begins(&reply, "421 "));
	assert_int_equal(reply.next, SESSION_CLOSE);
	session_begin(&session, "b.example", COMMANDS, &reply);
	for (i = 0; i < SESSION_WRONG_MOST; i++) {
		say(&session, "FOO\r\n", NULL, &reply);
		assert_true(begins(&reply, "500 "));
	}
	say(&session, "FOO\r\n", NULL, &reply);
	assert_true(begins(&reply, "421 "));
	assert_int_equal(reply.next, SESSION_CLOSE);
	memset(line, 'x', sizeof(line));
	session_line(&session, line, SESSION_LINE_MAX + 1, &reply);
	assert_true(begins(&reply, "500 5.5.6"));
	assert_int_equal(reply.next, SESSION_CLOSE);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "the receipt is the last keyword", test_receipt);
	test_add(&list, "without room for TLS nothing looks like stripping",
	    test_no_room_for_tls);
	test_add(&list, "a nonce in the clear ends with TLS", test_nonce);
	test_add(&list, "commands, errors and lines have limits", test_limits);
	return test_run("session", &list);
}
