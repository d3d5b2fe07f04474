/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/probe.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/base/limiter.h"
#include "agent/measure/dialog.h"
#include "agent/measure/receipt_ask.h"
#include "agent/measure/witness_attempt.h"
#include "agent/net/sock.h"
#include "agent/net/stream.h"
#include "agent/net/tls.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define READ_BYTES 16384 /* a whole TLS record, so that none is left inside */

/* After our FIN: how long, and how often, its fate is looked at. */
#define PEER_MS      1500
#define PEER_LOOK_MS 50

enum state { CONNECTING, CLEAR, WAITING, SHAKING, IN_TLS, LEAVING, NO_SOCKET };

struct probe {
	struct event_base *base;
	struct event *io, *timer;
	short watched; /* EV_READ or EV_WRITE, as `io` has it */
	enum state state;
	char host[256], ehlo[256];
	int connect_ms, banner_ms, reply_ms, total_ms;
	int64_t began_us;
	struct ssl_ctx_st *tls;
	struct stream stream;
	bool has_more; /* TLS holds bytes that the loop does not know of */
	struct limiter_permit handshake;
	struct dialog dialog;
	const char *out; /* what of a command is not yet sent */
	size_t out_length;
	enum stream_result broken; /* how writing failed; reading goes on */
	struct witness_attempt witness;
	int64_t
	    leaves_us; /* when the peer's time to acknowledge our FIN ends */
	struct probe_seen seen;
	struct addr local;
	struct transcript_part transcript;
	probe_connected *connected;
	probe_done *done;
	void *arg;
};

static void perform(struct probe *probe, struct dialog_action action);
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
	stream_free(&probe->stream);
}

/* A timeout to which ICMP errors came says so in its errno. */
static void note_soft_error(struct probe *probe)
{
	struct stream *stream = &probe->stream;

	if (stream->soft_errno == 0 && stream->fd >= 0)
		stream->soft_errno = sock_soft_error(stream->fd);
	if (probe->seen.sys_errno == 0)
		probe->seen.sys_errno = stream->soft_errno;
}

static void finish(struct probe *probe)
{
	struct probe_seen *seen = &probe->seen;

	if (probe->broken == STREAM_MOVED && probe->state != LEAVING)
		stream_say_goodbye(&probe->stream);
	transcript_end(&probe->transcript, seen);
	release(probe);
	probe->done(probe->arg, seen, &probe->local);
	free(probe);
}

static int64_t probe_deadline(const struct probe *probe)
{
	return probe->began_us + probe->total_ms * 1000ll;
}

static void set_timer(struct probe *probe, int64_t deadline_us);

/* The dialogue fell silent: does the peer's kernel still take our packets? */
static void look_at_peer(struct probe *probe)
{
	int64_t now_us = clock_mono_us();

	probe->seen.peer = sock_peer_after_fin(probe->stream.fd);
	if (probe->seen.peer != PEER_UNKNOWN || now_us >= probe->leaves_us)
		finish(probe);
	else
		set_timer(probe, now_us + PEER_LOOK_MS * 1000);
}

static void leave(struct probe *probe)
{
	struct probe_seen *seen = &probe->seen;
	bool connected = probe->state > CONNECTING &&
			 probe->state != NO_SOCKET &&
			 seen->ended > STAGE_CONNECT;

	if (seen->failure == FAILURE_TIMEOUT)
		note_soft_error(probe);
	/* In the handshake its certificate may be lost where a FIN is not. */
	if (!connected || seen->failure != FAILURE_TIMEOUT ||
	    seen->ended == STAGE_TLS || seen->peer != PEER_UNKNOWN ||
	    shutdown(probe->stream.fd, SHUT_WR) < 0) {
		finish(probe);
		return;
	}
	leave_handshake(probe);
	event_del(probe->io);
	probe->state = LEAVING;
	probe->has_more = false;
	probe->leaves_us = clock_mono_us() + PEER_MS * 1000;
	if (probe->leaves_us > probe_deadline(probe))
		probe->leaves_us = probe_deadline(probe);
	look_at_peer(probe);
}

/* A connect that failed for a reason of this host's own, which says nothing of
 * the network. */
static void give_up(struct probe *probe)
{
	log_warn("port %u: connect: %s", probe->seen.port,
	    strerror(probe->seen.sys_errno));
	release(probe);
	probe->done(probe->arg, NULL, &probe->local);
	free(probe);
}

