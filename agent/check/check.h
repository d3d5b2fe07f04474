/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_CHECK_H
#define EGRESS25_AGENT_CHECK_CHECK_H

#include "agent/base/options.h"

/* The settings of `check`, from its command line. */
struct check_request {
	bool json, nagios, letter; /* at most one; else text */
	bool verbose;
	bool wait;             /* until port 25 is open */
	const char *config;    /* NULL: the default path, if there is one */
	const char *endpoints; /* file; NULL: `hosts`, else the default list */
	char **hosts;
	int nhosts;
	const char *mx_domain; /* its MX hosts are asked; NULL: none */
	const char *ports;     /* as typed; NULL: the endpoints' own */
	bool only4, only6;
	int trace;              /* enum trace_when */
	int readiness;          /* enum check_readiness */
	int references;         /* enum check_references */
	const char *blocklists; /* zones; NULL: none are asked */
	const char *domain;     /* for SPF; NULL: the address's own name */
	int64_t timeout_s;      /* for everything */
	const char *dns;        /* NULL: the system's */
	const char *helo;       /* NULL: the address as a literal */
};

/* AUTO: if port 25 of the listed servers is asked, as by somebody who wants to
 * send mail from here, or if a domain or block lists are named. */
enum check_readiness { READINESS_AUTO, READINESS_NEVER };

/* AUTO: if HOSTs are named and do not decide, ask one or two endpoints of the
 * configured list too. */
enum check_references { REFERENCES_AUTO, REFERENCES_NEVER };

/* Measure, print, and return the exit code (contract, section 2). */
int check_run(const struct check_request *request);

#endif
