/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_OPTIONS_H
#define EGRESS25_AGENT_BASE_OPTIONS_H

#include "lib/config/conf.h"
#include "lib/config/port_list.h"

#define AGENT_CONFIG_PATH "/etc/egress25/agent.conf" /* without --config */

enum agent_families { FAMILIES_BOTH, FAMILIES_4, FAMILIES_6 };

/* The agent's configuration: section [agent] (contract, section 3). */
struct agent_options {
	char collector[256]; /* URL; "": none */
	char state[256];     /* directory of key, spool, identity */
	char key[256];       /* private key file; "": STATE/agent.key */
	char endpoints[256]; /* endpoints file */
	char providers[256]; /* providers file */
	char ca[256];        /* CA certificates for the collector, PEM; "":
				the system's */
	char contact[256];   /* operator's contact, sent to the collector */
	char helo[256];      /* FQDN for EHLO; "": address literal */
	char dns[256];       /* name servers; "": the system's */
	int64_t interval_s;  /* between two visits, without a plan */
	bool plan;           /* follow the collector's plan */
	/* What a plan may ask for, for bounds_parse(). */
	char plan_networks[512];
	char plan_ports[128];
	int64_t plan_rate;            /* SYNs a second to one address */
	int64_t plan_daily;           /* SYNs a day */
	int64_t plan_questions_daily; /* DNS questions a day */
	int trace;                    /* enum trace_when */
	int families;                 /* enum agent_families */
	struct port_list ports;
};

extern const struct conf_option agent_option_table[];

/* Read the configuration at `path`. NULL: the default path, and all defaults
 * if that file does not exist. 0, -EINVAL or -errno. */
int agent_options_read(
    const char *path, struct agent_options *options, struct err *err);

/* The path of the endpoints file: the configured one, or the list installed
 * with the program if the default file does not exist. */
const char *agent_options_endpoints(const struct agent_options *options);

#endif
