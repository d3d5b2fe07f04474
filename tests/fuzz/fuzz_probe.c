/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A real probe over loopback against a server decoded from the input: which
 * bytes come in which segments, and whether the step into TLS is ever taken
 * where something was said behind the reply to STARTTLS. Bit 0 of the first
 * byte chooses the port's mode, bit 1 TLS 1.2; after it each step is a byte, of
 * which the last three bits say what the server does:
 *
 *	0, 1  sends bytes: the next byte is their number, then they follow
 *	2     sends a good reply to what is due, in one segment
 *	3     the same in two, cut where the other bits say
 *	4     sends two good replies in one segment
 *	5     goes on with the handshake; its flight is cut as above
 *	6     closes its side
 *	7     resets
 */

#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/measure/probe.h"
#include "agent/net/tls.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/pki.h"

#define PATIENCE_MS 500

static const char *const due[] = {"220 mx.example.net\r\n",
    "250-mx.example.net\r\n250 STARTTLS\r\n", "220 go\r\n",
    "250-mx.example.net\r\n250 AUTH PLAIN\r\n", "221 bye\r\n"};

#define DUE (sizeof(due) / sizeof(*due))

/* What lasts for all inputs. */
static struct event_base *base;
static struct ssl_ctx_st *client_tls, *server_tls;
static struct addr address;
static uint16_t port;
static int listener;

struct play {
	int fd;
	enum port_mode mode;
	SSL *session;
	bool in_tls, reset;
	size_t due;
	char said[8192]; /* by us, before the client began with TLS */
	size_t nsaid;
	char heard[4096]; /* in the clear */
	size_t nheard;
	char inside[512]; /* what the client says in TLS */
	size_t ninside;
	int done;
	struct probe_seen seen;
};

static void set_up(void)
{
	struct sockaddr_storage own;
	static struct pki_pair pair;
	struct err err;
	socklen_t length;

	if (base != NULL)
		return;
	base = event_base_new();
	fuzz_require(base != NULL && addr_parse(&address, "127.0.0.1"));
	fuzz_require(tls_probe_context(&client_tls, &err) == 0);
	pki_make(&pair, &(struct pki_spec){"mx.example.net"}, NULL);
	server_tls = pki_server(&pair);
	length = addr_to_sockaddr(&address, 0, &own);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	fuzz_require(bind(listener, (struct sockaddr *)&own, length) == 0);
	fuzz_require(listen(listener, 1) == 0);
	getsockname(listener, (struct sockaddr *)&own, &length);
	port = ntohs(((struct sockaddr_in *)&own)->sin_port);
}

static void on_done(
    void *arg, const struct probe_seen *seen, const struct addr *local)
{
	struct play *play = arg;

	(void)local;
	play->seen = *seen;
	play->done++;
}

static bool ends_with(const struct play *play, const char *text)
{
	size_t length = strlen(text);

	return play->nheard >= length &&
	       memcmp(play->heard + play->nheard - length, text, length) == 0;
}

/* The client's next bytes are TLS: a record of a handshake (or an alert),
 * where it may begin one. */
static bool is_tls(const struct play *play, char first)
{
	if (play->mode == MODE_TLS)
		return true;
	return (first == 0x16 || first == 0x15) &&
	       ends_with(play, "STARTTLS\r\n");
}

/* Exactly three replies in the clear, and nothing behind them. */
static bool said_three_replies(const struct play *play)
{
	const char *line = play->said, *stop = play->said + play->nsaid, *end;
	int replies = 0;

	for (; line < stop; line = end + 1) {
		end = memchr(line, '\n', (size_t)(stop - line));
		if (end == NULL)
			return false;
		replies += end - line < 4 || line[3] != '-';
	}
	return replies == 3;
}

