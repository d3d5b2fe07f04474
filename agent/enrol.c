/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/enrol.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "agent/line.h"
#include "agent/settings.h"
#include "lib/args.h"
#include "lib/log.h"

struct enrolment {
	const struct agent_options *options;
	struct event_base *base;
	struct identity identity;
	struct line line;
	int exit_code;
};

static void end(struct enrolment *enrolment, int exit_code)
{
	enrolment->exit_code = exit_code;
	event_base_loopbreak(enrolment->base);
}

static void on_enrolled(void *arg, const struct uplink_result *result)
{
	struct enrolment *enrolment = arg;
	struct err err;

	if (result->end != UPLINK_OK) {
		log_error("enrolment: %s", result->why);
		end(enrolment,
		    result->end == UPLINK_REFUSED ? EXIT_USAGE : EXIT_OURS);
		return;
	}
	if (identity_keep(enrolment->options, result->agent_id,
		&enrolment->identity, &err) < 0) {
		log_error("%s", err.text);
		end(enrolment, EXIT_OURS);
		return;
	}
	log_info("enrolled at %s as agent %s", enrolment->options->collector,
	    result->agent_id);
	end(enrolment, EXIT_FINE);
}

static int open_all(struct enrolment *enrolment, struct err *err)
{
	int error;

	if (enrolment->options->collector[0] == '\0')
		return err_input(err, "no collector is set");
	enrolment->base = event_base_new();
	if (enrolment->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	error = identity_open(enrolment->options, &enrolment->identity, err);
	return error == 0 ? line_open(&enrolment->line, enrolment->base,
				enrolment->options, &enrolment->identity, err)
			  : error;
}

static void close_all(struct enrolment *enrolment)
{
	line_close(&enrolment->line);
	identity_close(&enrolment->identity);
	if (enrolment->base != NULL)
		event_base_free(enrolment->base);
}

int enrol_run(const struct agent_options *options, const char *token)
{
	struct enrolment enrolment = {.options = options};
	struct err err;
	int error = open_all(&enrolment, &err);

	if (error < 0) {
		log_error("%s", err.text);
		enrolment.exit_code = error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
	} else {
		settings_say_what_is_sent(options);
		uplink_enrol(enrolment.line.uplink, token, options->contact,
		    on_enrolled, &enrolment);
		event_base_dispatch(enrolment.base);
	}
	close_all(&enrolment);
	return enrolment.exit_code;
}
