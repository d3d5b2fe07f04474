/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/left_out.h"

#include "agent/measure/stop.h"
#include "lib/base/log.h"

void left_out_say(const struct left_out *left_out)
{
	if (left_out->late > 0)
		log_warn("%zu addresses were not visited: the time of the "
			 "round was over",
		    left_out->late);
	if (left_out->too_many > 0)
		log_warn("%zu addresses were not visited: a round has at most "
			 "%d",
		    left_out->too_many, STOPS_MAX);
	if (left_out->forbidden > 0)
		log_warn("%zu addresses in the plan were not visited: they are "
			 "not public, nor in plan-networks",
		    left_out->forbidden);
	if (left_out->too_soon > 0)
		log_info("%zu addresses in the plan were not visited: it was "
			 "too soon since their last visit",
		    left_out->too_soon);
	if (left_out->day_spent > 0)
		log_warn("%zu addresses in the plan were not visited: the "
			 "SYNs of today (plan-daily) are spent",
		    left_out->day_spent);
	if (left_out->day_asked > 0)
		log_warn("%zu names in the plan were not looked up: the DNS "
			 "questions of today (plan-questions-daily) are spent",
		    left_out->day_asked);
}
