/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/config/port_list.h"
#include "tests/support/rows.h"

struct settings {
	char name[8];
	char listen[64];
	int64_t count, seconds, bytes;
	int choice;
	bool flag;
	struct port_list ports;
};

#define FIELD(name) \
	offsetof(struct settings, name), sizeof(((struct settings *)0)->name)

static const struct conf_option table[] = {
    {"one", "name", CONF_STRING, FIELD(name), "seven", NULL, 0, 0, "a name"},
    {"one", "listen", CONF_LISTEN, FIELD(listen), "127.0.0.1:80", NULL, 0, 0,
	"where"},
    {"one", "count", CONF_COUNT, FIELD(count), "3", NULL, 1, 9, "how many"},
    {"two", "seconds", CONF_S, FIELD(seconds), "10m", NULL, 60, 86400,
	"how long"},
    {"two", "bytes", CONF_BYTES, FIELD(bytes), "64k", NULL, 1, 1 << 20,
	"how large"},
    {"two", "choice", CONF_CHOICE, FIELD(choice), "b", "a b cc", 0, 0, "which"},
    {"two", "flag", CONF_BOOL, FIELD(flag), "no", NULL, 0, 0, "whether"},
    {"two", "ports", CONF_PORTS, FIELD(ports), "25 587", NULL, 0, 0,
	"where to"},
    {NULL},
};

static int read_text(const char *bytes, size_t length,
    struct settings *settings, struct err *err)
{
	const struct conf_text text = {"t.conf", bytes, length};

	return conf_read_text(&text, table, sizeof(*settings), settings, err);
}

static void read_all(void **state)
{
	static const char text[] = "\xef\xbb\xbf; with a byte order mark\r\n"
				   "[one]\r\n"
				   "name=x ; why\r\n"
				   "listen: [::1]:25\r\n"
				   "\r\n"
				   "  # an indented comment is fine\r\n"
				   "count = 9 \t\r\n"
				   "[two] ; the second\n"
				   "seconds = 1h\n"
				   "bytes = 2k\n"
				   "choice = cc\n"
				   "flag = on\n"
				   "[one]\n"
				   "[two]\n"
				   "ports = 2525/starttls";
	struct settings s;
	struct err err = {""};

	assert_int_equal(read_text(text, sizeof(text) - 1, &s, &err), 0);
	assert_string_equal(s.name, "x");
	assert_string_equal(s.listen, "[::1]:25");
	assert_int_equal(s.count, 9);
	assert_int_equal(s.seconds, 3600);
	assert_int_equal(s.bytes, 2048);
	assert_int_equal(s.choice, 2);
	assert_true(s.flag);
	assert_int_equal(s.ports.count, 1);
	assert_int_equal(s.ports.port[0], 2525);
}

static void defaults(void **state)
{
	struct settings s;
	struct err err = {""};

	assert_int_equal(read_text("", 0, &s, &err), 0);
	assert_string_equal(s.name, "seven");
	assert_int_equal(s.seconds, 600);
	assert_int_equal(s.bytes, 65536);
	assert_int_equal(s.choice, 1);
	assert_false(s.flag);
	assert_int_equal(s.ports.count, 2);
}

#define TEXT(text) text, sizeof(text) - 1

