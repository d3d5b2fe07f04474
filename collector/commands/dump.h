/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_DUMP_H
#define EGRESS25_COLLECTOR_COMMANDS_DUMP_H

/* `dump`: the files of whole days (dumps/dump_days.h). */

#include "collector/base/options.h"

struct dump_request {
	const char *folder;
	int64_t since_ms, until_ms; /* days that begin in it; 0: no end */
	bool again; /* a version beside one that is there, if it differs */
};

/* Each closed day that is asked for and not there yet; a day gets its name once
 * all of it is on disk. Returns the exit code. */
int command_dump(const struct collector_options *options,
    const struct dump_request *request);

#endif
