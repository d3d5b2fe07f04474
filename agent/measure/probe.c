/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/probe.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limiter.h"
#include "agent/measure/dialog.h"
#include "agent/net/sock.h"
#include "agent/net/tls.h"
#include "agent/net/tls_bio.h"
#include "lib/base/clock.h"

#define READ_BYTES 16384 /* a whole TLS record, so that none is left inside */

enum state { CONNECTING, CLEAR, WAITING, SHAKING, IN_TLS, NO_SOCKET };

/* What came of reading or writing once. */
enum moved {
	MOVED,
	MUST_WAIT,
	MET_FIN,
	MET_RST,
	MET_NO_TLS, /* an alert, or bytes that are no TLS */
	MET_SILENCE /* the kernel gave up repeating itself */
};

struct probe {
	struct event_base *base;
	struct event *io, *timer;
	short watched; /* EV_READ or EV_WRITE, as `io` has it */
	int fd;
	enum state state;
	char host[256], ehlo[256];
	int connect_ms, banner_ms, reply_ms, total_ms;
	int64_t began_us;
	struct ssl_ctx_st *tls;
	struct ssl_st *session;
	struct tls_bio tls_bio;
	bool has_more; /* TLS holds bytes that the loop does not know of */
	struct limiter_permit handshake;
	struct dialog dialog;
	const char *out; /* what of a command is not yet sent */
	size_t out_length;
	int soft_errno;    /* of an ICMP error about what still stands */
	enum moved broken; /* how writing failed, while reading goes on */
	struct probe_seen seen;
	struct addr local;
	struct transcript_part transcript;
	probe_connected *connected;
	probe_done *done;
	void *arg;
};

static void act(struct probe *probe, struct dialog_action action);
static void on_io(int fd, short what, void *arg);

static struct limiter *handshakes(void)
{
	static struct limiter limiter;

	if (limiter.limit == 0)
		limiter_init(&limiter, PROBE_HANDSHAKES_MAX);
	return &limiter;
}

/* Let the next one in, from the loop. */
static void leave_handshake(struct probe *probe)
{
	struct limiter_permit *next = limiter_release(
	    handshakes(), &probe->handshake);

	if (next != NULL)
		event_active(((struct probe *)next->owner)->io, EV_READ, 0);
}

static void release(struct probe *probe)
{
	leave_handshake(probe);
	if (probe->io != NULL)
		event_free(probe->io);
	if (probe->timer != NULL)
		event_free(probe->timer);
	SSL_free(probe->session);
	tls_bio_free(&probe->tls_bio);
	sock_close(probe->fd);
	ERR_clear_error();
}

/* A timeout to which ICMP errors came says so in its errno. */
static void note_soft_error(struct probe *probe)
{
	if (probe->soft_errno == 0 && probe->fd >= 0)
		probe->soft_errno = sock_soft_error(probe->fd);
	if (probe->seen.sys_errno == 0)
		probe->seen.sys_errno = probe->soft_errno;
}

static void finish(struct probe *probe)
{
	struct probe_seen *seen = &probe->seen;

	if (seen->failure == FAILURE_TIMEOUT)
		note_soft_error(probe);
	if (probe->state == IN_TLS && probe->broken == MOVED)
		SSL_shutdown(probe->session);
	transcript_end(&probe->transcript, seen);
	release(probe);
	probe->done(probe->arg, seen, &probe->local);
	free(probe);
}

static void end_at_connect(struct probe *probe, enum failure failure)
{
	probe->seen.ended = STAGE_CONNECT;
	probe->seen.failure = failure;
	finish(probe);
}

static void set_timer(struct probe *probe, int64_t deadline_us)
{
	int64_t left_us = deadline_us - clock_mono_us();
	struct timeval wait = {0};

	if (left_us > 0 && !probe->has_more) {
		wait.tv_sec = (time_t)(left_us / 1000000);
		wait.tv_usec = (suseconds_t)(left_us % 1000000);
	}
	event_add(probe->timer, &wait);
}

static int64_t probe_deadline(const struct probe *probe)
{
	return probe->began_us + probe->total_ms * 1000ll;
}

static void watch(struct probe *probe, short what)
{
	if (probe->watched == what)
		return;
	event_del(probe->io);
	event_assign(probe->io, probe->base, probe->fd,
	    (short)(what | EV_PERSIST), on_io, probe);
	event_add(probe->io, NULL);
	probe->watched = what;
}

/* What was found is settled: no errno of the farewell belongs to it. */
static bool is_settled(const struct probe *probe)
{
	return probe->dialog.phase >= DIALOG_QUIT;
}

/* What a failed call says. ICMP errors about a connection that still stands
 * fail one call, and are waited out. */
