/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/disclosure.h"

#include "lib/base/log.h"

void disclosure_log(const struct agent_options *options)
{
	bool planned = options->plan && options->collector[0] != '\0';

	log_info("this agent connects to the mail ports of the servers in %s%s "
		 "and never sends mail",
	    agent_options_endpoints(options),
	    planned ? " or in the collector's plan" : "");
	if (options->collector[0] == '\0') {
		log_info("no collector is configured: reports stay on this "
			 "host");
		return;
	}
	log_info("its reports, with the routers on the path and this host's "
		 "public address, go to %s; published are the network (AS), "
		 "the prefix (/24 or /48) and a pseudonym, never the full "
		 "address",
	    options->collector);
}
