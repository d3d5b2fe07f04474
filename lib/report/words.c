/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/words.h"

#include <errno.h>
#include <string.h>

static const char *const port_mode_words[MODE_COUNT] = {
    [MODE_STARTTLS] = "starttls",
    [MODE_TLS] = "tls",
    [MODE_CONNECT] = "connect",
};

static const char *const stage_words[STAGE_COUNT] = {
    [STAGE_RESOLVE] = "resolve",
    [STAGE_CONNECT] = "connect",
    [STAGE_BANNER] = "banner",
    [STAGE_EHLO] = "ehlo",
    [STAGE_STARTTLS] = "starttls",
    [STAGE_TLS] = "tls",
    [STAGE_EHLO_TLS] = "ehlo-tls",
    [STAGE_DONE] = "done",
};

static const char *const failure_words[FAILURE_COUNT] = {
    [FAILURE_NONE] = "",
    [FAILURE_RESOLVE] = "resolve",
    [FAILURE_NO_ROUTE] = "no-route",
    [FAILURE_DENIED] = "denied",
    [FAILURE_TIMEOUT] = "timeout",
    [FAILURE_REFUSED] = "refused",
    [FAILURE_UNREACHABLE] = "unreachable",
    [FAILURE_RESET] = "reset",
    [FAILURE_CLOSED] = "closed",
    [FAILURE_PROTOCOL] = "protocol",
    [FAILURE_REJECTED] = "rejected",
    [FAILURE_NO_STARTTLS] = "no-starttls",
    [FAILURE_TLS] = "tls",
};

static const char *const tls_verify_words[VERIFY_COUNT] = {
    [VERIFY_ABSENT] = "",
    [VERIFY_OK] = "ok",
    [VERIFY_EXPIRED] = "expired",
    [VERIFY_NOT_YET_VALID] = "not-yet-valid",
    [VERIFY_SELF_SIGNED] = "self-signed",
    [VERIFY_NAME] = "name",
    [VERIFY_UNTRUSTED] = "untrusted",
    [VERIFY_OTHER] = "other",
};

static const char *const path_answer_words[ANSWER_COUNT] = {
    [ANSWER_NONE] = "",
    [ANSWER_SYN_ACK] = "syn-ack",
    [ANSWER_RST] = "rst",
    [ANSWER_ICMP] = "icmp",
};

static const char *const peer_words[PEER_COUNT] = {
    [PEER_UNKNOWN] = "",
    [PEER_ALIVE] = "alive",
    [PEER_CUT_OFF] = "cut-off",
};

static const char *const own_address_words[OWN_COUNT] = {
    [OWN_UNKNOWN] = "",
    [OWN_PUBLIC] = "public",
    [OWN_PRIVATE] = "private",
};

static const char *const dns_words[DNS_COUNT] = {
    [DNS_OK] = "",
    [DNS_NO_SUCH_DOMAIN] = "no-such-domain",
    [DNS_NO_ADDRESS] = "no-address",
    [DNS_NULL_MX] = "null-mx",
    [DNS_MX_IS_ADDRESS] = "mx-is-address",
    [DNS_SERVFAIL] = "servfail",
    [DNS_NO_ANSWER] = "no-answer",
};

static const char *const outcome_words[OUTCOME_COUNT] = {
    [OUTCOME_REACHABLE] = "reachable",
    [OUTCOME_FILTERED] = "filtered",
    [OUTCOME_INTERCEPTED] = "intercepted",
    [OUTCOME_LOCAL] = "local",
    [OUTCOME_ENDPOINT] = "endpoint",
    [OUTCOME_UNKNOWN] = "unknown",
};