static enum moved moved_by_errno(struct probe *probe, int sys_errno)
{
	enum moved how;

	if (sys_errno == ECONNRESET || sys_errno == ENOTCONN) {
		how = MET_RST;
	} else if (sys_errno == EPIPE) {
		how = MET_FIN; /* and then reset what we sent */
	} else if (sys_errno == ETIMEDOUT) {
		how = MET_SILENCE;
	} else {
		if (sys_errno != EAGAIN && sys_errno != EINTR)
			probe->soft_errno = sys_errno;
		return MUST_WAIT;
	}
	if (!is_settled(probe))
		probe->seen.sys_errno = sys_errno;
	return how;
}

static enum moved moved_by_end(const struct probe *probe)
{
	return sock_was_reset(probe->fd) ? MET_RST : MET_FIN;
}

/* What an SSL_* call that returned `said` came to. */
static enum moved moved_in_tls(struct probe *probe, int said)
{
	int error = SSL_get_error(probe->session, said);

	if (said > 0)
		return MOVED;
	ERR_clear_error();
	if (probe->tls_bio.ended)
		return moved_by_end(probe);
	/* Records that are no data are read one by one, without any errno. */
	if (error == SSL_ERROR_WANT_READ && probe->tls_bio.sys_errno == 0)
		return MUST_WAIT;
	if (probe->tls_bio.sys_errno != 0)
		return moved_by_errno(probe, probe->tls_bio.sys_errno);
	return error == SSL_ERROR_ZERO_RETURN ? MET_FIN : MET_NO_TLS;
}

static enum moved put(struct probe *probe, size_t *length)
{
	ssize_t put;
	int said;

	if (probe->state == IN_TLS) {
		said = SSL_write(
		    probe->session, probe->out, (int)probe->out_length);
		*length = said > 0 ? (size_t)said : 0;
		return moved_in_tls(probe, said);
	}
	put = send(probe->fd, probe->out, probe->out_length, MSG_NOSIGNAL);
	if (put < 0)
		return moved_by_errno(probe, errno);
	*length = (size_t)put;
	return MOVED;
}

static enum moved get(struct probe *probe, char *bytes, size_t *length)
{
	ssize_t got;
	int said;

	if (probe->state == IN_TLS) {
		said = SSL_read(probe->session, bytes, READ_BYTES);
		*length = said > 0 ? (size_t)said : 0;
		return moved_in_tls(probe, said);
	}
	got = recv(probe->fd, bytes, READ_BYTES, 0);
	if (got == 0)
		return moved_by_end(probe);
	if (got < 0)
		return moved_by_errno(probe, errno);
	*length = (size_t)got;
	return MOVED;
}

/* The connection is at its end, or silent for good. */
static void end(struct probe *probe, enum moved how)
{
	int64_t now_us = clock_mono_us();

	probe->broken = how;
	if (how == MET_SILENCE)
		event_del(probe->io); /* the deadline will say it */
	else if (how == MET_NO_TLS)
		act(probe, dialog_tls_done(&probe->dialog, false, now_us));
	else
		act(probe,
		    dialog_closed(&probe->dialog,
			how == MET_FIN ? DIALOG_CLOSED_FIN : DIALOG_CLOSED_RST,
			now_us));
}

/* What a call that must wait waits for; `usual` unless TLS has its own mind. */
static void wait_for(struct probe *probe, short usual)
{
	if (probe->session != NULL && SSL_want_write(probe->session))
		usual = EV_WRITE;
	else if (probe->session != NULL && SSL_want_read(probe->session))
		usual = EV_READ;
	watch(probe, usual);
}

/* TLS reads ahead: what it holds already is read in the next turn. */
static void read_on(struct probe *probe)
{
	probe->has_more = probe->state == IN_TLS &&
			  SSL_has_pending(probe->session);
	if (probe->has_more)
		set_timer(probe, 0);
}

/* Read once. Where writing failed already, what is still there to read comes
 * before the end. */
static void pull(struct probe *probe)
{
	char bytes[READ_BYTES];
	size_t length = 0;
	enum moved how = get(probe, bytes, &length);

	/* Records that are no data stop it as well, without any errno. */
	if (probe->state == IN_TLS && probe->tls_bio.sys_errno == 0)
		read_on(probe);
	if (how == MOVED) {
		transcript_bytes(&probe->transcript, '<', bytes, length);
		act(probe, dialog_bytes(
			       &probe->dialog, bytes, length, clock_mono_us()));
	} else if (probe->broken != MOVED) {
		end(probe, probe->broken);
	} else if (how == MUST_WAIT) {
		wait_for(probe, EV_READ);
	} else {
		end(probe, how);
	}
}

