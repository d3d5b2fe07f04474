/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_SETTINGS_H
#define EGRESS25_AGENT_BASE_SETTINGS_H

#include "agent/base/options.h"
#include "lib/config/endpoints.h"

/* All that `run` reads from files that a person writes. */
struct settings {
	struct agent_options options;
	struct endpoint_list endpoints; /* owned */
};

/* Read the configuration (NULL: the default path) and the endpoints file that
 * it names. Unless 0, nothing is owned. */
int settings_read(
    const char *config, struct settings *settings, struct err *err);

/* The same while `run` goes on: whole, or not at all. A state directory or a
 * key that is another one than in `running` is an error, because these are
 * opened once. */
int settings_read_again(const char *config, const struct settings *running,
    struct settings *settings, struct err *err);

void settings_free(struct settings *settings);

/* Say in the log what an agent with these options does, what it sends to whom,
 * and what is published. */
void settings_say_what_is_sent(const struct agent_options *options);

#endif
