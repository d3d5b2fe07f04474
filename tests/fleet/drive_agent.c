/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fleet/drive_agent.h"

#include <stdio.h>
#include <string.h>

#include "collector/routes/identity.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/base/rfc3339.h"
#include "lib/http/httpsig.h"

#define FILTERED_EVERY 10  /* networks have one that filters port 25 */
#define NETWORK        256 /* addresses */

bool drive_agent_make(struct drive_agent *agent, size_t number)
{
	uint8_t private_key[SIGN_SECRET_SIZE];
	size_t at = number % DRIVE_ADDRESSES;
	char text[64];

	memset(agent, 0, sizeof(*agent));
	agent->number = number;
	snprintf(text, sizeof(text), "egress25 simulated agent %zu", number);
	sha256(text, strlen(text), private_key);
	if (sign_key_of(private_key, &agent->key) < 0)
		return false;
	sign_key_public(agent->key, agent->public_key);
	identity_name(agent->public_key, agent->id);
	snprintf(agent->address, sizeof(agent->address), "198.%zu.%zu.%zu",
	    18 + (at >> 16), at >> 8 & 255, at & 255);
	return true;
}

void drive_agent_free(struct drive_agent *agent)
{
	sign_key_free(agent->key);
	buf_free(&agent->report);
}

bool drive_agent_write(const struct drive_agent *agent,
    const struct drive_message *message, struct buf *request)
{
	size_t length = message->body != NULL ? message->body->length : 0;
	const struct httpsig_request signed_part = {
	    .method = message->method,
	    .path = message->path,
	    .body = length > 0 ? message->body->data : "",
	    .body_length = length,
	};
	struct httpsig_headers headers;

	if (httpsig_sign(&signed_part, message->keyid, clock_wall_ms() / 1000,
		agent->key, &headers) < 0)
		return false;
	buf_printf(request,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\n"
	    "Content-Digest: %s\r\nSignature-Input: %s\r\nSignature: %s\r\n",
	    message->method, message->path, agent->address,
	    headers.content_digest, headers.signature_input, headers.signature);
	if (length > 0)
		buf_printf(request,
		    "Content-Type: application/json\r\nContent-Length: %zu\r\n",
		    length);
	buf_append_text(request, "\r\n");
	if (length > 0)
		buf_append(request, message->body->data, length);
	return !request->failed;
}

static void put_probes(const struct drive_agent *agent, struct buf *out)
{
	bool is_filtered = agent->number % DRIVE_ADDRESSES / NETWORK %
			       FILTERED_EVERY ==
			   0;

	buf_printf(out,
	    "{\"port\":25,\"mode\":\"starttls\",\"ended\":\"%s\",\"failure\":%s"
	    ",\"ms\":{\"connect\":%s}},"
	    "{\"port\":587,\"mode\":\"starttls\",\"ended\":\"done\","
	    "\"failure\":null,\"ms\":{\"connect\":12.5}},"
	    "{\"port\":443,\"mode\":\"connect\",\"ended\":\"connect\","
	    "\"failure\":null,\"ms\":{\"connect\":12.5}}",
	    is_filtered ? "connect" : "done",
	    is_filtered ? "\"timeout\"" : "null",
	    is_filtered ? "10000" : "12.5");
}

void drive_agent_report(struct drive_agent *agent)
{
	char id[REPORT_ID_SIZE], now[RFC3339_SIZE];
	struct buf *out = &agent->report;

	uuid7(clock_wall_ms(), id);
	rfc3339_format(clock_wall_ms(), now);
	buf_clear(out);
	buf_printf(out,
	    "{\"format\":\"egress25-report/1\",\"report\":\"%s\","
	    "\"agent\":\"%s\",\"software\":\"simulated\",\"started\":\"%s\","
	    "\"ended\":\"%s\",\"sources\":[{\"family\":4,\"address\":\"%s\","
	    "\"proof\":\"%s\"}],",
	    id, agent->id, now, now, agent->address, agent->proof);
	buf_printf(out,
	    "\"targets\":[{\"endpoint\":\"mx%zu\",\"host\":\"mx%zu.example\","
	    "\"address\":\"192.0.2.25\",\"family\":4,\"at\":\"%s\","
	    "\"probes\":[",
	    agent->number % 4, agent->number % 4, now);
	put_probes(agent, out);
	buf_append_text(out, "],\"paths\":[]}]}");
}

bool drive_agent_take_proof(struct drive_agent *agent, const char *body)
{
	const char *at = strstr(body, "\"proof\":\"");
	size_t length;

	if (at == NULL)
		return false;
	at += 9;
	length = strcspn(at, "\"");
	if (length == 0 || length >= sizeof(agent->proof))
		return false;
	memcpy(agent->proof, at, length);
	agent->proof[length] = '\0';
	return true;
}
