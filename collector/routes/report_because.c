/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_because.h"

#include <stdio.h>

#include "lib/report/outcome.h"

#define SENTENCE_SIZE 192

/* What got no answer. */
static const char *const silence[STAGE_COUNT] = {
    [STAGE_RESOLVE] = "the name server did not answer",
    [STAGE_CONNECT] = "no answer to the connection request (TCP SYN)",
    [STAGE_BANNER] = "connected, but no greeting came",
    [STAGE_EHLO] = "greeted, but EHLO got no reply",
    [STAGE_STARTTLS] = "STARTTLS got no reply",
    [STAGE_TLS] = "the TLS handshake got no answer",
    [STAGE_EHLO_TLS] = "EHLO inside TLS got no reply",
    [STAGE_DONE] = "QUIT got no reply",
};

/* When something else came than what was meant to. */
static const char *const moment[STAGE_COUNT] = {
    [STAGE_RESOLVE] = "before it was made",
    [STAGE_CONNECT] = "while it was made",
    [STAGE_BANNER] = "before the greeting",
    [STAGE_EHLO] = "after EHLO",
    [STAGE_STARTTLS] = "after STARTTLS",
    [STAGE_TLS] = "in the TLS handshake",
    [STAGE_EHLO_TLS] = "after EHLO inside TLS",
    [STAGE_DONE] = "after QUIT",
};

/* What failed, whatever the stage; NULL: the stage decides. */
static const char *const failed[FAILURE_COUNT] = {
    [FAILURE_RESOLVE] = "the endpoint's name did not resolve",
    [FAILURE_NO_ROUTE] = "the measuring host has no route to the endpoint",
    [FAILURE_DENIED] = "the measuring host itself refused to send",
    [FAILURE_REFUSED] = "the connection request was answered with a TCP reset",
    [FAILURE_UNREACHABLE] = "an ICMP message said that it cannot be reached",
    [FAILURE_NO_STARTTLS] = "the reply to EHLO did not offer STARTTLS",
    [FAILURE_REJECTED] = "the server turned the client away",
    [FAILURE_TLS] = "the TLS handshake failed",
};

/* What came instead, before its moment. */
static const char *const instead[FAILURE_COUNT] = {
    [FAILURE_RESET] = "the connection was reset",
    [FAILURE_CLOSED] = "the other end closed the connection",
    [FAILURE_PROTOCOL] = "what answered did not speak SMTP",
};

static void write_attempt(
    const struct measurement *row, char text[SENTENCE_SIZE])
{
	if (row->failure == FAILURE_NONE)
		snprintf(text, SENTENCE_SIZE, "%s",
		    row->mode == MODE_CONNECT
			? "the connection was made"
			: "the SMTP dialogue went through to QUIT");
	else if (row->failure == FAILURE_TIMEOUT)
		snprintf(text, SENTENCE_SIZE, "%s", silence[row->ended]);
	else if (failed[row->failure] != NULL)
		snprintf(text, SENTENCE_SIZE, "%s", failed[row->failure]);
	else
		snprintf(text, SENTENCE_SIZE, "%s %s", instead[row->failure],
		    moment[row->ended]);
}

/* RFC 792, RFC 1122 (3.2.2.1), RFC 1812 (5.2.7.1) and RFC 4443 (3.1). */
static const struct icmp_meaning {
	int family, type, code;
	const char *text;
} icmp_meanings[] = {
    {4, 3, 0, "network unreachable"},
    {4, 3, 1, "host unreachable"},
    {4, 3, 2, "protocol unreachable"},
    {4, 3, 3, "port unreachable"},
    {4, 3, 9, "network administratively prohibited"},
    {4, 3, 10, "host administratively prohibited"},
    {4, 3, 13, "administratively prohibited"},
    {4, 11, 0, "TTL ran out"},
    {6, 1, 0, "no route"},
    {6, 1, 1, "administratively prohibited"},
    {6, 1, 3, "address unreachable"},
    {6, 1, 4, "port unreachable"},
    {6, 1, 5, "source address not allowed"},
    {6, 1, 6, "route rejected"},
    {6, 3, 0, "hop limit ran out"},
};

static const char *icmp_meaning(const struct measurement *row)
{
	size_t i;

	for (i = 0; i < sizeof(icmp_meanings) / sizeof(*icmp_meanings); i++)
		if (icmp_meanings[i].family == row->family &&
		    icmp_meanings[i].type == row->icmp_type &&
		    icmp_meanings[i].code == row->icmp_code)
			return icmp_meanings[i].text;
	return NULL;
}

static void because_icmp(
    const struct measurement *row, struct json_writer *json)
{
	const char *meaning = icmp_meaning(row);
	char text[SENTENCE_SIZE];

	if (row->icmp_type < 0)
		return;
	snprintf(text, sizeof(text),
	    "The message was ICMP%s type %d, code %d%s%s.",
	    row->family == 6 ? "v6" : "", row->icmp_type, row->icmp_code,
	    meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
	json_text(json, NULL, text);
}

static void because_hops(
    const struct measurement *row, struct json_writer *json)
{
	char text[SENTENCE_SIZE];

	if (row->outcome != OUTCOME_FILTERED &&
	    row->outcome != OUTCOME_INTERCEPTED)
		return;
	if (row->after_hop == 0)
		snprintf(text, sizeof(text), "No hop answered on port %u.",
		    row->port);
	else
		snprintf(text, sizeof(text),
		    "The last hop that answered on port %u is hop %d.",
		    row->port, row->after_hop);
	if (row->after_hop >= 0)
		json_text(json, NULL, text);
	if (row->endpoint_hops >= 0) {
		snprintf(text, sizeof(text),
		    "The endpoint itself is %d hops away.", row->endpoint_hops);
		json_text(json, NULL, text);
	}
}

void report_because_write(
    const struct measurement *row, size_t tries, struct json_writer *json)
{
	char text[SENTENCE_SIZE], what[SENTENCE_SIZE], times[32] = "";

	json_open_array(json, "because");
	write_attempt(row, what);
	if (tries > 1)
		snprintf(times, sizeof(times), ", in %zu tries", tries);
	snprintf(
	    text, sizeof(text), "Port %u: %.120s%s.", row->port, what, times);
	json_text(json, NULL, text);
	because_icmp(row, json);
	if (row->smtp_code > 0) {
		snprintf(text, sizeof(text),
		    "The SMTP reply that decided was %d.", row->smtp_code);
		json_text(json, NULL, text);
	}
	because_hops(row, json);
	json_close_array(json);
}