/* Write what is left of the command. */
static void push(struct probe *probe)
{
	enum moved how = MOVED;
	size_t length = 0;

	while (probe->out_length > 0 && how == MOVED) {
		how = put(probe, &length);
		if (how == MOVED) {
			transcript_bytes(
			    &probe->transcript, '>', probe->out, length);
			probe->out += length;
			probe->out_length -= length;
		}
	}
	if (how == MUST_WAIT) {
		wait_for(probe, EV_WRITE);
		return;
	}
	watch(probe, EV_READ);
	if (how == MOVED)
		return;
	probe->out_length = 0;
	if (probe->broken == MOVED)
		probe->broken = how;
	pull(probe);
}

static void shake_hands(struct probe *probe)
{
	int said = SSL_do_handshake(probe->session);
	enum moved how = moved_in_tls(probe, said);

	if (how == MUST_WAIT) {
		watch(
		    probe, SSL_want_write(probe->session) ? EV_WRITE : EV_READ);
		return;
	}
	if (how != MOVED) {
		end(probe, how);
		return;
	}
	leave_handshake(probe);
	probe->state = IN_TLS;
	watch(probe, EV_READ);
	read_on(probe);
	tls_record(probe->session, &probe->seen.tls);
	transcript_tls(&probe->transcript, &probe->seen.tls);
	act(probe, dialog_tls_done(&probe->dialog, true, clock_mono_us()));
}

/* Our own want of something, not the server's doing. */
static void give_up_tls(struct probe *probe, int sys_errno, int64_t now_us)
{
	probe->seen.sys_errno = sys_errno;
	act(probe, dialog_tls_done(&probe->dialog, false, now_us));
}

static void begin_tls(struct probe *probe)
{
	int64_t now_us = clock_mono_us();

	probe->session = tls_session(probe->tls, probe->host);
	if (probe->session == NULL ||
	    tls_bio_attach(&probe->tls_bio, probe->session, probe->fd) != 0) {
		give_up_tls(probe, ENOMEM, now_us);
		return;
	}
	probe->state = SHAKING;
	set_timer(probe, dialog_tls_begins(&probe->dialog, now_us).deadline_us);
	shake_hands(probe);
}

static void begin_queued_handshake(struct probe *probe)
{
	int64_t now_us = clock_mono_us();

	if (now_us < probe_deadline(probe))
		begin_tls(probe);
	else
		give_up_tls(probe, EBUSY, now_us);
}

static void start_tls(struct probe *probe)
{
	char early;

	/* Clear bytes that are there before we said a word of TLS. */
	if (probe->seen.mode == MODE_STARTTLS &&
	    recv(probe->fd, &early, 1, MSG_PEEK) == 1) {
		act(probe,
		    dialog_bytes(&probe->dialog, &early, 1, clock_mono_us()));
		return;
	}
	if (limiter_acquire(handshakes(), &probe->handshake)) {
		begin_tls(probe);
		return;
	}
	probe->state = WAITING;
	event_del(probe->io);
	probe->watched = 0;
	set_timer(probe, probe_deadline(probe));
}

/* Always the last thing that a function does: the probe may be gone then. */
static void act(struct probe *probe, struct dialog_action action)
{
	if (action.want != DIALOG_WANT_CLOSE)
		set_timer(probe, action.deadline_us);
	switch (action.want) {
	case DIALOG_WANT_BYTES:
		return;
	case DIALOG_WANT_SEND:
		probe->out = action.bytes;
		probe->out_length = action.length;
		push(probe);
		return;
	case DIALOG_WANT_TLS:
		start_tls(probe);
		return;
	case DIALOG_WANT_CLOSE:
		finish(probe);
		return;
	}
}

static void start_dialog(struct probe *probe, int64_t now_us)
{
	struct dialog_options options = {0};
	char literal[ADDR_TEXT_SIZE];

	options.mode = probe->seen.mode;
	snprintf(options.ehlo, sizeof(options.ehlo), "%s",
	    probe->ehlo[0] != '\0'
		? probe->ehlo
		: addr_format_literal(&probe->local, literal));
	options.banner_ms = probe->banner_ms;
	options.reply_ms = probe->reply_ms;
	options.deadline_us = probe_deadline(probe);
	probe->state = CLEAR;
	watch(probe, EV_READ);
	act(probe,
	    dialog_start(&probe->dialog, &options, &probe->seen, now_us));
}

