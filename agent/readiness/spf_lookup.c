/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/spf_lookup.h"

#include <stdlib.h>

#include "agent/net/resolve.h"

struct spf_lookup {
	struct resolver *resolver;
	struct spf spf;
	spf_lookup_done *done;
	void *arg;
};

static enum spf_answer_status status_of(size_t count, bool failed)
{
	if (count > 0)
		return SPF_FOUND;
	return failed ? SPF_DNS_FAILED : SPF_NOTHING;
}

static void go_on(struct spf_lookup *lookup, const struct spf_answer *answer);

static void on_txt(void *arg, const struct resolve_txt *found)
{
	const struct spf_answer answer = {
	    .status = status_of(found->count, found->failed),
	    .text = found->text,
	    .ntext = found->count,
	    .cut = found->cut,
	};

	go_on(arg, &answer);
}

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	const struct spf_answer answer = {
	    .status = status_of(found->count, found->failed),
	    .address = found->address,
	    .naddress = found->count,
	    .cut = found->cut,
	};

	go_on(arg, &answer);
}

/* A domain without MX is not its own one here (RFC 7208, 5.4). */
static void on_mx(void *arg, const struct resolve_mx *found)
{
	size_t count = found->implicit ? 0 : found->count, i;
	const char *host[RESOLVE_MX_MAX];
	struct spf_answer answer = {
	    .status = status_of(count, found->failed),
	    .host = host,
	    .nhost = count,
	};

	for (i = 0; i < count; i++)
		host[i] = found->mx[i].host;
	go_on(arg, &answer);
}

static int ask(struct spf_lookup *lookup, const struct spf_question *question)
{
	struct resolver *resolver = lookup->resolver;

	switch (question->type) {
	case SPF_ASK_TXT:
		return resolve_txt(resolver, question->name, on_txt, lookup);
	case SPF_ASK_MX:
		return resolve_mx(resolver, question->name, on_mx, lookup);
	default:
		return resolve_addresses(resolver, question->name,
		    question->type == SPF_ASK_A ? 4 : 6, on_addresses, lookup);
	}
}

static void go_on(struct spf_lookup *lookup, const struct spf_answer *answer)
{
	static const struct spf_answer failed = {.status = SPF_DNS_FAILED};
	struct spf_question question;

	spf_give(&lookup->spf, answer);
	while (spf_next(&lookup->spf, &question)) {
		if (ask(lookup, &question) == 0)
			return;
		spf_give(&lookup->spf, &failed);
	}
	lookup->done(lookup->arg, &lookup->spf);
	free(lookup);
}

struct spf_lookup *spf_lookup_start(struct resolver *resolver,
    const struct addr *address, const char *domain, spf_lookup_done *done,
    void *arg)
{
	struct spf_lookup *lookup = calloc(1, sizeof(*lookup));
	struct spf_question question;

	if (lookup == NULL)
		return NULL;
	lookup->resolver = resolver;
	lookup->done = done;
	lookup->arg = arg;
	spf_begin(&lookup->spf, address, domain);
	spf_next(&lookup->spf, &question);
	if (ask(lookup, &question) == 0)
		return lookup;
	free(lookup);
	return NULL;
}

void spf_lookup_cancel(struct spf_lookup *lookup)
{
	if (lookup == NULL)
		return;
	resolve_cancel(lookup->resolver, lookup);
	free(lookup);
}
