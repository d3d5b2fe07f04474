/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/rules_text.h"

#include "agent/explain/explain_select.h"
#include "lib/report/words.h"

static void add_signs(unsigned signs, struct buf *out)
{
	unsigned bit;

	if (signs == 0)
		return;
	buf_append_text(out, "; signs:");
	for (bit = 1; bit != 0 && bit <= signs; bit <<= 1)
		if ((signs & bit) != 0)
			buf_printf(
			    out, " %s", soft_sign_word((enum soft_sign)bit));
}

static void add_item(const struct explain_round *round,
    const struct explain_item *item, struct buf *out)
{
	const struct diagnosis *diagnosis = &item->diagnosis;
	const struct target_seen *target = explain_target(round, item);
	char address[ADDR_TEXT_SIZE];

	addr_format(&target->address, address);
	buf_printf(out, "- %s%s%s%s, port %u: %s/%s", target->endpoint,
	    *address ? " (" : "", address, *address ? ")" : "", diagnosis->port,
	    outcome_word(diagnosis->outcome),
	    mechanism_word(diagnosis->mechanism));
	if (diagnosis->rule != NULL)
		buf_printf(out, ", rule \"%s\"", diagnosis->rule);
	buf_printf(out, ": %s", diagnosis->because);
	add_signs(diagnosis->signs, out);
	buf_append_text(out, ".\n");
}

void rules_text_add(const struct explain_round *round, struct buf *out)
{
	size_t i;

	if (round->count > 0)
		buf_append_text(out, "\nWhat decided:\n");
	for (i = 0; i < round->count; i++)
		add_item(round, &round->items[i], out);
}
