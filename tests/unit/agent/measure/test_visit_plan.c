/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_count.h"
#include "agent/measure/visit_patience.h"
#include "agent/measure/visit_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/report.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

/*
 * A simulated address: what each port does, "PORT=WORD@TTL/BREAK", several
 * words with "," for one attempt after the other (the last one stays), TTL the
 * distance of its answer (5 where not said; several with "@", one trace after
 * the other), BREAK the last hop that its traces show, one after the other (the
 * one before the answer where not said); "~" behind it: over other routers from
 * hop 2 on, in its first trace; "!": its traces are answered as its connects
 * are not. 443 and 2525 are control ports. The plan is run against it and
 * what it did is written down: "25" a probe of port 25, "t25" a trace, "n25"
 * the near check, "f25" the far one, "b25" the break and "c25" the path beside
 * it, "a25" another look, "d25" one before a refusal in doubt, "r25" one before
 * others' answers, "25+" a probe that began beside another one, "25x" one that
 * was called back.
 */
static const struct row {
	const char *name;
	const char *ports;
	enum trace_when trace;
	const char *expected;
	int ms;         /* at most; 0: a minute */
	int deadline_s; /* 0: none */
	/* Ports that vanish at another address: said at the first step, and
	 * when the first trace begins; 0: none. */
	uint16_t suspected, suspected_later;
	bool among_others;
} rows[] = {
    {"among others: a handshake more where 25 passed",
	"443=open 25=done 587=done", TRACE_AUTO, "443 25 587 25 t443 f587 n25",
	1000, 0, 0, 0, true},
    {"none where it was refused, or the server said no",
	"443=open 25=554 587=done", TRACE_AUTO, "443 25 587 t443 f587 n25", 0,
	0, 0, 0, true},
    {"it vanishes: twenty-eight tries each, as long as one of ten more is lost",
	"443=open 25=done,timeout,done", TRACE_AUTO,
	"443 25 25 t443 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 "
	"443 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ "
	"443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ "
	"443 25+ 443 25+ f25",
	0, 0, 0, 0, true},
    {"eight of ten vanish, and one more: these are enough",
	"443=open 25=done,timeout,timeout,timeout,timeout,timeout,done,timeout,"
	"timeout,timeout",
	TRACE_AUTO,
	"443 25 25 t443 443 25 443+ 443 25 443 25 443 25 443 25 443 25 443 25 "
	"443 25 443 25+ f25 t25",
	0, 0, 0, 0, true},
    {"all is well: the control's distance, and a look just before it",
	"443=open 25=done 587=done", TRACE_AUTO, "443 25 587 t443 f587 n25", 0},
    {"nothing is traced where that is not wanted", "443=open 25=timeout",
	TRACE_NEVER, "443 25 25", 0},
    {"a silent port: the control's path at once, its own after a try",
	"443=open 25=timeout", TRACE_AUTO, "443 25 t443 t25 25 b25 c443", 9000},
    {"a refusal is tried four times and traced", "443=open 25=refused",
	TRACE_AUTO, "443 25 t443 t25 25 25 25", 1000},
    {"a control that refuses is tried once and is a control",
	"443=refused 25=timeout", TRACE_AUTO, "443 25 t443 t25 25 b25 c443", 0},
    {"a rejected greeting is never tried again", "443=open 25=554", TRACE_AUTO,
	"443 25 t443 f25", 0},
    {"a missing STARTTLS is looked at three times", "443=open 25=bare",
	TRACE_AUTO, "443 25 t443 25 25 t25", 0},
    {"STARTTLS that comes the second time is done", "443=open 25=bare,done",
	TRACE_AUTO, "443 25 t443 25 f25", 0},
    {"a reset after the handshake is tried three times", "443=open 25=reset",
	TRACE_AUTO, "443 25 t443 25 25 t25", 0},
    {"silence after the handshake is waited for at length, and twice again",
	"443=open 25=silent", TRACE_AUTO, "443 25 t443 25 25 t25", 0},
    {"without a control port, 587 is held against 25", "25=timeout 587=done",
	TRACE_AUTO, "25 587+ 25x 25 t25 25 t587 b25 c587", 0},
    {"a silent port lets all others go first", "443=timeout 25=done 587=done",
	TRACE_AUTO, "443 25+ 443x 587 443 443 t25 f587", 0},
    {"silent ports wait beside each other, not in a row",
	"443=open 25=timeout 587=timeout 465=timeout", TRACE_AUTO,
	"443 25 587+ 465+ t443 t25 25+ t587 587+ t465 465+ b25 b587 b465 "
	"c443",
	11000},
    {"a path that breaks off is looked at once more, there",
	"443=open 25=timeout/2", TRACE_AUTO, "443 25 t443 t25 25 b25 c443",
	9500},
    {"a hop that was only limited moves the break", "443=open 25=timeout/1/2/2",
	TRACE_AUTO, "443 25 t443 t25 25 b25 c443 b25 c443", 11500},
    {"three silent ports whose paths break off fit into 12 seconds",
	"443=open 25=timeout/2 587=timeout/2 465=timeout/2", TRACE_AUTO,
	"443 25 587+ 465+ t443 t25 25+ t587 587+ t465 465+ b25 b587 b465 c443",
	12000},
    {"paths that disagree: the control once more", "443=open/4~ 25=timeout",
	TRACE_AUTO, "443 25 t443 t25 25 t443 b25 c443", 0},
    {"where nothing answers a control is traced all the same",
	"443=timeout 25=timeout", TRACE_AUTO, "443 25+ t443 443+ t25 25+",
	11000},
    {"no route is tried twice more, and never traced", "443=noroute 25=noroute",
	TRACE_AUTO, "443 25 443 25 443 25", 0},
    {"one ENETUNREACH is asked again", "443=open 25=noroute,done", TRACE_AUTO,
	"443 25 25 t443 f25", 0},
    {"what the host denies is not traced", "443=open 25=denied", TRACE_AUTO,
	"443 25 t443", 0},
    {"an answer just before the endpoint is traced from the start",
	"443=open 25=done@4", TRACE_AUTO,
	"443 25 t443 f25 t25 a443 a443 a443 a443 a443 a443 a443 a443", 0},
    {"always means every asked port and a control", "443=open 25=done 587=done",
	TRACE_ALWAYS, "443 25 587 t443 t25 t587", 0},
    {"a portal that takes 25 and 443 alike makes us look at 587",
	"443=open@2 25=silent@2 587=done@5", TRACE_AUTO,
	"443 25 587+ t443 25 25 t25 f587 t587 a587 a587 a587 a587 a587 a587 "
	"a587 "
	"a587",
	0},
    {"one that proxies 25 and 443 alike is found by 587",
	"443=open@2 25=done@2 587=done@5", TRACE_AUTO,
	"443 25 587 t443 f587 t587 n25 t25 a587 a587 a587 a587 a587 a587 a587 "
	"a587",
	0},
    {"two paths: the control is asked where 25 was answered, until it is too",
	"443=open@5@5@4 25=done@4", TRACE_AUTO, "443 25 t443 f25 t25 a443 a443",
	0},
    {"what refuses nearby does not cut the paths of other ports short",
	"25=refused@1 587=timeout/4 465=done", TRACE_AUTO,
	"25 587 t25 25+ 465+ 587x 587 25+ 25+ t587 587 t465 25 b587 c465 "
	"25 25 25 25 25 a465 a465 a465 a465 a465 a465 a465 a465",
	0},
    {"one that proxies all ports but one is found without a control port",
	"25=done@1 587=done@5 465=done@1", TRACE_AUTO,
	"25 587 465 t25 f587 t587 f465 t465 a587 a587 a587 a587 a587 a587 a587 "
	"a587",
	0},
    {"one that passes and one that vanishes: ten tries each, and a dialogue",
	"443=open 25=timeout,done,timeout,timeout", TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25 25",
	0},
    {"five of ten, then five of fourteen: fourteen tries each tell",
	"443=open 25=timeout,done,timeout,done,timeout,done,timeout,done,"
	"timeout,done,timeout",
	TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 "
	"443 25 443 25 443 25+ 443 25+ 443 25+ 443 25+ 25",
	0},
    {"five of ten, then ten of fifteen: twenty tries each, no more",
	"443=open 25=timeout,done,timeout,done,timeout,done,timeout,done,"
	"timeout,done",
	TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25 443 25 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 "
	"25+ 443 25+ 443 25+ 443 25+ 443 25+ 25",
	0},
    {"eight of ten are as many as chance lets pass: no more tries",
	"443=open,late,late,late,open 25=timeout,done,late,done,late,done",
	TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25 443 25 25",
	0},
    {"a port that passes here and not elsewhere is counted at once",
	"443=open 25=done 587=done", TRACE_AUTO,
	"443 25 443 587 25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 "
	"443 25 t443 f587 n25",
	0, 0, 25},
    {"one that has passed before is counted then", "443=open 25=done 587=done",
	TRACE_AUTO,
	"443 25 587 t443 443 587+ 443 587+ 443 587+ 443 587+ 443 587+ 443 "
	"587+ 443 587+ 443 587+ 443 587+ f587 n25",
	0, 0, 0, 587},
    {"a port that was rejected here is not", "443=open 25=554 587=done",
	TRACE_AUTO, "443 25 587 t443 f587 n25", 0, 0, 25, 25},
    {"nor is a control", "443=open 25=done 587=done", TRACE_AUTO,
	"443 25 587 t443 f587 n25", 0, 0, 443, 443},
    {"a port that is suspected joins one that is counted",
	"443=open 25=timeout,done,timeout 587=done", TRACE_AUTO,
	"443 25 587+ 25x 25 t443 443 587+ t25 25 443 587 25 443+ 587+ 587+ "
	"443 587+ 25 443 587+ 25 443 587+ 25 443 587+ 25 443 587+ 25 443 25 "
	"443 25 25 f587",
	0, 0, 0, 587},
    {"one late handshake may be chance", "443=open 25=late,done", TRACE_AUTO,
	"443 25 25 25 t443 f25", 0},
    {"two late handshakes are counted", "443=open 25=late,late,done",
	TRACE_AUTO,
	"443 25 25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"t443 f25",
	0},
    {"a look that is lost is a lost SYN: two tries more",
	"443=open 25=done/2 587=done", TRACE_AUTO,
	"443 25 587 t443 f587 n25 25 25", 0},
    {"connects that vanish and a trace that passes are counted",
	"443=open 25=timeout/4! 587=done", TRACE_AUTO,
	"443 25 587+ 25x 25 t443 t25 25 443+ 443 25 443 25 443 25 443 25 "
	"443 25 443 25 443 25 443 25 f587",
	0},
    {"465 that is silent without TLS is tried with TLS first",
	"443=open 465s=silent,done", TRACE_AUTO, "443 465 t443 465/tls f465",
	0},
    {"465 that answers TLS with none is tried without it again",
	"443=open 465s=silent,notls,done", TRACE_AUTO,
	"443 465 t443 465/tls 465 f465", 0},
    {"465 that is silent both ways is not turned for ever",
	"443=open 465s=silent", TRACE_AUTO, "443 465 t443 465/tls 465/tls t465",
	30000, 60},
    {"2587 that wants TLS first is turned round", "443=open 2587s=silent,done",
	TRACE_AUTO, "443 2587 t443 2587/tls f2587", 0},
    {"587 that is no TLS is waited for once more, without it",
	"443=open 587s=silent,notls,done", TRACE_AUTO,
	"443 587 t443 587/tls 587 f587", 0},
    {"25 is never tried with TLS first", "443=open 25s=silent", TRACE_AUTO,
	"443 25 t443 25 25 t25", 0},
    {"a late greeting is waited for beside the other ports",
	"443=open 25=tarpit 587=done 465=done", TRACE_AUTO,
	"443 25 587+ 465+ t443 f465 n25 n587", 22000, 60},
    {"three late greetings are waited for beside each other",
	"443=open 25=tarpit 465=tarpit 2465=tarpit", TRACE_AUTO,
	"443 25 465+ 2465+ t443 f2465 n25 n465", 24000, 60},
    {"three connections stand at a time, and no more",
	"443=open 25=tarpit 465=tarpit 2465=tarpit 26=done", TRACE_AUTO,
	"443 25 465+ 2465+ 26+ t443 f26 n25 n465", 24000},
    {"a greeting that comes too late is not waited for",
	"443=open 25=minutes 587=done", TRACE_AUTO,
	"443 25 587+ t443 25 25 t25 f587", 30000, 60},
    {"an MX that serves 25 alone: the path to 443 is the control",
	"443=timeout/4 25=timeout/2", TRACE_AUTO,
	"443 25+ t443 443+ t25 25+ b25 c443", 14000},
    {"25 and 587 are answered at TTL 1, and 443 refuses from farther",
	"443=refused 25=done@1 587=done@1", TRACE_AUTO,
	"443 25 587 t443 f25 t25 f587 t587 a443 a443 a443 a443 a443 a443 a443 "
	"a443",
	0},
    {"one port alone: packets to 443 show how far any get",
	"25=timeout/2 443p=timeout/4", TRACE_AUTO, "25 t25 25 t443 b25 c443",
	14000},
    {"no hop on 25's path, and a mail port answers: 443 is traced beside it",
	"25=timeout/0 587=done 443p=timeout/4", TRACE_AUTO,
	"25 587+ 25x 25 t25 25 t587 t443 b25 c443", 14000},
    {"a refusal from nearer than the control answers: ten tries",
	"443=open 25=refused@3", TRACE_AUTO,
	"443 25 t443 t25 25 25 25 25 25 25 25 25 25 d25 d25 d25 d25 d25 "
	"d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 d25 a443 "
	"a443 a443 a443 a443 a443 a443 a443",
	0},
    {"a refusal where the paths part: ten tries", "443=open/4~ 25=refused",
	TRACE_AUTO,
	"443 25 t443 t25 t443 25 25 25 25 25 25 25 25 25 d25 d25 d25 d25 "
	"d25 d25 d25 d25 d25 d25 d25 d25",
	0},
    {"refused at the control's distance, and others from nearer: the looks end",
	"443=open/4~ 25=refused 587=refused@3 465=refused@2", TRACE_AUTO,
	"443 25 587 t25 465 t587 t443 t465 t443 25 587 465 25 587 465 25 "
	"587 465 25 587 465 25 587 465 25 587 465 25 587 465 25 587 465 25 "
	"587 465 d25 d587 d465 d25 d587 d465 d25 d587 d465 d25 d587 d465 "
	"d25 d587 d465 d25 d587 d465 d25 d587 d465 d25 d587 d465 d25 d587 "
	"d465 d25 d587 d465 d25 d587 d465 d25 d587 d465 d587 d465 d587 "
	"d465 d587 d465 d587 d465 d587 d465 d587 d465 d587 d465 d587 d465 "
	"a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 "
	"a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 a443 a25 "
	"a443 a25 a443 a25",
	0},
    {"where the time is short, a count that is open ends within half a minute",
	"443=far 25=timeout,timeout,done,timeout,done,timeout,"
	"done,timeout,done,done,done,timeout,done,timeout,done,"
	"timeout,done,timeout,done,timeout/4! 465=silent",
	TRACE_AUTO,
	"443 25 465+ 25x 25+ t443 t25 25+ 443+ 443+ 25+ 25+ 443+ 443+ 25+ "
	"25+ 443+ 443+ 25+ 25+ 443+ 443+ 25+ 25+ 443+ 443+ 25+ 443+ 25+ "
	"443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 465 443+ 25+ 443+ 25+",
	30000, 60},
    {"and where it is not, it goes on",
	"443=open 25=timeout,timeout,done,timeout,done,timeout,"
	"done,timeout,done,done,done,timeout,done,timeout,done,"
	"timeout,done,timeout,done,timeout/4! 465=silent",
	TRACE_AUTO,
	"443 25 465+ 25x 25+ t443 t25 25+ 443+ 443+ 25+ 443+ 25+ 443+ 25+ "
	"443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ "
	"443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 443+ 25+ 25+ 465 465 "
	"t465",
	80000, 100},
    {"two ports that vanish are counted side by side",
	"443=open 25=timeout,done,timeout 587=timeout,done,timeout", TRACE_AUTO,
	"443 25 587+ t443 t25 443 25+ t587 587 443 25 587+ 443+ 443 25 587+ "
	"443 25 587+ 443 25 587+ 443 25 587+ 443 25 587+ 443 25 587+ 443 25 "
	"587+ 25 587+",
	0},
    {"the sixth of them passes: ten of the control as well",
	"443=open 25=refused,refused,refused,refused,refused,done@3",
	TRACE_AUTO,
	"443 25 t443 t25 25 25 25 25 25 443 443 443 443 443 25 443 25 443 "
	"25 443 25 443 t25 t25 t25 t25 r25 r25 r25 r25 r25 r25 r25 r25 a443 "
	"a443 a443 a443 a443 a443 a443 a443",
	0},
    {"refused, and the trace passes: ten tries each", "443=open 25=refused/4!",
	TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25",
	0},
    {"it passes, and the trace is reset: ten tries each",
	"443=open 25=done@3/2! 587=done", TRACE_AUTO,
	"443 25 587 t443 f587 n25 443 25+ t25 443 25+ 443 25+ 443 25+ 443 25+ "
	"443 25+ 443 25+ 443 25+ 443 25+ a443 a587 a443 a587 a443 a587 a443 "
	"a587 a443 a587 a443 a587 a443 a587 a443 a587",
	0},
    {"some pass and some are reset, as behind two uplinks: ten tries each, and "
     "traces until one is reset near here",
	"443=open 25=refused,done,refused,done,refused,done,refused,done",
	TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25 25 t25 t25 t25 t25 r25 r25 r25 r25 r25 r25 r25 r25",
	0},
    {"few of them are reset: up to twenty tries",
	"443=open 25=refused,done,refused,done", TRACE_AUTO,
	"443 25 t443 t25 443 25 443 25 443 25 443 25 443 25 443 25 443 25 443 "
	"25 443 25 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 25+ 443 "
	"25+ 443 25+ 443 25+ 25 t25 t25 t25 t25 r25 r25 r25 r25 r25 r25 r25 "
	"r25",
	0},
    {"every port loses half of its connects: none is counted to its end",
	"443=open,timeout,open,timeout 25=done,timeout,done,timeout "
	"587=timeout,done,timeout,done",
	TRACE_AUTO,
	"443 25 587 t443 t587 443 587+ 587 443+ 443 587+ 587 f25 t25", 15000},
    {"the control loses some, and another port one: nothing is steady",
	"443=open,open,timeout,open,timeout,open "
	"25=timeout,done,timeout,done 587=timeout,done",
	TRACE_AUTO,
	"443 25 587+ t443 t25 443 25+ t587 587 443 25 587+ 443+ 587+ 587+ 443 "
	"587+ 25+ 25 587",
	20000},
    {"after a count in vain no other one begins",
	"443=open,timeout 25=done,timeout 465=done 587=late,late,done",
	TRACE_NEVER, "443 25 443 25+ 443 25+ 465 587 587 587", 15000, 0, 25},
    {"two ports that say nothing end in half a minute",
	"443=open 25=silent 2587s=silent", TRACE_AUTO,
	"443 25 2587+ t443 2587+ 25+ 25 2587+ t25 t2587", 30000, 60},
    {"three ports that say nothing end in half a minute",
	"443=open 25=silent 465=silent 587s=silent", TRACE_AUTO,
	"443 25 465+ 587+ t443 587+ 25+ 465+ 25 465+ 587+ t25 t465 t587", 30000,
	60},
    {"one port that says nothing has what is left",
	"443=open 25=silent 587=done", TRACE_AUTO,
	"443 25 587+ t443 25 25 t25 f587", 30000, 60},
    {"with much time a greeting is waited for in full",
	"443=open 25=silent 587=done", TRACE_AUTO,
	"443 25 587+ t443 25 25 t25 f587", 60000, 150},
    {"silence in TLS is tried three times",
	"443=open 587=tlssilent,tlssilent,tlssilent,done", TRACE_AUTO,
	"443 587 t443 587 587 t587", 0},
    {"silence in TLS once, and then a dialogue", "443=open 587=tlssilent,done",
	TRACE_AUTO, "443 587 t443 587 f587", 0},
    {"465 asked with TLS first never goes without", "443=open 465=notls,done",
	TRACE_AUTO, "443 465 t443 465 f465", 0},
    {"587 that is silent is tried with TLS first as well",
	"443=open 587s=silent", TRACE_AUTO, "443 587 t443 587/tls 587/tls t587",
	30000, 60},
    {"one that passed and is cut off is traced after ten tries",
	"443=open 25=done,timeout/2 587=done", TRACE_AUTO,
	"443 25 587 t443 f587 n25 25 443 25 443+ 443 25 443 25 443 25 443 "
	"25 443 25 443 25 443 25 t25 b25 c443",
	0},
    {"where all are slow, nobody is late", "443=late 25=late", TRACE_AUTO,
	"443 25 t443 f25", 0},
};

