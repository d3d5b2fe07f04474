/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/settings.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/config/endpoints_file.h"

int settings_read(
    const char *config, struct settings *settings, struct err *err)
{
	int error;

	memset(settings, 0, sizeof(*settings));
	error = agent_options_read(config, &settings->options, err);
	return error == 0
		   ? endpoints_read(agent_options_endpoints(&settings->options),
			 &settings->endpoints, err)
		   : error;
}

int settings_read_again(const char *config, const struct settings *running,
    struct settings *settings, struct err *err)
{
	const struct agent_options *old = &running->options, *new;
	int error = settings_read(config, settings, err);

	if (error < 0)
		return error;
	new = &settings->options;
	if (strcmp(new->state, old->state) != 0)
		error = err_input(err,
		    "state: %s instead of %s needs a restart", new->state,
		    old->state);
	else if (strcmp(new->key, old->key) != 0)
		error = err_input(err, "key: another key file needs a restart");
	if (error < 0)
		settings_free(settings);
	return error;
}

void settings_free(struct settings *settings)
{
	endpoints_free(&settings->endpoints);
}

void settings_say_what_is_sent(const struct agent_options *options)
{
	bool planned = options->plan && options->collector[0] != '\0';

	log_info("this agent tries mail ports of the servers in %s%s and sends "
		 "no mail",
	    agent_options_endpoints(options),
	    planned ? " or of the collector's plan" : "");
	if (options->collector[0] == '\0') {
		log_info("nothing is sent to anybody: no collector is set");
		return;
	}
	log_info("what it sees, with the routers on the way and this host's "
		 "public address, goes to %s; published are the network, the "
		 "prefix (/24 or /48) and a pseudonym, never the full address",
	    options->collector);
}