static void look_at_connect(struct probe *probe)
{
	struct probe_seen *seen = &probe->seen;
	int64_t now_us = clock_mono_us();
	struct sock_result result;

	sock_result(probe->fd, &result);
	if (result.pending)
		return;
	seen->us[STAGE_CONNECT] = now_us - probe->began_us;
	seen->sys_errno = result.sys_errno;
	if (result.icmp.type != OBSERVE_ABSENT)
		seen->icmp = result.icmp;
	if (!result.connected) {
		end_at_connect(
		    probe, sock_failure(result.sys_errno, &seen->icmp));
		return;
	}
	transcript_event(&probe->transcript, "connected");
	if (probe->connected != NULL)
		probe->connected(probe->arg);
	if (seen->mode == MODE_CONNECT)
		end_at_connect(probe, FAILURE_NONE);
	else
		start_dialog(probe, now_us);
}

static void on_io(int fd, short what, void *arg)
{
	struct probe *probe = arg;

	if (probe->state == CONNECTING) {
		look_at_connect(probe);
		return;
	}
	if (probe->state == WAITING) {
		begin_queued_handshake(probe);
		return;
	}
	tls_bio_begin_turn(&probe->tls_bio);
	if (probe->state == SHAKING)
		shake_hands(probe);
	else if (probe->out_length > 0)
		push(probe);
	else
		pull(probe);
}

static int64_t connect_deadline(const struct probe *probe)
{
	int ms = probe->connect_ms < probe->total_ms ? probe->connect_ms
						     : probe->total_ms;

	return probe->began_us + ms * 1000ll;
}

static void on_timer(int fd, short what, void *arg)
{
	struct probe *probe = arg;
	int64_t now_us = clock_mono_us();
	bool has_more = probe->has_more;

	probe->has_more = false;
	if (has_more && now_us < probe->dialog.phase_deadline_us) {
		set_timer(probe, probe->dialog.phase_deadline_us);
		on_io(fd, EV_READ, probe);
	} else if (probe->state == NO_SOCKET) {
		end_at_connect(probe,
		    sock_failure(probe->seen.sys_errno, &probe->seen.icmp));
	} else if (probe->state == WAITING) {
		begin_queued_handshake(probe);
	} else if (probe->state != CONNECTING) {
		act(probe, dialog_tick(&probe->dialog, now_us));
	} else if (now_us < connect_deadline(probe)) {
		set_timer(probe, connect_deadline(probe));
	} else {
		probe->seen.us[STAGE_CONNECT] = now_us - probe->began_us;
		end_at_connect(probe, FAILURE_TIMEOUT);
	}
}

static struct probe *probe_new(
    struct event_base *base, const struct probe_request *request)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (probe == NULL)
		return NULL;
	probe->base = base;
	probe->fd = -1;
	probe->handshake.owner = probe;
	snprintf(probe->host, sizeof(probe->host), "%s",
	    request->host != NULL ? request->host : "");
	snprintf(probe->ehlo, sizeof(probe->ehlo), "%s",
	    request->ehlo != NULL ? request->ehlo : "");
	probe->connect_ms = request->connect_ms;
	probe->banner_ms = request->banner_ms;
	probe->reply_ms = request->reply_ms;
	probe->total_ms = request->total_ms;
	probe->tls = request->tls;
	probe_seen_init(&probe->seen, request->port, request->mode);
	probe->timer = evtimer_new(base, on_timer, probe);
	probe->io = event_new(base, -1, 0, on_io, probe);
	if (probe->timer != NULL && probe->io != NULL)
		return probe;
	release(probe);
	free(probe);
	return NULL;
}

/* Whether connecting failed for want of something that is ours. */
static bool is_our_own(int sys_errno)
{
	return sys_errno == EMFILE || sys_errno == ENFILE ||
	       sys_errno == ENOMEM || sys_errno == ENOBUFS;
}

struct probe *probe_start(struct event_base *base,
    const struct probe_request *request, probe_connected *connected,
    probe_done *done, void *arg)
{
	struct probe *probe = probe_new(base, request);

	if (probe == NULL)
		return NULL;
	probe->connected = connected;
	probe->done = done;
	probe->arg = arg;
	probe->began_us = clock_mono_us();
	probe->transcript = (struct transcript_part){request->transcript,
	    request->address, request->port, probe->began_us};
	probe->fd = sock_connect(&request->address, request->port, 0);
	if (is_our_own(-probe->fd)) {
		probe_cancel(probe);
		return NULL;
	}
	if (probe->fd < 0) {
		probe->seen.sys_errno = -probe->fd;
		probe->state = NO_SOCKET;
		set_timer(probe, 0);
		return probe;
	}
	sock_local_address(probe->fd, &probe->local);
	watch(probe, EV_WRITE);
	set_timer(probe, connect_deadline(probe));
	return probe;
}

void probe_cancel(struct probe *probe)
{
	if (probe == NULL)
		return;
	release(probe);
	free(probe);
}
