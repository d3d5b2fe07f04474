/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/proxy_header.h"

#include <errno.h>
#include <string.h>

#include "tests/support/rows.h"

#define START "\r\n\r\n\0\r\nQUIT\n"
/* 198.51.100.7:40000 to 192.0.2.1:443 */
#define PAIR4 "\xc6\x33\x64\x07\xc0\x00\x02\x01\x9c\x40\x01\xbb"
/* [2001:db8::7]:40000 to [2001:db8::1]:443 */
#define ZEROES "\0\0\0\0\0\0\0\0\0\0\0"
#define PAIR6                            \
	"\x20\x01\x0d\xb8" ZEROES "\x07" \
	"\x20\x01\x0d\xb8" ZEROES "\x01" \
	"\x9c\x40\x01\xbb"
/* ::ffff:198.51.100.7 to ::1 */
#define MAPPED                                         \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x07" \
	"\0\0\0\0" ZEROES "\x01"                       \
	"\x9c\x40\x01\xbb"

#define BYTES(text) text, sizeof(text) - 1

static const struct row {
	const char *name;
	const char *bytes;
	size_t length;
	ssize_t size;
	const char *client; /* "": absent */
	uint16_t port;
} rows[] = {
    {"nothing may become a header", BYTES(""), 0, "", 0},
    {"a line for IPv4",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 40000 443\r\nGET /"), 45,
	"198.51.100.7", 40000},
    {"a line for IPv6",
	BYTES("PROXY TCP6 2001:db8::7 2001:db8::1 40000 443\r\n"), 46,
	"2001:db8::7", 40000},
    {"a line for IPv4 in IPv6's clothes",
	BYTES("PROXY TCP6 ::ffff:198.51.100.7 ::ffff:192.0.2.1 40000 443\r\n"),
	59, "198.51.100.7", 40000},
    {"a line for what the proxy does not know", BYTES("PROXY UNKNOWN\r\n"), 15,
	"", 0},
    {"what follows UNKNOWN is passed over",
	BYTES("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), 35, "", 0},
    {"half a line may become one", BYTES("PROXY TCP4 198.51.100.7 192."), 0, "",
	0},
    {"a line that never ends is none",
	BYTES("PROXY UNKNOWN 1234567890 1234567890 1234567890 1234567890 "
	      "1234567890 1234567890 1234567890 1234567890 12345"),
	-EINVAL, "", 0},
    {"a line that ends in LF alone is none",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 40000 443\n"), -EINVAL, "", 0},
    {"a line with another family's address is none",
	BYTES("PROXY TCP4 2001:db8::7 2001:db8::1 40000 443\r\n"), -EINVAL, "",
	0},
    {"a line with a word too many is none",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 40000 443 x\r\n"), -EINVAL, "",
	0},
    {"a line with two blanks is none",
	BYTES("PROXY TCP4  198.51.100.7 192.0.2.1 40000 443\r\n"), -EINVAL, "",
	0},
    {"a line with a port too high is none",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 65536 443\r\n"), -EINVAL, "",
	0},
    {"a line with a port of 00 is none",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 00 443\r\n"), -EINVAL, "", 0},
    {"a line with a sign before the port is none",
	BYTES("PROXY TCP4 198.51.100.7 192.0.2.1 +1 443\r\n"), -EINVAL, "", 0},
    {"a line with a NUL in it is none", BYTES("PROXY UNKNOWN\0 x\r\n"), -EINVAL,
	"", 0},
    {"a line of another transport is none",
	BYTES("PROXY UDP4 198.51.100.7 192.0.2.1 40000 443\r\n"), -EINVAL, "",
	0},
    {"bytes for IPv4", BYTES(START "\x21\x11\0\x0c" PAIR4 "GET /"), 28,
	"198.51.100.7", 40000},
    {"bytes for IPv6", BYTES(START "\x21\x21\0\x24" PAIR6), 52, "2001:db8::7",
	40000},
    {"an IPv4 address in IPv6's clothes is IPv4",
	BYTES(START "\x21\x21\0\x24" MAPPED), 52, "198.51.100.7", 40000},
    {"what a TLV says is passed over",
	BYTES(START "\x21\x11\0\x13" PAIR4 "\x04\0\x04\0\0\0\0"
		    "GET /"),
	35, "198.51.100.7", 40000},
    {"the proxy's own connection, as for its health checks",
	BYTES(START "\x20\0\0\0"), 16, "", 0},
    {"the proxy's own, with addresses that do not count",
	BYTES(START "\x20\x11\0\x0c" PAIR4), 28, "", 0},
    {"a UNIX socket has no address",
	BYTES(START "\x21\x31\0\x02"
		    "xx"),
	18, "", 0},
    {"UDP is nothing of ours", BYTES(START "\x21\x12\0\x0c" PAIR4), 28, "", 0},
    {"half of the signature may become a header", "\r\n\r\n\0\r\n", 7, 0, "",
	0},
    {"bytes may lack the last of an address",
	BYTES(START "\x21\x11\0\x0c"
		    "\xc6\x33\x64"),
	0, "", 0},
    {"a length that holds no two addresses is wrong",
	BYTES(START "\x21\x11\0\x0b"
		    "12345678901"),
	-EINVAL, "", 0},
    {"a length beyond all need is wrong at once",
	BYTES(START "\x21\x11\xff\xff"), -EINVAL, "", 0},
    {"version 3 is not known", BYTES(START "\x31\x11\0\x0c" PAIR4), -EINVAL, "",
	0},
    {"a third command is not known", BYTES(START "\x22\x11\0\x0c" PAIR4),
	-EINVAL, "", 0},
    {"a request without header is none", BYTES("GET /v1/whoami HTTP/1.1\r\n"),
	-EINVAL, "", 0},
    {"POST begins as PROXY does, and is none", BYTES("POST /v1/reports"),
	-EINVAL, "", 0},
    {"its first letter alone may become one", BYTES("P"), 0, "", 0},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct proxy_header header;
	char text[ADDR_TEXT_SIZE];

	assert_int_equal(
	    proxy_header_read(row->bytes, row->length, &header), row->size);
	if (row->size < 0)
		return;
	assert_string_equal(addr_format(&header.client, text), row->client);
	assert_int_equal(header.port, row->port);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("proxy_header", &list);
}
