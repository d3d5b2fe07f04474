/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/json/json_scan.h"
#include "lib/report/words.h"
#include "tests/support/rows.h"

static const struct good_row {
	const char *name, *json;
} good_rows[] = {
    {"blanks around everything", " \r\n\t[ 1 , { \"a\" : null } ] \n"},
    {"a bare value", "true"},
    {"every form of a number", "[0,-0,10,1.50,1e3,-1E+2,0.1e-1]"},
    {"every escape", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""},
    {"a surrogate pair", "\"\\ud83d\\udce7\""},
    {"characters of two, three and four bytes",
	"\"\xc2\x80\xe2\x82\xac\xf0\x9f\x93\xa7\""},
    {"brackets in text are no nesting",
	"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""},
    {"the same key in two objects", "[{\"a\":1},{\"a\":{\"a\":2}}]"},
};

static void good(void **state)
{
	const struct good_row *row = *state;
	struct err err = {""};
	struct json_value *tree;

	if (json_parse(row->json, strlen(row->json), &tree, &err) != 0)
		fail_msg("%s", err.text);
	json_free(tree);
}

#define BYTES(text) text, sizeof(text) - 1

static const struct bad_row {
	const char *name, *json;
	size_t length;
	const char *error;
} bad_rows[] = {
    {"nothing", BYTES(""), "the JSON is cut off at byte 0"},
    {"only blanks", BYTES("  "), "the JSON is cut off at byte 2"},
    {"an object that is cut", BYTES("{\"a\":"),
	"the JSON is cut off at byte 5"},
    {"text that is cut", BYTES("\"abc"), "the JSON is cut off at byte 4"},
    {"text that is cut in an escape", BYTES("\"\\u00"),
	"the JSON is cut off at byte 5"},
    {"a second value", BYTES("{} {}"), "more than one JSON value at byte 3"},
    {"a NUL behind the value", BYTES("{}\0"),
	"more than one JSON value at byte 2"},
    {"a NUL between values", BYTES("[1,\0 2]"), "this is no JSON at byte 3"},
    {"a byte that begins no character", BYTES("\"a\xff\""),
	"text that is no UTF-8 at byte 2"},
    {"a byte that continues none", BYTES("\"\x80\""),
	"text that is no UTF-8 at byte 1"},
    {"a character that is cut by the quote", BYTES("\"\xe2\x82\""),
	"text that is no UTF-8 at byte 1"},
    {"a character that is cut by the end", BYTES("\"\xf0\x9f\x93"),
	"text that is no UTF-8 at byte 1"},
    {"a character that is longer than it must be", BYTES("\"\xc0\xaf\""),
	"text that is no UTF-8 at byte 1"},
    {"half of a surrogate pair as bytes", BYTES("\"\xed\xa0\x80\""),
	"text that is no UTF-8 at byte 1"},
    {"a key that is no UTF-8", BYTES("{\"\xff\":1}"),
	"text that is no UTF-8 at byte 2"},
    {"a NUL in text", BYTES("\"a\0b\""),
	"a control character in text at byte 2"},
    {"an escaped NUL in text", BYTES("\"a\\u0000b\""),
	"text with a NUL at byte 8"},
    {"an escape without digits", BYTES("\"\\uzzzz\""),
	"this is no JSON at byte 3"},
    {"an unknown escape", BYTES("\"\\x41\""), "this is no JSON at byte 2"},
    {"half of a surrogate pair", BYTES("\"\\ud83d\""),
	"half of a surrogate pair at byte 7"},
    {"the other half", BYTES("\"\\udce7\""),
	"half of a surrogate pair at byte 7"},
    {"a line end in text", BYTES("\"a\nb\""),
	"a control character in text at byte 2"},
    {"a form feed for a blank", BYTES("[\f1]"), "this is no JSON at byte 1"},
    {"a byte order mark", BYTES("\xef\xbb\xbf{}"), "this is no JSON at byte 0"},
    {"a comma at the end of an array", BYTES("[1,]"),
	"this is no JSON at byte 3"},
    {"a comma at the end of an object", BYTES("{\"a\":1,}"),
	"this is no JSON at byte 7"},
    {"a key without quotes", BYTES("{a:1}"), "this is no JSON at byte 1"},
    {"a key without a colon", BYTES("{\"a\" 1}"), "this is no JSON at byte 5"},
    {"the wrong closing bracket", BYTES("[1}"), "this is no JSON at byte 2"},
    {"a number that begins with 0", BYTES("[01]"), "this is no JSON at byte 2"},
    {"a number without digits behind the point", BYTES("[1.]"),
	"this is no JSON at byte 3"},
    {"a number without an exponent", BYTES("[1e]"),
	"this is no JSON at byte 3"},
    {"a plus sign", BYTES("[+1]"), "this is no JSON at byte 1"},
    {"hexadecimal", BYTES("[0x19]"), "this is no JSON at byte 2"},
    {"NaN", BYTES("[NaN]"), "this is no JSON at byte 1"},
    {"a number without end",
	BYTES("12345678901234567890123456789012345678901234567890"
	      "12345678901234"),
	"a number of more than 63 characters at byte 64"},
    {"a word that is none", BYTES("[nul]"), "this is no JSON at byte 4"},
    {"a comment", BYTES("[1/*x*/]"), "this is no JSON at byte 2"},
    {"33 levels", BYTES("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
	"nested deeper than 32 levels at byte 33"},
    {"a key twice", BYTES("{\"a\":1,\"b\":2,\"a\":3}"),
	"the key \"a\" stands twice"},
    {"a key twice, once escaped", BYTES("{\"a\":1,\"\\u0061\":3}"),
	"the key \"a\" stands twice"},
    {"a key twice around one that is escaped",
	BYTES("{\"a\":1,\"\\u0062\":2,\"a\":3}"), "the key \"a\" stands twice"},
    {"a key twice around an object", BYTES("{\"a\":1,\"b\":{\"c\":2},\"a\":3}"),
	"the key \"a\" stands twice"},
    {"a key twice further down", BYTES("{\"t\":[0,{\"p\":{\"a\":1,\"a\":2}}]}"),
	"t[1].p: the key \"a\" stands twice"},
    {"a key twice before an object without",
	BYTES("{\"t\":[{\"a\":1,\"a\":2},{\"b\":1}],\"c\":{\"d\":3}}"),
	"t[0]: the key \"a\" stands twice"},
    {"a key twice below a key that is no plain text",
	BYTES("{\"\\n\":{\"\\u001b\":1,\"\\u001b\":2}}"),
	"?: the key \"?\" stands twice"},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	char *exact = malloc(row->length > 0 ? row->length : 1);
	struct err err = {""};
	struct json_value *tree;

	assert_non_null(exact);
	memcpy(exact, row->json, row->length);
	assert_int_equal(json_parse(exact, row->length, &tree, &err), -EINVAL);
	assert_null(tree);
	assert_string_equal(err.text, row->error);
	free(exact);
}

static void deepest(void **state)
{
	char json[2 * JSON_DEPTH_MAX];
	struct json_value *tree;

	memset(json, '[', JSON_DEPTH_MAX);
	memset(json + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_parse(json, sizeof(json), &tree, NULL), 0);
	json_free(tree);
}

static void assert_parses_within_a_second(
    const struct buf *json, const char *error)
{
	struct err err = {""};
	struct json_value *tree;
	clock_t began = clock();

	json_parse(json->data, json->length, &tree, &err);
	assert_string_equal(err.text, error);
	assert_true(clock() - began < CLOCKS_PER_SEC);
	json_free(tree);
}

/* An object with the keys 0, 1 and so on, at last once more the first. */
static void append_members(struct buf *json, int count, bool twice)
{
	int i;

	buf_append_char(json, '{');
	for (i = 0; i < count; i++)
		buf_printf(json, "%s\"%d\":0", i > 0 ? "," : "", i);
	buf_append_text(json, twice ? ",\"0\":0}" : "}");
}

static void many_members(void **state)
{
	struct buf json = {0};
	int i;

	append_members(&json, 100000, true);
	assert_parses_within_a_second(
	    &json, "an object with more than 512 members");
	buf_clear(&json);
	append_members(&json, 511, true);
	assert_parses_within_a_second(&json, "the key \"0\" stands twice");
	buf_clear(&json);
	buf_append_char(&json, '[');
	for (i = 0; i < 250; i++) {
		append_members(&json, 512, false);
		buf_append_char(&json, ',');
	}
	buf_append_text(&json, "0]");
	assert_parses_within_a_second(&json, "");
	buf_free(&json);
}

static void many_values(void **state)
{
	struct buf json = {0};
	int i;

	buf_append_text(&json, "[0");
	for (i = 1; i < JSON_VALUES_MAX; i++)
		buf_append_text(&json, ",0");
	buf_append_text(&json, "]");
	assert_parses_within_a_second(
	    &json, "more than 131072 values at byte 262143");
	buf_free(&json);
}

/* How each row reads the member "v". */
enum getter {
	OBJECT,
	ARRAY,
	TEXT,
	TEXT_OR,
	INTEGER,
	INTEGER_OR,
	NUMBER_OR,
	BOOL_OR,
	TIME,
	ADDRESS,
	WORD,
	WORD_OR
};

static const struct get_row {
	const char *name;
	enum getter getter;
	const char *json;
	const char *error; /* NULL: it is read, as: */
	double number;
	const char *text;
} get_rows[] = {
    {"an object", OBJECT, "{\"v\":{}}", NULL},
    {"no object", OBJECT, "{\"v\":[]}", "v: must be an object, not an array"},
    {"an array of three", ARRAY, "{\"v\":[1,2,3]}", NULL, 3},
    {"an array of four", ARRAY, "{\"v\":[1,2,3,4]}",
	"v: has more than 3 elements"},
    {"no array", ARRAY, "{\"v\":\"x\"}", "v: must be an array, not text"},
    {"text", TEXT, "{\"v\":\"1234567\"}", NULL, 0, "1234567"},
    {"text that is too long is not cut", TEXT, "{\"v\":\"12345678\"}",
	"v: is longer than 7 bytes"},
    {"no text", TEXT, "{\"v\":25}", "v: must be text, not a number"},
    {"text that is missing", TEXT, "{}", "v: is missing"},
    {"text that is null", TEXT, "{\"v\":null}", "v: is missing"},
    {"text that may be missing", TEXT_OR, "{\"v\":null}", NULL, 0, "else"},
    {"text that may be missing is no number", TEXT_OR, "{\"v\":1}",
	"v: must be text, not a number"},
    {"a whole number", INTEGER, "{\"v\":-5}", NULL, -5},
    {"a whole number with an exponent", INTEGER, "{\"v\":2.5e1}", NULL, 25},
    {"half a number", INTEGER, "{\"v\":2.5}", "v: 2.5 is no whole number"},
    {"too large", INTEGER, "{\"v\":101}", "v: 101 is not within -100 and 100"},
    {"far too large", INTEGER, "{\"v\":1e999}",
	"v: inf is not within -100 and 100"},
    {"far too small", INTEGER, "{\"v\":-1e300}",
	"v: -1e+300 is not within -100 and 100"},
    {"just what int64_t has not", INTEGER, "{\"v\":9223372036854775808}",
	"v: 9.22337203685478e+18 is not within -100 and 100"},
    {"a number as text", INTEGER, "{\"v\":\"25\"}",
	"v: must be a whole number, not text"},
    {"no number", INTEGER, "{}", "v: is missing"},
    {"a number that may be missing", INTEGER_OR, "{}", NULL, 7},
    {"a number with decimals", NUMBER_OR, "{\"v\":0.25}", NULL, 0.25},
    {"a number out of its range", NUMBER_OR, "{\"v\":1.5}",
	"v: 1.5 is not within 0 and 1"},
    {"an endless number", NUMBER_OR, "{\"v\":-1e999}",
	"v: -inf is not within 0 and 1"},
    {"a flag", BOOL_OR, "{\"v\":true}", NULL, 1},
    {"a flag is no number", BOOL_OR, "{\"v\":1}",
	"v: must be true or false, not a number"},
    {"a time", TIME, "{\"v\":\"1970-01-01T00:00:01.5Z\"}", NULL, 1500},
    {"no time", TIME, "{\"v\":\"now\\n\"}", "v: \"now?\" is no RFC 3339 time"},
    {"a time is no number", TIME, "{\"v\":0}",
	"v: must be a time as text, not a number"},
    {"an address", ADDRESS, "{\"v\":\"::ffff:192.0.2.1\"}", NULL, 0,
	"192.0.2.1"},
    {"no address", ADDRESS, "{\"v\":null}", NULL, 0, ""},
    {"a name is no address", ADDRESS, "{\"v\":\"mx.example.net\"}",
	"v: \"mx.example.net\" is no IP address"},
    {"a word", WORD, "{\"v\":\"tls\"}", NULL, MODE_TLS},
    {"an unknown word", WORD, "{\"v\":\"smtps\"}",
	"v: \"smtps\" is no word that is known here"},
    {"a word that may be missing", WORD_OR, "{}", NULL, 9},
    {"a member of what is no object is absent", TEXT, "[1]", "v: is missing"},
};

struct got {
	char text[8];
	int64_t integer;
	double number;
	size_t count;
	bool flag;
	struct addr addr;
	int word;
};

static int get_value(enum getter getter, const struct json_at *v,
    struct got *got, struct err *err)
{
	switch (getter) {
	case OBJECT:
		return json_get_object(v, err);
	case ARRAY:
		return json_get_array(v, 3, &got->count, err);
	case TEXT:
		return json_get_text(v, got->text, sizeof(got->text), err);
	case TEXT_OR:
		return json_get_text_or(
		    v, got->text, sizeof(got->text), "else", err);
	case INTEGER:
		return json_get_integer(v, -100, 100, &got->integer, err);
	case INTEGER_OR:
		return json_get_integer_or(v, -100, 100, 7, &got->integer, err);
	case NUMBER_OR:
		return json_get_number_or(v, 0, 1, 9, &got->number, err);
	case BOOL_OR:
		return json_get_bool_or(v, false, &got->flag, err);
	case TIME:
		return json_get_time(v, &got->integer, err);
	case ADDRESS:
		return json_get_address_or_absent(v, &got->addr, err);
	case WORD:
		return json_get_word(v, port_mode_from_word, &got->word, err);
	case WORD_OR:
		return json_get_word_or(
		    v, port_mode_from_word, 9, &got->word, err);
	}
	return -ENOSYS;
}

static void get(void **state)
{
	const struct get_row *row = *state;
	struct json_at root = {NULL}, v;
	struct got got = {""};
	struct err err = {""};
	char text[ADDR_TEXT_SIZE];
	struct json_value *tree;
	int rc;

	assert_int_equal(
	    json_parse(row->json, strlen(row->json), &tree, &err), 0);
	root.value = tree;
	json_member(&root, "v", &v);
	rc = get_value(row->getter, &v, &got, &err);
	assert_string_equal(err.text, row->error ? row->error : "");
	assert_int_equal(rc, row->error ? -EINVAL : 0);
	if (row->error == NULL) {
		/* Each getter sets one of them. */
		assert_true(got.number + (double)got.integer +
				(double)got.count + got.flag + got.word ==
			    row->number);
		addr_format(&got.addr, text);
		assert_string_equal(row->getter == ADDRESS ? text : got.text,
		    row->text ? row->text : "");
	}
	json_free(tree);
}

static void walk(void **state)
{
	static const char json[] =
	    "{\"targets\":[{\"at\":[\"x\",null,3]},{\"at\":[]}]}";
	struct json_at root = {NULL}, targets, target, at, element;
	char text[4];
	struct json_value *tree;
	struct err err;

	assert_int_equal(json_parse(json, strlen(json), &tree, NULL), 0);
	root.value = tree;
	json_member(&root, "targets", &targets);
	assert_true(json_first(&targets, &target));
	json_member(&target, "at", &at);
	assert_true(json_first(&at, &element));
	assert_int_equal(json_get_text(&element, text, 4, &err), 0);
	assert_string_equal(text, "x");
	assert_true(json_next(&element));
	assert_true(json_is_absent(&element));
	json_get_text(&element, text, 4, &err);
	assert_string_equal(err.text, "targets[0].at[1]: is missing");
	assert_true(json_next(&element));
	json_get_text(&element, text, 4, &err);
	assert_string_equal(
	    err.text, "targets[0].at[2]: must be text, not a number");
	assert_false(json_next(&element));
	assert_true(json_next(&target));
	json_member(&target, "at", &at);
	assert_false(json_first(&at, &element));
	assert_false(json_next(&target));
	json_free(tree);
}

/* Each document has values of its own, also one that needs many. */
static void trees_at_once(void **state)
{
	struct json_value *trees[3];
	struct buf big = {0};
	struct json_at root = {0}, at;
	char text[32];
	struct err err;
	int i;

	(void)state;
	buf_append_text(&big, "{\"a\":\"third\",\"b\":[0");
	for (i = 0; i < 20000; i++)
		buf_append_text(&big, ",\"text\"");
	buf_append_text(&big, "]}");
	assert_int_equal(
	    json_parse("{\"a\":\"first\"}", 13, &trees[0], &err), 0);
	assert_int_equal(
	    json_parse("{\"a\":\"second\"}", 14, &trees[1], &err), 0);
	assert_int_equal(json_parse(big.data, big.length, &trees[2], &err), 0);
	json_free(trees[0]);
	assert_int_equal(
	    json_parse("{\"a\":1,\"a\":2}", 13, &trees[0], &err), -EINVAL);
	for (i = 1; i < 3; i++) {
		root = (struct json_at){.value = trees[i]};
		json_member(&root, "a", &at);
		assert_int_equal(
		    json_get_text(&at, text, sizeof(text), &err), 0);
		assert_string_equal(text, i == 1 ? "second" : "third");
		json_free(trees[i]);
	}
	buf_free(&big);
}

static const struct text_row {
	const char *name, *json, *text;
} text_rows[] = {
    {"plain text", "\"mx.example.net\"", "mx.example.net"},
    {"no text", "\"\"", ""},
    {"short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    {"an escape of one byte", "\"\\u0041\\u007F\"", "A\x7f"},
    {"escapes of two bytes", "\"\\u0080\\u07ff\"", "\xc2\x80\xdf\xbf"},
    {"escapes of three bytes", "\"\\u0800\\uFFFF\"",
	"\xe0\xa0\x80\xef\xbf\xbf"},
    {"escapes of four bytes", "\"\\ud800\\udc00\\uDBFF\\uDFFF\"",
	"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
    {"plain text around escapes", "\"a\\u00e9b\\nc\"", "a\xc3\xa9\x62\nc"},
    {"UTF-8 as it is", "\"\xe2\x82\xac\"", "\xe2\x82\xac"},
};

/* The whole text where there is room for it, and as much as fits. */
static void text(void **state)
{
	const struct text_row *row = *state;
	struct json_value *root;
	char out[32];
	size_t length = strlen(row->text);

	assert_int_equal(
	    json_parse(row->json, strlen(row->json), &root, NULL), 0);
	assert_int_equal(json_value_copy(root, out, sizeof(out)), length);
	assert_string_equal(out, row->text);
	assert_true(json_value_is(root, row->text));
	assert_int_equal(json_value_copy(root, out, 3), length);
	assert_int_equal(strlen(out), length < 2 ? length : 2);
	assert_memory_equal(out, row->text, strlen(out));
	json_free(root);
}

static const struct key_row {
	const char *name, *json, *key;
	bool found;
} key_rows[] = {
    {"a key", "{\"ab\":1}", "ab", true},
    {"the beginning of a key is not the key", "{\"ab\":1}", "a", false},
    {"a longer key is not the key", "{\"ab\":1}", "abc", false},
    {"a key in escapes", "{\"\\u0061b\":1}", "ab", true},
    {"the beginning of a key in escapes", "{\"\\u0061b\":1}", "a", false},
    {"a longer key than one in escapes", "{\"\\u0061\":1}", "ab", false},
    {"a backslash in a key", "{\"\\\\n\":1}", "\\n", true},
    {"an escape is not its letters", "{\"\\n\":1}", "\\n", false},
    {"an empty key", "{\"\":1}", "", true},
    {"a key behind a whole object", "{\"b\":{\"a\":2},\"a\":1}", "a", true},
    {"a key in escapes behind a plain one", "{\"b\":2,\"\\u0061b\":1}", "ab",
	true},
    {"a key in escapes before a plain one", "{\"\\u0062\":2,\"ab\":1}", "ab",
	true},
    {"a key that differs in the middle is not the key", "{\"axb\":1}", "ayb",
	false},
    {"a key beside one that differs in the middle", "{\"axb\":2,\"ayb\":1}",
	"ayb", true},
    {"a key behind an object that lacks it", "{\"b\":{\"c\":{}},\"a\":1}", "a",
	true},
    {"a key inside of a member is not the object's", "{\"b\":{\"a\":2}}", "a",
	false},
};

static void key(void **state)
{
	const struct key_row *row = *state;
	struct json_value *root;
	struct json_at at = {NULL}, child;
	int64_t number;
	int i;

	assert_int_equal(
	    json_parse(row->json, strlen(row->json), &root, NULL), 0);
	at.value = root;
	/* The second time with the hint of the first. */
	for (i = 0; i < 2; i++) {
		json_member(&at, row->key, &child);
		assert_int_equal(json_is_absent(&child), !row->found);
		if (row->found)
			assert_int_equal(
			    json_get_integer(&child, 1, 1, &number, NULL), 0);
	}
	json_free(root);
}

static unsigned draw(unsigned below)
{
	static uint64_t dice = 25;

	dice = dice * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(dice >> 33) % below;
}

static void draw_digits(struct buf *out, unsigned most)
{
	unsigned i, count = 1 + draw(most);

	for (i = 0; i < count; i++)
		buf_append_char(out, (char)('0' + draw(10)));
}

/* A number of every form that JSON has. */
static void draw_number(struct buf *out)
{
	if (draw(3) == 0)
		buf_append_char(out, '-');
	buf_append_char(out, (char)('1' + draw(9)));
	draw_digits(out, draw(4) ? 5 : 18);
	if (draw(3) > 0) {
		buf_append_char(out, '.');
		draw_digits(out, draw(4) ? 4 : 18);
	}
	if (draw(4) == 0)
		buf_printf(out, "e%s%u", draw(2) ? "-" : "", draw(330));
}

static void numbers(void **state)
{
	struct buf json = {0};
	struct json_value *root;
	double number, right;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		buf_clear(&json);
		draw_number(&json);
		assert_int_equal(
		    json_parse(json.data, json.length, &root, NULL), 0);
		number = json_value_number(root);
		right = strtod(json.data, NULL);
		if (memcmp(&number, &right, sizeof(right)) != 0)
			fail_msg("%s is read as %a", json.data, number);
		json_free(root);
	}
	buf_free(&json);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, good_rows, good);
	TEST_ROWS(&list, bad_rows, bad);
	TEST_ROWS(&list, get_rows, get);
	TEST_ROWS(&list, text_rows, text);
	TEST_ROWS(&list, key_rows, key);
	test_add(&list, "numbers are read as strtod() reads them", numbers);
	test_add(&list, "32 levels are not too deep", deepest);
	test_add(
	    &list, "objects of very many members cost little", many_members);
	test_add(&list, "very many values are refused", many_values);
	test_add(&list, "a walk knows its place", walk);
	test_add(&list, "trees at once are each whole", trees_at_once);
	return test_run("json_read", &list);
}
