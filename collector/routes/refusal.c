/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/http/http.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

void refusal_bad_input(
    struct evhttp_request *request, int status, const struct err *err)
{
	const char *colon = strstr(err->text, ": ");
	char field[128];

	if (colon == NULL || (size_t)(colon - err->text) >= sizeof(field)) {
		http_reply_error(request, status, NULL, err->text);
		return;
	}
	snprintf(
	    field, sizeof(field), "%.*s", (int)(colon - err->text), err->text);
	http_reply_error(request, status, field, colon + 2);
}

void refusal_unidentified(
    struct evhttp_request *request, int error, const struct err *err)
{
	if (error == -EINVAL)
		refusal_bad_input(request, 401, err);
	else
		refusal_failed(request, "who signed a request", err);
}

void refusal_failed(
    struct evhttp_request *request, const char *what, const struct err *err)
{
	static _Thread_local struct log_limit limit;

	if (log_is_due(&limit, clock_mono_us())) {
		log_error("%s: %s (and %lld such failures before)", what,
		    err->text, (long long)limit.unsaid);
		limit.unsaid = 0;
	}
	http_reply_busy(
	    request, 503, REFUSAL_RETRY_S, "the store does not answer");
}

void refusal_no_memory(struct evhttp_request *request)
{
	http_reply_busy(request, 503, REFUSAL_RETRY_S, "out of memory");
}
