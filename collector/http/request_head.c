/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

#define TARGET_MAX        8192
#define LENGTH_DIGITS_MAX 15
#define CHUNK_DIGITS_MAX  7

struct text {
	const char *at;
	size_t length;
};

/* What was seen of a head so far. */
struct reading {
	struct request_head *head;
	const char **why;
	bool is_old, may_have_body; /* HTTP/1.0 */
	size_t fields, hosts, lengths, codings;
};

static int refuse(struct reading *reading, int status, const char *why)
{
	*reading->why = why;
	return status;
}

static bool is(struct text text, const char *word)
{
	return text.length == strlen(word) &&
	       memcmp(text.at, word, text.length) == 0;
}

static bool is_name(struct text text, const char *name)
{
	return text.length == strlen(name) &&
	       strncasecmp(text.at, name, text.length) == 0;
}

/* RFC 9110, 5.6.2. */
static bool is_token(struct text text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = text.at[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') &&
		    (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return text.length > 0;
}

/* UTF-8 without control characters, U+0080 to U+009F too; a byte that is no
 * part of it follows `text`. */
static bool is_readable(struct text text, bool may_have_tabs)
{
	const char *at = text.at, *end = at + text.length;

	while (at < end) {
		unsigned char first = (unsigned char)at[0];
		size_t size = text_utf8_length(at);

		if (size == 0 || first == 0x7f ||
		    (first < 0x20 && (first != '\t' || !may_have_tabs)) ||
		    (first == 0xc2 && (unsigned char)at[1] < 0xa0))
			return false;
		at += size;
	}
	return true;
}

/* --- the request line --- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Only characters of RFC 3986 (no fragment), and what they encode can be read
 * too. */
static bool is_target(struct text text)
{
	char decoded[TARGET_MAX + 1];
	size_t i, count = 0;

	for (i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (c <= ' ' || c > '~' || strchr("\"#<>\\^`{|}", c) != NULL)
			return false;
		if (c == '%') {
			int high = -1, low = -1;

			if (text.length - i > 2) {
				high = digit_of(text.at[i + 1]);
				low = digit_of(text.at[i + 2]);
			}
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		decoded[count++] = c;
	}
	decoded[count] = '\0';
	return is_readable((struct text){decoded, count}, false);
}

static int check_target(struct reading *reading, struct text text, bool is_star)
{
	if (text.length > TARGET_MAX)
		return refuse(
		    reading, 414, "the target is longer than 8192 bytes");
	if (is_star && is(text, "*"))
		return 0;
	if (text.length == 0 ||
	    (text.at[0] != '/' && strncasecmp(text.at, "http://", 7) != 0 &&
		strncasecmp(text.at, "https://", 8) != 0))
		return refuse(reading, 400, "the target is no path");
	if (!is_target(text))
		return refuse(reading, 400,
		    "the target has characters that no target may have");
	return 0;
}

static int check_method(struct reading *reading, struct text method)
{
	static const struct {
		const char *word;
		bool may_have_body;
	} methods[] = {{"GET", false}, {"HEAD", false}, {"POST", true},
	    {"PUT", true}, {"PATCH", true}, {"DELETE", false},
	    {"OPTIONS", false}};
	size_t i;

	if (!is_token(method))
		return refuse(reading, 400, "the request line has no method");
	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (is(method, methods[i].word)) {
			reading->may_have_body = methods[i].may_have_body;
			reading->head->is_head = is(method, "HEAD");
			return 0;
		}
	return refuse(reading, 501, "the method is not known");
}

/* METHOD SP TARGET SP VERSION; no other blank anywhere. */
static int read_request_line(struct reading *reading, struct text line)
{
	const char *end = line.at + line.length;
	const char *first = memchr(line.at, ' ', line.length);
	const char *last = memrchr(line.at, ' ', line.length);
	struct text method, target, version;
	int status;

	if (first == NULL || first == last)
		return refuse(reading, 400,
		    "the request line is not a method, a target and a version");
	method = (struct text){line.at, (size_t)(first - line.at)};
	target = (struct text){first + 1, (size_t)(last - first - 1)};
	version = (struct text){last + 1, (size_t)(end - last - 1)};
	status = check_method(reading, method);
	if (status == 0)
		status = check_target(reading, target, is(method, "OPTIONS"));
	if (status != 0)
		return status;
	reading->is_old = is(version, "HTTP/1.0");
	if (!reading->is_old && !is(version, "HTTP/1.1"))
		return refuse(reading, 400,
		    "the version is neither HTTP/1.1 nor HTTP/1.0");
	return 0;
}

/* --- header fields --- */

static int read_length(struct reading *reading, struct text value)
{
	int64_t length = 0;
	size_t i;

	if (reading->lengths++ > 0)
		return refuse(reading, 400, "there are two Content-Lengths");
	if (value.length == 0 || value.length > LENGTH_DIGITS_MAX ||
	    (value.at[0] == '0' && value.length > 1))
		return refuse(reading, 400, "Content-Length is no number");
	for (i = 0; i < value.length; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return refuse(
			    reading, 400, "Content-Length is no number");
		length = length * 10 + (value.at[i] - '0');
	}
	reading->head->body = length;
	return 0;
}

static int read_coding(struct reading *reading, struct text value)
{
	if (reading->codings++ > 0 || !is(value, "chunked"))
		return refuse(reading, 400,
		    "Transfer-Encoding may only be \"chunked\", once");
	return 0;
}

/* A field that says how the request is read; 0 for all others. */
static int read_meaning(
    struct reading *reading, struct text name, struct text value)
{
	if (is_name(name, "Content-Length"))
		return read_length(reading, value);
	if (is_name(name, "Transfer-Encoding"))
		return read_coding(reading, value);
	if (is_name(name, "Host") && reading->hosts++ > 0)
		return refuse(reading, 400, "there are two Hosts");
	if (!is_name(name, "Expect") || reading->is_old)
		return 0;
	if (!is_name(value, "100-continue"))
		return refuse(reading, 417, "Expect may only be 100-continue");
	reading->head->awaits_continue = true;
	return 0;
}

/* NAME ":" OWS VALUE. The blank that all clients send after the colon is the
 * only one that is taken off what says where the request ends. */
static int read_field(struct reading *reading, struct text line)
{
	const char *colon = memchr(line.at, ':', line.length);
	struct text name = {line.at, 0}, value;

	if (++reading->fields > REQUEST_FIELDS_MAX)
		return refuse(reading, 431, "there are over 100 header fields");
	if (line.at[0] == ' ' || line.at[0] == '\t')
		return refuse(
		    reading, 400, "a header field is folded over two lines");
	if (colon != NULL)
		name.length = (size_t)(colon - line.at);
	if (!is_token(name))
		return refuse(reading, 400,
		    "a header line has no name, or a blank before its colon");
	value.at = colon + 1;
	value.length = line.length - name.length - 1;
	if (!is_readable(value, true))
		return refuse(reading, 400,
		    "a header field has control characters or is not UTF-8");
	if (value.length > 0 && value.at[0] == ' ') {
		value.at++;
		value.length--;
	}
	return read_meaning(reading, name, value);
}

/* RFC 9112, 3.2. */
static int check_host(struct reading *reading)
{
	if (reading->hosts == 0 && !reading->is_old)
		return refuse(reading, 400, "there is no Host");
	return 0;
}

static int check_body(struct reading *reading)
{
	struct request_head *head = reading->head;

	if (reading->codings > 0) {
		if (reading->lengths > 0)
			return refuse(reading, 400,
			    "there are both Content-Length and "
			    "Transfer-Encoding");
		if (reading->is_old)
			return refuse(
			    reading, 400, "HTTP/1.0 has no Transfer-Encoding");
		head->body = REQUEST_CHUNKED;
	}
	if (head->body != 0 && !reading->may_have_body)
		return refuse(reading, 400, "this method takes no body");
	return 0;
}

/* --- lines --- */

/* The next line of `rest`, without its CR LF, taken off. 0, -EAGAIN, or the
 * status. */
static int take_line(
    struct reading *reading, struct text *rest, struct text *line)
{
	const char *end = memchr(rest->at, '\n', rest->length);
	size_t length = end != NULL ? (size_t)(end - rest->at) : rest->length;
	const char *cr = memchr(rest->at, '\r', length);

	if (memchr(rest->at, '\0', length) != NULL)
		return refuse(reading, 400, "there is a NUL in the head");
	if (end == NULL && (cr == NULL || cr == rest->at + length - 1))
		return -EAGAIN;
	if (end == NULL || cr == NULL || cr + 1 != end)
		return refuse(reading, 400,
		    "a line does not end in CR LF, or has a CR in it");
	*line = (struct text){rest->at, length - 1};
	rest->at += length + 1;
	rest->length -= length + 1;
	return 0;
}

static int read_lines(struct reading *reading, struct text rest)
{
	const char *start = rest.at;
	struct text line;
	int status = take_line(reading, &rest, &line);

	if (status == 0)
		status = read_request_line(reading, line);
	while (
	    status == 0 && (status = take_line(reading, &rest, &line)) == 0) {
		if (line.length == 0) {
			reading->head->length = (size_t)(rest.at - start);
			status = check_host(reading);
			return status != 0 ? status : check_body(reading);
		}
		status = read_field(reading, line);
	}
	return status;
}

int request_head_read(const char *bytes, size_t length,
    struct request_head *head, const char **why)
{
	struct reading reading = {.head = head, .why = why};
	struct text all = {
	    bytes, length < REQUEST_HEAD_MAX ? length : REQUEST_HEAD_MAX};
	int status;

	memset(head, 0, sizeof(*head));
	if (length == 0)
		return -EAGAIN;
	status = read_lines(&reading, all);
	if (status == -EAGAIN && length >= REQUEST_HEAD_MAX)
		return refuse(
		    &reading, 431, "the head is longer than 16384 bytes");
	return status;
}

/* --- chunks --- */

/* The size at the start of a chunk and its CR LF. The length of the two, or 0:
 * more bytes are needed, or -1: it is malformed. */
static int read_size(const char *bytes, size_t length, size_t *size)
{
	size_t i = 0;

	*size = 0;
	while (i < length && i <= CHUNK_DIGITS_MAX && digit_of(bytes[i]) >= 0)
		*size = *size * 16 + (size_t)digit_of(bytes[i++]);
	if (i > CHUNK_DIGITS_MAX || (i < length && i == 0))
		return -1;
	if (i < length && bytes[i] != '\r')
		return -1;
	if (i + 1 < length && bytes[i + 1] != '\n')
		return -1;
	return i + 1 < length ? (int)i + 2 : 0;
}

/* One chunk at the start of `bytes`. 0: it is whole, and counted. */
static int read_chunk(const char *bytes, size_t length,
    struct request_chunks *chunks, size_t *size, const char **why)
{
	int before = read_size(bytes, length, size);
	size_t end = (size_t)before + *size, i;

	if (before == 0)
		*size = 0; /* it may have more digits */
	if (before < 0) {
		*why = "a chunk does not begin with its size alone";
		return 400;
	}
	for (i = 0; before > 0 && i < 2 && end + i < length; i++)
		if (bytes[end + i] != "\r\n"[i]) {
			*why = "a chunk does not end where its size says, or "
			       "trailer fields follow the last one";
			return 400;
		}
	if (before == 0 || length < end + 2)
		return -EAGAIN;
	chunks->length += end + 2;
	chunks->content += *size;
	return 0;
}

int request_chunks_read(const char *bytes, size_t length, size_t most,
    struct request_chunks *chunks, const char **why)
{
	size_t size, content;
	int status;

	do {
		status = read_chunk(bytes + chunks->length,
		    length - chunks->length, chunks, &size, why);
		content = chunks->content + (status == 0 ? 0 : size);
		/* Small chunks are mostly sizes. */
		if (status <= 0 &&
		    (content > most ||
			chunks->length / 2 > most + REQUEST_HEAD_MAX)) {
			*why = "the body is too large";
			return 413;
		}
	} while (status == 0 && size > 0);
	return status;
}