static const struct bad_row {
	const char *name, *text;
	size_t length;
	const char *why;
} bad_rows[] = {
    {"an unknown section", TEXT("[one]\n[three]\n"),
	"t.conf:2: unknown section [three]"},
    {"an unknown key", TEXT("[one]\n\nnane = x\n"),
	"t.conf:3: unknown key 'nane' in [one]"},
    {"a key of another section", TEXT("[one]\nflag = yes\n"),
	"t.conf:2: unknown key 'flag' in [one]"},
    {"a key twice names both lines",
	TEXT("[one]\nname = a\ncount = 1\nname = a\n"),
	"t.conf:4: name is set on line 2 already"},
    {"a key twice in a section that is opened twice",
	TEXT("[one]\nname = a\n[two]\n[one]\nname = a\n"),
	"t.conf:5: name is set on line 2 already"},
    {"a bad count", TEXT("[one]\ncount = ten\n"),
	"t.conf:2: count: 'ten' is no whole number"},
    {"a count out of range", TEXT("[one]\ncount = 10\n"),
	"t.conf:2: count: '10' is more than 9"},
    {"a time out of range", TEXT("[two]\nseconds = 59s\n"),
	"t.conf:2: seconds: '59s' is less than 60 seconds"},
    {"a choice that is none", TEXT("[two]\nchoice = c\n"),
	"t.conf:2: choice: 'c' is none of: a b cc"},
    {"an empty choice", TEXT("[two]\nchoice =\n"),
	"t.conf:2: choice: '' is none of: a b cc"},
    {"a choice of two words", TEXT("[two]\nchoice = a b\n"),
	"t.conf:2: choice: 'a b' is none of: a b cc"},
    {"text longer than its field is not cut", TEXT("[one]\nname = eightxxx\n"),
	"t.conf:2: name: more than 7 characters"},
    {"a name where an address must be", TEXT("[one]\nlisten = localhost:80\n"),
	"t.conf:2: listen: 'localhost:80' is no ADDRESS:PORT"},
    {"a listener without a port", TEXT("[one]\nlisten = 127.0.0.1\n"),
	"t.conf:2: listen: '127.0.0.1' is no ADDRESS:PORT"},
    {"a continuation line is not glued to its value",
	TEXT("[two]\nports = 25\n  587\n"), "t.conf:3: an indented line"},
    {"an indented key", TEXT("[one]\nname = a\n\tcount = 1\n"),
	"t.conf:3: an indented line"},
    {"an indented section", TEXT(" [one]\n"), "t.conf:1: an indented line"},
    {"a line that is no pair is named, not the wrong one behind it",
	TEXT("[one]\nname\ncount = ten\n"),
	"t.conf:2: this is neither KEY = VALUE nor [SECTION]"},
    {"a last line that is no pair", TEXT("[one]\nname"),
	"t.conf:2: this is neither KEY = VALUE nor [SECTION]"},
    {"a key before any section", TEXT("name = a\n"),
	"t.conf:1: a key stands before the first [SECTION]"},
    {"no key", TEXT("[one]\n= a\n"), "t.conf:2: no key is before the '='"},
    {"a section that stays open", TEXT("[one\nname = a\n"),
	"t.conf:1: a section is [NAME]"},
    {"a section without a name", TEXT("[]\n"), "t.conf:1: a section is [NAME]"},
    {"a blank in a section's name", TEXT("[o ne]\n"),
	"t.conf:1: a section is [NAME]"},
    {"something behind a section", TEXT("[one] name = a\n"),
	"t.conf:1: something stands behind [one]"},
    {"a section's name that is too long",
	TEXT("[a123456789b123456789c123456789d123456789e123456789]\n"),
	"t.conf:1: a section's name is longer than 49 characters"},
    {"a NUL byte", TEXT("[one]\nname = a\0b\n"),
	"t.conf:2: a NUL byte is in this line"},
    {"a NUL byte in a comment", TEXT("; a\0b\n"),
	"t.conf:1: a NUL byte is in this line"},
    {"an escape sequence", TEXT("[one]\nname = \033[2J\n"),
	"t.conf:2: a control character (27) is in this line"},
    {"Mac line ends", TEXT("[one]\rname = a\r"),
	"t.conf:1: a control character (13) is in this line"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct settings s, before;
	struct err err = {""};

	memset(&s, 0x5a, sizeof(s));
	before = s;
	assert_int_equal(read_text(row->text, row->length, &s, &err), -EINVAL);
	assert_memory_equal(err.text, row->why, strlen(row->why));
	assert_memory_equal(&s, &before, sizeof(s));
}

/* "[one]" and "name = ", then a comment that fills the line to `length`. */
static int read_long_line(size_t length, struct err *err)
{
	static const char start[] = "[one]\nname = a ;";
	struct settings s;
	char text[5000];
	size_t total = strlen("[one]\n") + length;

	memcpy(text, start, sizeof(start) - 1);
	memset(text + sizeof(start) - 1, 'x', total - sizeof(start));
	text[total - 1] = '\n';
	return read_text(text, total, &s, err);
}

static void long_lines(void **state)
{
	struct err err = {""};

	assert_int_equal(read_long_line(4000, &err), 0);
	assert_int_equal(read_long_line(4001, &err), -EINVAL);
	assert_string_equal(
	    err.text, "t.conf:2: this line is longer than 4000 bytes");
}

static void sample(void **state)
{
	struct settings plain, again;
	struct buf text = {0}, bare = {0};
	struct err err = {""};
	size_t i;

	conf_print_sample(table, &text);
	assert_int_equal(read_text(text.data, text.length, &plain, &err), 0);
	/* Take the ';' of ";key = value" away, keep it in "; help". */
	for (i = 0; i < text.length; i++)
		if (text.data[i] != ';' || text.data[i + 1] == ' ')
			buf_append_char(&bare, text.data[i]);
	assert_int_equal(read_text(bare.data, bare.length, &again, &err), 0);
	assert_memory_equal(&plain, &again, sizeof(plain));
	assert_non_null(strstr(bare.data, "\nchoice = b\n"));
	buf_free(&text);
	buf_free(&bare);
}

static void bad_table(void **state)
{
	static const struct conf_option wrong[] = {
	    {"one", "count", CONF_COUNT, FIELD(count), "0", NULL, 1, 9, ""},
	    {NULL},
	};
	struct settings s;
	struct err err = {""};

	assert_int_equal(conf_defaults(wrong, &s, &err), -EINVAL);
	assert_string_equal(
	    err.text, "default of count in [one]: '0' is less than 1");
}

static void files(void **state)
{
	char path[] = "/tmp/egress25-test-conf-XXXXXX", expected[128];
	int fd = mkstemp(path);
	struct settings s;
	struct err err = {""};

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[one]\ncount = 4\n", 16), 16);
	assert_int_equal(conf_read(path, table, sizeof(s), &s, &err), 0);
	assert_int_equal(s.count, 4);
	assert_int_equal(write(fd, "x\n", 2), 2);
	close(fd);
	assert_int_equal(conf_read(path, table, sizeof(s), &s, &err), -EINVAL);
	snprintf(expected, sizeof(expected), "%s:3: this is neither", path);
	assert_memory_equal(err.text, expected, strlen(expected));
	unlink(path);
	assert_int_equal(conf_read(path, table, sizeof(s), &s, &err), -EINVAL);
	snprintf(
	    expected, sizeof(expected), "%s: No such file or directory", path);
	assert_string_equal(err.text, expected);
	assert_int_equal(conf_read("/", table, sizeof(s), &s, &err), -EINVAL);
	assert_string_equal(err.text, "/: Is a directory");
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "every type, comments, CRLF and a BOM", read_all);
	test_add(&list, "an empty file is all defaults", defaults);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "4,000 bytes are a line, 4,001 are not", long_lines);
	test_add(&list, "the sample reads back as the defaults", sample);
	test_add(&list, "a fallback that does not parse is said", bad_table);
	test_add(&list, "a file that cannot be read is wrong input", files);
	return test_run("conf", &list);
}
