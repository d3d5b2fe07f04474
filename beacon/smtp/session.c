/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/smtp/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/base64.h"
#include "lib/receipt/receipt.h"

static void say(struct session_reply *reply, enum session_next next,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(struct session_reply *reply, enum session_next next,
    const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(reply->text, sizeof(reply->text), format, arguments);
	va_end(arguments);
	reply->length = length < 0 ? 0
			: (size_t)length < sizeof(reply->text)
			    ? (size_t)length
			    : sizeof(reply->text) - 1;
	reply->next = next;
	reply->lacks_tls = false;
}

void session_begin(struct session *session, const char *name, int64_t commands,
    struct session_reply *reply)
{
	*session = (struct session){.name = name,
	    .has_tls_room = true,
	    .commands_left = (int)commands,
	    .wrong_left = SESSION_WRONG_MOST};
	say(reply, SESSION_READ, "220 %s ESMTP egress25-beacon\r\n", name);
}

/* Who sees no offer of STARTTLS takes it for stripped on the way: a beacon that
 * has no room for TLS says so, and no more. */
static void answer_ehlo(
    struct session *session, const char *argument, struct session_reply *reply)
{
	if (*argument == '\0') {
		say(reply, SESSION_READ, "501 5.5.4 EHLO needs a name\r\n");
	} else if (!session->in_tls && !session->has_tls_room) {
		say(reply, SESSION_CLOSE,
		    "421 4.7.0 too many TLS sessions, try again later\r\n");
		reply->lacks_tls = true;
	} else {
		say(reply, SESSION_RECEIPT, "%s", "");
	}
}

static void answer_helo(
    struct session *session, const char *argument, struct session_reply *reply)
{
	if (*argument == '\0')
		say(reply, SESSION_READ, "501 5.5.4 HELO needs a name\r\n");
	else
		say(reply, SESSION_READ, "250 %s\r\n", session->name);
}

static void answer_starttls(
    struct session *session, const char *argument, struct session_reply *reply)
{
	if (session->in_tls) {
		say(reply, SESSION_READ, "503 5.5.1 TLS is spoken already\r\n");
	} else if (!session->has_tls_room) {
		say(reply, SESSION_READ, "454 4.7.0 no TLS for now\r\n");
		reply->lacks_tls = true;
	} else if (*argument != '\0') {
		say(reply, SESSION_READ,
		    "501 5.5.4 no parameter is allowed\r\n");
	} else {
		say(reply, SESSION_TLS, "220 2.0.0 go ahead\r\n");
	}
}

/* Any other argument is none of ours, and is taken all the same. */
static void answer_noop(
    struct session *session, const char *argument, struct session_reply *reply)
{
	uint8_t nonce[RECEIPT_NONCE_SIZE];
	size_t length;

	if (base64_decode(
		argument, strlen(argument), nonce, sizeof(nonce), &length) &&
	    length == sizeof(nonce))
		memcpy(session->nonce, nonce, sizeof(nonce));
	say(reply, SESSION_READ, "250 2.0.0 OK\r\n");
}

static void answer_rset(
    struct session *session, const char *argument, struct session_reply *reply)
{
	say(reply, SESSION_READ, "250 2.0.0 OK\r\n");
}

static void answer_quit(
    struct session *session, const char *argument, struct session_reply *reply)
{
	say(reply, SESSION_CLOSE, "221 2.0.0 %s goodbye\r\n", session->name);
}

static void answer_mail(
    struct session *session, const char *argument, struct session_reply *reply)
{
	say(reply, SESSION_READ,
	    "550 5.7.1 this server takes no mail: it only tells clients how "
	    "they reach it\r\n");
}

static void answer_out_of_order(
    struct session *session, const char *argument, struct session_reply *reply)
{
	session->wrong_left--;
	say(reply, SESSION_READ, "503 5.5.1 no mail was begun\r\n");
}

static void answer_not_offered(
    struct session *session, const char *argument, struct session_reply *reply)
{
	session->wrong_left--;
	say(reply, SESSION_READ, "502 5.5.1 not offered here\r\n");
}

static const struct {
	const char *verb;
	void (*answer)(struct session *session, const char *argument,
	    struct session_reply *reply);
} commands[] = {
    {"EHLO", answer_ehlo},
    {"HELO", answer_helo},
    {"STARTTLS", answer_starttls},
    {"NOOP", answer_noop},
    {"RSET", answer_rset},
    {"QUIT", answer_quit},
    {"MAIL", answer_mail},
    {"RCPT", answer_out_of_order},
    {"DATA", answer_out_of_order},
    {"VRFY", answer_not_offered},
    {"EXPN", answer_not_offered},
    {"HELP", answer_not_offered},
    {"AUTH", answer_not_offered},
};

static bool is_printable(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static void answer(
    struct session *session, const char *line, struct session_reply *reply)
{
	size_t verb = strcspn(line, " "), i;
	const char *argument = line + verb + strspn(line + verb, " ");

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strlen(commands[i].verb) == verb &&
		    strncasecmp(commands[i].verb, line, verb) == 0) {
			commands[i].answer(session, argument, reply);
			return;
		}
	session->wrong_left--;
	say(reply, SESSION_READ, "500 5.5.2 no such command\r\n");
}

void session_line(struct session *session, const char *line, size_t length,
    struct session_reply *reply)
{
	char text[SESSION_LINE_MAX + 1];

	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	while (length > 0 && line[length - 1] == ' ')
		length--;
	if (length >= SESSION_LINE_MAX) {
		session_too_long(reply);
		return;
	}
	if (session->commands_left-- <= 0) {
		say(reply, SESSION_CLOSE, "421 4.7.0 too many commands\r\n");
		return;
	}
	memcpy(text, line, length);
	text[length] = '\0';
	if (is_printable(text, length)) {
		answer(session, text, reply);
	} else {
		session->wrong_left--;
		say(reply, SESSION_READ, "500 5.5.2 no such command\r\n");
	}
	if (session->wrong_left < 0)
		say(reply, SESSION_CLOSE, "421 4.7.0 too many errors\r\n");
}

/* The receipt is last: who cuts the list at a keyword that he does not know
 * leaves STARTTLS in place. */
void session_greet_back(const struct session *session, const char *receipt,
    struct session_reply *reply)
{
	const char *offer = session->in_tls ? "" : "250-STARTTLS\r\n";

	if (receipt == NULL)
		say(reply, SESSION_READ,
		    "250-%s\r\n%s250 ENHANCEDSTATUSCODES\r\n", session->name,
		    offer);
	else
		say(reply, SESSION_READ,
		    "250-%s\r\n250-ENHANCEDSTATUSCODES\r\n%s250 %s %s\r\n",
		    session->name, offer, RECEIPT_KEYWORD, receipt);
}

void session_enter_tls(struct session *session)
{
	session->in_tls = true;
	memset(session->nonce, 0, sizeof(session->nonce));
}

void session_too_long(struct session_reply *reply)
{
	say(reply, SESSION_CLOSE, "500 5.5.6 the line is too long\r\n");
}

void session_timeout(struct session_reply *reply)
{
	say(reply, SESSION_CLOSE, "421 4.4.2 timeout\r\n");
}
