/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/reason.h"

#include <string.h>

/* --- DNS --- */

static const struct dns_phrase {
	const char *before, *after; /* around the name that was asked for */
} dns_phrases[DNS_COUNT] = {
    [DNS_OK] = {"", " does not resolve"},
    [DNS_NO_SUCH_DOMAIN] = {"there is no domain ", " (NXDOMAIN)"},
    [DNS_NO_ADDRESS] = {"", " exists and has no address"},
    [DNS_NULL_MX] = {"", " takes no mail (null MX, RFC 7505)"},
    [DNS_MX_IS_ADDRESS] = {"the MX record of ",
	" holds an address where a host name must be (RFC 5321, 5.1)"},
    [DNS_SERVFAIL] = {"the name servers of ", " fail (SERVFAIL)"},
    [DNS_NO_ANSWER] = {"no name server answered when asked for ", ""},
};

static const char *asked_name(const struct target_seen *target)
{
	return target->host[0] != '\0' ? target->host : target->endpoint;
}

/* A host before `item` has the same name. */
static bool was_said(
    const struct explain_selection *of, const struct explain_item *item)
{
	const char *name = asked_name(explain_target(of->round, item));
	const struct explain_item *before;
	size_t at = 0;

	while ((before = explain_next(of, &at)) != item)
		if (strcmp(asked_name(explain_target(of->round, before)),
			name) == 0)
			return true;
	return false;
}

void reason_add_dns(
    struct sentence *sentence, const struct explain_selection *of)
{
	const struct explain_item *item;
	const struct target_seen *target;
	const struct dns_phrase *phrase;
	size_t at = 0, said = 0, left = 0;

	while ((item = explain_next(of, &at)) != NULL) {
		target = explain_target(of->round, item);
		if (was_said(of, item))
			continue;
		if (said == SENTENCE_NAMES_MOST) {
			left++;
			continue;
		}
		phrase = &dns_phrases[target->dns < DNS_COUNT ? target->dns
							      : DNS_OK];
		sentence_add(sentence, "%s%s%.100s%s", said++ > 0 ? "; " : "",
		    phrase->before, asked_name(target), phrase->after);
	}
	if (left > 0)
		sentence_add(sentence, "; and %zu more do not resolve", left);
}

/* --- the server --- */

static const struct alert {
	int number;
	const char *words;
} alerts[] = {
    {0, "close notify"},
    {10, "unexpected message"},
    {20, "bad record MAC"},
    {22, "record overflow"},
    {40, "handshake failure: no common parameters"},
    {42, "bad certificate"},
    {43, "unsupported certificate"},
    {44, "certificate revoked"},
    {45, "certificate expired"},
    {46, "certificate unknown"},
    {47, "illegal parameter"},
    {48, "unknown CA"},
    {49, "access denied"},
    {50, "decode error"},
    {51, "decrypt error"},
    {70, "protocol version not supported"},
    {71, "insufficient security"},
    {80, "internal error"},
    {86, "inappropriate fallback"},
    {90, "user canceled"},
    {109, "missing extension"},
    {110, "unsupported extension"},
    {112, "unrecognized name (SNI)"},
    {113, "bad certificate status response"},
    {115, "unknown PSK identity"},
    {116, "a client certificate is required"},
    {120, "no application protocol"},
};

/* An AlertDescription in words (RFC 8446, 6); NULL: not a known one. */
static const char *alert_words(int alert)
{
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(*alerts); i++)
		if (alerts[i].number == alert)
			return alerts[i].words;
	return NULL;
}

static void add_alert(struct sentence *sentence, int alert)
{
	const char *words = alert_words(alert);

	sentence_add(sentence, "TLS alert %d%s%s%s", alert,
	    words != NULL ? " (" : "", words != NULL ? words : "",
	    words != NULL ? ")" : "");
}

bool reason_has_reply(const struct probe_seen *probe)
{
	return probe->failure != FAILURE_NONE &&
	       (probe->tls.alert != OBSERVE_ABSENT ||
		   probe->reply.code != OBSERVE_ABSENT ||
		   probe->reply.text[0] != '\0');
}

void reason_add_reply(struct sentence *sentence, const struct probe_seen *probe)
{
	const struct reply_seen *reply = &probe->reply;

	if (probe->tls.alert != OBSERVE_ABSENT)
		add_alert(sentence, probe->tls.alert);
	else if (reply->code != OBSERVE_ABSENT)
		sentence_add(sentence, "\"%d%s%s\"", reply->code,
		    reply->text[0] != '\0' ? " " : "", reply->text);
	else
		sentence_add(sentence, "\"%s\"", reply->text);
}
