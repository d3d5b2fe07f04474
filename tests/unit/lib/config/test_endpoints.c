/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/endpoints_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "tests/support/rows.h"

#define RECEIPT_A                  \
	"AAECAwQFBgcICQoLDA0ODxAR" \
	"EhMUFRYXGBkaGxwdHh8"
#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEYS8                                                             \
	KEY_A " " KEY_A " " KEY_A " " KEY_A " " KEY_A " " KEY_A " " KEY_A \
	      " " KEY_A

static int read_text(
    const char *bytes, struct endpoint_list *list, struct err *err)
{
	const struct conf_text text = {"e.conf", bytes, strlen(bytes)};

	return endpoints_read_text(&text, list, err);
}

static void defaults(void **state)
{
	struct endpoint_list list;
	struct err err = {""};
	const struct endpoint *e;

	assert_int_equal(read_text("[x]\nhost = 192.0.2.1\n", &list, &err), 0);
	assert_int_equal(list.count, 1);
	e = &list.items[0];
	assert_string_equal(e->name, "x");
	assert_string_equal(e->host, "192.0.2.1");
	assert_string_equal(e->domain, "");
	assert_int_equal(e->ports.count, 3);
	assert_int_equal(e->ports.port[2], 465);
	assert_int_equal(e->ports.mode[2], MODE_TLS);
	assert_int_equal(e->control.count, 0);
	assert_int_equal(e->kind, ENDPOINT_MX);
	assert_false(e->known.offers_starttls);
	assert_int_equal(e->known.nspki, 0);
	assert_int_equal(e->known.nserves, 0);
	assert_int_equal(e->interval_s, 600);
	assert_true(e->rate == 1);
	endpoints_free(&list);
}

static void all_keys(void **state)
{
	static const char text[] = "[a]\n"
				   "domain = Example.net.\n"
				   "ports = 25 2525/starttls\n"
				   "control = 587, 443\n"
				   "kind = beacon\n"
				   "starttls = yes\n"
				   "spki = " KEY_A " " KEY_A "\n"
				   "receipt-key = " RECEIPT_A "\n"
				   "addresses = 2\n"
				   "interval = 1h\n"
				   "rate = 0.25\n"
				   "[b]\n"
				   "host = mx.example.net.\n";
	struct endpoint_list list;
	struct err err = {""};
	const struct endpoint *e;

	assert_int_equal(read_text(text, &list, &err), 0);
	assert_int_equal(list.count, 2);
	e = endpoints_find(&list, "a");
	assert_non_null(e);
	assert_string_equal(e->domain, "Example.net");
	assert_int_equal(e->ports.count, 2);
	assert_int_equal(e->control.count, 2);
	assert_int_equal(e->control.port[0], 587);
	assert_int_equal(e->control.mode[0], MODE_CONNECT);
	assert_int_equal(e->kind, ENDPOINT_BEACON);
	assert_true(e->known.offers_starttls);
	assert_int_equal(e->known.nserves, 2);
	assert_int_equal(e->known.serves[1], 2525);
	assert_int_equal(e->known.nspki, 2);
	assert_int_equal(e->known.spki_sha256[1][31], 0xff);
	assert_int_equal(e->known.nreceipt_keys, 1);
	assert_int_equal(e->known.receipt_keys[0][31], 0x1f);
	assert_int_equal(e->addresses, 2);
	assert_int_equal(e->interval_s, 3600);
	assert_true(e->rate == 0.25);
	e = endpoints_find(&list, "b");
	assert_non_null(e);
	assert_string_equal(e->host, "mx.example.net");
	assert_int_equal(e->known.nspki, 0);
	assert_null(endpoints_find(&list, "c"));
	endpoints_free(&list);
}

static void asked_control(void **state)
{
	static const char text[] = "[a]\nhost = h\nports = 25 587\n"
				   "control = 587 443 25\n";
	struct endpoint_list list;
	struct err err = {""};

	assert_int_equal(read_text(text, &list, &err), 0);
	assert_int_equal(list.items[0].control.count, 1);
	assert_int_equal(list.items[0].control.port[0], 443);
	endpoints_free(&list);
}

static void restricted(void **state)
{
	static const char text[] = "[a]\nhost = h\nports = 25 587/starttls 80\n"
				   "control = 443\n"
				   "[b]\nhost = i\nports = 465\n";
	const struct port_list ports = {{25, 2525}, {0, 0}, 2};
	struct endpoint_list list;
	struct err err = {""};
	const struct endpoint *e;

	assert_int_equal(read_text(text, &list, &err), 0);
	assert_int_equal(endpoints_restrict(&list, &ports), 1);
	e = &list.items[0];
	assert_int_equal(e->ports.count, 1);
	assert_int_equal(e->ports.port[0], 25);
	assert_int_equal(e->ports.mode[0], MODE_STARTTLS);
	assert_int_equal(e->control.count, 3);
	assert_int_equal(e->control.port[1], 587);
	assert_int_equal(e->control.mode[1], MODE_CONNECT);
	assert_int_equal(list.items[1].ports.count, 0);
	endpoints_free(&list);
}

