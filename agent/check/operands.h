/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_OPERANDS_H
#define EGRESS25_AGENT_CHECK_OPERANDS_H

#include "lib/base/err.h"
#include "lib/config/endpoints.h"

/* The hosts, domains and ports on the command line of `check`. */
struct operands {
	char *const *hosts;
	int nhosts;
	const char *mx_domain;    /* of --mx; NULL: none */
	struct port_list ports;   /* of --ports; count 0: not given */
	struct port_list control; /* of --ports, PORT/connect */
};

/* Parse --ports. A port without a mode is probed as SMTP, whatever its number:
 * implicit TLS on 465, STARTTLS on any other. -EINVAL: not a port, a port
 * twice, or no port that could be asked. */
int operands_parse_ports(
    const char *text, struct operands *operands, struct err *err);

/*
 * Build the endpoint list. A HOST is a name or an address, HOST:PORT or
 * [IPv6]:PORT, with /starttls or /tls after the port if wanted; without a port
 * it is asked on `ports`, or on 25, 587 and 465. A mail address stands for its
 * domain, as does `mx_domain`: the domain's MX hosts are asked on `ports`, or
 * on 25, as the endpoint "DOMAIN (MX)". Names may be international. The same
 * host twice is one endpoint. Each gets the control port 443, and `control`.
 * Unless 0, nothing is owned.
 */
int operands_to_endpoints(const struct operands *operands,
    struct endpoint_list *list, struct err *err);
#endif
