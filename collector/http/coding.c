/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/coding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

#define LEVEL      1  /* of both: answers are made while somebody waits */
#define GZIP_FRAME 31 /* 15 bits of window, and 16 for gzip's frame */
#define MEMORY     8
#define ABSENT     (-1)

const char *coding_word(enum coding coding)
{
	static const char *const words[CODING_COUNT] = {
	    [CODING_GZIP] = "gzip", [CODING_ZSTD] = "zstd"};

	return words[coding];
}

/* --- weights --- */

/* A qvalue in thousandths: 0 to 1 with at most three decimals. What is wrong
 * weighs nothing. */
static int read_weight(const char *text)
{
	int weight, step;

	if (text[0] != '0' && text[0] != '1')
		return 0;
	weight = (text[0] - '0') * 1000;
	if (text[1] != '.')
		return weight;
	for (text += 2, step = 100; *text >= '0' && *text <= '9' && step > 0;
	     text++, step /= 10)
		weight += (*text - '0') * step;
	return weight > 1000 ? 0 : weight;
}

/* Of an item like "gzip;q=0.5". */
static int weight_of(const char *item, size_t length)
{
	const char *end = item + length, *at = memchr(item, ';', length);

	while (at != NULL) {
		at++;
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (end - at > 2 && strncasecmp(at, "q=", 2) == 0)
			return read_weight(at + 2);
		at = memchr(at, ';', (size_t)(end - at));
	}
	return 1000;
}

struct weights {
	int of[CODING_COUNT]; /* of CODING_NONE: `identity` */
	int others;           /* "*" */
};

static bool is_name(const char *item, size_t length, const char *name)
{
	return length == strlen(name) && strncasecmp(item, name, length) == 0;
}

static void take_item(const char *item, size_t length, struct weights *weights)
{
	size_t name = strcspn(item, "; \t,");
	int weight;

	if (name > length)
		name = length;
	weight = weight_of(item, length);
	if (is_name(item, name, "gzip") || is_name(item, name, "x-gzip"))
		weights->of[CODING_GZIP] = weight;
	else if (is_name(item, name, "zstd"))
		weights->of[CODING_ZSTD] = weight;
	else if (is_name(item, name, "identity"))
		weights->of[CODING_NONE] = weight;
	else if (is_name(item, name, "*"))
		weights->others = weight;
}

static void read_weights(const char *list, struct weights *weights)
{
	size_t length;
	int i;

	weights->others = ABSENT;
	for (i = 0; i < CODING_COUNT; i++)
		weights->of[i] = ABSENT;
	while (*list != '\0') {
		list += strspn(list, ", \t");
		length = strcspn(list, ",");
		take_item(list, length, weights);
		list += length;
	}
	/* "*" is what has no item of its own. */
	for (i = CODING_GZIP; i < CODING_COUNT; i++)
		if (weights->of[i] == ABSENT)
			weights->of[i] = weights->others > 0 ? weights->others
							     : 0;
	if (weights->of[CODING_NONE] == ABSENT)
		weights->of[CODING_NONE] = 0;
}

static void read_request(const struct request *request, struct weights *weights)
{
	struct buf list = {0};

	request_join_header(request, "Accept-Encoding", &list);
	read_weights(list.length > 0 ? list.data : "", weights);
	buf_free(&list);
}

enum coding coding_choose(const struct request *request)
{
	struct weights weights;
	enum coding best = CODING_NONE;

	read_request(request, &weights);
	if (weights.of[CODING_GZIP] > weights.of[best])
		best = CODING_GZIP;
	if (weights.of[CODING_ZSTD] > 0 &&
	    weights.of[CODING_ZSTD] >= weights.of[best])
		best = CODING_ZSTD;
	return best;
}

enum coding coding_choose_gzip(const struct request *request)
{
	struct weights weights;

	read_request(request, &weights);
	return weights.of[CODING_GZIP] > weights.of[CODING_NONE] ? CODING_GZIP
								 : CODING_NONE;
}

/* --- doing it --- */

static void apply_gzip(const void *content, size_t length, struct buf *out)
{
	z_stream stream = {0};

	if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_FRAME, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK ||
	    buf_reserve(out, deflateBound(&stream, length)) == NULL) {
		deflateEnd(&stream);
		out->failed = true;
		return;
	}
	stream.next_in = (Bytef *)content;
	stream.avail_in = (uInt)length;
	stream.next_out = (Bytef *)out->data + out->length;
	stream.avail_out = (uInt)deflateBound(&stream, length);
	if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
		buf_commit(out, stream.total_out);
	else
		out->failed = true;
	deflateEnd(&stream);
}

static void apply_zstd(const void *content, size_t length, struct buf *out)
{
	size_t bound = ZSTD_compressBound(length), size;

	if (buf_reserve(out, bound) == NULL)
		return;
	size = ZSTD_compress(
	    out->data + out->length, bound, content, length, LEVEL);
	if (ZSTD_isError(size))
		out->failed = true;
	else
		buf_commit(out, size);
}

void coding_apply(
    enum coding coding, const void *content, size_t length, struct buf *out)
{
	if (coding == CODING_GZIP)
		apply_gzip(content, length, out);
	else
		apply_zstd(content, length, out);
}
