/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

struct view *view_new(int64_t generated_ms)
{
	struct view *view = calloc(1, sizeof(*view));

	if (view != NULL)
		view->generated_ms = view->generation = generated_ms;
	return view;
}

void view_free(struct view *view)
{
	size_t at;
	int i;

	if (view == NULL)
		return;
	for (i = 0; i < QUERY_SORT_COUNT; i++)
		free(view->orders[i]);
	for (at = 0; at < view->count; at++)
		free(view->networks[at].detail);
	free(view->networks);
	free(view->infos);
	free(view->outcomes);
	free(view->days);
	buf_free(&view->text);
	free(view);
}

/* --- packing --- */

static void append_line(struct buf *text, const char *line)
{
	buf_append(text, line, strlen(line) + 1);
}

static int pack_text(struct view *view, const struct network_verdict *verdict,
    struct view_network *network)
{
	network->text = view->text.length;
	memcpy(
	    network->sentences, verdict->sentences, sizeof(network->sentences));
	append_line(&view->text, verdict->because);
	return view->text.failed ? -ENOMEM : 0;
}

static int pack_prefixes(struct view *view,
    const struct network_verdict *verdict, struct view_network *network)
{
	size_t i;

	network->prefix_text = view->text.length;
	network->nblocked_prefixes = verdict->nblocked_prefixes;
	for (i = 0; i < verdict->nblocked_prefixes; i++)
		append_line(&view->text, verdict->blocked_prefixes[i]);
	return view->text.failed ? -ENOMEM : 0;
}

