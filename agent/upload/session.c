/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/session.h"

#include <errno.h>
#include <stddef.h>

#include "agent/net/resolve.h"
#include "agent/net/tls.h"

int line_open(struct line *line, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err)
{
	const char *dns = options->dns[0] != '\0' ? options->dns : NULL;
	struct httpc_url url;
	int error;

	*line = (struct line){NULL};
	error = httpc_parse_url(options->collector, &url, err);
	if (error == 0)
		error = resolver_new(base, dns, &line->resolver, err);
	if (error == 0 && url.tls)
		error = tls_verifying_context(options->ca, &line->tls, err);
	if (error == 0) {
		line->uplink = uplink_new(base, line->resolver, &url, line->tls,
		    identity->key, identity->agent_id);
		if (line->uplink == NULL)
			error = err_system(err, -ENOMEM, "the collector");
	}
	if (error < 0)
		line_close(line);
	return error;
}

void line_close(struct line *line)
{
	uplink_free(line->uplink);
	resolver_free(line->resolver);
	tls_context_free(line->tls);
	*line = (struct line){NULL};
}
