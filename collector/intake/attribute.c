/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/attribute.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/beacon_visit.h"
#include "collector/intake/hop_asns.h"
#include "collector/intake/listed.h"
#include "collector/intake/proof.h"
#include "collector/record/row_id.h"
#include "lib/diagnose/diagnose.h"

/* Where the probes of one address family came from. */
struct origin {
	bool is_proven; /* at the times that the proof covers */
	int64_t expires_s;
	struct geo_found found;
	char prefix[ADDR_TEXT_SIZE];
};

/* The rows of a report, as they are made. */
struct attributing {
	const struct report *report;
	const struct attribution *attribution;
	const struct endpoint **endpoints; /* owned, one a target or NULL */
	struct endpoint_known *known;      /* owned, one a target */
	const struct endpoint_known **pointers; /* owned, to them */
	struct round_known round;
	struct origin origin4, origin6;
	char pseudonym[ROW_AGENT_SIZE];
	struct measurement *rows;
	size_t nrows;
};

/* The times of the targets that were looked at so far. */
struct attributed_span {
	int64_t first_ms, last_ms;
};

static void find_origin(const struct attributing *work,
    const struct source_seen *source, struct origin *origin)
{
	memset(origin, 0, sizeof(*origin));
	if (source->address.family == 0)
		return;
	origin->is_proven = proof_read(work->attribution->secret,
	    work->report->agent, &source->address, source->proof,
	    &origin->expires_s);
	if (!origin->is_proven)
		return;
	geo_lookup(work->attribution->geo, &source->address, &origin->found);
	addr_format_prefix(&source->address, origin->prefix);
}

/* The targets up to here must not be further apart than a report may span. */
static int check_span(const struct report *report, size_t index,
    struct attributed_span *span, struct err *err)
{
	int64_t at_ms = report->targets[index].at_ms;

	if (index == 0 || at_ms < span->first_ms)
		span->first_ms = at_ms;
	if (index == 0 || at_ms > span->last_ms)
		span->last_ms = at_ms;
	if (span->last_ms - span->first_ms <= ATTRIBUTE_SPAN_MS)
		return 0;
	return err_input(
	    err, "targets[%zu].at: over a day away from another target", index);
}

static int check_time(const struct attribution *attribution, size_t index,
    const struct target_seen *target, struct err *err)
{
	int64_t ago_ms = attribution->received_ms - target->at_ms;

	if (ago_ms > ATTRIBUTE_PAST_MS)
		return err_input(
		    err, "targets[%zu].at: over 30 days old", index);
	if (attribution->keep_ms != 0 && ago_ms > attribution->keep_ms)
		return err_input(err,
		    "targets[%zu].at: older than what is kept here", index);
	if (ago_ms < -ATTRIBUTE_FUTURE_MS)
		return err_input(err, "targets[%zu].at: in the future", index);
	return 0;
}

static int64_t total_us(const struct probe_seen *probe)
{
	int64_t total = OBSERVE_ABSENT;
	int stage;

	for (stage = 0; stage < STAGE_COUNT; stage++) {
		if (probe->us[stage] == OBSERVE_ABSENT)
			continue;
		total = total == OBSERVE_ABSENT ? 0 : total;
		total += probe->us[stage];
	}
	return total;
}

static const struct diagnosis *find_diagnosis(
    const struct diagnosis *diagnoses, size_t count, uint16_t port)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (diagnoses[i].port == port)
			return &diagnoses[i];
	return NULL;
}

/* The agent's word for a version of TLS; none of its own is published. */
static const char *tls_version(const char *said)
{
	static const char *const versions[] = {/* the most frequent first */
	    "TLSv1.3", "", "TLSv1.2", "TLSv1.1", "TLSv1.0", "TLSv1", "SSLv3"};
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		if (strcmp(versions[i], said) == 0)
			return versions[i];
	return "other";
}

static void fill_probe(struct measurement *row, const struct probe_seen *probe)
{
	row->port = probe->port;
	row->mode = probe->mode;
	row->ended = probe->ended;
	row->failure = probe->failure;
	row->icmp_type = probe->icmp.type;
	row->icmp_code = probe->icmp.code;
	row->smtp_code = probe->smtp.code;
	strcpy(row->tls_version, tls_version(probe->tls.version));
	row->tls_verify = probe->tls.verify;
	row->connect_us = probe->us[STAGE_CONNECT];
	row->total_us = total_us(probe);
}

static void fill_diagnosis(struct attributing *work,
    const struct target_seen *target, const struct diagnosis *diagnosis,
    struct measurement *row)
{
	struct hop_asns asns;

	row->outcome = OUTCOME_COUNT;
	row->mechanism = MECHANISM_COUNT;
	row->where = WHERE_NONE;
	row->after_hop = OBSERVE_ABSENT;
	row->before_hop = OBSERVE_ABSENT;
	row->endpoint_hops = OBSERVE_ABSENT;
	if (diagnosis == NULL)
		return;
	row->outcome = diagnosis->outcome;
	row->mechanism = diagnosis->mechanism;
	row->where = diagnosis->where;
	row->after_hop = diagnosis->after_hop;
	row->before_hop = diagnosis->before_hop;
	row->endpoint_hops = diagnosis->endpoint_hops;
	row->signs = diagnosis->signs;
	hop_asns_find(
	    work->attribution->geo, target, diagnosis, row->asn, &asns);
	row->after_asn = asns.after;
	row->before_asn = asns.before;
}

