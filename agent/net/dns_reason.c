/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/dns_reason.h"

#include <ares.h>
#include <stdio.h>

static const struct {
	int status;
	const char *words;
} status_words[] = {
    {ARES_ENOTFOUND, "no such name"},
    {ARES_ETIMEOUT, "no name server answered"},
    {ARES_ECONNREFUSED, "no name server is there"},
    {ARES_ESERVFAIL, "the name server failed"},
    {ARES_EREFUSED, "the name server refused to answer"},
    {ARES_EFORMERR, "the name server did not understand the question"},
    {ARES_EBADRESP, "the name server's answer is malformed"},
    {ARES_EBADNAME, "not a host name"},
    {ARES_ENOMEM, "out of memory"},
};

static const char *words_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof(status_words) / sizeof(*status_words); i++)
		if (status_words[i].status == status)
			return status_words[i].words;
	return ares_strerror(status);
}

void dns_reason(bool *failed, char why[96], int status, const char *none)
{
	*failed = status != ARES_SUCCESS && status != ARES_ENODATA &&
		  status != ARES_ENOTFOUND && status != ARES_EBADNAME;
	snprintf(why, 96, "%s",
	    status == ARES_SUCCESS || status == ARES_ENODATA
		? none
		: words_of(status));
}

enum dns_seen dns_reason_seen(int status)
{
	if (status == ARES_SUCCESS || status == ARES_ENODATA)
		return DNS_NO_ADDRESS;
	if (status == ARES_ENOTFOUND || status == ARES_EBADNAME)
		return DNS_NO_SUCH_DOMAIN;
	if (status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED)
		return DNS_NO_ANSWER;
	return DNS_SERVFAIL;
}