static void end_at_connect(struct probe *probe, enum failure failure)
{
	probe->seen.ended = STAGE_CONNECT;
	probe->seen.failure = failure;
	witness_attempt_end(&probe->witness, probe->stream.fd, &probe->seen);
	leave(probe);
}

static void end_by_errno(struct probe *probe)
{
	enum failure failure = sock_failure(
	    probe->seen.sys_errno, &probe->seen.icmp);

	if (failure == FAILURE_NONE)
		give_up(probe);
	else
		end_at_connect(probe, failure);
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

static void watch(struct probe *probe, short what)
{
	if (probe->watched == what)
		return;
	event_del(probe->io);
	event_assign(probe->io, probe->base, probe->stream.fd,
	    (short)(what | EV_PERSIST), on_io, probe);
	event_add(probe->io, NULL);
	probe->watched = what;
}

/* What was found is settled: no errno of the farewell belongs to it. */
static bool is_settled(const struct probe *probe)
{
	return probe->dialog.phase >= DIALOG_QUIT;
}

static void keep_errno(struct probe *probe)
{
	if (probe->stream.sys_errno != 0 && !is_settled(probe))
		probe->seen.sys_errno = probe->stream.sys_errno;
	if (probe->stream.alert != 0)
		probe->seen.tls.alert = probe->stream.alert - 1;
}

static struct dialog_action end_of_tls(struct probe *probe, int64_t now_us)
{
	const char *bytes;
	size_t length = stream_plain_bytes(&probe->stream, &bytes);

	return dialog_not_tls(&probe->dialog, bytes, length, now_us);
}

/* The connection is at its end, or silent for good. */
static void end(struct probe *probe, enum stream_result how)
{
	struct dialog *dialog = &probe->dialog;
	int64_t now_us = clock_mono_us();

	probe->broken = how;
	keep_errno(probe);
	if (how == STREAM_SILENT)
		probe->seen.peer = PEER_CUT_OFF;
	if (how == STREAM_SILENT)
		perform(probe, dialog_silent(dialog, now_us));
	else if (how == STREAM_NOT_TLS)
		perform(probe, end_of_tls(probe, now_us));
	else
		perform(probe, dialog_closed(dialog,
				   how == STREAM_FIN ? DIALOG_CLOSED_FIN
						     : DIALOG_CLOSED_RST,
				   now_us));
}

static void wait_for(struct probe *probe, bool usual_write)
{
	watch(probe, stream_waits_for_write(&probe->stream, usual_write)
			 ? EV_WRITE
			 : EV_READ);
}

/* TLS reads ahead: what it holds already is read in the next turn. */
static void read_on(struct probe *probe)
{
	probe->has_more = stream_has_more(&probe->stream);
	if (probe->has_more)
		set_timer(probe, 0);
}

/* Where writing failed already, what is still there to read comes before the
 * end. */
static void read_once(struct probe *probe)
{
	char bytes[READ_BYTES];
	size_t length = 0;
	enum stream_result how = stream_read_once(
	    &probe->stream, bytes, sizeof(bytes), &length);

	/* Records that are no data stop it as well, without any errno. */
	if (probe->state == IN_TLS && probe->stream.bio.sys_errno == 0)
		read_on(probe);
	if (how == STREAM_MOVED) {
		transcript_bytes(&probe->transcript, '<', bytes, length);
		perform(probe, dialog_bytes(&probe->dialog, bytes, length,
				   clock_mono_us()));
	} else if (probe->broken != STREAM_MOVED && how != STREAM_NOT_TLS) {
		end(probe, probe->broken);
	} else if (how == STREAM_WAIT) {
		wait_for(probe, false);
	} else {
		end(probe, how);
	}
}

/* Send what is left of the command. */
static void send_rest(struct probe *probe)
{
	enum stream_result how = STREAM_MOVED;
	size_t sent = 0;

	while (probe->out_length > 0 && how == STREAM_MOVED) {
		how = stream_send_once(
		    &probe->stream, probe->out, probe->out_length, &sent);
		if (how == STREAM_MOVED) {
			transcript_bytes(
			    &probe->transcript, '>', probe->out, sent);
			probe->out += sent;
			probe->out_length -= sent;
		}
	}
	if (how == STREAM_WAIT) {
		wait_for(probe, true);
		return;
	}
	watch(probe, EV_READ);
	if (how == STREAM_MOVED)
		return;
	probe->out_length = 0;
	if (probe->broken == STREAM_MOVED)
		probe->broken = how;
	read_once(probe);
}

static void shake_hands(struct probe *probe)
{
	enum stream_result how = stream_shake_hands(&probe->stream);

	if (how == STREAM_WAIT) {
		wait_for(probe, false);
		return;
	}
	if (how != STREAM_MOVED) {
		end(probe, how);
		return;
	}
	leave_handshake(probe);
	probe->state = IN_TLS;
	watch(probe, EV_READ);
	read_on(probe);
	tls_record(probe->stream.session, &probe->seen.tls);
	transcript_tls(&probe->transcript, &probe->seen.tls);
	perform(probe, dialog_tls_done(&probe->dialog, clock_mono_us()));
}

/* Our own want of something, not the server's doing. */
static void give_up_tls(struct probe *probe, int sys_errno, int64_t now_us)
{
	probe->seen.sys_errno = sys_errno;
	perform(probe, dialog_not_tls(&probe->dialog, NULL, 0, now_us));
}

static void begin_tls(struct probe *probe)
{
	int64_t now_us = clock_mono_us();

	if (stream_begin_tls(&probe->stream, probe->tls, probe->host) != 0) {
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
	    recv(probe->stream.fd, &early, 1, MSG_PEEK) == 1) {
		perform(probe,
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
static void perform(struct probe *probe, struct dialog_action action)
{
	if (action.want != DIALOG_WANT_CLOSE)
		set_timer(probe, action.deadline_us);
	switch (action.want) {
	case DIALOG_WANT_BYTES:
		return;
	case DIALOG_WANT_SEND:
		probe->out = action.bytes;
		probe->out_length = action.length;
		send_rest(probe);
		return;
	case DIALOG_WANT_TLS:
		start_tls(probe);
		return;
	case DIALOG_WANT_CLOSE:
		leave(probe);
		return;
	}
}

static void start_dialog(struct probe *probe, int64_t now_us)
{
	struct dialog_options options = {0};
	char literal[ADDR_TEXT_SIZE];
	struct dialog_action action;

	options.mode = probe->seen.mode;
	snprintf(options.ehlo, sizeof(options.ehlo), "%s",
	    probe->ehlo[0] != '\0'
		? probe->ehlo
		: addr_format_literal(&probe->local, literal));
	options.banner_ms = probe->banner_ms;
	options.reply_ms = probe->reply_ms;
	options.deadline_us = probe_deadline(probe);
	receipt_ask(&probe->seen, options.nonce);
	probe->state = CLEAR;
	watch(probe, EV_READ);
	action = dialog_start(&probe->dialog, &options, &probe->seen, now_us);
	receipt_note_ehlo(&probe->seen, probe->dialog.options.ehlo);
	perform(probe, action);
}

static void look_at_connect(struct probe *probe)
{
	struct probe_seen *seen = &probe->seen;
	int64_t now_us = clock_mono_us();
	struct sock_result result;

	sock_result(probe->stream.fd, &result);
	if (result.pending)
		return;
	seen->us[STAGE_CONNECT] = now_us - probe->began_us;
	seen->sys_errno = result.sys_errno;
	if (result.icmp.type != OBSERVE_ABSENT)
		seen->icmp = result.icmp;
	if (!result.connected) {
		end_by_errno(probe);
		return;
	}
	transcript_event(&probe->transcript, "connected");
	if (probe->connected != NULL)
		probe->connected(probe->arg);
	stream_watch_peer(&probe->stream);
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
	stream_begin_turn(&probe->stream);
	if (probe->state == SHAKING)
		shake_hands(probe);
	else if (probe->out_length > 0)
		send_rest(probe);
	else
		read_once(probe);
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
		end_by_errno(probe);
	} else if (probe->state == WAITING) {
		begin_queued_handshake(probe);
	} else if (probe->state == LEAVING) {
		look_at_peer(probe);
	} else if (probe->state != CONNECTING) {
		perform(probe, dialog_tick(&probe->dialog, now_us));
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
	probe->stream.fd = -1;
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
	receipt_draw_nonce(&probe->seen, request->receipt_for);
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
	witness_attempt_begin(&probe->witness, request->witness);
	probe->stream.fd = sock_connect(&request->address, request->port, 0);
	if (is_our_own(-probe->stream.fd)) {
		probe_cancel(probe);
		return NULL;
	}
	if (probe->stream.fd < 0) {
		probe->seen.sys_errno = -probe->stream.fd;
		probe->state = NO_SOCKET;
		set_timer(probe, 0);
		return probe;
	}
	sock_local_address(probe->stream.fd, &probe->local);
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
