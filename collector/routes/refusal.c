/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

void refusal_bad_input(struct reply *reply, int status, const struct err *err)
{
	const char *colon = strstr(err->text, ": ");
	char field[128];

	if (colon == NULL || (size_t)(colon - err->text) >= sizeof(field)) {
		reply_error(reply, status, NULL, err->text);
		return;
	}
	snprintf(
	    field, sizeof(field), "%.*s", (int)(colon - err->text), err->text);
	reply_error(reply, status, field, colon + 2);
}

void refusal_unidentified(struct reply *reply, int error, const struct err *err)
{
	if (error == -EINVAL)
		refusal_bad_input(reply, 401, err);
	else if (error == -EDQUOT)
		reply_busy(reply, 429, REFUSAL_RETRY_S, err->text);
	else
		refusal_store(reply, "who signed a request", err);
}

void refusal_store(struct reply *reply, const char *what, const struct err *err)
{
	static _Thread_local struct log_limit limit;

	if (log_is_due(&limit, clock_mono_us())) {
		log_error("%s: %s (and %lld such failures before)", what,
		    err->text, (long long)limit.unsaid);
		limit.unsaid = 0;
	}
	reply_busy(reply, 503, REFUSAL_RETRY_S, "the store does not answer");
}

void refusal_no_memory(struct reply *reply)
{
	reply_busy(reply, 503, REFUSAL_RETRY_S, "out of memory");
}
