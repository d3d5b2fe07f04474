/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view_order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Less than 0: `a` stands before `b`. */
typedef int compare_networks(const struct view *view,
    const struct view_network *a, const struct view_network *b);

static int greater_first(double a, double b)
{
	return (a < b) - (a > b);
}

static int by_state(const struct view *view, const struct view_network *a,
    const struct view_network *b)
{
	static const int rank[STATE_COUNT] = {
	    [STATE_FILTERED] = 0,
	    [STATE_PARTIAL] = 1,
	    [STATE_INTERCEPTED] = 2,
	    [STATE_OPEN] = 3,
	    [STATE_INCONSISTENT] = 4,
	    [STATE_INSUFFICIENT] = 5,
	};

	(void)view;
	return rank[a->state] - rank[b->state];
}

static int by_evidence(const struct view *view, const struct view_network *a,
    const struct view_network *b)
{
	(void)view;
	if (a->level != b->level)
		return greater_first(a->level, b->level);
	return greater_first(
	    (double)a->vantage_points, (double)b->vantage_points);
}

/* What is not known comes last. */
static double share_of(const struct view_network *network)
{
	return network->state == STATE_INSUFFICIENT ||
		       network->state == STATE_INCONSISTENT
		   ? -1
		   : network->blocked_mid;
}

static int by_share(const struct view *view, const struct view_network *a,
    const struct view_network *b)
{
	(void)view;
	return greater_first(share_of(a), share_of(b));
}

static int by_since(const struct view *view, const struct view_network *a,
    const struct view_network *b)
{
	(void)view;
	return greater_first((double)a->since_ms, (double)b->since_ms);
}

static int by_name(const struct view *view, const struct view_network *a,
    const struct view_network *b)
{
	const char *left = view_info(view, a)->name;
	const char *right = view_info(view, b)->name;

	if ((left[0] == '\0') != (right[0] == '\0'))
		return left[0] == '\0' ? 1 : -1;
	return strcasecmp(left, right);
}

struct ordering {
	const struct view *view;
	compare_networks *compare;
};

static int compare_places(const void *a, const void *b, void *arg)
{
	const uint32_t *left = a, *right = b;
	const struct ordering *ordering = arg;
	const struct view_network *networks = ordering->view->networks;
	int result = ordering->compare(
	    ordering->view, &networks[*left], &networks[*right]);

	return result != 0 ? result : (*left > *right) - (*left < *right);
}

/* Networks are by AS, then by family: an AS's last one is the one over IPv6. */
static void count_ases(struct view *view)
{
	const struct view_network *networks = view->networks;
	size_t i;

	view->ases = 0;
	view->ipv6_ases = 0;
	for (i = 0; i < view->count; i++) {
		if (i + 1 < view->count &&
		    networks[i].asn == networks[i + 1].asn)
			continue;
		view->ases++;
		view->ipv6_ases += networks[i].family == 6;
	}
}

int view_order(struct view *view)
{
	static compare_networks *const compare[QUERY_SORT_COUNT] = {
	    [QUERY_SORT_STATE] = by_state,
	    [QUERY_SORT_EVIDENCE] = by_evidence,
	    [QUERY_SORT_SHARE] = by_share,
	    [QUERY_SORT_SINCE] = by_since,
	    [QUERY_SORT_NAME] = by_name,
	};
	struct ordering ordering = {view, NULL};
	uint32_t i;
	int sort;

	count_ases(view);
	for (sort = 0; sort < QUERY_SORT_COUNT; sort++) {
		if (compare[sort] == NULL || view->count == 0)
			continue;
		view->orders[sort] = malloc(view->count * sizeof(uint32_t));
		if (view->orders[sort] == NULL)
			return -ENOMEM;
		for (i = 0; i < view->count; i++)
			view->orders[sort][i] = i;
		ordering.compare = compare[sort];
		qsort_r(view->orders[sort], view->count, sizeof(uint32_t),
		    compare_places, &ordering);
	}
	return 0;
}

const struct view_network *view_at(
    const struct view *view, enum query_sort sort, size_t place)
{
	const uint32_t *order = view->orders[sort];

	return &view->networks[order != NULL ? order[place] : place];
}

/* In the order by AS the network need not be there any more. */
size_t view_place_after(
    const struct view *view, enum query_sort sort, const struct query_key *key)
{
	const uint32_t *order = view->orders[sort];
	size_t at = view_find(view, key->asn, key->family, key->port), i;
	bool is_there = at < view->count &&
			view->networks[at].asn == key->asn &&
			view->networks[at].family == key->family &&
			view->networks[at].port == key->port;

	if (order == NULL)
		return at + is_there;
	for (i = 0; i < view->count; i++)
		if (order[i] == at)
			return i + is_there;
	return view->count;
}
