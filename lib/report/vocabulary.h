/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_VOCABULARY_H
#define EGRESS25_LIB_REPORT_VOCABULARY_H

/* The contract's vocabulary for what an agent saw; outcome.h has that for what
 * is concluded from it. words.h has both as text. */

#include "lib/report/outcome.h"

enum port_mode { MODE_STARTTLS, MODE_TLS, MODE_CONNECT, MODE_COUNT };

/* The stage in which a probe ended. */
enum stage {
	STAGE_RESOLVE,
	STAGE_CONNECT,
	STAGE_BANNER,
	STAGE_EHLO,
	STAGE_STARTTLS,
	STAGE_TLS,
	STAGE_EHLO_TLS,
	STAGE_DONE,
	STAGE_COUNT
};

enum failure {
	FAILURE_NONE,
	FAILURE_RESOLVE,
	FAILURE_NO_ROUTE,
	FAILURE_DENIED,
	FAILURE_TIMEOUT,
	FAILURE_REFUSED,
	FAILURE_UNREACHABLE,
	FAILURE_RESET,
	FAILURE_CLOSED,
	FAILURE_PROTOCOL,
	FAILURE_REJECTED,
	FAILURE_NO_STARTTLS,
	FAILURE_TLS,
	FAILURE_COUNT
};

enum tls_verify {
	VERIFY_ABSENT,
	VERIFY_OK,
	VERIFY_EXPIRED,
	VERIFY_NOT_YET_VALID,
	VERIFY_SELF_SIGNED,
	VERIFY_NAME,
	VERIFY_UNTRUSTED,
	VERIFY_OTHER,
	VERIFY_COUNT
};

/* What answered a trace at the end of the path, at the lowest TTL. */
enum path_answer {
	ANSWER_NONE,
	ANSWER_SYN_ACK,
	ANSWER_RST,
	ANSWER_ICMP, /* unreachable or prohibited, not "time exceeded" */
	ANSWER_COUNT
};

/* After the dialogue fell silent: does the peer's kernel acknowledge our FIN
 * (shutdown(2) of our direction), or is the FIN lost on the path? */
enum peer_seen { PEER_UNKNOWN, PEER_ALIVE, PEER_CUT_OFF, PEER_COUNT };

/* Kind of the socket's own address in the target's family. */
enum own_address { OWN_UNKNOWN, OWN_PUBLIC, OWN_PRIVATE, OWN_COUNT };

/* Why a host name did not resolve. */
enum dns_seen {
	DNS_OK,
	DNS_NO_SUCH_DOMAIN,
	DNS_NO_ADDRESS,
	DNS_NULL_MX, /* RFC 7505 */
	DNS_MX_IS_ADDRESS,
	DNS_SERVFAIL,
	DNS_NO_ANSWER, /* no name server answered */
	DNS_COUNT
};

#endif
