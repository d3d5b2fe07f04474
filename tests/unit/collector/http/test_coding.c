/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/coding.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/support/rows.h"

/* --- which --- */

static const struct row {
	const char *name;
	const char *accepts[2]; /* values of two header fields; NULL: none */
	enum coding coding;
} rows[] = {
    {"no preference is plain", {NULL}, CODING_NONE},
    {"an empty field too", {""}, CODING_NONE},
    {"gzip", {"gzip"}, CODING_GZIP},
    {"its old name", {"X-GZIP"}, CODING_GZIP},
    {"zstd", {"zstd"}, CODING_ZSTD},
    {"what browsers send", {"gzip, deflate, br, zstd"}, CODING_ZSTD},
    {"what browsers sent", {"gzip, deflate, br"}, CODING_GZIP},
    {"codings that are not made here", {"br, deflate"}, CODING_NONE},
    {"the greater weight", {"zstd;q=0.5, gzip;q=0.6"}, CODING_GZIP},
    {"by a thousandth", {"zstd;q=0.500, gzip;q=0.501"}, CODING_GZIP},
    {"a weight of 0 is a refusal", {"gzip;q=0, zstd;q=0.000"}, CODING_NONE},
    {"blanks around the weight", {"gzip ; q=0.2 ,zstd;\tq=0.1"}, CODING_GZIP},
    {"a capital Q", {"zstd;Q=0, gzip"}, CODING_GZIP},
    {"another parameter before it", {"zstd;level=9;q=0, gzip;x=y"},
	CODING_GZIP},
    {"what is no weight is none", {"gzip;q=much"}, CODING_NONE},
    {"nor is more than 1", {"gzip;q=1.5"}, CODING_NONE},
    {"anything", {"*"}, CODING_ZSTD},
    {"anything but zstd", {"zstd;q=0, *"}, CODING_GZIP},
    {"nothing but gzip", {"*;q=0, gzip"}, CODING_GZIP},
    {"plain is liked more", {"identity, gzip;q=0.5"}, CODING_NONE},
    {"plain is liked less", {"identity;q=0.1, gzip;q=0.5"}, CODING_GZIP},
    {"two fields are one list", {"br", "gzip"}, CODING_GZIP},
    {"what only sounds like it", {"gzip2, zst, xgzip"}, CODING_NONE},
    {"commas alone", {",, ,"}, CODING_NONE},
};

static void choose(void **state)
{
	const struct row *row = *state;
	struct request_header headers[2];
	struct request request = {.headers = headers};

	while (request.nheaders < 2 && row->accepts[request.nheaders] != NULL) {
		headers[request.nheaders] = (struct request_header){
		    "accept-Encoding", row->accepts[request.nheaders]};
		request.nheaders++;
	}
	assert_int_equal(coding_choose(&request), row->coding);
}

/* Where gzip alone is at hand. */
static const struct row gzip_rows[] = {
    {"no preference is plain", {NULL}, CODING_NONE},
    {"gzip among others", {"br, zstd, gzip"}, CODING_GZIP},
    {"gzip with a weight", {"GZIP;q=0.5"}, CODING_GZIP},
    {"all but gzip", {"br, zstd, gzip ; q=0.0"}, CODING_NONE},
    {"no gzip, whatever else has a digit", {"gzip;q=0.0;x=1"}, CODING_NONE},
    {"zstd is of no use", {"zstd"}, CODING_NONE},
    {"anything", {"*;q=0.1"}, CODING_GZIP},
    {"plain is liked more", {"gzip;q=0.5, identity"}, CODING_NONE},
};

static void choose_gzip(void **state)
{
	const struct row *row = *state;
	struct request_header header = {"Accept-Encoding", row->accepts[0]};
	struct request request = {
	    .headers = &header, .nheaders = row->accepts[0] != NULL};

	assert_int_equal(coding_choose_gzip(&request), row->coding);
}

/* --- doing it --- */

static void decode(
    enum coding coding, const struct buf *coded, char *out, size_t length)
{
	z_stream stream = {.next_in = (Bytef *)coded->data,
	    .avail_in = (uInt)coded->length,
	    .next_out = (Bytef *)out,
	    .avail_out = (uInt)length};

	if (coding == CODING_ZSTD) {
		assert_int_equal(
		    ZSTD_decompress(out, length, coded->data, coded->length),
		    length);
		return;
	}
	assert_int_equal(inflateInit2(&stream, 31), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, length);
	assert_int_equal(stream.avail_in, 0);
	inflateEnd(&stream);
}

/* Text that repeats itself, and noise that grows when it is coded. */
static void both_ways(void **state)
{
	static char content[200000], again[200000];
	enum coding coding;
	uint32_t noise = 1;
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 2; round++)
		for (coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
			struct buf out = {0};

			for (i = 0; i < sizeof(content); i++) {
				noise = noise * 1664525 + 1013904223;
				content[i] = round == 0 ? (char)('a' + i % 7)
							: (char)(noise >> 24);
			}
			coding_apply(coding, content, sizeof(content), &out);
			assert_false(out.failed);
			if (round == 0)
				assert_true(out.length < 2000);
			memset(again, 0, sizeof(again));
			decode(coding, &out, again, sizeof(again));
			assert_memory_equal(content, again, sizeof(content));
			buf_free(&out);
		}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, choose);
	TEST_ROWS(&list, gzip_rows, choose_gzip);
	test_add(&list, "what is coded is read again", both_ways);
	return test_run("coding", &list);
}
