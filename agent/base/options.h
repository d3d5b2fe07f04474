/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_OPTIONS_H
#define EGRESS25_AGENT_BASE_OPTIONS_H

#include "lib/config/conf.h"

/* The agent's configuration file, section [agent] (contract, section 3). */
struct agent_options {
	char collector[256]; /* the collector's URL; "": none */
	char state[256];     /* directory of key, spool, identity */
	char key[256];       /* private key; "": STATE/agent.key */
	char endpoints[256]; /* endpoints file */
	char ca[256];        /* authorities for the collector's certificate */
	char contact[256];   /* who runs this agent, told to the collector */
	char helo[256];      /* a fully qualified name; "": address literal */
	char dns[256];       /* name servers; "": the system's */
	int64_t interval_s;  /* between two visits, without a plan */
	bool plan;           /* keep to the collector's plan */
	int trace;           /* enum trace_when */
	int families;        /* enum agent_families */
	struct port_list ports;
};

enum agent_families { FAMILIES_BOTH, FAMILIES_4, FAMILIES_6 };

/* Where everything is looked for without --config. */
#define AGENT_CONFIG_PATH "/etc/egress25/agent.conf"

extern const struct conf_option agent_option_table[];

/* Read `path`; NULL: the default path, where no file means all defaults. */
int agent_options_read(
    const char *path, struct agent_options *options, struct err *err);

/* Where the endpoints file is: the configured one, or the list that was
 * installed with the program where the default one does not exist. */
const char *agent_options_endpoints(const struct agent_options *options);

#endif