struct simulated {
	uint16_t number;
	char words[24][16];
	size_t nwords, at;
	int ttls[4], breaks[4];
	size_t nttls;
	size_t nbreaks, traces;
	bool elsewhere, lucky, starttls, path_only;
	bool running, tracing;
	int64_t ends_us, trace_ends_us;
	struct probe_seen result;
};

struct world {
	struct simulated ports[8];
	size_t count;
	int64_t now_us;
	char log[1000];
};

#define LATE_US 1100000 /* its first SYN was lost */
#define FAR_US  250000

static const struct behaviour {
	const char *word;
	enum stage ended;
	enum failure failure;
	int64_t lasts_us;
} behaviours[] = {
    {"open", STAGE_CONNECT, FAILURE_NONE, 10000},
    {"done", STAGE_DONE, FAILURE_NONE, 50000},
    {"far", STAGE_CONNECT, FAILURE_NONE, FAR_US},
    {"timeout", STAGE_CONNECT, FAILURE_TIMEOUT, 3500000},
    {"refused", STAGE_CONNECT, FAILURE_REFUSED, 10000},
    {"noroute", STAGE_CONNECT, FAILURE_NO_ROUTE, 0},
    {"denied", STAGE_CONNECT, FAILURE_DENIED, 0},
    {"554", STAGE_BANNER, FAILURE_REJECTED, 50000},
    {"bare", STAGE_STARTTLS, FAILURE_NO_STARTTLS, 50000},
    {"reset", STAGE_BANNER, FAILURE_RESET, 50000},
    {"notls", STAGE_TLS, FAILURE_TLS, 50000},
    {"late", STAGE_DONE, FAILURE_NONE, LATE_US},
    {"silent", STAGE_BANNER, FAILURE_TIMEOUT, 30000000},
    {"tlssilent", STAGE_TLS, FAILURE_TIMEOUT, 7000000},
    {"tarpit", STAGE_DONE, FAILURE_NONE, 20000000},
    {"minutes", STAGE_DONE, FAILURE_NONE, 200000000},
};

