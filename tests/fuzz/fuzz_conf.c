/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/config/conf.h"
#include "lib/config/port_list.h"
#include "tests/fuzz/fuzz.h"

struct settings {
	char text[16];
	char listen[64];
	int64_t count, seconds, bytes;
	int choice;
	bool flag;
	struct port_list ports;
};

#define FIELD(name) \
	offsetof(struct settings, name), sizeof(((struct settings *)0)->name)

static const struct conf_option table[] = {
    {"a", "text", CONF_STRING, FIELD(text), "", NULL, 0, 0, ""},
    {"a", "listen", CONF_LISTEN, FIELD(listen), "[::1]:80", NULL, 0, 0, ""},
    {"a", "count", CONF_COUNT, FIELD(count), "1", NULL, 0, 99, ""},
    {"b", "seconds", CONF_S, FIELD(seconds), "1", NULL, 0, 99999, ""},
    {"b", "bytes", CONF_BYTES, FIELD(bytes), "1", NULL, 0, INT64_MAX, ""},
    {"b", "choice", CONF_CHOICE, FIELD(choice), "x", "x y z", 0, 0, ""},
    {"b", "flag", CONF_BOOL, FIELD(flag), "no", NULL, 0, 0, ""},
    {"b", "ports", CONF_PORTS, FIELD(ports), "25", NULL, 0, 0, ""},
    {NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct conf_text text = {"f", (const char *)bytes, length};
	struct settings s;
	struct err err = {""};
	int rc = conf_read_text(&text, table, sizeof(s), &s, &err);

	if (rc != 0) {
		fuzz_require(strncmp(err.text, "f:", 2) == 0);
		return 0;
	}
	fuzz_require(memchr(s.text, '\0', sizeof(s.text)) != NULL);
	fuzz_require(memchr(s.listen, '\0', sizeof(s.listen)) != NULL);
	fuzz_require(s.count >= 0 && s.count <= 99);
	fuzz_require(s.seconds >= 0 && s.seconds <= 99999);
	fuzz_require(s.bytes >= 0);
	fuzz_require(s.choice >= 0 && s.choice <= 2);
	fuzz_require(s.ports.count >= 1 && s.ports.count <= PORT_LIST_MAX);
	return 0;
}
