/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/session.h"

#include <errno.h>
#include <stddef.h>

#include "agent/net/resolve.h"
#include "agent/net/tls.h"

int session_open(struct session *session, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err)
{
	const char *dns = options->dns[0] != '\0' ? options->dns : NULL;
	struct httpc_url url;
	int error;

	*session = (struct session){NULL};
	error = httpc_parse_url(options->collector, &url, err);
	if (error == 0)
		error = resolver_new(base, dns, &session->resolver, err);
	if (error == 0 && url.tls)
		error = tls_verifying_context(options->ca, &session->tls, err);
	if (error == 0) {
		session->uplink = uplink_new(base, session->resolver, &url,
		    session->tls, identity->key, identity->agent_id);
		if (session->uplink == NULL)
			error = err_system(err, -ENOMEM, "the collector");
	}
	if (error < 0)
		session_close(session);
	return error;
}

void session_close(struct session *session)
{
	uplink_free(session->uplink);
	resolver_free(session->resolver);
	tls_context_free(session->tls);
	*session = (struct session){NULL};
}
