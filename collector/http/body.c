/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/body.h"

#include <errno.h>
#include <strings.h>
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

static int gunzip(const struct request *request, size_t most, struct buf *out,
    struct err *err)
{
	z_stream stream = {0};
	int error;

	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		return err_system(err, -ENOMEM, "a request's body");
	stream.next_in = (unsigned char *)request->body;
	stream.avail_in = (uInt)request->body_length;
	error = inflate_all(&stream, most, out, err);
	inflateEnd(&stream);
	return error;
}

int body_decode(const struct request *request, size_t most, struct buf *out,
    struct err *err)
{
	const char *encoding = request_header(request, "Content-Encoding");

	if (encoding != NULL && strcasecmp(encoding, "gzip") != 0 &&
	    strcasecmp(encoding, "x-gzip") != 0) { /* RFC 9110, 8.4.1.3 */
		err_input(
		    err, "the encoding \"%.40s\" is not understood", encoding);
		return -EOPNOTSUPP;
	}
	if (request->body_length > most) {
		err_input(err, "over %zu bytes", most);
		return -E2BIG;
	}
	if (encoding != NULL)
		return gunzip(request, most, out, err);
	buf_append(out, request->body, request->body_length);
	return out->failed ? err_system(err, -ENOMEM, "a request's body") : 0;
}
