/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/gunzip.h"

#include <errno.h>
#include <zlib.h>

#define CHUNK_BYTES 65536

static int inflate_all(
    z_stream *stream, size_t most, struct buf *out, struct err *err)
{
	int status = Z_OK;
	char *room;

	while (status == Z_OK) {
		room = buf_reserve(out, CHUNK_BYTES);
		if (room == NULL)
			return err_system(err, -ENOMEM, "a request's body");
		stream->next_out = (unsigned char *)room;
		stream->avail_out = CHUNK_BYTES;
		status = inflate(stream, Z_NO_FLUSH);
		buf_commit(out, CHUNK_BYTES - stream->avail_out);
		if (out->length > most) {
			err_input(err, "over %zu bytes", most);
			return -E2BIG;
		}
	}
	if (status != Z_STREAM_END || stream->avail_in > 0)
		return err_input(err, "the body is not whole gzip");
	return 0;
}

int gunzip(const void *bytes, size_t length, size_t most, struct buf *out,
    struct err *err)
{
	z_stream stream = {0};
	int error;

	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		return err_system(err, -ENOMEM, "a request's body");
	stream.next_in = (unsigned char *)bytes;
	stream.avail_in = (uInt)length;
	error = inflate_all(&stream, most, out, err);
	inflateEnd(&stream);
	return error;
}
