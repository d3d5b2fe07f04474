/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/evidence_pack.h"
#include "lib/base/array.h"

void ledger_init(struct ledger *ledger)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->now_ms = INT64_MIN;
}

/* --- networks --- */

static int compare_key(const struct ledger_network *network, uint32_t asn,
    uint8_t family, uint16_t port)
{
	if (network->asn != asn)
		return network->asn < asn ? -1 : 1;
	if (network->family != family)
		return network->family < family ? -1 : 1;
	return (network->port > port) - (network->port < port);
}

/* Where the network is, or belongs. */
static size_t place_of(
    const struct ledger *ledger, const struct rollup_row *row)
{
	size_t low = 0, high = ledger->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_key(&ledger->networks[middle], row->asn,
			row->family, row->port) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct ledger_network *find_or_add(
    struct ledger *ledger, const struct rollup_row *row)
{
	size_t at = place_of(ledger, row);
	struct ledger_network *networks = ledger->networks;

	if (at < ledger->count &&
	    compare_key(&networks[at], row->asn, row->family, row->port) == 0)
		return &networks[at];
	networks = array_grow(networks, ledger->count, sizeof(*networks));
	if (networks == NULL)
		return NULL;
	ledger->networks = networks;
	memmove(networks + at + 1, networks + at,
	    (ledger->count++ - at) * sizeof(*networks));
	networks[at] = (struct ledger_network){
	    .asn = row->asn, .family = row->family, .port = row->port};
	return &networks[at];
}

static void free_network(struct ledger_network *network)
{
	if (network->verdict != NULL)
		network_verdict_end(network->verdict);
	free(network->verdict);
	free(network->packed);
	free(network->sights.list);
}

/* With the days and cells from a day on. */
static const struct evidence *read_from(
    struct ledger *ledger, const struct ledger_network *network, int32_t from)
{
	const struct evidence_wanted wanted = {
	    ledger->now_ms, INT32_MAX, false};

	if (evidence_unpack(
		&ledger->read, network->packed, network->length, &wanted) < 0 ||
	    evidence_end_from(&ledger->read, from) < 0)
		return NULL;
	return &ledger->read;
}

const struct evidence *ledger_read(
    struct ledger *ledger, const struct ledger_network *network)
{
	return read_from(ledger, network, INT32_MIN);
}

/* --- the endpoints' health --- */

static int learn_from(struct ledger *ledger, struct ledger_network *network,
    const struct evidence *evidence, int32_t from)
{
	network->is_stale = true;
	if (evidence == NULL ||
	    health_learn_days(&ledger->health, evidence, from, INT32_MAX) < 0)
		return -ENOMEM;
	return sights_note(&network->sights, evidence, &ledger->health);
}

static int learn(
    struct ledger *ledger, struct ledger_network *network, int32_t from)
{
	return learn_from(ledger, network, ledger_read(ledger, network), from);
}

/* Take back the votes of the days from `from` on and before `until`. */
static int unlearn(struct ledger *ledger, const struct ledger_network *network,
    int32_t from, int32_t until)
{
	if (read_from(ledger, network, from) == NULL)
		return -ENOMEM;
	return health_unlearn_days(&ledger->health, &ledger->read, from, until);
}

/* --- one verdict --- */

static void forget_verdict(struct ledger_network *network)
{
	if (network->has_verdict)
		network_verdict_end(network->verdict);
	network->has_verdict = false;
}

static int judge_from(struct ledger *ledger, struct ledger_network *network,
    const struct evidence *evidence)
{
	bool resumes = network->has_verdict && !network->is_stale_past;
	int error;

	if (evidence == NULL)
		return -ENOMEM;
	forget_verdict(network);
	network->is_stale = network->is_stale_past = false;
	if (evidence->nrows == 0)
		return 0;
	if (network->verdict == NULL)
		network->verdict = malloc(sizeof(*network->verdict));
	if (network->verdict == NULL)
		return -ENOMEM;
	ledger->judge.naccusations = ledger->judge.nupstreams = 0;
	error = resumes ? judge_resume(&ledger->judge, evidence,
			      network->before, network->verdict)
			: judge_decide(&ledger->judge, evidence,
			      network->verdict, &network->before);
	if (error < 0)
		return error;
	network->has_verdict = true;
	network->is_accused = network->verdict->wrong >= 0;
	ledger->judged++;
	return network_verdict_own(network->verdict);
}

/* --- rows --- */

static int enrol_later(struct ledger *ledger, const struct vantage *vantage)
{
	struct vantage *grown = array_grow(
	    ledger->early, ledger->nearly, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	ledger->early = grown;
	grown[ledger->nearly++] = *vantage;
	return 0;
}

int ledger_enrol(struct ledger *ledger, const struct vantage *vantage)
{
	if (vantage->first_day > evidence_day_of(ledger->now_ms))
		return enrol_later(ledger, vantage);
	if (judge_is_news(&ledger->judge, vantage))
		ledger->is_aged = true;
	return judge_enrol(&ledger->judge, vantage);
}

static int keep(struct ledger *ledger, struct ledger_network *network,
    const struct evidence *evidence)
{
	struct buf *packing = &ledger->packing;
	uint8_t *packed;
	size_t i;

	buf_clear(packing);
	evidence_pack(evidence, packing);
	if (packing->failed)
		return -ENOMEM;
	packed = realloc(network->packed, packing->length);
	if (packed == NULL)
		return -ENOMEM;
	memcpy(packed, packing->data, packing->length);
	network->packed = packed;
	network->length = (uint32_t)packing->length;
	network->changes++;
	network->later_ms = 0;
	for (i = 0; i < evidence->nrows; i++) {
		int64_t first_ms = evidence->rows[i].first_ms;

		if (first_ms > evidence->now_ms &&
		    (network->later_ms == 0 || first_ms < network->later_ms))
			network->later_ms = first_ms;
	}
	return 0;
}

static int end_gathering(struct ledger *ledger)
{
	const struct rollup_row key = {
	    .asn = ledger->gathered.asn,
	    .family = ledger->gathered.family,
	    .port = ledger->gathered.port,
	};
	struct ledger_network *network;
	int error;

	if (!ledger->is_gathering)
		return 0;
	ledger->is_gathering = false;
	network = find_or_add(ledger, &key);
	if (network == NULL)
		return -ENOMEM;
	if (ledger->gathers_past)
		network->is_stale_past = true;
	error = evidence_sum(&ledger->gathered);
	if (error == 0)
		error = keep(ledger, network, &ledger->gathered);
	if (error < 0 || network->later_ms != 0)
		return error < 0 ? error
				 : learn(ledger, network, ledger->learns_from);
	error = evidence_end(&ledger->gathered);
	if (error == 0)
		error = learn_from(
		    ledger, network, &ledger->gathered, ledger->learns_from);
	if (error == 0 && !ledger->is_another_day)
		error = judge_from(ledger, network, &ledger->gathered);
	return error;
}

/* The rows of a network, those too that begin after now; before that day. */
static int unpack_all(struct ledger *ledger,
    const struct ledger_network *network, int32_t until_day)
{
	const struct evidence_wanted wanted = {ledger->now_ms, until_day, true};

	return evidence_unpack(
	    &ledger->gathered, network->packed, network->length, &wanted);
}

/* All its rows are gathered; today's votes are taken back. */
static int unlearn_gathered(
    struct ledger *ledger, const struct ledger_network *network)
{
	struct evidence *gathered = &ledger->gathered;
	int error = unpack_all(ledger, network, INT32_MAX);

	if (error == 0)
		error = evidence_end_from(gathered, ledger->learns_from);
	return error < 0 ? error
			 : health_unlearn_days(&ledger->health, gathered,
			       ledger->learns_from, INT32_MAX);
}

static int begin_gathering(
    struct ledger *ledger, const struct rollup_row *row, int32_t until_day)
{
	size_t at = place_of(ledger, row);
	int32_t today = evidence_day_of(ledger->now_ms);
	const struct ledger_network *network = NULL;

	ledger->is_gathering = true;
	ledger->gathers_past = false;
	ledger->learns_from = INT32_MIN;
	if (at < ledger->count)
		network = &ledger->networks[at];
	if (network == NULL ||
	    compare_key(network, row->asn, row->family, row->port) != 0) {
		evidence_begin(&ledger->gathered, row, ledger->now_ms);
		ledger->gathered.is_kept = true;
		return 0;
	}
	if (network->later_ms == 0)
		ledger->learns_from = until_day < today ? until_day : today;
	if (network->later_ms == 0 && until_day == INT32_MAX)
		return unlearn_gathered(ledger, network);
	if (unlearn(ledger, network, ledger->learns_from, INT32_MAX) < 0)
		return -ENOMEM;
	return unpack_all(ledger, network, until_day);
}

/* What came is of a day of which the votes still stand. */
static int unlearn_more(
    struct ledger *ledger, const struct rollup_row *row, int32_t from)
{
	int32_t until = ledger->learns_from;

	ledger->learns_from = from;
	return unlearn(
	    ledger, &ledger->networks[place_of(ledger, row)], from, until);
}

int ledger_add(struct ledger *ledger, const struct rollup_row *row)
{
	int error = 0;

	if (ledger->is_gathering && !evidence_is_of(&ledger->gathered, row))
		error = end_gathering(ledger);
	if (error == 0 && !ledger->is_gathering)
		error = begin_gathering(ledger, row, INT32_MAX);
	if (error == 0 && row->day < ledger->learns_from)
		error = unlearn_more(ledger, row, row->day);
	if (row->day < evidence_day_of(ledger->now_ms))
		ledger->gathers_past = true;
	return error == 0 ? evidence_add(&ledger->gathered, row) : error;
}

int ledger_replace(
    struct ledger *ledger, const struct rollup_row *network, int32_t from_day)
{
	int error = end_gathering(ledger);

	if (error == 0)
		error = begin_gathering(ledger, network, from_day);
	if (from_day < evidence_day_of(ledger->now_ms))
		ledger->gathers_past = true;
	return error;
}

/* --- reviews --- */

static bool is_same_review(const struct review *a, const struct review *b)
{
	return a->asn == b->asn && a->family == b->family &&
	       a->port == b->port && a->at_ms == b->at_ms &&
	       a->is_released == b->is_released &&
	       strcmp(a->reason, b->reason) == 0;
}

int ledger_review(
    struct ledger *ledger, const struct review *reviews, size_t count)
{
	struct judge *judge = &ledger->judge;
	bool same = count == judge->nreviews;
	size_t i;
	int error = 0;

	for (i = 0; same && i < count; i++)
		same = is_same_review(&judge->reviews[i], &reviews[i]);
	if (same)
		return 0;
	judge->nreviews = 0;
	for (i = 0; error == 0 && i < count; i++)
		error = judge_review(judge, &reviews[i]);
	for (i = 0; i < ledger->count; i++)
		ledger->networks[i].is_stale = ledger->networks[i]
						   .is_stale_past = true;
	return error;
}

/* --- time --- */

/* Rows that were of the future are of the past now. */
static int read_again(struct ledger *ledger, struct ledger_network *network)
{
	int error = unpack_all(ledger, network, INT32_MAX);

	if (error == 0)
		error = evidence_sum(&ledger->gathered);
	network->is_stale_past = true;
	return error == 0 ? keep(ledger, network, &ledger->gathered) : error;
}

static bool has_come(const struct ledger_network *network, int64_t now_ms)
{
	return network->later_ms != 0 && network->later_ms <= now_ms;
}

/* Agents that had rows of days to come. */
static int enrol_early(struct ledger *ledger)
{
	struct vantage *early = ledger->early;
	size_t count = ledger->nearly, i;
	int error = 0;

	ledger->early = NULL;
	ledger->nearly = 0;
	for (i = 0; error == 0 && i < count; i++)
		error = ledger_enrol(ledger, &early[i]);
	free(early);
	return error;
}

/* The window has moved on: what has left it is passed over from now on. */
static int begin_day(struct ledger *ledger, int32_t today)
{
	int32_t days = evidence_window_begin(today) - ledger->health.begin;
	size_t i;

	ledger->is_another_day = true;
	health_advance(&ledger->health, today);
	for (i = 0; i < ledger->count; i++)
		sights_move(&ledger->networks[i].sights, days);
	return enrol_early(ledger);
}

/* The first time. */
static int begin(struct ledger *ledger, int64_t now_ms)
{
	ledger->now_ms = now_ms;
	ledger->is_another_day = true;
	ledger->judge.now_ms = now_ms;
	health_init(&ledger->health, evidence_day_of(now_ms));
	return 0;
}

/* Networks with rows that were of the future, and are not any more, are looked
 * at anew. */
int ledger_advance(struct ledger *ledger, int64_t now_ms)
{
	int32_t today = evidence_day_of(now_ms);
	int error = end_gathering(ledger);
	size_t i;

	if (error == 0 && ledger->now_ms == INT64_MIN)
		return begin(ledger, now_ms);
	for (i = 0; error == 0 && i < ledger->count; i++)
		if (has_come(&ledger->networks[i], now_ms))
			error = unlearn(
			    ledger, &ledger->networks[i], INT32_MIN, INT32_MAX);
	if (error < 0)
		return error;
	if (today != evidence_day_of(ledger->now_ms)) {
		ledger->now_ms = ledger->judge.now_ms = now_ms;
		error = begin_day(ledger, today);
	}
	ledger->now_ms = ledger->judge.now_ms = now_ms;
	for (i = 0; error == 0 && i < ledger->count; i++) {
		if (!has_come(&ledger->networks[i], now_ms))
			continue;
		error = read_again(ledger, &ledger->networks[i]);
		if (error == 0)
			error = learn(ledger, &ledger->networks[i], INT32_MIN);
	}
	return error;
}

/* --- verdicts --- */

static void mark_network(struct ledger_network *network, const uint32_t *days)
{
	const uint32_t today = UINT32_C(1) << (MODEL_WINDOW - 1);
	uint32_t changed = sights_among(&network->sights, days);

	if (changed != 0)
		network->is_stale = true;
	if ((changed & ~today) != 0)
		network->is_stale_past = true;
}

static void mark_stale(struct ledger *ledger, const uint32_t *days)
{
	bool all = ledger->is_aged || ledger->is_another_day;
	size_t i;

	for (i = 0; i < ledger->count; i++) {
		mark_network(&ledger->networks[i], days);
		if (all)
			ledger->networks[i].is_stale =
			    ledger->networks[i].is_stale_past = true;
	}
	ledger->is_aged = ledger->is_another_day = false;
}

static int refresh_health(struct ledger *ledger, bool refresh)
{
	struct health *held = &ledger->judge.health, *is = &ledger->health;
	uint32_t count = is->names.count, i;
	uint32_t *days = malloc((count + (size_t)1) * sizeof(*days));
	bool all = refresh || ledger->is_another_day, off, some = false;
	int error = 0;

	if (days == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		days[i] = health_changed_days(held, is, i, &off);
		if (!all && !off)
			days[i] = 0;
		some = some || off;
	}
	if (all || some)
		mark_stale(ledger, days);
	if (all)
		error = health_copy(held, is);
	else if (some)
		error = health_copy_some(held, is, days);
	free(days);
	return error;
}

static int judge_again(struct ledger *ledger, struct ledger_network *network)
{
	return judge_from(ledger, network, ledger_read(ledger, network));
}

/* Leave out networks of which no row is left. */
static void drop_empty(struct ledger *ledger)
{
	size_t i, kept = 0;

	for (i = 0; i < ledger->count; i++) {
		struct ledger_network *network = &ledger->networks[i];

		if (network->has_verdict || network->later_ms != 0)
			ledger->networks[kept++] = *network;
		else
			free_network(network);
	}
	ledger->count = kept;
}

int ledger_judge(struct ledger *ledger, bool refresh)
{
	struct judge *judge = &ledger->judge;
	int error = end_gathering(ledger);
	size_t i;

	if (error == 0)
		error = refresh_health(ledger, refresh);
	judge->naccusations = judge->nupstreams = 0; /* of the last time */
	for (i = 0; error == 0 && i < ledger->count; i++)
		if (ledger->networks[i].is_stale)
			error = judge_again(ledger, &ledger->networks[i]);
	if (error == 0)
		drop_empty(ledger);
	for (i = 0; error == 0 && i < ledger->count; i++)
		if (ledger->networks[i].has_verdict &&
		    ledger->networks[i].is_accused)
			error = judge_note(judge, ledger->networks[i].verdict);
	if (error == 0)
		error = judge_close(judge);
	return error;
}

/* --- all of it --- */

int ledger_agents(const struct ledger_network *network,
    int (*visit)(void *arg, const char *agent), void *arg)
{
	return evidence_packed_agents(
	    network->packed, network->length, visit, arg);
}

static size_t names_bytes(const struct names *names)
{
	return names->room + names->nslots * sizeof(*names->slots) +
	       2 * names->count * sizeof(*names->at);
}

size_t ledger_bytes(const struct ledger *ledger)
{
	size_t bytes = sizeof(*ledger), i;

	bytes += names_bytes(&ledger->judge.roster.agents);
	bytes += ledger->judge.roster.agents.count *
		 sizeof(*ledger->judge.roster.list);
	for (i = 0; i < ledger->count; i++) {
		const struct ledger_network *network = &ledger->networks[i];

		bytes += sizeof(*network) + network->length +
			 network->sights.count * sizeof(*network->sights.list);
		if (network->has_verdict)
			bytes += network_verdict_bytes(network->verdict);
	}
	return bytes;
}

void ledger_free(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->count; i++)
		free_network(&ledger->networks[i]);
	free(ledger->networks);
	judge_free(&ledger->judge);
	health_free(&ledger->health);
	free(ledger->early);
	evidence_free(&ledger->gathered);
	evidence_free(&ledger->read);
	buf_free(&ledger->packing);
	ledger_init(ledger);
}