static const struct bad_row {
	const char *name, *text, *why;
} bad_rows[] = {
    {"neither host nor domain, in the last section",
	"[a]\nhost = h\n\n[b]\nports = 25\n",
	"e.conf:4: [b] has neither host nor domain"},
    {"an empty section is named by its own line", "[a]\n[b]\nhost = h\n",
	"e.conf:1: [a] has neither host nor domain"},
    {"both host and domain", "[a]\nhost = h\ndomain = d\n",
	"e.conf:1: [a] has both host and domain"},
    {"a name twice", "[a]\nhost = h\n[b]\nhost = h\n[a]\nhost = i\n",
	"e.conf:5: [a] is on line 1 already"},
    {"a name twice in a row", "[a]\nhost = h\n[a]\nports = 25\n",
	"e.conf:3: [a] is on line 1 already"},
    {"a key twice", "[a]\nhost = h\n;\nhost = h\n",
	"e.conf:4: host is set on line 2 already"},
    {"an unknown key", "[a]\nhosts = h\n",
	"e.conf:2: unknown key 'hosts' in [a]"},
    {"a host that is none", "[a]\nhost = h h\n",
	"e.conf:2: host: 'h h' is neither an address nor a host name"},
    {"an empty host", "[a]\nhost =\n",
	"e.conf:2: host: '' is neither an address nor a host name"},
    {"an address that is none", "[a]\nhost = 192.0.2.256\n",
	"e.conf:2: host: '192.0.2.256' is neither an address nor a host name"},
    {"an address has no MX", "[a]\ndomain = 192.0.2.1\n",
	"e.conf:2: domain: '192.0.2.1' is no domain name"},
    {"a bad port", "[a]\nhost = h\nports = 25 70000\n",
	"e.conf:3: ports: '70000' is no port: write 1 to 65535, or PORT/MODE"},
    {"a control port with a mode", "[a]\nhost = h\ncontrol = 443/tls\n",
	"e.conf:3: control: '443/tls': a control port has no mode"},
    {"an unknown kind", "[a]\nhost = h\nkind = relay\n",
	"e.conf:3: kind: 'relay' is none of: mx submission beacon"},
    {"starttls = maybe", "[a]\nhost = h\nstarttls = maybe\n",
	"e.conf:3: starttls: 'maybe' is neither yes nor no"},
    {"a key that is too short", "[a]\nhost = h\nspki = 00ff\n",
	"e.conf:3: spki: '00ff' is no SHA-256 as 64 hexadecimal digits"},
    {"a key with a digit too many", "[a]\nhost = h\nspki = " KEY_A "0\n",
	"e.conf:3: spki: '" KEY_A "0' is no SHA-256"},
    {"no key", "[a]\nhost = h\nspki = ,\n", "e.conf:3: spki: no key is named"},
    {"a beacon's key that is too short",
	"[a]\nhost = h\nkind = beacon\nreceipt-key = AAEC\n",
	"e.conf:4: receipt-key: 'AAEC' is no Ed25519 key of 32 bytes"},
    {"five keys of a beacon",
	"[a]\nhost = h\nkind = beacon\nreceipt-key = " RECEIPT_A " " RECEIPT_A
	" " RECEIPT_A " " RECEIPT_A " " RECEIPT_A "\n",
	"e.conf:4: receipt-key: more than 4 keys"},
    {"a receipt-key of what is no beacon",
	"[a]\nhost = h\nreceipt-key = " RECEIPT_A "\n",
	"e.conf:1: [a] has a receipt-key and is no beacon"},
    {"nine keys", "[a]\nhost = h\nspki = " KEYS8 " " KEY_A "\n",
	"e.conf:3: spki: more than 8 keys"},
    {"no address at all", "[a]\nhost = h\naddresses = 0\n",
	"e.conf:3: addresses: '0' is less than 1"},
    {"no interval", "[a]\nhost = h\ninterval = 0\n",
	"e.conf:3: interval: '0' is less than 1 seconds"},
    {"a rate of zero", "[a]\nhost = h\nrate = 0\n",
	"e.conf:3: rate: '0' is not within 0.0001 and 10000 visits a second"},
    {"an endless rate", "[a]\nhost = h\nrate = inf\n",
	"e.conf:3: rate: 'inf' is no number"},
    {"a rate with two points", "[a]\nhost = h\nrate = 1.2.3\n",
	"e.conf:3: rate: '1.2.3' is no number"},
    {"no rate", "[a]\nhost = h\nrate =\n", "e.conf:3: rate: '' is no number"},
    {"what is no INI", "[a]\nhost = h\njunk\n",
	"e.conf:3: this is neither KEY = VALUE nor [SECTION]"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct endpoint_list list = {(void *)1, 1};
	struct err err = {""};

	assert_int_equal(read_text(row->text, &list, &err), -EINVAL);
	assert_memory_equal(err.text, row->why, strlen(row->why));
	assert_null(list.items);
	assert_int_equal(list.count, 0);
}

static void many(void **state)
{
	struct endpoint_list list;
	struct buf text = {0};
	struct err err = {""};
	int i;

	for (i = 0; i < ENDPOINTS_MAX; i++)
		buf_printf(&text, "[e%d]\nhost = h%d\n", i, i);
	assert_int_equal(read_text(text.data, &list, &err), 0);
	assert_int_equal(list.count, ENDPOINTS_MAX);
	assert_string_equal(endpoints_find(&list, "e4095")->host, "h4095");
	endpoints_free(&list);
	buf_append_text(&text, "[more]\nhost = h\n");
	assert_int_equal(read_text(text.data, &list, &err), -EINVAL);
	assert_string_equal(err.text, "e.conf:8193: more than 4096 endpoints");
	buf_free(&text);
}

static void no_file(void **state)
{
	struct endpoint_list list;
	struct err err = {""};

	assert_int_equal(
	    endpoints_read("/nonexistent/e.conf", &list, &err), -EINVAL);
	assert_string_equal(
	    err.text, "/nonexistent/e.conf: No such file or directory");
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a section with a host alone", defaults);
	test_add(&list, "every key", all_keys);
	test_add(&list, "a control port that is asked anyway", asked_control);
	test_add(&list, "a port that is not asked is a control", restricted);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "4,096 endpoints are the most", many);
	test_add(&list, "a file that is not there", no_file);
	return test_run("endpoints", &list);
}
