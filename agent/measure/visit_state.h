/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_STATE_H
#define EGRESS25_AGENT_MEASURE_VISIT_STATE_H

/* What a visit knows of the ports of its address: filled by visit_plan.h and
 * visit_traces.h, which decide. */

#include "lib/config/port_list.h"
#include "lib/report/observe.h"

enum trace_when {
	TRACE_AUTO,
	TRACE_ALWAYS,
	TRACE_NEVER,
	TRACE_RESETS /* ports alone of which some connects are refused */
};

#define VISIT_PORTS_MAX (2 * PORT_LIST_MAX)

enum visit_port_status {
	VISIT_WAITING,    /* to be probed, not before `not_before_us` */
	VISIT_CONNECTING, /* its SYN is out */
	VISIT_STANDING,   /* its connection stands */
	VISIT_SETTLED,    /* no more attempts */
};

/* What a port's trace is for (visit_traces.h). */
enum visit_look {
	LOOK_WHOLE,  /* all of the path */
	LOOK_BREAK,  /* again and again, where the path breaks off */
	LOOK_BESIDE, /* the same TTLs of another port, each just after it */
	LOOK_NEAR,   /* one TTL, just before the endpoint */
	LOOK_FAR,    /* that one, and the endpoint's */
	LOOK_AGAIN,  /* one TTL, at which another port was answered */
	LOOK_DOUBT,  /* one TTL, that of a refusal in doubt or just before */
	LOOK_RESET,  /* one TTL, just before others are answered */
	LOOK_NONE,
};

enum visit_trace_status { NOT_TRACED, TRACE_DUE, TRACE_RUNNING, TRACE_ENDED };

/* So often a dialogue that falls silent is tried: loss does not do it so often
 * (lib/diagnose/suspicions.h). */
#define VISIT_STALLS 3

/* Who has longer than this is in no hurry, and waits for what is slow. */
#define VISIT_PATIENT_US 75000000

struct visit_port {
	uint16_t port;
	enum port_mode mode;
	bool is_control;
	enum visit_port_status status;
	int64_t not_before_us, began_us;
	int64_t stands_us; /* since when its connection does */
	int tries, passed, vanished, refused; /* passed: a handshake stood */
	int prohibited;                       /* of refused: by ICMP */
	int vanished_last;                    /* in a row, up to now */
	int late;           /* so often its first SYN was lost */
	int64_t connect_us; /* the quickest handshake; 0: none */
	enum stage ended;   /* of the attempt that got furthest */
	enum failure failure;
	bool counting; /* short attempts: how many of them pass */
	int count_to;  /* so many, or some more */
	bool counted;
	bool beside;             /* counted to hold others against it */
	bool suspected;          /* at another address not all of them pass */
	bool answers_elsewhere;  /* a first SYN of it was answered there */
	bool doubted;            /* refused, perhaps on one of two ways alone */
	bool tried_implicit_tls; /* though asked with a greeting first */
	bool tls_next;           /* and the next attempt is that */
	bool is_slow;            /* its greeting was waited for in vain */
	bool waited_long;        /* and then once more, for longer */
	bool hurries;            /* so that it is waited for briefly now */
	int stalled;             /* so often it fell silent after connecting */
	bool path_only; /* a control that is traced, never connected to */

	enum visit_trace_status trace;
	enum visit_look look;
	int min_ttl, max_ttl; /* of the trace that is due or running */
	int answer_ttl;       /* of its traces, or OBSERVE_ABSENT */
	int breaks_looked_at;
	int again_ttl, looked_again; /* at that TTL; 0: not yet */
	int doubt_ttl, looked_doubt; /* that of LOOK_DOUBT's refusal */
	int traced_reset; /* since some of its connects were refused */
};

struct visit_plan {
	struct visit_port ports[VISIT_PORTS_MAX];
	size_t nports;
	enum trace_when when;
	/* On the clock of the calls below; 0: none. What does not fit before
	 * it is not begun, and a timeout that it made is not kept as one. */
	int64_t deadline_us;
	int64_t last_us; /* the deadline as it was set, if a count has moved it
			  * forward; else 0 */
	struct target_seen *target; /* borrowed: the findings go here */
	int64_t began_us;           /* 0: not yet */
	bool among_others; /* another endpoint is asked, too: one more connect
			    * to a port 25 that passes, for of two ways one may
			    * filter; and what is counted goes on for longer */
	bool in_vain;      /* it has counted, and no port was steady enough */
	int look_rounds;   /* of looks side by side */
	bool has_mute_control;
	bool has_control, looked_far, looked_near, control_repeated;
};

#endif