static const struct behaviour *behaviour_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++)
		if (strcmp(behaviours[i].word, word) == 0)
			return &behaviours[i];
	fail_msg("no such word: %s", word);
	return NULL;
}

/* "/1/2~": cuts it off `text`. */
static void read_breaks(struct simulated *port, char *text)
{
	char *at, *save = NULL, *first = strchr(text, '/');

	if (first == NULL)
		return;
	port->elsewhere = strchr(first, '~') != NULL;
	port->lucky = strchr(first, '!') != NULL;
	*first++ = '\0';
	for (at = strtok_r(first, "/", &save); at != NULL;
	     at = strtok_r(NULL, "/", &save))
		port->breaks[port->nbreaks++] = atoi(at);
}

static void read_port(struct world *world, char *text)
{
	struct simulated *port = &world->ports[world->count++];
	char *word, *save = NULL, *at;

	read_breaks(port, text);
	at = strchr(text, '@');
	port->ttls[0] = 5;
	port->nttls = at == NULL;
	if (at != NULL)
		*at++ = '\0';
	for (; at != NULL; at = strchr(at, '@') ? strchr(at, '@') + 1 : NULL)
		port->ttls[port->nttls++] = atoi(at);
	port->number = (uint16_t)atoi(text);
	port->starttls = strchr(text, '=')[-1] == 's';
	port->path_only = strchr(text, '=')[-1] == 'p';
	word = strtok_r(strchr(text, '=') + 1, ",", &save);
	for (; word != NULL; word = strtok_r(NULL, ",", &save))
		strcpy(port->words[port->nwords++], word);
}

