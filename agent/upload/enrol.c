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

struct enrol {
	const struct agent_options *options;
	struct event_base *base;
	struct state_directory state;
	struct identity identity;
	struct session session;
	struct key_rotation *rotation;
	int exit_code;
};

static void end(struct enrol *enrol, int exit_code)
{
	enrol->exit_code = exit_code;
	event_base_loopbreak(enrol->base);
}

static void on_enrolled(void *arg, const struct uplink_result *result)
{
	struct enrol *enrol = arg;
	struct err err;

	if (result->end != UPLINK_OK) {
		log_error("enrolment failed: %s", result->why);
		end(enrol,
		    result->end == UPLINK_REFUSED ? EXIT_USAGE : EXIT_OURS);
		return;
	}
	if (identity_keep(
		enrol->options, result->agent_id, &enrol->identity, &err) < 0) {
		log_error("%s", err.text);
		end(enrol, EXIT_OURS);
		return;
	}
	log_info("enrolled at %s as agent %s", enrol->options->collector,
	    result->agent_id);
	end(enrol, EXIT_FINE);
}

static void on_rotated(void *arg, const struct uplink_result *result)
{
	struct enrol *enrol = arg;

	if (result->end == UPLINK_OK) {
		log_info("agent %s has a new key at %s",
		    enrol->identity.agent_id, enrol->options->collector);
		end(enrol, EXIT_FINE);
		return;
	}
	log_error("key rotation failed: %s; the new key is kept for the next "
		  "attempt",
	    result->why);
	end(enrol, result->end == UPLINK_REFUSED ? EXIT_USAGE : EXIT_OURS);
}

static int open_all(struct enrol *enrol, struct err *err)
{
	int error;

	if (enrol->options->collector[0] == '\0')
		return err_input(err, "no collector is configured");
	enrol->base = event_base_new();
	if (enrol->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	error = statefile_open(enrol->options->state, true, &enrol->state, err);
	return error < 0 ? error
			 : identity_open(enrol->options, &enrol->state,
			       &enrol->identity, err);
}

static int begin_rotation(struct enrol *enrol, struct err *err)
{
	const struct key_rotation_parts parts = {
	    enrol->base, enrol->options, &enrol->identity};
	int error;

	if (enrol->identity.agent_id[0] == '\0')
		return err_input(err,
		    "this agent is not enrolled at %s: there is no key to "
		    "rotate",
		    enrol->options->collector);
	error = identity_begin_rotation(enrol->options, &enrol->identity, err);
	if (error < 0)
		return error;
	enrol->rotation = key_rotation_start(&parts, on_rotated, enrol);
	return enrol->rotation != NULL
		   ? 0
		   : err_system(err, -ENOMEM, "key rotation");
}

static void close_all(struct enrol *enrol)
{
	key_rotation_cancel(enrol->rotation);
	session_close(&enrol->session);
	identity_close(&enrol->identity);
	statefile_close(&enrol->state);
	if (enrol->base != NULL)
		event_base_free(enrol->base);
}

/* Run the loop until the call is over, unless starting it failed. */
static int finish(struct enrol *enrol, int error, const struct err *err)
{
	if (error == 0)
		event_base_dispatch(enrol->base);
	else
		enrol->exit_code = args_fail(error, err);
	close_all(enrol);
	return enrol->exit_code;
}

int enrol_rotate(const struct agent_options *options)
{
	struct enrol enrol = {.options = options, .state.fd = -1};
	struct err err;
	int error = open_all(&enrol, &err);

	if (error == 0)
		error = begin_rotation(&enrol, &err);
	return finish(&enrol, error, &err);
}

int enrol_run(const struct agent_options *options, const char *token)
{
	struct enrol enrol = {.options = options, .state.fd = -1};
	struct err err;
	int error = open_all(&enrol, &err);

	if (error == 0)
		error = session_open(
		    &enrol.session, enrol.base, options, &enrol.identity, &err);
	if (error == 0) {
		disclosure_log(options);
		uplink_enrol(enrol.session.uplink, token, options->contact,
		    on_enrolled, &enrol);
	}
	return finish(&enrol, error, &err);
}