static void begin_tls(struct play *play)
{
	fuzz_require(play->mode == MODE_TLS || said_three_replies(play));
	play->session = SSL_new(server_tls);
	fuzz_require(play->session != NULL);
	SSL_set_bio(play->session, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(play->session);
}

static void read_inside(struct play *play)
{
	int got;

	if (!play->in_tls)
		return;
	got = SSL_read(play->session, play->inside + play->ninside,
	    (int)(sizeof(play->inside) - 1 - play->ninside));
	if (got > 0)
		play->ninside += (size_t)got;
	ERR_clear_error();
}

/* Let the probe go on, and take what it says. */
static void turn(struct play *play)
{
	char bytes[4096];
	ssize_t got;

	event_base_loop(base, EVLOOP_NONBLOCK);
	got = recv(play->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got <= 0)
		return;
	if (play->session == NULL && is_tls(play, bytes[0]))
		begin_tls(play);
	if (play->session != NULL) {
		BIO_write(SSL_get_rbio(play->session), bytes, (int)got);
		read_inside(play);
		return;
	}
	fuzz_require(play->nheard + (size_t)got <= sizeof(play->heard));
	memcpy(play->heard + play->nheard, bytes, (size_t)got);
	play->nheard += (size_t)got;
}

static void send_raw(struct play *play, const char *bytes, size_t length)
{
	if (length == 0 || play->reset)
		return;
	if (play->session == NULL) {
		fuzz_require(play->nsaid + length <= sizeof(play->said));
		memcpy(play->said + play->nsaid, bytes, length);
		play->nsaid += length;
	}
	send(play->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	turn(play);
}

/* What the server's TLS wants to be sent, in two segments. */
static void send_flight(struct play *play, size_t cut)
{
	static char flight[16384];
	int got = BIO_read(
	    SSL_get_wbio(play->session), flight, (int)sizeof(flight));
	size_t length = got > 0 ? (size_t)got : 0;

	ERR_clear_error();
	if (cut > length)
		cut = length;
	send_raw(play, flight, cut);
	send_raw(play, flight + cut, length - cut);
}

static void say(struct play *play, const char *bytes, size_t length, size_t cut)
{
	if (cut > length)
		cut = length;
	if (!play->in_tls) {
		send_raw(play, bytes, cut);
		send_raw(play, bytes + cut, length - cut);
	} else if (length > 0) {
		SSL_write(play->session, bytes, (int)length);
		send_flight(play, cut);
	}
}

static const char *next_due(struct play *play)
{
	return due[play->due < DUE - 1 ? play->due++ : DUE - 1];
}

/* So many good replies, one behind the other. */
static void say_due(struct play *play, int count, size_t cut)
{
	char replies[128] = "";

	for (; count > 0; count--)
		strcat(replies, next_due(play));
	say(play, replies, strlen(replies), cut);
}

static void shake_hands(struct play *play, size_t cut)
{
	if (play->session == NULL || play->in_tls)
		return;
	play->in_tls = SSL_do_handshake(play->session) == 1;
	ERR_clear_error();
	/* 465: the greeting comes first, and then the second EHLO's reply. */
	if (play->in_tls)
		play->due = play->mode == MODE_TLS ? 0 : 3;
	read_inside(play);
	send_flight(play, cut);
}

static void leave(struct play *play, bool reset)
{
	struct linger hard = {1, 0};

	if (reset)
		setsockopt(
		    play->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	else
		shutdown(play->fd, SHUT_WR);
	play->reset = true; /* nothing more is sent */
	turn(play);
}

/* Returns how many bytes of the input the step took. */
static size_t step(struct play *play, const uint8_t *bytes, size_t length)
{
	size_t cut = bytes[0] >> 3, piece;

	switch (bytes[0] & 7) {
	case 2:
	case 3:
		say_due(play, 1, (bytes[0] & 7) == 3 ? cut : 0);
		return 1;
	case 4:
		say_due(play, 2, 0);
		return 1;
	case 5:
		shake_hands(play, cut * 100);
		return 1;
	case 6:
	case 7:
		leave(play, (bytes[0] & 7) == 7);
		return 1;
	default:
		piece = length > 1 ? bytes[1] : 0;
		if (piece > length - 2)
			piece = length > 2 ? length - 2 : 0;
		if (play->nsaid + piece + 256 < sizeof(play->said))
			say(play, (const char *)bytes + 2, piece, 0);
		return 2 + piece;
	}
}

/* The words, each once at most, in this order, and nothing else. */
static void require_words(
    const char *heard, size_t length, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (length >= strlen(words[i]) &&
		    memcmp(heard, words[i], strlen(words[i])) == 0) {
			heard += strlen(words[i]);
			length -= strlen(words[i]);
		}
	fuzz_require(length == 0);
}

static void require_result(const struct play *play)
{
	static const char *const clear[] = {
	    "EHLO me\r\n", "STARTTLS\r\n", "QUIT\r\n"};
	static const char *const inside[] = {"EHLO me\r\n", "QUIT\r\n"};

	fuzz_require(play->done == 1);
	require_words(play->heard, play->nheard, clear, 3);
	require_words(play->inside, play->ninside, inside, 2);
	fuzz_require(
	    play->nheard == 0 || memchr(play->said, '\n', play->nsaid) != NULL);
	fuzz_require((play->seen.ended == STAGE_DONE) ==
		     (play->seen.failure == FAILURE_NONE));
	if (play->session == NULL)
		fuzz_require(play->seen.tls.version[0] == '\0');
	if (play->seen.ended >= STAGE_EHLO_TLS)
		fuzz_require(play->seen.tls.version[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct probe_request request = {.host = "mx.example.net",
	    .ehlo = "me",
	    .connect_ms = PATIENCE_MS,
	    .banner_ms = PATIENCE_MS,
	    .reply_ms = PATIENCE_MS,
	    .total_ms = PATIENCE_MS};
	static struct play play;
	size_t at = 1;
	int on = 1;

	set_up();
	if (length == 0)
		return 0;
	memset(&play, 0, sizeof(play));
	play.mode = request.mode = bytes[0] & 1 ? MODE_TLS : MODE_STARTTLS;
	request.address = address;
	request.port = port;
	request.tls = client_tls;
	SSL_CTX_set_max_proto_version(
	    server_tls, bytes[0] & 2 ? TLS1_2_VERSION : 0);
	fuzz_require(probe_start(base, &request, NULL, on_done, &play) != NULL);
	play.fd = accept(listener, NULL, NULL);
	fuzz_require(play.fd >= 0);
	setsockopt(play.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	turn(&play);
	while (at < length && !play.done)
		at += step(&play, bytes + at, length - at);
	shutdown(play.fd, SHUT_WR);
	while (play.done == 0)
		event_base_loop(base, EVLOOP_ONCE);
	leave(&play, true);
	close(play.fd);
	require_result(&play);
	SSL_free(play.session);
	return 0;
}