static void read_world(struct world *world, const char *text,
    struct port_list *asked, struct port_list *control)
{
	char copy[300], *save = NULL, *token;
	struct port_list *list;
	size_t i;

	memset(world, 0, sizeof(*world));
	memset(asked, 0, sizeof(*asked));
	memset(control, 0, sizeof(*control));
	snprintf(copy, sizeof(copy), "%s", text);
	for (token = strtok_r(copy, " ", &save); token != NULL;
	     token = strtok_r(NULL, " ", &save))
		read_port(world, token);
	for (i = 0; i < world->count; i++) {
		if (world->ports[i].path_only)
			continue;
		list = world->ports[i].number == 443 ||
			       world->ports[i].number == 2525
			   ? control
			   : asked;
		list->port[list->count] = world->ports[i].number;
		list->mode[list->count++] = world->ports[i].starttls
						? MODE_STARTTLS
						: (uint8_t)port_mode_default(
						      world->ports[i].number);
	}
}

static void note(
    struct world *world, const char *before, uint16_t port, const char *after)
{
	size_t length = strlen(world->log);

	assert_true(length + 20 < sizeof(world->log));
	sprintf(world->log + length, "%s%s%u%s", length ? " " : "", before,
	    port, after);
}

static int count_running(const struct world *world)
{
	size_t i;
	int count = 0;

	for (i = 0; i < world->count; i++)
		count += world->ports[i].running;
	return count;
}