static const char *const mechanism_words[MECHANISM_COUNT] = {
    [MECHANISM_OPEN] = "open",
    [MECHANISM_REJECTED] = "rejected",
    [MECHANISM_DROP] = "drop",
    [MECHANISM_DROP_REPLY] = "drop-reply",
    [MECHANISM_RESET] = "reset",
    [MECHANISM_ICMP] = "icmp",
    [MECHANISM_RESET_AFTER_CONNECT] = "reset-after-connect",
    [MECHANISM_STALL_AFTER_CONNECT] = "stall-after-connect",
    [MECHANISM_THROTTLE] = "throttle",
    [MECHANISM_REDIRECT] = "redirect",
    [MECHANISM_STARTTLS_STRIPPED] = "starttls-stripped",
    [MECHANISM_TLS_INTERCEPTED] = "tls-intercepted",
    [MECHANISM_DENIED] = "denied",
    [MECHANISM_DOWN] = "down",
    [MECHANISM_REFUSED] = "refused",
    [MECHANISM_OFFLINE] = "offline",
    [MECHANISM_NO_ROUTE] = "no-route",
    [MECHANISM_RESOLVE] = "resolve",
    [MECHANISM_NO_CONTROL] = "no-control",
    [MECHANISM_SILENT] = "silent",
    [MECHANISM_BROKEN] = "broken",
};

static const char *const where_words[WHERE_COUNT] = {
    [WHERE_NONE] = "",
    [WHERE_HOST] = "host",
    [WHERE_ACCESS] = "access",
    [WHERE_PATH] = "path",
    [WHERE_FAR_END] = "far-end",
    [WHERE_LINK] = "link",
    [WHERE_NETWORK] = "network",
    [WHERE_HOST_OR_PATH] = "host-or-path",
};

static const struct {
	enum soft_sign sign;
	const char *word;
} soft_sign_words[SOFT_SIGNS] = {
    {SOFT_GREETING_DIFFERS, "greeting-differs"},
    {SOFT_KEY_DIFFERS, "key-differs"},
    {SOFT_NO_STARTTLS, "no-starttls"},
    {SOFT_EARLY_HANDSHAKE, "early-handshake"},
    {SOFT_SLOW, "slow"},
    {SOFT_PATHS_DIFFER, "paths-differ"},
    {SOFT_NEARBY_TRANSLATOR, "nearby-translator"},
    {SOFT_TLS_FIRST, "tls-first"},
    {SOFT_NO_RECEIPT, "no-receipt"},
};

