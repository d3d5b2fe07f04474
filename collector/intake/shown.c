/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/shown.h"

#include <stdio.h>
#include <string.h>

#include "collector/intake/ehlo_keyword.h"
#include "collector/intake/public_text.h"
#include "collector/record/keyword.h"
#include "collector/record/report_detail.h"
#include "lib/base/public_unicast.h"

/* --- paths --- */

/* Beyond the first public hop nothing is at home. */
static enum hop_zone zone_of(const struct measurement *row,
    const struct addr *address, uint32_t asn, enum hop_zone before)
{
	if (addr_equal(address, &row->address))
		return ZONE_ENDPOINT;
	if (!public_unicast_is(address))
		return before == ZONE_NONE || before == ZONE_HOME ? ZONE_HOME
								  : before;
	if (asn == 0 || row->asn == 0)
		return before == ZONE_HOME ? ZONE_NONE : before;
	return asn == row->asn ? ZONE_PROVIDER : ZONE_TRANSIT;
}

/* The zone of the last hop that has one. */
static enum hop_zone last_zone(const struct detail_path *path)
{
	size_t i;

	for (i = path->nhops; i > 0; i--)
		if (path->hops[i - 1].zone != ZONE_NONE)
			return path->hops[i - 1].zone;
	return ZONE_NONE;
}

static void add_hop(struct geo *geo, const struct measurement *row,
    const struct hop_seen *seen, struct detail_path *path)
{
	struct detail_hop *hop = &path->hops[path->nhops];
	enum hop_zone before = last_zone(path);
	struct geo_found found = {0};

	*hop = (struct detail_hop){.ttl = seen->ttl, .us = OBSERVE_ABSENT};
	path->nhops++;
	if (seen->address.family == 0)
		return;
	if (public_unicast_is(&seen->address)) {
		geo_lookup(geo, &seen->address, &found);
		addr_format_prefix(&seen->address, hop->prefix);
	}
	hop->answered = seen->asked == 0 || seen->answered > 0;
	hop->us = seen->us;
	hop->asn = found.asn;
	hop->zone = zone_of(row, &seen->address, found.asn, before);
}

static void add_paths(struct geo *geo, const struct target_seen *target,
    const struct measurement *rows, uint32_t first, struct buf *out)
{
	struct detail_path path;
	size_t i, hop;

	for (i = 0; i < target->npaths; i++) {
		const struct path_seen *seen = &target->paths[i];

		path.row = first;
		path.nrows = (uint32_t)target->nprobes;
		path.port = seen->port;
		path.reached = seen->reached;
		path.answer_ttl = seen->answer_ttl;
		path.nhops = 0;
		for (hop = 0; hop < seen->nhops; hop++)
			add_hop(geo, &rows[first], &seen->hops[hop], &path);
		report_detail_add_path(out, &path);
	}
}

/* --- probes --- */

static void copy_capability(char *out, const char *cap)
{
	size_t length = strlen(cap);

	if (keyword_number(cap, length) != 0)
		memcpy(out, cap, length + 1);
	else
		ehlo_keyword_copy(out, OBSERVE_CAP_SIZE, cap);
}

static bool same_capabilities(
    const struct smtp_seen *a, const struct smtp_seen *b)
{
	size_t i;

	if (a->ncaps != b->ncaps)
		return false;
	for (i = 0; i < a->ncaps; i++)
		if (strcmp(a->caps[i], b->caps[i]) != 0)
			return false;
	return true;
}

/* A report that is being packed. */
struct packing {
	struct buf *out;
	uint32_t first; /* the number of the target's first row */
	/* What a server said it can do, in public form: most say what another
	 * one of the report said before. */
	const struct smtp_seen *said; /* NULL: none yet */
	struct detail_keywords keywords;
};

static const struct detail_keywords *keywords_of(
    struct packing *packing, const struct smtp_seen *smtp)
{
	static const struct detail_keywords none = {1, {0}};
	char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE];
	size_t i;

	if (smtp->ncaps == 0)
		return &none;
	if (packing->said != NULL && same_capabilities(packing->said, smtp))
		return &packing->keywords;
	for (i = 0; i < smtp->ncaps; i++)
		copy_capability(caps[i], smtp->caps[i]);
	report_detail_pack_keywords(&packing->keywords,
	    (const char(*)[OBSERVE_CAP_SIZE])caps, smtp->ncaps);
	packing->said = smtp;
	return &packing->keywords;
}

/* `probe` is what was made of the one `before`, of the same endpoint, whose
 * ports say mostly the same; NULL: this is the first. */
static void copy_words(struct detail_probe *probe,
    const struct probe_seen *seen, const struct probe_seen *before,
    const char *const *known)
{
	if (before == NULL || strcmp(seen->smtp.text, before->smtp.text) != 0)
		public_text_copy(
		    probe->text, sizeof(probe->text), seen->smtp.text, known);
	if (before == NULL || strcmp(seen->reply.text, before->reply.text) != 0)
		public_text_copy(probe->reply, sizeof(probe->reply),
		    seen->reply.text, known);
}

static void add_probes(const struct target_seen *target,
    const char *const *known, struct packing *packing)
{
	const struct probe_seen *seen = NULL, *before;
	struct detail_probe probe;
	size_t i;

	probe.ncaps = 0; /* they are packed */
	for (i = 0; i < target->nprobes; i++) {
		before = seen;
		seen = &target->probes[i];
		probe.row = packing->first + (uint32_t)i;
		memcpy(probe.us, seen->us, sizeof(probe.us));
		copy_words(&probe, seen, before, known);
		probe.reply_code = seen->reply.code;
		probe.receipt = seen->receipt.worth;
		report_detail_add_probe(
		    packing->out, &probe, keywords_of(packing, &seen->smtp));
	}
}

static void add_target(const struct attribution *attribution,
    const struct target_seen *target, const struct measurement *rows,
    struct packing *packing)
{
	const struct endpoint *endpoint = endpoints_find(
	    attribution->endpoints, target->endpoint);
	const char *known[] = {endpoint == NULL              ? NULL
			       : endpoint->domain[0] != '\0' ? endpoint->domain
							     : endpoint->host,
	    NULL};

	if (target->nprobes == 0)
		return;
	if (rows[packing->first].attributed)
		add_paths(attribution->geo, target, rows, packing->first,
		    packing->out);
	add_probes(target, known, packing);
}

void shown_pack(const struct report *report,
    const struct attribution *attribution, const struct measurement *rows,
    struct buf *out)
{
	char software[sizeof(report->software)];
	struct packing packing = {.out = out};
	size_t i;

	public_text_software(software, sizeof(software), report->software);
	report_detail_begin(out, software);
	for (i = 0; i < report->ntargets; i++) {
		add_target(attribution, &report->targets[i], rows, &packing);
		packing.first += (uint32_t)report->targets[i].nprobes;
	}
}