static int64_t handshake_us(const struct behaviour *behaviour)
{
	bool takes_all = behaviour->lasts_us == LATE_US ||
			 behaviour->lasts_us == FAR_US;

	return takes_all ? behaviour->lasts_us : 10000;
}

static void begin(
    struct world *world, const struct visit_plan *plan, size_t index)
{
	const struct visit_port *asked = &plan->ports[index];
	int64_t patience_us = visit_patience_banner_ms(
				  plan, index, 35000, world->now_us) *
			      1000ll;
	int64_t counted_us = visit_patience_counting_ms(plan, asked) * 1000ll;
	struct simulated *port = &world->ports[index];
	const struct behaviour *behaviour = behaviour_of(port->words[port->at]);

	if ((asked->counting || visit_plan_is_bare(plan, asked)) &&
	    behaviour->ended > STAGE_CONNECT)
		behaviour = behaviour_of("open");
	note(world, "", port->number,
	    count_running(world) > 0                    ? "+"
	    : port->starttls && asked->mode == MODE_TLS ? "/tls"
							: "");
	port->running = true;
	port->ends_us = world->now_us + behaviour->lasts_us;
	if (asked->counting && behaviour->lasts_us > counted_us)
		port->ends_us = world->now_us + counted_us;
	probe_seen_init(&port->result, port->number, asked->mode);
	port->result.ended = behaviour->ended;
	port->result.failure = behaviour->failure;
	if (behaviour->ended >= STAGE_BANNER &&
	    behaviour->lasts_us > patience_us) {
		port->ends_us = world->now_us + patience_us;
		port->result.ended = STAGE_BANNER;
		port->result.failure = FAILURE_TIMEOUT;
	}
	if (behaviour->failure == FAILURE_NONE)
		port->result.us[STAGE_CONNECT] = handshake_us(behaviour);
}

