/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report_decode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/report/report_encode.h"
#include "tests/support/rows.h"

/* The example of the contract, filled in. Each row changes one place. */
static const char example[] =
    "{\"format\":\"egress25-report/1\","
    "\"report\":\"019ab5a5-7d3e-7c1a-8a55-0123456789ab\","
    "\"agent\":\"agent-1\",\"software\":\"egress25-agent/0.1.0\","
    "\"started\":\"2026-11-24T08:00:00.000Z\","
    "\"ended\":\"2026-11-24T08:00:09.250Z\","
    "\"sources\":[{\"family\":4,\"address\":\"203.0.113.7\",\"proof\":\"p4\"},"
    "{\"family\":6,\"address\":\"2001:db8::7\",\"proof\":null}],"
    "\"targets\":[{\"endpoint\":\"example-mx\",\"host\":\"mx.example.net\","
    "\"address\":\"192.0.2.25\",\"family\":4,"
    "\"at\":\"2026-11-24T08:00:01.000Z\",\"own_address\":\"private\","
    "\"untraced\":true,\"dns\":\"servfail\",\"probes\":["
    "{\"port\":587,\"mode\":\"starttls\",\"ended\":\"done\",\"failure\":null,"
    "\"ms\":{\"connect\":12.1,\"ehlo-tls\":0.001},\"smtp\":{\"code\":220,"
    "\"text\":\"mx.example.net ESMTP\",\"name\":\"mx.example.net\","
    "\"capabilities\":[\"STARTTLS\",\"SIZE\"]},\"tls\":{\"version\":\"TLSv1."
    "3\","
    "\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"verify\":\"self-signed\","
    "\"spki_sha256\":\"00112233445566778899aabbccddeeff"
    "00112233445566778899aabbccddeeff\",\"alert\":116},"
    "\"reply\":{\"code\":221,\"text\":\"bye\"},\"peer\":\"cut-off\"},"
    "{\"port\":25,\"mode\":\"starttls\",\"ended\":\"connect\","
    "\"failure\":\"unreachable\",\"ms\":{},\"icmp\":{\"type\":3,\"code\":13,"
    "\"from\":\"198.51.100.1\",\"own\":true},\"host\":{\"retransmitted\":2,"
    "\"failed\":1,\"looped\":0},\"errno\":\"EHOSTUNREACH\"}],"
    "\"paths\":[{\"port\":25,\"reached\":false,\"answer_ttl\":null,\"hops\":["
    "{\"ttl\":1,\"address\":\"192.168.1.1\",\"ms\":0.4},"
    "{\"ttl\":3,\"address\":null},"
    "{\"ttl\":4,\"address\":\"198.51.100.4\",\"asked\":3,\"answered\":2}]},"
    "{\"port\":587,\"reached\":true,\"answer_ttl\":7,\"hops\":[]}]}]}";

/* The example with the first `find` in it replaced. */
static void change(struct buf *json, const char *find, const char *replace)
{
	const char *found = strstr(example, find);

	if (found == NULL)
		fail_msg("the example has no %s", find);
	buf_append(json, example, (size_t)(found - example));
	buf_append_text(json, replace);
	buf_append_text(json, found + strlen(find));
}

