/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SERVICE_SETTINGS_H
#define EGRESS25_AGENT_SERVICE_SERVICE_SETTINGS_H

#include "agent/base/options.h"
#include "lib/config/endpoints.h"

/* Everything `run` reads from the administrator's files. */
struct service_settings {
	struct agent_options options;
	struct endpoint_list endpoints; /* owned */
};

/* Read the configuration (NULL: the default path) and the endpoints file it
 * names. 0, -EINVAL or -errno; on failure nothing is owned. */
int service_settings_read(
    const char *config, struct service_settings *settings, struct err *err);

/* Read again while `running` is in use, and check that the new settings can
 * replace it: a changed state directory or key file is -EINVAL, because those
 * are opened once. Otherwise as service_settings_read(). */
int service_settings_reread(const char *config,
    const struct service_settings *running, struct service_settings *settings,
    struct err *err);

void service_settings_free(struct service_settings *settings);

#endif