static void fill_target(struct attributing *work,
    const struct target_seen *target, struct measurement *row)
{
	const struct origin *origin = target->family == 4 ? &work->origin4
							  : &work->origin6;

	memset(row, 0, sizeof(*row));
	row->at_ms = target->at_ms;
	memcpy(row->agent, work->pseudonym, sizeof(row->agent));
	snprintf(
	    row->run_by, sizeof(row->run_by), "%s", work->attribution->run_by);
	row->family = target->family;
	memcpy(row->endpoint, target->endpoint, sizeof(row->endpoint));
	row->address = target->address;
	row->attributed = origin->is_proven &&
			  proof_covers(origin->expires_s, target->at_ms / 1000);
	if (!row->attributed)
		return;
	row->asn = origin->found.asn;
	memcpy(row->network, origin->found.network, sizeof(row->network));
	memcpy(row->country, origin->found.country, sizeof(row->country));
	memcpy(row->prefix, origin->prefix, sizeof(row->prefix));
}

/* What is known of an endpoint of the list: from its file, as the fleet has
 * learned, and in which network a beacon's `address` is. */
static struct endpoint_known known_of(const struct attribution *attribution,
    const struct endpoint *endpoint, const struct addr *address)
{
	struct endpoint_known known = {0};
	struct geo_found found;

	if (endpoint == NULL)
		return known;
	known = endpoint->known;
	if (attribution->starttls != NULL &&
	    baseline_has(attribution->starttls, endpoint->name))
		known.offers_starttls = true;
	if (known.nreceipt_keys > 0) {
		geo_lookup(attribution->geo, address, &found);
		known.asn = found.asn;
	}
	return known;
}

static void add_target(struct attributing *work, size_t index)
{
	const struct target_seen *target = &work->report->targets[index];
	struct diagnosis diagnoses[DIAGNOSE_PORTS_MAX];
	struct measurement common;
	size_t count, i;

	count = diagnose_target(&work->round, index, diagnoses);
	fill_target(work, target, &common);
	for (i = 0; i < target->nprobes; i++) {
		struct measurement *row = &work->rows[work->nrows];

		*row = common;
		row_id_make(row->id, work->report->id, (uint32_t)work->nrows);
		fill_probe(row, &target->probes[i]);
		fill_diagnosis(work, target,
		    find_diagnosis(diagnoses, count, row->port), row);
		row->listed = listed_has(work->endpoints[index], row) &&
			      beacon_visit_counts(target, &work->known[index],
				  row->port, row->outcome);
		work->nrows++;
	}
}

/* What is known of each target's endpoint, and what the round shows. 0 or
 * -ENOMEM; then free_round(). */
static int know_round(struct attributing *work)
{
	const struct report *report = work->report;
	size_t i, count = report->ntargets + 1;
	int error;

	work->endpoints = malloc(count * sizeof(struct endpoint *));
	work->known = malloc(count * sizeof(*work->known));
	work->pointers = malloc(count * sizeof(struct endpoint_known *));
	if (work->endpoints == NULL || work->known == NULL ||
	    work->pointers == NULL)
		return -ENOMEM;
	for (i = 0; i < report->ntargets; i++) {
		work->endpoints[i] = endpoints_find(
		    work->attribution->endpoints, report->targets[i].endpoint);
		work->known[i] = known_of(work->attribution, work->endpoints[i],
		    &report->targets[i].address);
		work->pointers[i] = &work->known[i];
	}
	error = round_know(
	    &work->round, report->targets, report->ntargets, work->pointers);
	work->round.wordless = true; /* rows have no sentence */
	return error;
}

static void free_round(struct attributing *work)
{
	round_free(&work->round);
	free(work->pointers);
	free(work->known);
	free(work->endpoints);
}

int attribute_report(const struct report *report,
    const struct attribution *attribution, struct measurement **rows,
    size_t *nrows, struct err *err)
{
	struct attributing work = {
	    .report = report, .attribution = attribution};
	struct attributed_span span = {0};
	size_t total = 0, i;

	for (i = 0; i < report->ntargets; i++) {
		if (check_time(attribution, i, &report->targets[i], err) < 0 ||
		    check_span(report, i, &span, err) < 0)
			return -EINVAL;
		total += report->targets[i].nprobes;
	}
	work.rows = malloc((total + 1) * sizeof(*work.rows));
	if (work.rows == NULL || know_round(&work) < 0) {
		free(work.rows);
		free_round(&work);
		return err_system(err, -ENOMEM, "a report's rows");
	}
	proof_pseudonym(attribution->secret, report->agent, work.pseudonym);
	find_origin(&work, &report->source4, &work.origin4);
	find_origin(&work, &report->source6, &work.origin6);
	for (i = 0; i < report->ntargets; i++)
		add_target(&work, i);
	free_round(&work);
	*rows = work.rows;
	*nrows = work.nrows;
	return 0;
}