static const struct bad_row {
	const char *name, *find, *replace, *error;
} bad_rows[] = {
    {"another format is refused", "report/1", "report/2",
	"format: must be \"egress25-report/1\""},
    {"a format must be named", "\"format\"", "\"form\"", "format: is missing"},
    {"an array is no report", example, "[]", "must be an object, not an array"},
    {"bytes behind the report are refused", "}]}]}", "}]}]}{}",
	"more than one JSON value at byte 1405"},
    {"a key twice is refused wherever it is", "\"mode\":\"starttls\"",
	"\"mode\":\"starttls\",\"mode\":\"tls\"",
	"targets[0].probes[0]: the key \"mode\" stands twice"},
    {"an upper case report id is refused", "019ab5a5", "019AB5A5",
	"report: is no UUID in lower case"},
    {"a report id without dashes is refused", "-7d3e-", "_7d3e_",
	"report: is no UUID in lower case"},
    {"a short report id is refused", "0123456789ab", "0123456789a",
	"report: is no UUID in lower case"},
    {"a long report id is refused", "0123456789ab", "0123456789abc",
	"report: is longer than 36 bytes"},
    {"an agent must be named", "\"agent-1\"", "\"\"", "agent: is empty"},
    {"an agent's name has no line end", "agent-1", "agent\\n1",
	"agent: has a control or a format character"},
    {"an agent's name is UTF-8", "agent-1", "agent\xff",
	"text that is no UTF-8 at byte 92"},
    {"software is UTF-8", "egress25-agent/0.1.0", "\xc3",
	"text that is no UTF-8 at byte 108"},
    {"the nil UUID names no report", "019ab5a5-7d3e-7c1a-8a55-0123456789ab",
	"00000000-0000-0000-0000-000000000000",
	"report: is the UUID of nothing"},
    {"nor does the max UUID", "019ab5a5-7d3e-7c1a-8a55-0123456789ab",
	"ffffffff-ffff-ffff-ffff-ffffffffffff",
	"report: is the UUID of nothing"},
    {"an endpoint's name does not turn the line round", "example-mx",
	"a\xe2\x80\xae",
	"targets[0].endpoint: has a control or a format character"},
    {"nor has it a line separator", "example-mx", "a\\u2028",
	"targets[0].endpoint: has a control or a format character"},
    {"nor an escape sequence", "example-mx", "\\u001b[2J",
	"targets[0].endpoint: has a control or a format character"},
    {"a failure is a word or null", "\"failure\":null", "\"failure\":\"\"",
	"targets[0].probes[0].failure: \"\" is no word that is known here"},
    {"so is what a certificate lacks", "\"verify\":\"self-signed\"",
	"\"verify\":\"\"",
	"targets[0].probes[0].tls.verify: \"\" is no word that is known here"},
    {"software is text", "\"egress25-agent/0.1.0\"", "1",
	"software: must be text, not a number"},
    {"a time must be one", "2026-11-24T08:00:00.000Z", "yesterday",
	"started: \"yesterday\" is no RFC 3339 time"},
    {"a time is no number", "\"2026-11-24T08:00:09.250Z\"", "1764000000",
	"ended: must be a time as text, not a number"},
    {"sources must be there", "\"sources\"", "\"origins\"",
	"sources: is missing"},
    {"three sources are too many", "\"sources\":[", "\"sources\":[{},",
	"sources: has more than 2 elements"},
    {"a source's family is checked", "{\"family\":6,", "{\"family\":4,",
	"sources[1].address: must be an IPv4 address"},
    {"the same family twice is refused",
	"{\"family\":6,\"address\":\"2001:db8::7\"",
	"{\"family\":4,\"address\":\"192.0.2.7\"",
	"sources[1]: is a second one of family 4"},
    {"a source without an address is none", "\"203.0.113.7\"", "null",
	"sources[0].address: must be an IPv4 address"},
    {"a proof that is too long is refused", "\"p4\"",
	"\"0123456789012345678901234567890123456789012345678901234567890123"
	"0123456789012345678901234567890123456789012345678901234567890123"
	"0123456789012345678901234567890123456789012345678901234567890123"
	"0123456789012345678901234567890123456789012345678901234567890123\"",
	"sources[0].proof: is longer than 255 bytes"},
    {"targets must be an array", "\"targets\":[", "\"targets\":{},\"x\":[",
	"targets: must be an array, not an object"},
    {"a target must be an object", "\"targets\":[", "\"targets\":[25,",
	"targets[0]: must be an object, not a number"},
    {"an endpoint must be named", "\"endpoint\":\"example-mx\"",
	"\"endpoint\":null", "targets[0].endpoint: is missing"},
    {"an endpoint's name fits its field", "example-mx",
	"0123456789012345678901234567890123456789012345678901234567890123",
	"targets[0].endpoint: is longer than 63 bytes"},
    {"a host is no number", "\"host\":\"mx.example.net\"", "\"host\":1",
	"targets[0].host: must be text, not a number"},
    {"a host is no address of another family", "\"192.0.2.25\"",
	"\"2001:db8::25\"", "targets[0].address: must be an IPv4 address"},
    {"an address is an address", "192.0.2.25", "192.0.2.256",
	"targets[0].address: \"192.0.2.256\" is no IP address"},
    {"there is no family 5", "\"family\":4,\"at\"", "\"family\":5,\"at\"",
	"targets[0].family: must be 4 or 6"},
    {"there is no family 7", "\"family\":4,\"at\"", "\"family\":7,\"at\"",
	"targets[0].family: 7 is not within 4 and 6"},
    {"a target without probes is none", "\"probes\"", "\"tries\"",
	"targets[0].probes: is missing"},
    {"a probe without a port is none", "{\"port\":587,\"mode\"", "{\"mode\"",
	"targets[0].probes[0].port: is missing"},
    {"port 0 is none", "\"port\":587", "\"port\":0",
	"targets[0].probes[0].port: 0 is not within 1 and 65535"},
    {"port 65536 is none", "\"port\":587", "\"port\":65536",
	"targets[0].probes[0].port: 65536 is not within 1 and 65535"},
    {"half a port is none", "\"port\":587", "\"port\":25.5",
	"targets[0].probes[0].port: 25.5 is no whole number"},
    {"a port as text is none", "\"port\":587", "\"port\":\"25\"",
	"targets[0].probes[0].port: must be a whole number, not text"},
    {"an unknown mode is refused", "\"mode\":\"starttls\"",
	"\"mode\":\"smtps\"",
	"targets[0].probes[0].mode: \"smtps\" is no word that is known here"},
    {"an unknown stage is refused", "\"ended\":\"connect\"",
	"\"ended\":\"mail\"",
	"targets[0].probes[1].ended: \"mail\" is no word that is known here"},
    {"an unknown failure is refused", "\"unreachable\"", "\"tired\"",
	"targets[0].probes[1].failure: \"tired\" is no word that is known "
	"here"},
    {"a duration below 0 is refused", "12.1", "-0.1",
	"targets[0].probes[0].ms.connect: -0.1 is not within 0 and 86400000"},
    {"a duration of more than a day is refused", "12.1", "1e300",
	"targets[0].probes[0].ms.connect: 1e+300 is not within 0 and 86400000"},
    {"durations are an object", "\"ms\":{}", "\"ms\":[]",
	"targets[0].probes[1].ms: must be an object, not an array"},
    {"a reply code has three digits", "\"code\":220", "\"code\":2200",
	"targets[0].probes[0].smtp.code: 2200 is not within 0 and 999"},
    {"an EHLO keyword fits its field", "\"SIZE\"",
	"\"01234567890123456789012345678901\"",
	"targets[0].probes[0].smtp.capabilities[1]: is longer than 31 bytes"},
    {"an EHLO keyword is text", "\"SIZE\"", "null",
	"targets[0].probes[0].smtp.capabilities[1]: is missing"},
    {"keywords are an array", "[\"STARTTLS\",\"SIZE\"]", "\"STARTTLS\"",
	"targets[0].probes[0].smtp.capabilities: must be an array, not text"},
    {"a short key digest is refused", "00112233445566778899aabbccddeeff\"",
	"00\"",
	"targets[0].probes[0].tls.spki_sha256: must be 64 hexadecimal digits"},
    {"an ICMP type has eight bits", "\"type\":3", "\"type\":256",
	"targets[0].probes[1].icmp.type: 256 is not within 0 and 255"},
    {"an ICMP sender is an address", "\"from\":\"198.51.100.1\"",
	"\"from\":\"hop\"",
	"targets[0].probes[1].icmp.from: \"hop\" is no IP address"},
    {"an alert has eight bits", "\"alert\":116", "\"alert\":256",
	"targets[0].probes[0].tls.alert: 256 is not within 0 and 255"},
    {"a reply is an object", "\"reply\":{\"code\":221,\"text\":\"bye\"}",
	"\"reply\":\"bye\"",
	"targets[0].probes[0].reply: must be an object, not text"},
    {"the last reply's code has three digits", "\"code\":221", "\"code\":2210",
	"targets[0].probes[0].reply.code: 2210 is not within 0 and 999"},
    {"an own ICMP is no word", "\"own\":true", "\"own\":\"yes\"",
	"targets[0].probes[1].icmp.own: must be true or false, not text"},
    {"an unknown peer is refused", "cut-off", "asleep",
	"targets[0].probes[0].peer: \"asleep\" is no word that is known here"},
    {"a count of the host is not left out", "\"failed\":1,", "",
	"targets[0].probes[1].host.failed: is missing"},
    {"a count of the host is not below 0", "\"failed\":1", "\"failed\":-1",
	"targets[0].probes[1].host.failed: -1 is not within 0 and 1000000"},
    {"an own address is public or private", "\"private\"", "\"shared\"",
	"targets[0].own_address: \"shared\" is no word that is known here"},
    {"untraced is no word", "\"untraced\":true", "\"untraced\":\"yes\"",
	"targets[0].untraced: must be true or false, not text"},
    {"an unknown fault of the DNS is refused", "servfail", "formerr",
	"targets[0].dns: \"formerr\" is no word that is known here"},
    {"a hop does not answer more than it is asked", "\"answered\":2",
	"\"answered\":4",
	"targets[0].paths[0].hops[2].answered: 4 is not within 0 and 3"},
    {"a hop with an address has answered", "\"answered\":2", "\"answered\":0",
	"targets[0].paths[0].hops[2].answered: and the hop's address go "
	"together"},
    {"a hop was asked at least once", "\"asked\":3", "\"asked\":0",
	"targets[0].paths[0].hops[2].asked: 0 is not within 1 and 1000000"},
    {"paths are an array", "\"paths\":[{", "\"paths\":1,\"x\":[{",
	"targets[0].paths: must be an array, not a number"},
    {"a path needs its hops", "\"hops\":[]", "\"hop\":[]",
	"targets[0].paths[1].hops: is missing"},
    {"a path that was reached says where", "\"answer_ttl\":7",
	"\"answer_ttl\":null",
	"targets[0].paths[1].answer: an answer and answer_ttl go together"},
    {"a distance without an answer is none", "\"answer_ttl\":null",
	"\"answer_ttl\":3",
	"targets[0].paths[0].answer: an answer and answer_ttl go together"},
    {"an unknown answer is refused", "\"answer_ttl\":7",
	"\"answer_ttl\":7,\"answer\":\"fin\"",
	"targets[0].paths[1].answer: \"fin\" is no word that is known here"},
    {"a path is not longer than is traced", "\"answer_ttl\":7",
	"\"answer_ttl\":31",
	"targets[0].paths[1].answer_ttl: 31 is not within 1 and 30"},
    {"reached is no number", "\"reached\":true", "\"reached\":1",
	"targets[0].paths[1].reached: must be true or false, not a number"},
    {"hops come in their order", "{\"ttl\":3,", "{\"ttl\":1,",
	"targets[0].paths[0].hops[1].ttl: hops must come by rising ttl"},
    {"there is no hop 0", "{\"ttl\":1,", "{\"ttl\":0,",
	"targets[0].paths[0].hops[0].ttl: 0 is not within 1 and 30"},
    {"a hop's time is a number", "\"ms\":0.4", "\"ms\":\"0.4\"",
	"targets[0].paths[0].hops[0].ms: must be a number, not text"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct report report;
	struct buf json = {0};
	struct err err = {""};

	change(&json, row->find, row->replace);
	assert_int_equal(
	    report_decode(json.data, json.length, &report, &err), -EINVAL);
	assert_string_equal(err.text, row->error);
	assert_null(report.targets);
	buf_free(&json);
}

/* What a row looks at, once its change was taken. */
enum look {
	AT_NOTHING,
	AT_VERIFY,
	AT_ANSWER,
	AT_TEXT,
	AT_ERRNO,
	AT_PATHS,
	AT_ENDPOINT,
	AT_ALERT,
	AT_REPLY,
	AT_PEER,
	AT_HOST,
	AT_OWN_ADDRESS,
	AT_UNTRACED,
	AT_DNS,
	AT_ASKED,
	AT_ANSWERED
};

static const struct good_row {
	const char *name, *find, *replace;
	enum look look;
	int number;
	const char *text;
} good_rows[] = {
    {"the example of the contract is read", "{", "{", AT_NOTHING},
    {"unknown keys are passed over", "\"mode\":\"starttls\"",
	"\"mode\":\"starttls\",\"mood\":{\"a\":[1,{}]}", AT_NOTHING},
    {"an unknown fault of a certificate is another fault", "\"self-signed\"",
	"\"revoked\"", AT_VERIFY, VERIFY_OTHER},
    {"a fault that is named stays", "{", "{", AT_VERIFY, VERIFY_SELF_SIGNED},
    {"an answer that is not named was a SYN-ACK", "{", "{", AT_ANSWER,
	ANSWER_SYN_ACK},
    {"an answer that is null was a SYN-ACK too", "\"answer_ttl\":7",
	"\"answer_ttl\":7,\"answer\":null", AT_ANSWER, ANSWER_SYN_ACK},
    {"where a probe was refused it was an RST",
	"\"ended\":\"done\",\"failure\":null",
	"\"ended\":\"connect\",\"failure\":\"refused\"", AT_ANSWER, ANSWER_RST},
    {"an answer that is named stays", "\"answer_ttl\":7",
	"\"answer_ttl\":7,\"answer\":\"rst\"", AT_ANSWER, ANSWER_RST},
    {"a greeting becomes printable", "mx.example.net ESMTP",
	"caf\xc3\xa9\\r\\u001b[1m \\u202e", AT_TEXT, 0, "caf????[1m ???"},
    {"another system's errno is passed over", "EHOSTUNREACH", "WSAEHOST",
	AT_ERRNO, 0},
    {"our errno is known", "{", "{", AT_ERRNO, EHOSTUNREACH},
    {"paths may be missing", "\"paths\"", "\"ways\"", AT_PATHS, 0},
    {"an alert", "{", "{", AT_ALERT, 116},
    {"no alert", ",\"alert\":116", "", AT_ALERT, OBSERVE_ABSENT},
    {"the reply that ended it becomes printable", "\"bye\"", "\"by\\te\"",
	AT_REPLY, 221, "by?e"},
    {"what ended it need not be a reply", "\"code\":221,", "", AT_REPLY,
	OBSERVE_ABSENT, "bye"},
    {"nothing may have ended it", "\"reply\":{\"code\":221,\"text\":\"bye\"},",
	"", AT_REPLY, OBSERVE_ABSENT, ""},
    {"a path that eats packets", "{", "{", AT_PEER, PEER_CUT_OFF},
    {"nothing is known of the peer", ",\"peer\":\"cut-off\"", "", AT_PEER,
	PEER_UNKNOWN},
    {"the host's witness", "{", "{", AT_HOST, 2},
    {"no witness", "\"host\":{\"retransmitted\":2,\"failed\":1,\"looped\":0},",
	"", AT_HOST, OBSERVE_ABSENT},
    {"an own address that is private", "{", "{", AT_OWN_ADDRESS, OWN_PRIVATE},
    {"nothing is known of the own address", "\"own_address\":\"private\",", "",
	AT_OWN_ADDRESS, OWN_UNKNOWN},
    {"a host that cannot trace", "{", "{", AT_UNTRACED, 1},
    {"a host that can", "\"untraced\":true,", "", AT_UNTRACED, 0},
    {"a name server's failure", "{", "{", AT_DNS, DNS_SERVFAIL},
    {"a name that resolved", "\"dns\":\"servfail\",", "", AT_DNS, DNS_OK},
    {"a hop's looks are counted", "{", "{", AT_ASKED, 3},
    {"and its answers", "{", "{", AT_ANSWERED, 2},
    {"a hop without counts answered once", ",\"asked\":3,\"answered\":2", "",
	AT_ANSWERED, 1},
    {"a hop without counts was asked once", ",\"asked\":3,\"answered\":2", "",
	AT_ASKED, 1},
    {"an endpoint's name is not changed", "\"endpoint\":\"example-mx\"",
	"\"endpoint\":\"caf\xc3\xa9\"", AT_ENDPOINT, 0, "caf\xc3\xa9"},
};

static void look_at_new(
    const struct good_row *row, const struct target_seen *target)
{
	const struct probe_seen *first = &target->probes[0];
	const struct host_seen *host = &target->probes[1].host;
	const struct hop_seen *hop = &target->paths[0].hops[2];
	int found[] = {
	    [AT_ALERT] = first->tls.alert,
	    [AT_REPLY] = first->reply.code,
	    [AT_PEER] = (int)first->peer,
	    [AT_HOST] = host->known ? host->retransmitted : OBSERVE_ABSENT,
	    [AT_OWN_ADDRESS] = (int)target->own_address,
	    [AT_UNTRACED] = target->untraced,
	    [AT_DNS] = (int)target->dns,
	    [AT_ASKED] = hop->asked,
	    [AT_ANSWERED] = hop->answered,
	};

	assert_int_equal(found[row->look], row->number);
	if (row->text != NULL)
		assert_string_equal(first->reply.text, row->text);
}

static void look_at(const struct good_row *row, const struct report *report)
{
	const struct target_seen *target = &report->targets[0];

	switch (row->look) {
	case AT_NOTHING:
		break;
	case AT_VERIFY:
		assert_int_equal(target->probes[0].tls.verify, row->number);
		break;
	case AT_ANSWER:
		assert_int_equal(target->paths[1].answer, row->number);
		break;
	case AT_TEXT:
		assert_string_equal(target->probes[0].smtp.text, row->text);
		break;
	case AT_ERRNO:
		assert_int_equal(target->probes[1].sys_errno, row->number);
		break;
	case AT_PATHS:
		assert_int_equal(target->npaths, row->number);
		break;
	case AT_ENDPOINT:
		assert_string_equal(target->endpoint, row->text);
		break;
	default:
		look_at_new(row, target);
		break;
	}
}

static void good(void **state)
{
	const struct good_row *row = *state;
	struct report report;
	struct buf json = {0};
	struct err err = {""};

	change(&json, row->find, row->replace);
	if (report_decode(json.data, json.length, &report, &err) != 0)
		fail_msg("%s", err.text);
	look_at(row, &report);
	report_free(&report);
	buf_free(&json);
}

/* The example in our own words: what is left out there is null here. */
static void encoded(void **state)
{
	struct report report;
	struct buf json = {0}, again = {0};
	struct err err = {""};

	assert_int_equal(
	    report_decode(example, strlen(example), &report, &err), 0);
	report_encode(&report, &json);
	assert_false(json.failed);
	assert_non_null(strstr(json.data,
	    "\"ms\":{\"connect\":12.1,\"ehlo-tls\":0.001},\"smtp\":"));
	assert_non_null(strstr(json.data,
	    "{\"port\":25,\"reached\":false,\"answer_ttl\":null,"
	    "\"answer\":null,\"hops\":["
	    "{\"ttl\":1,\"address\":\"192.168.1.1\",\"ms\":0.4},"
	    "{\"ttl\":3,\"address\":null},{\"ttl\":4,"
	    "\"address\":\"198.51.100.4\",\"asked\":3,\"answered\":2}]}"));
	assert_non_null(strstr(json.data,
	    "\"alert\":116},\"reply\":{\"code\":221,\"text\":\"bye\"},"
	    "\"peer\":\"cut-off\"}"));
	assert_non_null(
	    strstr(json.data, "\"own_address\":\"private\",\"untraced\":true,"
			      "\"dns\":\"servfail\",\"probes\""));
	assert_non_null(strstr(json.data,
	    "\"icmp\":{\"type\":3,\"code\":13,\"from\":\"198.51.100.1\","
	    "\"own\":true},"
	    "\"host\":{\"retransmitted\":2,\"failed\":1,\"looped\":0},"
	    "\"errno\":\"EHOSTUNREACH\"}"));
	report_free(&report);
	assert_int_equal(
	    report_decode(json.data, json.length, &report, &err), 0);
	report_encode(&report, &again);
	assert_string_equal(json.data, again.data);
	report_free(&report);
	buf_free(&json);
	buf_free(&again);
}

/* A report of `targets` targets with `probes` probes each, the smallest. */
static void smallest(struct buf *json, int targets, int probes)
{
	const char *head_end = strstr(example, "{\"endpoint\"");
	int i, k;

	buf_append(json, example, (size_t)(head_end - example));
	for (i = 0; i < targets; i++) {
		buf_printf(json,
		    "%s{\"endpoint\":\"a\",\"host\":\"a\",\"family\":4,"
		    "\"at\":\"2026-11-24\",\"probes\":[",
		    i > 0 ? "," : "");
		for (k = 0; k < probes; k++)
			buf_printf(json,
			    "%s{\"port\":1,\"mode\":\"tls\",\"ended\":\"tls\"}",
			    k > 0 ? "," : "");
		buf_append_text(json, "]}");
	}
	buf_append_text(json, "]}");
}

static const struct size_row {
	const char *name;
	int targets, probes;
	const char *error;
} size_rows[] = {
    {"512 targets are read", 512, 8, ""},
    {"513 targets are too many", 513, 1, "targets: has more than 512 elements"},
    {"65 probes of a target are too many", 1, 65,
	"targets[0].probes: has more than 64 elements"},
    {"more than 4,096 probes are too many", 65, 64,
	"targets[64]: more than 4096 probes up to here"},
    {"more than a MiB is too much", 512, 64,
	"a report of more than 1048576 bytes"},
};

static void size(void **state)
{
	const struct size_row *row = *state;
	struct report report;
	struct buf json = {0};
	struct err err = {""};
	int rc;

	smallest(&json, row->targets, row->probes);
	rc = report_decode(json.data, json.length, &report, &err);
	assert_string_equal(err.text, row->error);
	assert_int_equal(rc, *row->error ? -EINVAL : 0);
	report_free(&report);
	buf_free(&json);
}

/* Every beginning of a report is wrong, and none is read beyond its end. */
static void cut(void **state)
{
	struct report report;
	struct err err;
	size_t length;
	char *exact;

	for (length = 0; length < strlen(example); length++) {
		exact = test_malloc(length + 1);
		memcpy(exact, example, length);
		err.text[0] = '\0';
		assert_int_equal(
		    report_decode(exact, length, &report, &err), -EINVAL);
		assert_true(err.text[0] != '\0');
		test_free(exact);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, bad_rows, bad);
	TEST_ROWS(&list, good_rows, good);
	TEST_ROWS(&list, size_rows, size);
	test_add(&list, "a report is encoded in the contract's words", encoded);
	test_add(&list, "a report that is cut is refused", cut);
	return test_run("report", &list);
}
