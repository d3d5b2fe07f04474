/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/decision/held.h"

static bool is_still_accused(const struct decision *decision, double story)
{
	return decision->posterior.open <= MODEL_KEEP_CAP &&
	       story >= MODEL_KEEP &&
	       decision->witnesses_blocked >= MODEL_KEEP_WITNESSES;
}

static bool still_stands(
    enum network_state state, const struct decision *decision)
{
	const struct posterior *posterior = &decision->posterior;
	int voters = decision->steady + decision->unsteady;

	switch (state) {
	case STATE_FILTERED:
	case STATE_INTERCEPTED:
		return decision->state != STATE_FILTERED &&
		       decision->state != STATE_INTERCEPTED &&
		       is_still_accused(decision, posterior->filtered);
	case STATE_PARTIAL:
		return is_still_accused(decision, posterior_part(posterior));
	case STATE_OPEN:
		return posterior->open >= MODEL_KEEP &&
		       decision->state != STATE_INCONSISTENT;
	case STATE_INCONSISTENT:
		return decision->state == STATE_INSUFFICIENT &&
		       decision->unsteady >= 2 &&
		       3 * decision->unsteady >= voters;
	default:
		return false;
	}
}

enum network_state held_state(
    enum network_state state, const struct decision *decision)
{
	return still_stands(state, decision) ? state : decision->state;
}

bool held_is_certain(const struct decision *decision)
{
	int state;

	for (state = 0; state < STATE_COUNT; state++)
		if (held_state((enum network_state)state, decision) !=
		    decision->state)
			return false;
	return true;
}