static bool stands(const struct simulated *port)
{
	return port->result.ended > STAGE_CONNECT ||
	       port->result.failure == FAILURE_NONE;
}

static int count_standing(const struct world *world)
{
	size_t i;
	int count = 0;

	for (i = 0; i < world->count; i++)
		count += world->ports[i].running && stands(&world->ports[i]);
	return count;
}

static void call_back(struct world *world, uint64_t bits)
{
	size_t i;

	for (i = 0; i < world->count; i++) {
		if ((bits & ((uint64_t)1 << i)) == 0)
			continue;
		assert_true(world->ports[i].running);
		world->ports[i].running = false;
		note(world, "", world->ports[i].number, "x");
	}
}

static bool is_answered(const struct simulated *port)
{
	const struct behaviour *behaviour = behaviour_of(port->words[port->at]);

	return behaviour->ended > STAGE_CONNECT ||
	       behaviour->failure == FAILURE_NONE ||
	       behaviour->failure == FAILURE_REFUSED;
}

static bool is_refused(const struct simulated *port)
{
	return behaviour_of(port->words[port->at])->failure == FAILURE_REFUSED;
}

static void begin_trace(
    struct world *world, const struct visit_port *port, size_t index)
{
	static const char *const marks[] = {[LOOK_WHOLE] = "t",
	    [LOOK_BREAK] = "b",
	    [LOOK_BESIDE] = "c",
	    [LOOK_FAR] = "f",
	    [LOOK_NEAR] = "n",
	    [LOOK_AGAIN] = "a",
	    [LOOK_DOUBT] = "d",
	    [LOOK_RESET] = "r"};
	struct simulated *simulated = &world->ports[index];

	note(world, marks[port->look], port->port, "");
	simulated->tracing = true;
	simulated->trace_ends_us = world->now_us + 50000;
	if (!is_answered(simulated))
		simulated->trace_ends_us = world->now_us + 2500000;
}

/* By another way, it may be another one than that of its connects. */
static enum path_answer trace_answer(const struct simulated *simulated)
{
	bool refused = is_refused(simulated);

	if (simulated->lucky)
		refused = is_answered(simulated) && !refused;
	return refused ? ANSWER_RST : ANSWER_SYN_ACK;
}

/* The hops that a trace of `port` shows now. */
static void end_trace(
    struct world *world, struct visit_plan *plan, size_t index)
{
	const struct visit_port *port = &plan->ports[index];
	struct simulated *simulated = &world->ports[index];
	struct path_seen path = {
	    .port = port->port, .answer_ttl = OBSERVE_ABSENT};
	size_t turn = simulated->traces++;
	int hops =
	    simulated
		->ttls[turn < simulated->nttls ? turn : simulated->nttls - 1];
	int ttl, last = hops - 1;

