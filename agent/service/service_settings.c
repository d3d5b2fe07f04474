/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/service_settings.h"

#include <string.h>

#include "lib/config/endpoints_file.h"

int service_settings_read(
    const char *config, struct service_settings *settings, struct err *err)
{
	int error;

	memset(settings, 0, sizeof(*settings));
	error = agent_options_read(config, &settings->options, err);
	return error == 0
		   ? endpoints_read(agent_options_endpoints(&settings->options),
			 &settings->endpoints, err)
		   : error;
}

int service_settings_reread(const char *config,
    const struct service_settings *running, struct service_settings *settings,
    struct err *err)
{
	const struct agent_options *old = &running->options, *new;
	int error = service_settings_read(config, settings, err);

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
		service_settings_free(settings);
	return error;
}

void service_settings_free(struct service_settings *settings)
{
	endpoints_free(&settings->endpoints);
}