static const struct {
	int sys_errno;
	const char *word;
} errno_words[] = {
    {EACCES, "EACCES"},
    {EADDRINUSE, "EADDRINUSE"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    {EAFNOSUPPORT, "EAFNOSUPPORT"},
    {ECONNABORTED, "ECONNABORTED"},
    {ECONNREFUSED, "ECONNREFUSED"},
    {ECONNRESET, "ECONNRESET"},
    {EHOSTDOWN, "EHOSTDOWN"},
    {EHOSTUNREACH, "EHOSTUNREACH"},
    {EINVAL, "EINVAL"},
    {EIO, "EIO"},
    {EMFILE, "EMFILE"},
    {EMSGSIZE, "EMSGSIZE"},
    {ENETDOWN, "ENETDOWN"},
    {ENETRESET, "ENETRESET"},
    {ENETUNREACH, "ENETUNREACH"},
    {ENFILE, "ENFILE"},
    {ENOBUFS, "ENOBUFS"},
    {ENOMEM, "ENOMEM"},
    {ENOPROTOOPT, "ENOPROTOOPT"},
    {EOPNOTSUPP, "EOPNOTSUPP"},
    {EPERM, "EPERM"},
    {EPIPE, "EPIPE"},
    {EPROTO, "EPROTO"},
    {EPROTONOSUPPORT, "EPROTONOSUPPORT"},
    {ETIMEDOUT, "ETIMEDOUT"},
};

static const char *word_of(const char *const *words, int count, int value)
{
	return value >= 0 && value < count ? words[value] : "";
}

/* What is absent has no word, so that "" is none. */
static int from_word(const char *const *words, int count, const char *word)
{
	int i;

	if (*word == '\0')
		return -1;
	for (i = 0; i < count; i++)
		if (*words[i] == *word && strcmp(words[i], word) == 0)
			return i;
	return -1;
}

const char *port_mode_word(enum port_mode mode)
{
	return word_of(port_mode_words, MODE_COUNT, (int)mode);
}

const char *stage_word(enum stage stage)
{
	return word_of(stage_words, STAGE_COUNT, (int)stage);
}

const char *failure_word(enum failure failure)
{
	return word_of(failure_words, FAILURE_COUNT, (int)failure);
}

const char *tls_verify_word(enum tls_verify verify)
{
	return word_of(tls_verify_words, VERIFY_COUNT, (int)verify);
}

const char *path_answer_word(enum path_answer answer)
{
	return word_of(path_answer_words, ANSWER_COUNT, (int)answer);
}

const char *peer_word(enum peer_seen peer)
{
	return word_of(peer_words, PEER_COUNT, (int)peer);
}

const char *own_address_word(enum own_address own)
{
	return word_of(own_address_words, OWN_COUNT, (int)own);
}

const char *dns_word(enum dns_seen dns)
{
	return word_of(dns_words, DNS_COUNT, (int)dns);
}

const char *outcome_word(enum outcome outcome)
{
	return word_of(outcome_words, OUTCOME_COUNT, (int)outcome);
}

const char *mechanism_word(enum mechanism mechanism)
{
	return word_of(mechanism_words, MECHANISM_COUNT, (int)mechanism);
}

const char *where_word(enum where where)
{
	return word_of(where_words, WHERE_COUNT, (int)where);
}

const char *soft_sign_word(enum soft_sign sign)
{
	size_t i;

	for (i = 0; i < SOFT_SIGNS; i++)
		if (soft_sign_words[i].sign == sign)
			return soft_sign_words[i].word;
	return "";
}

int soft_sign_from_word(const char *word)
{
	size_t i;

	for (i = 0; i < SOFT_SIGNS; i++)
		if (strcmp(soft_sign_words[i].word, word) == 0)
			return (int)soft_sign_words[i].sign;
	return -1;
}

int port_mode_from_word(const char *word)
{
	return from_word(port_mode_words, MODE_COUNT, word);
}

int stage_from_word(const char *word)
{
	return from_word(stage_words, STAGE_COUNT, word);
}

int failure_from_word(const char *word)
{
	return from_word(failure_words, FAILURE_COUNT, word);
}

int tls_verify_from_word(const char *word)
{
	return from_word(tls_verify_words, VERIFY_COUNT, word);
}

int path_answer_from_word(const char *word)
{
	return from_word(path_answer_words, ANSWER_COUNT, word);
}

int peer_from_word(const char *word)
{
	return from_word(peer_words, PEER_COUNT, word);
}

int own_address_from_word(const char *word)
{
	return from_word(own_address_words, OWN_COUNT, word);
}

int dns_from_word(const char *word)
{
	return from_word(dns_words, DNS_COUNT, word);
}

int outcome_from_word(const char *word)
{
	return from_word(outcome_words, OUTCOME_COUNT, word);
}

int mechanism_from_word(const char *word)
{
	return from_word(mechanism_words, MECHANISM_COUNT, word);
}

int where_from_word(const char *word)
{
	return from_word(where_words, WHERE_COUNT, word);
}

const char *errno_word(int sys_errno)
{
	size_t i;

	for (i = 0; i < sizeof(errno_words) / sizeof(*errno_words); i++)
		if (errno_words[i].sys_errno == sys_errno)
			return errno_words[i].word;
	return "";
}

int errno_from_word(const char *word)
{
	size_t i;

	if (*word == '\0')
		return 0;
	for (i = 0; i < sizeof(errno_words) / sizeof(*errno_words); i++)
		if (strcmp(errno_words[i].word, word) == 0)
			return errno_words[i].sys_errno;
	return 0;
}

enum port_mode port_mode_default(uint16_t port)
{
	if (port == 25 || port == 587)
		return MODE_STARTTLS;
	return port == 465 ? MODE_TLS : MODE_CONNECT;
}