	simulated->tracing = false;
	if (simulated->nbreaks > 0)
		last = simulated->breaks[turn < simulated->nbreaks
					     ? turn
					     : simulated->nbreaks - 1];
	if ((is_answered(simulated) || simulated->lucky) &&
	    hops <= port->max_ttl) {
		path.reached = true;
		path.answer = trace_answer(simulated);
		path.answer_ttl = hops;
	}
	for (ttl = port->min_ttl;
	     ttl <= (path.reached ? hops - 1 : port->max_ttl); ttl++) {
		struct hop_seen *hop = &path.hops[path.nhops++];

		hop->ttl = ttl;
		if (ttl > last)
			continue; /* silent */
		hop->address.family = 4;
		hop->address.bytes[3] = (uint8_t)ttl;
		hop->address.bytes[0] = simulated->elsewhere && turn == 0 &&
					ttl > 1;
	}
	visit_plan_traced(plan, index, &path, world->now_us);
}

static void end_probe(
    struct world *world, struct visit_plan *plan, size_t index)
{
	struct simulated *port = &world->ports[index];

	port->running = false;
	if (port->at + 1 < port->nwords)
		port->at++;
	visit_plan_probed(plan, index, &port->result, world->now_us);
}

/* When the next thing on that port ends. */
static int64_t port_ends(const struct simulated *port)
{
	int64_t ends_us = INT64_MAX;

	if (port->running)
		ends_us = port->ends_us;
	if (port->tracing && port->trace_ends_us < ends_us)
		ends_us = port->trace_ends_us;
	return ends_us;
}

/* What ends next, ends: if that is before `until_us`. */
static void pass_time(
    struct world *world, struct visit_plan *plan, int64_t until_us)
{
	int64_t ends_us;
	size_t i, first = 0;

	for (i = 1; i < world->count; i++)
		if (port_ends(&world->ports[i]) <
		    port_ends(&world->ports[first]))
			first = i;
	ends_us = port_ends(&world->ports[first]);
	if (until_us != 0 && until_us < ends_us) {
		assert_true(until_us > world->now_us);
		world->now_us = until_us;
		return;
	}
	assert_true(ends_us != INT64_MAX);
	world->now_us = ends_us;
	if (world->ports[first].running &&
	    world->ports[first].ends_us == ends_us)
		end_probe(world, plan, first);
	else
		end_trace(world, plan, first);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct target_seen target = {0};
	struct port_list asked, control;
	struct visit_plan plan;
	struct world world;
	bool is_later = false;
	int steps;

	read_world(&world, row->ports, &asked, &control);
	visit_plan_init(&plan, &asked, &control, row->trace, &target);
	plan.deadline_us = 1000000ll * row->deadline_s;
	plan.among_others = row->among_others;
	visit_count_suspect(&plan, row->suspected, false, world.now_us);
	for (steps = 0; steps < 500; steps++) {
		struct visit_order order = visit_plan_next(&plan, world.now_us);

		if (order.step == VISIT_DONE)
			break;
		if (order.step == VISIT_PROBE) {
			begin(&world, &plan, order.port);
			if (stands(&world.ports[order.port]))
				call_back(
				    &world, visit_plan_standing(&plan,
						order.port, world.now_us));
			assert_true(count_standing(&world) <= 3);
		} else if (order.step == VISIT_TRACE) {
			begin_trace(
			    &world, &plan.ports[order.port], order.port);
			if (!is_later)
				visit_count_suspect(&plan, row->suspected_later,
				    false, world.now_us);
			is_later = true;
		} else {
			pass_time(&world, &plan, order.wake_us);
		}
	}
	assert_true(steps < 500);
	assert_string_equal(world.log, row->expected);
	assert_true(world.now_us < (row->ms > 0 ? row->ms : 70000) * 1000);
	assert_true(target.nprobes <= REPORT_PROBES_MAX);
	assert_true(target.npaths <= REPORT_PATHS_MAX);
	target_seen_free(&target);
}

/* Ten connects to 25, of which so many passed, beside ten to 443. */
static const struct last_row {
	const char *name;
	int passed;
	int now_s; /* the budget ends at 29, and the time at 60 */
	bool goes_on;
} last_rows[] = {
    {"a count that accuses, but would not if one more passed, goes on", 3, 27,
	true},
    {"one that accuses all the same is over", 2, 27, false},
    {"one that does not accuse is over", 5, 27, false},
    {"at the very end everything is over", 3, 57, false},
};

static void add_counted(struct target_seen *target, uint16_t port, bool passed)
{
	struct probe_seen seen;

	probe_seen_init(&seen, port, MODE_CONNECT);
	seen.ended = STAGE_CONNECT;
	seen.failure = passed ? FAILURE_NONE : FAILURE_TIMEOUT;
	seen.us[STAGE_CONNECT] = passed ? 20000 : 1900000;
	assert_int_equal(target_seen_add_probe(target, &seen), 0);
}

/* A visit that has counted ten of 443, the first port, and of 25, of which so
 * many passed. */
