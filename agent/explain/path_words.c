/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/path_words.h"

#include <string.h>

#include "agent/explain/explain_select.h"
#include "lib/report/words.h"

static const char *const mechanisms[MECHANISM_COUNT] = {
    [MECHANISM_OPEN] = "the dialogue passes",
    [MECHANISM_REJECTED] = "endpoints reject, the network does not",
    [MECHANISM_DROP] = "silently dropped",
    [MECHANISM_DROP_REPLY] = "replies lost",
    [MECHANISM_RESET] = "reset on the way",
    [MECHANISM_ICMP] = "refused by a router",
    [MECHANISM_THROTTLE] = "throttled",
    [MECHANISM_REDIRECT] = "answered by a proxy",
    [MECHANISM_STARTTLS_STRIPPED] = "STARTTLS removed",
    [MECHANISM_TLS_INTERCEPTED] = "TLS key swapped",
    [MECHANISM_RESET_AFTER_CONNECT] = "cut after connect",
    [MECHANISM_STALL_AFTER_CONNECT] = "stalls after connect",
    [MECHANISM_DENIED] = "refused by the sending host",
    [MECHANISM_DOWN] = "the server is down",
    [MECHANISM_REFUSED] = "the server refuses",
    [MECHANISM_SILENT] = "not served there",
    [MECHANISM_BROKEN] = "the server ends it by itself",
    [MECHANISM_OFFLINE] = "no connection",
    [MECHANISM_NO_ROUTE] = "no route",
    [MECHANISM_RESOLVE] = "names do not resolve",
    [MECHANISM_NO_CONTROL] = "nothing to compare with",
};

static const char *const places[WHERE_COUNT] = {
    [WHERE_HOST] = "on this host itself",
    [WHERE_ACCESS] =
	"in the first router (at home the home router) or the next",
    [WHERE_PATH] = "on the path to the endpoint",
    [WHERE_FAR_END] = "on the way back, or at the endpoint",
    [WHERE_LINK] = "before the first router (a provider's virtual switch, a "
		   "bridge, or a rule of that router)",
    [WHERE_NETWORK] = "in the network, at a place unknown",
    [WHERE_HOST_OR_PATH] = "on this host or in the network",
};

static const char *const failures[FAILURE_COUNT] = {
    [FAILURE_NONE] = "connects",
    [FAILURE_RESOLVE] = "the name did not resolve",
    [FAILURE_NO_ROUTE] = "no route",
    [FAILURE_DENIED] = "the sending host refused",
    [FAILURE_TIMEOUT] = "no answer",
    [FAILURE_REFUSED] = "refused",
    [FAILURE_UNREACHABLE] = "reported unreachable",
    [FAILURE_RESET] = "reset",
    [FAILURE_CLOSED] = "closed",
};

/* What is lost on the way back is not lost after the last hop on the way out.
 */
static void add_place(const struct diagnosis *diagnosis, struct buf *out)
{
	enum where where = diagnosis->where;
	char address[ADDR_TEXT_SIZE];

	if (diagnosis->mechanism == MECHANISM_DENIED)
		return;
	if (diagnosis->outcome == OUTCOME_LOCAL)
		where = WHERE_HOST;
	if (diagnosis->after_hop <= 0 || where == WHERE_HOST ||
	    where == WHERE_FAR_END) {
		if (places[where] != NULL)
			buf_printf(out, " %s", places[where]);
		return;
	}
	buf_printf(out, " after hop %d", diagnosis->after_hop);
	if (diagnosis->after_address.family != 0)
		buf_printf(out, " (%s)",
		    addr_format(&diagnosis->after_address, address));
}

/* "greets, TLS 1.3" */
static void add_greeting(const struct probe_seen *probe, struct buf *out)
{
	const char *version = probe != NULL ? probe->tls.version : "";

	buf_append_text(out, "greets");
	if (strncmp(version, "TLSv", 4) == 0)
		buf_printf(out, ", TLS %s", version + 4);
}

static void add_rejection(const struct probe_seen *probe, struct buf *out)
{
	if (probe != NULL && probe->reply.code > 0)
		buf_printf(out, "answers %d", probe->reply.code);
	else
		buf_append_text(out, "is rejected by the endpoint");
}

void path_words_add(const struct explain_round *round,
    const struct explain_item *item, struct buf *out)
{
	const struct diagnosis *diagnosis = &item->diagnosis;
	const struct probe_seen *probe = explain_best_probe(round, item);

	if (diagnosis->outcome != OUTCOME_REACHABLE)
		buf_append_text(out, mechanisms[diagnosis->mechanism]);
	else if (diagnosis->mechanism == MECHANISM_REJECTED)
		add_rejection(probe, out);
	else
		add_greeting(probe, out);
	if ((EXPLAIN_STOPPED >> diagnosis->outcome & 1) != 0)
		add_place(diagnosis, out);
}

void path_words_add_control(const struct probe_seen *probe, struct buf *out)
{
	const char *text = failures[probe->failure];

	buf_append_text(
	    out, text != NULL ? text : failure_word(probe->failure));
}
