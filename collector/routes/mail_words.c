/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/mail_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

#define REMOVED     "[removed]"
#define DIGITS_MOST 8
#define BETWEEN     " \t()[]<>{}\"'`,;=|"

/* What mail servers say, sorted. */
static const char *const words[] = {"a", "able", "abuse", "accept",
    "acceptable", "accepted", "accepting", "access", "account", "action",
    "active", "additional", "address", "addresses", "administrator", "after",
    "again", "all", "allow", "allowed", "already", "always", "amavis", "an",
    "and", "another", "any", "apr", "are", "as", "at", "attempt", "attempts",
    "aug", "authenticate", "authenticated", "authentication", "available",
    "away", "bad", "banned", "barracuda", "be", "because", "been", "before",
    "being", "below", "blacklist", "blacklisted", "block", "blocked",
    "blocklist", "blocklisted", "body", "bounce", "bulk", "busy", "but", "by",
    "bye", "can", "cannot", "cest", "cet", "channel", "check", "cisco",
    "client", "closed", "closing", "command", "commands", "complaints",
    "complete", "concurrent", "configuration", "configured", "connect",
    "connected", "connecting", "connection", "connections", "contact",
    "content", "continue", "could", "count", "country", "courier", "courtesy",
    "currently", "cyrus", "daily", "data", "debian", "dec", "deferred", "delay",
    "delayed", "denied", "deny", "description", "detected", "did", "direct",
    "disabled", "discarded", "disconnect", "disconnected", "dkim", "dmarc",
    "dns", "dnsbl", "do", "does", "domain", "domains", "due", "dynamic",
    "early", "edt", "ehlo", "email", "emails", "enabled", "encrypted",
    "encryption", "end", "enhanced", "error", "errors", "esmtp", "esmtpa",
    "esmtps", "est", "exceeded", "exchange", "exim", "expired", "external",
    "failed", "failure", "feature", "feb", "file", "filter", "filtered",
    "first", "following", "for", "forbidden", "forward", "found", "fqdn",
    "freebsd", "fri", "from", "full", "further", "gateway", "generic", "given",
    "gmt", "go", "going", "good", "goodbye", "google", "granted", "gray",
    "greeting", "grey", "greylist", "greylisted", "greylisting", "gsmtp",
    "haraka", "has", "have", "header", "hello", "helo", "help", "host",
    "hostname", "hour", "hours", "how", "however", "id", "identify", "if",
    "implemented", "in", "incoming", "incorrect", "information", "input",
    "insufficient", "internal", "internet", "invalid", "ip", "ipv4", "ipv6",
    "is", "issue", "issued", "it", "its", "james", "jan", "jul", "jun", "keep",
    "known", "large", "later", "limit", "limited", "limits", "line", "list",
    "listed", "listing", "load", "local", "login", "long", "lookup", "mail",
    "mailbox", "maildrop", "mailenable", "mailer", "mailserver", "many", "mar",
    "match", "matches", "matching", "maximum", "may", "mdaemon", "message",
    "messages", "method", "microsoft", "milter", "mime", "minute", "minutes",
    "missing", "mon", "more", "must", "mx", "my", "name", "names", "need",
    "needed", "needs", "network", "new", "no", "nobody", "none", "not",
    "nothing", "notice", "nov", "now", "null", "number", "occurred", "oct",
    "of", "off", "ok", "on", "one", "only", "open", "opensmtpd", "operation",
    "option", "or", "order", "other", "our", "out", "outgoing", "outlook",
    "over", "own", "parameter", "parameters", "password", "pdt", "per",
    "permanent", "permission", "permitted", "pipelining", "please", "policy",
    "port", "postfix", "postmaster", "powered", "prdr", "present", "private",
    "problem", "problems", "proceed", "process", "prohibited", "protected",
    "protection", "protocol", "provide", "provided", "provider", "proxy", "pst",
    "ptr", "qmail", "queue", "queued", "quit", "quota", "range", "rate", "rbl",
    "reached", "read", "ready", "reason", "reasons", "receive", "received",
    "receiving", "recipient", "recipients", "recognized", "record", "records",
    "refused", "reject", "rejected", "rejecting", "relay", "relayed",
    "relaying", "remote", "removed", "repeat", "report", "reports",
    "reputation", "request", "requested", "require", "required", "requires",
    "residential", "resolve", "resolved", "resources", "response", "restricted",
    "retry", "reverse", "right", "risk", "route", "rspamd", "rule", "run",
    "running", "safe", "sat", "score", "second", "seconds", "secure",
    "security", "see", "send", "sender", "senders", "sending", "sendmail",
    "sent", "sep", "sequence", "server", "servers", "service", "session",
    "settings", "shutting", "signed", "size", "slow", "smart", "smarthost",
    "smtp", "smtps", "software", "sorry", "source", "space", "spam", "spamhaus",
    "spammer", "spf", "ssl", "start", "started", "starttls", "status", "stop",
    "strict", "subject", "submission", "submit", "such", "sun", "suspicious",
    "syntax", "system", "temporarily", "temporary", "terminated", "terminating",
    "than", "thank", "thanks", "that", "the", "their", "them", "then", "there",
    "these", "this", "those", "through", "thu", "time", "timeout", "times",
    "tls", "to", "too", "transaction", "transfer", "transmission", "transport",
    "try", "trying", "tue", "type", "ubuntu", "unable", "unauthorized",
    "unavailable", "under", "unexpected", "unknown", "unrecognized",
    "unresolvable", "unsolicited", "unsupported", "until", "unusual", "up",
    "update", "upgrade", "use", "used", "user", "users", "using", "utc",
    "valid", "value", "verification", "verified", "verify", "version", "via",
    "virus", "visit", "wait", "want", "was", "way", "we", "wed", "welcome",
    "were", "what", "when", "where", "which", "while", "whitelist", "who",
    "why", "will", "window", "windows", "wish", "with", "without", "wrong",
    "you", "your", "yourself", "zimbra", "zone"};

static bool is_known(const char *word, size_t length)
{
	return (text_is_digits(word, length) && length <= DIGITS_MOST) ||
	       text_is_among(
		   word, length, words, sizeof(words) / sizeof(*words));
}

/* Letters after a dot: what is stored has names of the endpoint alone. */
static bool is_name(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i++)
		if (word[i] == '.' && isalpha((unsigned char)word[i + 1]))
			return true;
	return false;
}

/* A word may be several with signs between them, like "4.96-2" or "off/on". */
static bool may_stay(const char *word, size_t length)
{
	size_t at = 0, end;

	if (is_name(word, length))
		return true;
	while (at < length) {
		for (end = at; end < length; end++)
			if (strchr(".:!?/-+*#", word[end]) != NULL)
				break;
		if (!is_known(word + at, end - at))
			return false;
		at = end + 1;
	}
	return true;
}

void mail_words_copy(char *out, size_t size, const char *text)
{
	size_t used = 0, length;

	while (*text != '\0' && used + 1 < size) {
		length = strspn(text, BETWEEN);
		used += (size_t)snprintf(
		    out + used, size - used, "%.*s", (int)length, text);
		text += length;
		length = strcspn(text, BETWEEN);
		if (used >= size || length == 0)
			break;
		if (may_stay(text, length))
			used += (size_t)snprintf(
			    out + used, size - used, "%.*s", (int)length, text);
		else
			used += (size_t)snprintf(
			    out + used, size - used, REMOVED);
		text += length;
	}
	if (used == 0)
		out[0] = '\0';
}
