/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/tls_host.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/addr.h"

bool tls_host_expect(struct ssl_st *session, const char *host)
{
	char name[256];
	struct addr literal;
	size_t length;

	if (addr_parse(&literal, host))
		return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session),
			   literal.bytes, literal.family == 4 ? 4 : 16) == 1;
	snprintf(name, sizeof(name), "%s", host);
	length = strlen(name);
	if (length > 1 && name[length - 1] == '.')
		name[length - 1] = '\0';
	SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(session, name) == 1 &&
	       SSL_set1_host(session, name) == 1;
}