static int pack_outcomes(struct view *view,
    const struct network_verdict *verdict, struct view_network *network)
{
	struct network_outcome *grown;
	size_t i;

	network->outcomes = view->noutcomes;
	network->noutcomes = verdict->noutcomes;
	for (i = 0; i < verdict->noutcomes; i++) {
		grown = array_grow(
		    view->outcomes, view->noutcomes, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		view->outcomes = grown;
		grown[view->noutcomes++] = verdict->outcomes[i];
	}
	return 0;
}

static int pack_detail(
    const struct network_verdict *verdict, struct view_network *network)
{
	if (verdict->detail == NULL)
		return 0;
	network->detail = network_detail_copy(verdict->detail);
	return network->detail != NULL ? 0 : -ENOMEM;
}

static int pack(struct view *view, const struct network_verdict *verdict,
    struct view_network *network)
{
	int error;

	*network = (struct view_network){
	    .asn = verdict->asn,
	    .port = verdict->port,
	    .family = verdict->family,
	    .state = (uint8_t)verdict->state,
	    .mechanism = (uint8_t)verdict->mechanism,
	    .where = (uint8_t)verdict->where,
	    .reach = (uint8_t)verdict->reach,
	    .level = (uint8_t)verdict->level,
	    .stopped_in = (uint8_t)verdict->stopped_in,
	    .upstream = verdict->upstream,
	    .since_is_first = verdict->since_is_first,
	    .confidence = verdict->confidence,
	    .wrong = verdict->wrong,
	    .blocked_low = verdict->blocked_low,
	    .blocked_mid = verdict->blocked_mid,
	    .blocked_high = verdict->blocked_high,
	    .vantage_points = verdict->vantage_points,
	    .unsteady = verdict->unsteady,
	    .witnesses_blocked = verdict->witnesses_blocked,
	    .witnesses_open = verdict->witnesses_open,
	    .prefixes = verdict->prefixes,
	    .endpoints = verdict->endpoints,
	    .probes = verdict->probes,
	    .since_ms = verdict->since_ms,
	    .last_ms = verdict->last_ms,
	};
	error = pack_text(view, verdict, network);
	if (error == 0)
		error = pack_outcomes(view, verdict, network);
	return error < 0 ? error : pack_detail(verdict, network);
}

int view_add(struct view *view, const struct network_verdict *verdict)
{
	struct view_network *grown = array_grow(
	    view->networks, view->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	view->networks = grown;
	if (pack(view, verdict, &grown[view->count]) < 0)
		return -ENOMEM;
	return pack_prefixes(view, verdict, &grown[view->count++]);
}

int view_replace(struct view *view, const struct network_verdict *verdict)
{
	struct view_network *network = &view->networks[view_find(
	    view, verdict->asn, verdict->family, verdict->port)];
	const struct view_network old = *network;
	int error = pack(view, verdict, network);

	network->prefix_text = old.prefix_text;
	network->nblocked_prefixes = old.nblocked_prefixes;
	network->info = old.info;
	network->typical = old.typical;
	free(old.detail);
	return error;
}

/* --- what goes with networks --- */

int view_name(struct view *view, const struct network_info *info)
{
	struct network_info *grown = array_grow(
	    view->infos, view->ninfos, sizeof(*grown));
	size_t at = view_find(view, info->asn, 0, 0);

	if (grown == NULL)
		return -ENOMEM;
	view->infos = grown;
	for (; at < view->count && view->networks[at].asn == info->asn; at++)
		view->networks[at].info = view->ninfos;
	grown[view->ninfos++] = *info;
	return 0;
}

/* --- reading --- */

static bool is_before(const struct view_network *network, uint32_t asn,
    uint8_t family, uint16_t port)
{
	if (network->asn != asn)
		return network->asn < asn;
	if (network->family != family)
		return network->family < family;
	return network->port < port;
}

size_t view_find(
    const struct view *view, uint32_t asn, uint8_t family, uint16_t port)
{
	size_t low = 0, high = view->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (is_before(&view->networks[middle], asn, family, port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct network_info *view_info(
    const struct view *view, const struct view_network *network)
{
	static const struct network_info nothing;

	return view->ninfos > 0 ? &view->infos[network->info] : &nothing;
}

static int unpack_text(const struct view *view,
    const struct view_network *network, struct network_verdict *verdict)
{
	const char *text = view->text.data + network->text;
	size_t i;

	verdict->blocked_prefixes = calloc(
	    network->nblocked_prefixes + 1, sizeof(*verdict->blocked_prefixes));
	if (verdict->blocked_prefixes == NULL) {
		network_verdict_end(verdict);
		return -ENOMEM;
	}
	verdict->nblocked_prefixes = network->nblocked_prefixes;
	memcpy(
	    verdict->sentences, network->sentences, sizeof(verdict->sentences));
	strcpy(verdict->because, text);
	text = view->text.data + network->prefix_text;
	for (i = 0; i < network->nblocked_prefixes; i++) {
		verdict->blocked_prefixes[i] = text;
		text += strlen(text) + 1;
	}
	return 0;
}

int view_record(const struct view *view, const struct view_network *network,
    struct network_record *record)
{
	struct network_verdict *verdict = &record->verdict;

	memset(record, 0, sizeof(*record));
	verdict->asn = network->asn;
	verdict->port = network->port;
	verdict->family = network->family;
	verdict->state = (enum network_state)network->state;
	verdict->mechanism = (enum mechanism)network->mechanism;
	verdict->where = (enum where)network->where;
	verdict->reach = (enum network_reach)network->reach;
	verdict->level = (enum network_level)network->level;
	verdict->stopped_in = (enum network_stop)network->stopped_in;
	verdict->upstream = network->upstream;
	verdict->since_is_first = network->since_is_first;
	verdict->confidence = network->confidence;
	verdict->wrong = network->wrong;
	verdict->blocked_low = network->blocked_low;
	verdict->blocked_mid = network->blocked_mid;
	verdict->blocked_high = network->blocked_high;
	verdict->vantage_points = network->vantage_points;
	verdict->unsteady = network->unsteady;
	verdict->witnesses_blocked = network->witnesses_blocked;
	verdict->witnesses_open = network->witnesses_open;
	verdict->prefixes = network->prefixes;
	verdict->endpoints = network->endpoints;
	verdict->probes = network->probes;
	verdict->since_ms = network->since_ms;
	verdict->last_ms = network->last_ms;
	verdict->noutcomes = network->noutcomes;
	if (network->noutcomes > 0)
		memcpy(verdict->outcomes, view->outcomes + network->outcomes,
		    network->noutcomes * sizeof(*verdict->outcomes));
	record->info = *view_info(view, network);
	record->typical = network->typical;
	if (network->detail != NULL) {
		verdict->detail = network_detail_copy(network->detail);
		if (verdict->detail == NULL)
			return -ENOMEM;
	}
	return unpack_text(view, network, verdict);
}
