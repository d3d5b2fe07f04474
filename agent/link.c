/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/link.h"

#include <errno.h>
#include <stddef.h>

#include "agent/resolve.h"
#include "agent/tls.h"

int link_open(struct link *link, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err)
{
	const char *dns = options->dns[0] != '\0' ? options->dns : NULL;
	struct httpc_url url;
	int error;

	*link = (struct link){NULL};
	error = httpc_parse_url(options->collector, &url, err);
	if (error == 0)
		error = resolver_new(base, dns, &link->resolver, err);
	if (error == 0 && url.tls)
		error = tls_verifying_context(options->ca, &link->tls, err);
	if (error == 0) {
		link->uplink = uplink_new(base, link->resolver, &url, link->tls,
		    identity->key, identity->agent_id);
		if (link->uplink == NULL)
			error = err_system(err, -ENOMEM, "the collector");
	}
	if (error < 0)
		link_close(link);
	return error;
}

void link_close(struct link *link)
{
	uplink_free(link->uplink);
	resolver_free(link->resolver);
	tls_context_free(link->tls);
	*link = (struct link){NULL};
}
