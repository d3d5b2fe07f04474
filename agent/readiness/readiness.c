/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/readiness.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/net/resolve.h"
#include "agent/readiness/blocklist_lookup.h"
#include "agent/readiness/public_address.h"
#include "agent/readiness/spf_lookup.h"

/* A collector that is silent leaves time for DNS. */
#define COLLECTOR_LIMIT_MS 3000

/* A name, and whether it leads to the address. */
struct name {
	struct family_run *of;
	char text[256];
	enum fact leads_here;
	char why[96]; /* FACT_UNKNOWN */
};

struct family_run {
	struct readiness_run *run;
	struct readiness_family *found;
	struct public_address_query *address;
	struct name helo, names[RESOLVE_PTR_MAX];
	size_t nnames, unsettled_names;
	struct spf_lookup *spf;
	struct blocklist_lookup *blocklists;
	int steps; /* under way */
};

struct readiness_run {
	struct event_base *base;
	struct resolver *resolver;
	struct event *end; /* by activation, or when the limit has passed */
	char domain[256];
	struct blocklist_zones zones;
	struct readiness found;
	struct family_run family[2];
	readiness_done *done;
	void *arg;
};

static void release(struct readiness_run *run)
{
	struct family_run *family;
	size_t i, k;

	for (i = 0; i < run->found.count; i++) {
		family = &run->family[i];
		public_address_cancel(family->address);
		spf_lookup_cancel(family->spf);
		blocklist_lookup_cancel(family->blocklists);
		resolve_cancel(run->resolver, family);
		resolve_cancel(run->resolver, &family->helo);
		for (k = 0; k < family->nnames; k++)
			resolve_cancel(run->resolver, &family->names[k]);
	}
	if (run->end != NULL)
		event_free(run->end);
	free(run);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct readiness_run *run = arg;

	(void)fd;
	(void)what;
	run->done(run->arg, &run->found);
	release(run);
}

static void end_step(struct family_run *family)
{
	const struct readiness_run *run = family->run;
	size_t i;

	family->steps--;
	for (i = 0; i < run->found.count; i++)
		if (run->family[i].steps > 0)
			return;
	event_active(run->end, EV_TIMEOUT, 0);
}

/* --- forward --- */

static void on_forward(void *arg, const struct resolve_addresses *found)
{
	struct name *name = arg;
	const struct addr *address = &name->of->found->address;
	size_t i;

	name->leads_here = found->failed || found->cut ? FACT_UNKNOWN : FACT_NO;
	for (i = 0; i < found->count; i++)
		if (addr_equal(&found->address[i], address))
			name->leads_here = FACT_YES;
	snprintf(name->why, sizeof(name->why), "%s",
	    found->cut ? "it has too many addresses" : found->why);
}

/* True: `done` will be called. */
static bool look_forward(struct family_run *family, struct name *name,
    const char *text, resolve_addresses_done *done)
{
	name->of = family;
	snprintf(name->text, sizeof(name->text), "%s", text);
	return resolve_addresses(family->run->resolver, text,
		   family->found->family, done, name) == 0;
}

static void on_helo(void *arg, const struct resolve_addresses *found)
{
	struct name *name = arg;

	on_forward(name, found);
	name->of->found->helo_matches = name->leads_here;
	end_step(name->of);
}

/* --- SPF --- */

static void on_spf(void *arg, const struct spf *spf)
{
	struct family_run *family = arg;

	family->spf = NULL;
	family->found->spf = spf->result;
	snprintf(family->found->spf_because, sizeof(family->found->spf_because),
	    "%s", spf->because);
	end_step(family);
}

static void ask_spf(struct family_run *family, const char *domain)
{
	struct readiness_family *found = family->found;

	if (domain[0] == '\0')
		return;
	snprintf(found->spf_domain, sizeof(found->spf_domain), "%s", domain);
	snprintf(found->spf_because, sizeof(found->spf_because),
	    "DNS did not answer in time");
	family->spf = spf_lookup_start(
	    family->run->resolver, &found->address, domain, on_spf, family);
	family->steps += family->spf != NULL;
}

/* Of the address's name, else of EHLO's, unless a domain was named. */
static void ask_spf_of_name(struct family_run *family)
{
	const struct readiness_run *run = family->run;

	if (run->domain[0] == '\0')
		ask_spf(family, family->found->rdns[0] ? family->found->rdns
						       : run->found.helo);
}

/* --- block lists --- */

static void on_blocklists(
    void *arg, const struct blocklist_seen *seen, size_t count)
{
	struct family_run *family = arg;

	family->blocklists = NULL;
	memcpy(family->found->blocklists, seen, count * sizeof(*seen));
	end_step(family);
}

static void ask_blocklists(struct family_run *family)
{
	const struct blocklist_zones *zones = &family->run->zones;
	struct readiness_family *found = family->found;
	size_t i;

	for (i = 0; i < zones->count; i++) {
		struct blocklist_seen *seen = &found->blocklists[i];

		snprintf(seen->zone, sizeof(seen->zone), "%s", zones->zone[i]);
		snprintf(seen->because, sizeof(seen->because),
		    "DNS did not answer in time");
	}
	found->nblocklists = zones->count;
	if (zones->count > 0)
		family->blocklists = blocklist_lookup_start(
		    family->run->resolver, &found->address, zones,
		    on_blocklists, family);
	family->steps += family->blocklists != NULL;
}