static void count_ten(
    struct visit_plan *plan, struct target_seen *target, int passed)
{
	struct port_list asked = {.count = 1, .port = {25}};
	struct port_list control = {.count = 1, .port = {443}};
	int i;

	visit_plan_init(plan, &asked, &control, TRACE_AUTO, target);
	plan->began_us = 1;
	for (i = 0; i < 10; i++) {
		add_counted(target, 25, i < passed);
		add_counted(target, 443, true);
	}
	for (i = 0; i < 2; i++) {
		plan->ports[i].counting = true;
		plan->ports[i].status = VISIT_SETTLED;
		plan->ports[i].tries = 10;
		plan->ports[i].passed = i == 0 ? 10 : passed;
	}
}

static void run_last(void **state)
{
	const struct last_row *row = *state;
	struct target_seen target = {0};
	struct visit_plan plan;
	int64_t now_us = row->now_s * 1000000ll;

	count_ten(&plan, &target, row->passed);
	plan.deadline_us = 60000000;
	visit_count_keep_to_budget(&plan);
	assert_int_equal(plan.deadline_us, 29000001);
	assert_false(visit_count_has_time(&plan, now_us));
	assert_int_equal(visit_count_lasts(&plan, now_us), row->goes_on);
	assert_int_equal(
	    visit_count_has_time(&plan, now_us + 1000000), row->goes_on);
	assert_true(plan.deadline_us <= 60000000);
	target_seen_free(&target);
}

/* --- how sure others have to be --- */

static const struct surer_row {
	const char *sentence;
	bool among_others;
	int passed; /* of ten */
	bool goes_on;
} surer_rows[] = {
    {"four of ten pass: enough at three, and yet two may do", true, 4, true},
    {"where it is asked alone it is not", false, 4, true},
    {"two of ten pass: not yet sure enough for two of several", true, 2, true},
    {"alone it is", false, 2, false},
    {"one of ten passes: a port that was shut, or a limit", true, 1, true},
    {"alone, each had time for a repeat", false, 1, false},
    {"nine of ten pass: more tell where others are asked", true, 9, true},
    {"alone they hardly would", false, 9, false},
};

static void run_surer(void **state)
{
	const struct surer_row *row = *state;
	struct target_seen target = {0};
	struct visit_plan plan;

	count_ten(&plan, &target, row->passed);
	plan.among_others = row->among_others;
	visit_count_ended(&plan, 5000000);
	assert_int_equal(plan.ports[1].counting, row->goes_on);
	assert_int_equal(plan.ports[1].count_to, row->goes_on ? 11 : 10);
	target_seen_free(&target);
}

/* --- how long a counted connect is waited for --- */

static const struct counted_row {
	const char *sentence;
	int tries, passed;
	int slowest_ms; /* of other handshakes */
	int own_ms;     /* the quickest of this port */
	int ms;
	int among_ms; /* among others */
	bool elsewhere;
} counted_rows[] = {
    {"one of six passed, as by a limit: long", 6, 1, 20, 20, 1900, 410},
    {"one of eight passed, as by a limit: long", 8, 1, 20, 20, 1900, 1900},
    {"two of seven: long", 7, 2, 20, 20, 1900, 410},
    {"two of eleven: long", 11, 2, 20, 20, 1900, 1900},
    {"two of six, as by one of two uplinks: the repeat and its answer", 6, 2,
	20, 20, 1310, 410},
    {"the first and only one passed: it may be the last one", 1, 1, 20, 20,
	1900, 410},
    {"nothing passed yet", 2, 0, 20, 0, 1900, 1900},
    {"nor here: at another address first SYNs are answered", 2, 0, 20, 0, 1900,
	410, true},
    {"and five vanished", 5, 0, 20, 0, 1900, 1900, true},
    {"most pass", 10, 9, 1, 1, 1253, 353},
    {"answers that come from far take their time", 6, 3, 200, 20, 1850, 1850},
    {"by a satellite: no longer than else", 6, 3, 700, 700, 1900, 1900},
    {"only repeated SYNs of it are answered", 6, 3, 20, 1010, 1310, 1310},
};

static void run_counted(void **state)
{
	const struct counted_row *row = *state;
	struct port_list asked = {.count = 1, .port = {25}};
	struct port_list control = {.count = 1, .port = {443}};
	struct target_seen target = {0};
	struct visit_plan plan;

	visit_plan_init(&plan, &asked, &control, TRACE_AUTO, &target);
	plan.ports[0].connect_us = row->slowest_ms * 1000;
	plan.ports[1].connect_us = row->own_ms * 1000;
	plan.ports[1].answers_elsewhere = row->elsewhere;
	plan.ports[1].tries = row->tries;
	plan.ports[1].passed = row->passed;
	assert_int_equal(
	    visit_patience_counting_ms(&plan, &plan.ports[1]), row->ms);
	plan.among_others = true;
	assert_int_equal(
	    visit_patience_counting_ms(&plan, &plan.ports[1]), row->among_ms);
	target_seen_free(&target);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, last_rows, run_last);
	TEST_ROWS(&list, surer_rows, run_surer);
	TEST_ROWS(&list, counted_rows, run_counted);
	return test_run("visit_plan", &list);
}
