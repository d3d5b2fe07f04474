/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/place.h"

#include <stdio.h>

#define ADDRESSES_MOST 3

/* The addresses of the hop, each once: one a family, or one a path. */
static void add_addresses(struct sentence *sentence,
    const struct explain_selection *of, const struct diagnosis *most)
{
	struct addr seen[ADDRESSES_MOST];
	const struct explain_item *item;
	const struct addr *hop;
	char text[ADDR_TEXT_SIZE];
	size_t at = 0, i, count = 0;

	while (
	    (item = explain_next(of, &at)) != NULL && count < ADDRESSES_MOST) {
		hop = &item->diagnosis.after_address;
		if (!explain_same(&item->diagnosis, most) || hop->family == 0)
			continue;
		for (i = 0; i < count && !addr_equal(&seen[i], hop);)
			i++;
		if (i < count)
			continue;
		seen[count] = *hop;
		sentence_add(sentence, "%s%s", count++ > 0 ? ", " : " (",
		    addr_format(hop, text));
	}
	if (count > 0)
		sentence_add(sentence, ")");
}

/* Hops between the last one that answered on the port and the first later one
 * that answered a control say nothing on either. */
static bool has_gap(const struct diagnosis *most)
{
	return most->before_hop > most->after_hop + 1;
}

bool place_is_far(const struct diagnosis *diagnosis)
{
	return diagnosis->where == WHERE_PATH &&
	       diagnosis->endpoint_hops != OBSERVE_ABSENT &&
	       diagnosis->after_hop * 2 > diagnosis->endpoint_hops;
}

/* What is measured: whose router it is, no hop says. */
static void add_region(struct sentence *sentence, const struct diagnosis *most)
{
	if (most->where == WHERE_ACCESS)
		sentence_add(sentence,
		    ", in that router (at home the home router, else a cloud's "
		    "or a container's gateway) or the next one");
	else if (most->where == WHERE_FAR_END)
		sentence_add(sentence, ", the last one before the endpoint");
	else if (most->endpoint_hops == OBSERVE_ABSENT)
		sentence_add(sentence, ", on the path");
	else if (!place_is_far(most))
		sentence_add(sentence,
		    ", in the nearer half of the path to the endpoint, %d hops "
		    "away",
		    most->endpoint_hops);
	else
		sentence_add(sentence,
		    ", on the path to the endpoint, %d hops away",
		    most->endpoint_hops);
}

static void add_hops(struct sentence *sentence,
    const struct explain_selection *of, const struct diagnosis *most)
{
	if (most->after_hop > 0) {
		sentence_add(sentence, " after hop %d", most->after_hop);
		add_addresses(sentence, of, most);
	}
	if (most->after_hop > 0 && has_gap(most))
		sentence_add(sentence,
		    " and before hop %d (the hops between are silent)",
		    most->before_hop);
	else if (most->after_hop <= 0 && most->before_hop > 0)
		sentence_add(sentence, " before hop %d%s", most->before_hop,
		    most->before_hop > 1 ? " (the nearer hops are silent)"
					 : "");
}

/* Places that have no hop to be named. */
static const char *const phrases[WHERE_COUNT] = {
    [WHERE_HOST] = " on this host itself, before the first hop",
    [WHERE_LINK] = " before the first router: the provider's virtual switch "
		   "or security group, or a rule of that router itself",
    [WHERE_NETWORK] = " in the network (it left this host, and no router "
		      "tells where it stops)",
    [WHERE_HOST_OR_PATH] = " on this host or in the network (which of the "
			   "two cannot be told from here)",
};

void place_add(struct sentence *sentence, const struct explain_selection *of,
    const struct diagnosis *most)
{
	if (most->where == WHERE_NONE || most->where >= WHERE_COUNT)
		return;
	if (phrases[most->where] != NULL) {
		sentence_add(sentence, "%s", phrases[most->where]);
		return;
	}
	add_hops(sentence, of, most);
	add_region(sentence, most);
}

static const char *const short_phrases[WHERE_COUNT] = {
    [WHERE_NONE] = "",
    [WHERE_HOST] = "this host",
    [WHERE_LINK] = "before the first router",
    [WHERE_NETWORK] = "in the network",
    [WHERE_HOST_OR_PATH] = "this host or the network",
};

void place_short(const struct diagnosis *diagnosis, char *out, size_t size)
{
	char address[ADDR_TEXT_SIZE];
	const char *phrase = short_phrases[diagnosis->where];

	addr_format(&diagnosis->after_address, address);
	if (phrase != NULL)
		snprintf(out, size, "%s", phrase);
	else if (diagnosis->after_hop <= 0 && diagnosis->before_hop > 0)
		snprintf(out, size, "before hop %d", diagnosis->before_hop);
	else
		snprintf(out, size, "after hop %d%s%s%s", diagnosis->after_hop,
		    *address ? " (" : "", address, *address ? ")" : "");
}