/* --- the address's names --- */

/* Of several names one that leads back counts, and any other says nothing. */
static void settle_names(struct family_run *family)
{
	const struct name *best = &family->names[0];
	size_t i;

	for (i = 1; i < family->nnames; i++)
		if (best->leads_here != FACT_YES &&
		    family->names[i].leads_here != FACT_NO)
			best = &family->names[i];
	family->found->leads_back = best->leads_here;
	snprintf(
	    family->found->rdns, sizeof(family->found->rdns), "%s", best->text);
	snprintf(family->found->dns_why, sizeof(family->found->dns_why), "%s",
	    best->why);
}

static void on_name(void *arg, const struct resolve_addresses *found)
{
	struct name *name = arg;
	struct family_run *family = name->of;

	on_forward(name, found);
	if (--family->unsettled_names > 0)
		return;
	settle_names(family);
	ask_spf_of_name(family);
	end_step(family);
}

static void on_ptr(void *arg, const struct resolve_ptr *found)
{
	struct family_run *family = arg;
	struct readiness_family *seen = family->found;
	size_t i;

	seen->has_name = found->count > 0 ? FACT_YES
			 : found->failed  ? FACT_UNKNOWN
					  : FACT_NO;
	if (found->count == 0) {
		seen->leads_back = seen->has_name;
		snprintf(
		    seen->dns_why, sizeof(seen->dns_why), "%s", found->why);
		if (!found->failed)
			ask_spf_of_name(family);
		end_step(family);
		return;
	}
	family->nnames = found->count;
	snprintf(seen->rdns, sizeof(seen->rdns), "%s", found->name[0]);
	for (i = 0; i < found->count; i++)
		family->unsettled_names += look_forward(
		    family, &family->names[i], found->name[i], on_name);
	if (family->unsettled_names == 0)
		end_step(family);
}

/* --- the address --- */

static void look_up(struct family_run *family)
{
	const struct readiness_run *run = family->run;

	family->steps += resolve_ptr(run->resolver, &family->found->address,
			     on_ptr, family) == 0;
	if (run->found.helo[0] != '\0')
		family->steps += look_forward(
		    family, &family->helo, run->found.helo, on_helo);
	ask_spf(family, run->domain);
	ask_blocklists(family);
}

static void on_address(void *arg, const struct public_address *found)
{
	struct family_run *family = arg;
	struct readiness_family *seen = family->found;

	family->address = NULL;
	seen->address = found->address;
	seen->local = found->local;
	seen->by_collector = found->by == BY_COLLECTOR;
	seen->asn = found->asn;
	if (found->why[0] != '\0')
		snprintf(seen->collector_why, sizeof(seen->collector_why), "%s",
		    found->why);
	if (seen->address.family != 0)
		look_up(family);
	end_step(family);
}

/* --- beginning --- */

static bool begin_family(struct readiness_run *run,
    const struct readiness_request *request, uint8_t number)
{
	const struct public_address_request address = {
	    .family = number,
	    .collector = request->collector,
	    .tls = request->tls,
	    .limit_ms = request->limit_ms < COLLECTOR_LIMIT_MS
			    ? request->limit_ms
			    : COLLECTOR_LIMIT_MS,
	};
	struct family_run *family = &run->family[run->found.count];
	struct readiness_family *found = &run->found.family[run->found.count];

	run->found.count++;
	family->run = run;
	family->found = found;
	family->steps = 1;
	found->family = number;
	snprintf(found->dns_why, sizeof(found->dns_why),
	    "DNS did not answer in time");
	snprintf(found->collector_why, sizeof(found->collector_why), "%s",
	    request->collector_why ? request->collector_why : "");
	family->address = public_address_start(
	    run->base, run->resolver, &address, on_address, family);
	return family->address != NULL;
}

static bool begin(
    struct readiness_run *run, const struct readiness_request *request)
{
	const struct timeval limit = {
	    request->limit_ms / 1000, request->limit_ms % 1000 * 1000};

	run->end = evtimer_new(run->base, on_end, run);
	if (run->end == NULL || event_add(run->end, &limit) != 0)
		return false;
	snprintf(run->domain, sizeof(run->domain), "%s",
	    request->domain ? request->domain : "");
	if (request->blocklists != NULL)
		run->zones = *request->blocklists;
	snprintf(run->found.helo, sizeof(run->found.helo), "%s", request->helo);
	run->found.helo_source = request->helo_source;
	run->found.domain_given = request->domain != NULL;
	return (!request->family4 || begin_family(run, request, 4)) &&
	       (!request->family6 || begin_family(run, request, 6));
}

struct readiness_run *readiness_start(struct event_base *base,
    struct resolver *resolver, const struct readiness_request *request,
    readiness_done *done, void *arg)
{
	struct readiness_run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		return NULL;
	run->base = base;
	run->resolver = resolver;
	run->done = done;
	run->arg = arg;
	if (begin(run, request))
		return run;
	release(run);
	return NULL;
}

void readiness_cancel(struct readiness_run *run)
{
	if (run != NULL)
		release(run);
}
