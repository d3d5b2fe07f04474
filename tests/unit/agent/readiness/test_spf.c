/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/spf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

/* A zone as lines "NAME TYPE VALUE"; several lines of one name and type are
 * several records. */
#define ZONE_MAX 24

static const struct row {
	const char *name;
	const char *address;
	const char *zone[ZONE_MAX];
	enum spf_result expected;
} rows[] = {
    {"no record is none", "192.0.2.1", {"example.net TXT hello"}, SPF_NONE},
    {"no domain is none", "192.0.2.1", {0}, SPF_NONE},
    {"all alone passes", "192.0.2.1", {"example.net TXT v=spf1 all"}, SPF_PASS},
    {"-all fails", "192.0.2.1", {"example.net TXT v=spf1 -all"}, SPF_FAIL},
    {"~all is a softfail", "192.0.2.1", {"example.net TXT v=spf1 ~all"},
	SPF_SOFTFAIL},
    {"?all is neutral", "192.0.2.1", {"example.net TXT v=spf1 ?all"},
	SPF_NEUTRAL},
    {"an empty record is neutral", "192.0.2.1", {"example.net TXT v=spf1"},
	SPF_NEUTRAL},
    {"v=spf10 is no SPF record", "192.0.2.1", {"example.net TXT v=spf10 -all"},
	SPF_NONE},
    {"case does not matter", "192.0.2.1",
	{"example.net TXT V=SPF1 IP4:192.0.2.1 -ALL"}, SPF_PASS},
    {"ip4 matches the address", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.1 -all"}, SPF_PASS},
    {"ip4 matches its prefix", "192.0.2.77",
	{"example.net TXT v=spf1 ip4:192.0.2.0/24 -all"}, SPF_PASS},
    {"ip4 with /0 matches everything", "203.0.113.9",
	{"example.net TXT v=spf1 ip4:192.0.2.0/0 -all"}, SPF_PASS},
    {"ip4 never matches IPv6", "2001:db8::1",
	{"example.net TXT v=spf1 ip4:0.0.0.0/0 -all"}, SPF_FAIL},
    {"ip6 matches its prefix", "2001:db8::25",
	{"example.net TXT v=spf1 ip6:2001:db8::/32 -all"}, SPF_PASS},
    {"ip4 that is no address is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:example -all"}, SPF_UNKNOWN},
    {"a prefix over 32 is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.0/33 -all"}, SPF_UNKNOWN},
    {"a of the domain itself", "192.0.2.1",
	{"example.net TXT v=spf1 a -all", "example.net A 192.0.2.1"}, SPF_PASS},
    {"a of another domain with a prefix", "192.0.2.9",
	{"example.net TXT v=spf1 a:mx.example/24 -all",
	    "mx.example A 192.0.2.1"},
	SPF_PASS},
    {"a asks AAAA for IPv6", "2001:db8::9",
	{"example.net TXT v=spf1 a//64 -all", "example.net AAAA 2001:db8::1",
	    "example.net A 192.0.2.1"},
	SPF_PASS},
    {"a that matches nothing goes on", "192.0.2.9",
	{"example.net TXT v=spf1 a ~all", "example.net A 192.0.2.1"},
	SPF_SOFTFAIL},
    {"mx asks for every host", "192.0.2.2",
	{"example.net TXT v=spf1 mx -all", "example.net MX one.example",
	    "example.net MX two.example", "one.example A 192.0.2.1",
	    "two.example A 192.0.2.2"},
	SPF_PASS},
    {"eleven mx hosts are an error", "192.0.2.2",
	{"example.net TXT v=spf1 mx -all", "example.net MX a",
	    "example.net MX b", "example.net MX c", "example.net MX d",
	    "example.net MX e", "example.net MX f", "example.net MX g",
	    "example.net MX h", "example.net MX i", "example.net MX j",
	    "example.net MX k"},
	SPF_UNKNOWN},
    {"include that passes decides", "192.0.2.1",
	{"example.net TXT v=spf1 include:other.example -all",
	    "other.example TXT v=spf1 ip4:192.0.2.1 -all"},
	SPF_PASS},
    {"include that passes has its own qualifier", "192.0.2.1",
	{"example.net TXT v=spf1 ?include:other.example -all",
	    "other.example TXT v=spf1 all"},
	SPF_NEUTRAL},
    {"include that fails goes on", "192.0.2.1",
	{"example.net TXT v=spf1 include:other.example ~all",
	    "other.example TXT v=spf1 -all"},
	SPF_SOFTFAIL},
    {"include without a record is an error", "192.0.2.1",
	{"example.net TXT v=spf1 include:other.example -all",
	    "other.example TXT hello"},
	SPF_UNKNOWN},
    {"include of an include", "192.0.2.1",
	{"example.net TXT v=spf1 include:b.example -all",
	    "b.example TXT v=spf1 include:c.example -all",
	    "c.example TXT v=spf1 ip4:192.0.2.1"},
	SPF_PASS},
    {"include of itself ends at the tenth look-up", "192.0.2.1",
	{"example.net TXT v=spf1 include:example.net -all"}, SPF_UNKNOWN},
    {"redirect takes over", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=other.example",
	    "other.example TXT v=spf1 -all"},
	SPF_FAIL},
    {"redirect is passed over where something matched", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=other.example ip4:192.0.2.1",
	    "other.example TXT v=spf1 -all"},
	SPF_PASS},
    {"redirect to nothing is an error", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=other.example"}, SPF_UNKNOWN},
    {"redirect to itself ends at the tenth look-up", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=example.net"}, SPF_UNKNOWN},
    {"an unknown modifier is passed over", "192.0.2.1",
	{"example.net TXT v=spf1 exp=why.example moo=cow -all"}, SPF_FAIL},
    {"an unknown mechanism is not guessed", "192.0.2.1",
	{"example.net TXT v=spf1 moo -all"}, SPF_UNKNOWN},
    {"ptr is not guessed", "192.0.2.1", {"example.net TXT v=spf1 ptr -all"},
	SPF_UNKNOWN},
    {"exists", "192.0.2.1",
	{"example.net TXT v=spf1 exists:yes.example -all",
	    "yes.example A 127.0.0.2"},
	SPF_PASS},
    {"exists asks A for IPv6 too", "2001:db8::1",
	{"example.net TXT v=spf1 exists:yes.example -all",
	    "yes.example A 127.0.0.2"},
	SPF_PASS},
    {"a macro is not guessed", "192.0.2.1",
	{"example.net TXT v=spf1 exists:%{i}.bl.example -all"}, SPF_UNKNOWN},
    {"a macro behind a match does not matter", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.1 exists:%{i}.x -all"}, SPF_PASS},
    {"two records are an error", "192.0.2.1",
	{"example.net TXT v=spf1 all", "example.net TXT v=spf1 -all"},
	SPF_UNKNOWN},
    {"three look-ups without an answer are an error", "192.0.2.1",
	{"example.net TXT v=spf1 a:x.example a:y.example a:z.example all"},
	SPF_UNKNOWN},
    {"two look-ups without an answer are not", "192.0.2.1",
	{"example.net TXT v=spf1 a:x.example a:y.example all"}, SPF_PASS},
    {"ten terms that ask are fine", "192.0.2.1",
	{"example.net TXT v=spf1 a:h.x a:h.x a:h.x a:h.x a:h.x a:h.x a:h.x "
	 "a:h.x a:h.x a:h.x all",
	    "h.x A 198.51.100.1"},
	SPF_PASS},
    {"eleven are not", "192.0.2.1",
	{"example.net TXT v=spf1 a:h.x a:h.x a:h.x a:h.x a:h.x a:h.x a:h.x "
	 "a:h.x a:h.x a:h.x a:h.x all",
	    "h.x A 198.51.100.1"},
	SPF_UNKNOWN},
    {"an error behind a match is an error all the same", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.1 moo -all"}, SPF_UNKNOWN},
    {"all takes no domain", "192.0.2.1",
	{"example.net TXT v=spf1 -all:example.com"}, SPF_UNKNOWN},
    {"all takes no prefix", "192.0.2.1", {"example.net TXT v=spf1 all/8"},
	SPF_UNKNOWN},
    {"include without a domain is an error", "192.0.2.1",
	{"example.net TXT v=spf1 include -all"}, SPF_UNKNOWN},
    {"include takes no prefix", "192.0.2.1",
	{"example.net TXT v=spf1 include:b.example/24 -all",
	    "b.example TXT v=spf1 all"},
	SPF_UNKNOWN},
    {"a with an empty domain is an error", "192.0.2.1",
	{"example.net TXT v=spf1 a: -all", "example.net A 192.0.2.1"},
	SPF_UNKNOWN},
    {"a of an address is an error", "192.0.2.1",
	{"example.net TXT v=spf1 a:192.0.2.1 -all"}, SPF_UNKNOWN},
    {"a of one label is an error", "192.0.2.1",
	{"example.net TXT v=spf1 a:localhost -all"}, SPF_UNKNOWN},
    {"a of a name with a final dot", "192.0.2.1",
	{"example.net TXT v=spf1 a:mx.example. -all", "mx.example A 192.0.2.1"},
	SPF_PASS},
    {"a of a name with a slash inside keeps it", "192.0.2.9",
	{"example.net TXT v=spf1 a:a/b.example/24 -all",
	    "a/b.example A 192.0.2.1"},
	SPF_PASS},
    {"a with /0 matches whatever has an address", "203.0.113.1",
	{"example.net TXT v=spf1 a/0 -all", "example.net A 192.0.2.1"},
	SPF_PASS},
    {"both prefixes of a: IPv4", "192.0.2.9",
	{"example.net TXT v=spf1 a/24//64 -all", "example.net A 192.0.2.1"},
	SPF_PASS},
    {"both prefixes of a: IPv6", "2001:db8::9",
	{"example.net TXT v=spf1 a/32//64 -all",
	    "example.net AAAA 2001:db8::1"},
	SPF_PASS},
    {"the prefixes of a in the wrong order are an error", "192.0.2.9",
	{"example.net TXT v=spf1 a//64/24 -all", "example.net A 192.0.2.1"},
	SPF_UNKNOWN},
    {"a prefix with a leading zero is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.0/024 -all"}, SPF_UNKNOWN},
    {"a prefix without digits is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.0/ -all"}, SPF_UNKNOWN},
    {"ip4 takes no prefix of IPv6", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.0//24 -all"}, SPF_UNKNOWN},
    {"ip4 with an IPv6 address is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:2001:db8::1 -all"}, SPF_UNKNOWN},
    {"ip6 with an IPv4 address is an error", "192.0.2.1",
	{"example.net TXT v=spf1 ip6:192.0.2.1 -all"}, SPF_UNKNOWN},
    {"ip6 of a mapped IPv4 address is no IPv4", "192.0.2.1",
	{"example.net TXT v=spf1 ip6:::ffff:192.0.2.1 -all"}, SPF_FAIL},
    {"a mechanism with an equals sign is an unknown modifier", "192.0.2.1",
	{"example.net TXT v=spf1 a=example.com -all"}, SPF_FAIL},
    {"a modifier has no qualifier", "192.0.2.1",
	{"example.net TXT v=spf1 -moo=cow all"}, SPF_UNKNOWN},
    {"a modifier begins with a letter", "192.0.2.1",
	{"example.net TXT v=spf1 1moo=cow all"}, SPF_UNKNOWN},
    {"redirect twice is an error", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=a.example redirect=b.example",
	    "a.example TXT v=spf1 all"},
	SPF_UNKNOWN},
    {"exp twice is an error", "192.0.2.1",
	{"example.net TXT v=spf1 -all exp=a.example exp=b.example"},
	SPF_UNKNOWN},
    {"redirect to nowhere is an error", "192.0.2.1",
	{"example.net TXT v=spf1 redirect="}, SPF_UNKNOWN},
    {"redirect with a macro is not guessed", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=%{d}.example"}, SPF_UNKNOWN},
    {"redirect with a macro behind a match does not matter", "192.0.2.1",
	{"example.net TXT v=spf1 redirect=%{d}.example -all"}, SPF_FAIL},
    {"a broken macro is an error, wherever it stands", "192.0.2.1",
	{"example.net TXT v=spf1 ip4:192.0.2.1 exists:%{i.x -all"},
	SPF_UNKNOWN},
    {"a macro of the explanation is an error in a domain", "192.0.2.1",
	{"example.net TXT v=spf1 -all exp=%{r}.example"}, SPF_UNKNOWN},
    {"a tab is no blank", "192.0.2.1", {"example.net TXT v=spf1\t-all"},
	SPF_NONE},
    {"a control character is an error", "192.0.2.1",
	{"example.net TXT v=spf1 moo=\177 -all"}, SPF_UNKNOWN},
    {"many blanks are one", "192.0.2.1",
	{"example.net TXT v=spf1   ip4:192.0.2.1   -all  "}, SPF_PASS},
    {"an mx without MX records matches nothing", "192.0.2.1",
	{"example.net TXT v=spf1 mx -all", "example.net A 192.0.2.1"},
	SPF_FAIL},
    {"include of a domain that redirects", "192.0.2.1",
	{"example.net TXT v=spf1 include:b.example -all",
	    "b.example TXT v=spf1 redirect=c.example",
	    "c.example TXT v=spf1 ip4:192.0.2.1 -all"},
	SPF_PASS},
    {"include whose DNS fails is no verdict", "192.0.2.1",
	{"example.net TXT v=spf1 include:broken.example -all",
	    "broken.example FAILS"},
	SPF_UNKNOWN},
    {"texts that were left out may be SPF too", "192.0.2.1",
	{"example.net TXT v=spf1 -all", "example.net IS CUT"}, SPF_UNKNOWN},
    {"an address among those that were given matches", "192.0.2.1",
	{"example.net TXT v=spf1 a:b.example -all", "b.example A 192.0.2.1",
	    "b.example IS CUT"},
	SPF_PASS},
    {"addresses that were left out may match", "192.0.2.1",
	{"example.net TXT v=spf1 a:b.example -all", "b.example A 192.0.2.2",
	    "b.example IS CUT"},
	SPF_UNKNOWN},
    {"DNS that fails is no verdict", "192.0.2.1",
	{"example.net TXT v=spf1 a:broken.example -all",
	    "broken.example FAILS"},
	SPF_UNKNOWN},
};

struct answers {
	const char *text[ZONE_MAX];
	const char *host[ZONE_MAX];
	struct addr address[ZONE_MAX];
	struct spf_answer answer;
};

static void look_up(const struct row *row, const struct spf_question *question,
    struct answers *out)
{
	static const char *const types[] = {"TXT", "A", "AAAA", "MX"};
	char wanted[300], fails[300], is_cut[300];
	size_t i;

	memset(out, 0, sizeof(*out));
	snprintf(wanted, sizeof(wanted), "%s %s ", question->name,
	    types[question->type]);
	snprintf(fails, sizeof(fails), "%s FAILS", question->name);
	snprintf(is_cut, sizeof(is_cut), "%s IS CUT", question->name);
	out->answer.status = SPF_NOTHING;
	for (i = 0; i < ZONE_MAX && row->zone[i] != NULL; i++) {
		const char *value = row->zone[i] + strlen(wanted);

		if (strcmp(row->zone[i], fails) == 0)
			out->answer.status = SPF_DNS_FAILED;
		if (strcmp(row->zone[i], is_cut) == 0)
			out->answer.cut = true;
		if (strncmp(row->zone[i], wanted, strlen(wanted)) != 0)
			continue;
		out->answer.status = SPF_FOUND;
		if (question->type == SPF_ASK_TXT)
			out->text[out->answer.ntext++] = value;
		else if (question->type == SPF_ASK_MX)
			out->host[out->answer.nhost++] = value;
		else
			addr_parse(
			    &out->address[out->answer.naddress++], value);
	}
	out->answer.text = out->text;
	out->answer.host = out->host;
	out->answer.address = out->address;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct spf *spf = calloc(1, sizeof(*spf));
	struct spf_question question;
	struct answers answers;
	struct addr address;
	int asked = 0;

	assert_true(addr_parse(&address, row->address));
	spf_begin(spf, &address, "example.net");
	while (spf_next(spf, &question)) {
		assert_true(++asked < 200);
		look_up(row, &question, &answers);
		spf_give(spf, &answers.answer);
	}
	if (spf->result != row->expected)
		fail_msg("%s (%s)", spf_result_word(spf->result), spf->because);
	assert_true(spf->because[0] != '\0');
	free(spf);
}

static const struct said_row {
	const char *name, *zone, *because;
} said_rows[] = {
    {"the term that decides is said", "v=spf1 a -all",
	"example.net says fail (-all)"},
    {"a record in which nothing matches says so", "v=spf1 ip4:192.0.2.2",
	"example.net says neutral"},
    {"a domain without a record is said", "hello",
	"example.net has no SPF record"},
    {"the term that is wrong is said", "v=spf1 ipv4:192.0.2.1 -all",
	"example.net has \"ipv4:192.0.2.1\" in its SPF record"},
    {"what is not printable is not printed", "v=spf1 a\001\377b",
	"example.net has \"a??b\" in its SPF record"},
    {"the macro is said", "v=spf1 exists:%{i}.example -all",
	"\"exists:%{i}.example\" is not evaluated: it has a macro"},
    {"ptr is said", "v=spf1 ptr -all",
	"\"ptr\" is not evaluated: nobody should use ptr"},
};

static void said(void **state)
{
	const struct said_row *said_row = *state;
	struct row row = {.address = "192.0.2.1"};
	struct spf *spf = calloc(1, sizeof(*spf));
	struct spf_question question;
	struct answers answers;
	struct addr address;
	char line[200];

	snprintf(line, sizeof(line), "example.net TXT %s", said_row->zone);
	row.zone[0] = line;
	addr_parse(&address, row.address);
	spf_begin(spf, &address, "example.net");
	while (spf_next(spf, &question)) {
		look_up(&row, &question, &answers);
		spf_give(spf, &answers.answer);
	}
	assert_string_equal(spf->because, said_row->because);
	free(spf);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, said_rows, said);
	return test_run("spf", &list);
}
