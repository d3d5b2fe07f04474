/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/enrol.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "agent/upload/disclosure.h"
#include "agent/upload/key_rotation.h"
#include "agent/upload/session.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

struct enrolment {
	const struct agent_options *options;
	struct event_base *base;
	struct identity identity;
	struct session session;
	struct key_rotation *rotation;
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
		log_error("enrolment failed: %s", result->why);
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

static void on_rotated(void *arg, const struct uplink_result *result)
{
	struct enrolment *enrolment = arg;

	if (result->end == UPLINK_OK) {
		log_info("agent %s has a new key at %s",
		    enrolment->identity.agent_id,
		    enrolment->options->collector);
		end(enrolment, EXIT_FINE);
		return;
	}
	log_error("key rotation failed: %s; the new key is kept for the next "
		  "attempt",
	    result->why);
	end(enrolment, result->end == UPLINK_REFUSED ? EXIT_USAGE : EXIT_OURS);
}

static int open_all(struct enrolment *enrolment, struct err *err)
{
	if (enrolment->options->collector[0] == '\0')
		return err_input(err, "no collector is configured");
	enrolment->base = event_base_new();
	if (enrolment->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	return identity_open(enrolment->options, &enrolment->identity, err);
}

static int begin_rotation(struct enrolment *enrolment, struct err *err)
{
	const struct key_rotation_parts parts = {
	    enrolment->base, enrolment->options, &enrolment->identity};
	int error;

	if (enrolment->identity.agent_id[0] == '\0')
		return err_input(err,
		    "this agent is not enrolled at %s: there is no key to "
		    "rotate",
		    enrolment->options->collector);
	error = identity_begin_rotation(
	    enrolment->options, &enrolment->identity, err);
	if (error < 0)
		return error;
	enrolment->rotation = key_rotation_start(&parts, on_rotated, enrolment);
	return enrolment->rotation != NULL
		   ? 0
		   : err_system(err, -ENOMEM, "key rotation");
}

static void close_all(struct enrolment *enrolment)
{
	key_rotation_cancel(enrolment->rotation);
	session_close(&enrolment->session);
	identity_close(&enrolment->identity);
	if (enrolment->base != NULL)
		event_base_free(enrolment->base);
}

/* Run the loop until the call is over, unless starting it failed. */
static int finish(struct enrolment *enrolment, int error, const struct err *err)
{
	if (error == 0)
		event_base_dispatch(enrolment->base);
	else
		enrolment->exit_code = args_fail(error, err);
	close_all(enrolment);
	return enrolment->exit_code;
}

int enrol_rotate(const struct agent_options *options)
{
	struct enrolment enrolment = {.options = options};
	struct err err;
	int error = open_all(&enrolment, &err);

	if (error == 0)
		error = begin_rotation(&enrolment, &err);
	return finish(&enrolment, error, &err);
}

int enrol_run(const struct agent_options *options, const char *token)
{
	struct enrolment enrolment = {.options = options};
	struct err err;
	int error = open_all(&enrolment, &err);

	if (error == 0)
		error = session_open(&enrolment.session, enrolment.base,
		    options, &enrolment.identity, &err);
	if (error == 0) {
		disclosure_log(options);
		uplink_enrol(enrolment.session.uplink, token, options->contact,
		    on_enrolled, &enrolment);
	}
	return finish(&enrolment, error, &err);
}
