/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet/networks.h"
#include "collector/intake/proof.h"
#include "collector/record/format.h"
#include "collector/store/registry.h"
#include "collector/store/store.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/rfc3339.h"
#include "lib/base/text.h"
#include "lib/base/values.h"
#include "lib/config/args.h"
#include "lib/json/json.h"

#define TOKEN_BYTES 18 /* 24 characters, 144 bits */

static int open_store(const struct collector_options *options, bool read_only,
    struct store **store, struct err *err)
{
	struct store_settings settings = {
	    .backend = (enum store_backend)options->backend,
	    .read_only = read_only,
	};
	int rc = collector_options_database(
	    options, settings.path, sizeof(settings.path), err);

	return rc == 0 ? store_open(&settings, store, err) : rc;
}

/* Close the store and turn what a command came to into its exit code. */
static int finish(struct store *store, int rc, const struct err *err)
{
	if (store != NULL)
		store_close(store);
	if (rc == 0)
		return args_finish_output();
	log_error("%s", err->text);
	return rc == -EINVAL ? EXIT_USAGE : EXIT_OURS;
}

/* --- verdicts --- */

struct verdict_listing {
	struct store *store;
	enum listing_format format;
	struct buf line;
	size_t count;
	struct err *err;
};

static void print_verdict(const struct network_record *record)
{
	const struct network_verdict *verdict = &record->verdict;
	char name[32];

	text_copy_printable(
	    name, sizeof(name), record->info.name, strlen(record->info.name));
	printf("AS%-9u %-31s %-2s  IPv%u %5u  %-12s %4.2f  %s\n", verdict->asn,
	    name, record->info.country, verdict->family, verdict->port,
	    network_state_word(verdict->state), verdict->confidence,
	    verdict->because);
}

static int list_verdict(void *arg, const struct network_verdict *verdict)
{
	struct verdict_listing *listing = arg;
	struct network_record record;
	int rc = networks_complete(
	    listing->store, verdict, &record, listing->err);

	if (rc != 0)
		return rc;
	if (listing->format == LISTING_TEXT) {
		print_verdict(&record);
		return 0;
	}
	buf_clear(&listing->line);
	format_network_json(&record, &listing->line);
	if (listing->line.failed)
		return -ENOMEM;
	printf("%s\n%s", listing->count++ > 0 ? "," : "", listing->line.data);
	return 0;
}

static int list_verdicts(
    struct verdict_listing *listing, int64_t at_ms, struct err *err)
{
	struct row_filter filter;
	int rc;

	row_filter_init(&filter);
	rc = networks_decide(
	    listing->store, &filter, at_ms, list_verdict, listing, err);
	buf_free(&listing->line);
	return rc;
}

int command_verdicts(const struct collector_options *options, int64_t at_ms,
    enum listing_format format)
{
	struct err err = {""};
	struct verdict_listing listing = {.format = format, .err = &err};
	int rc = open_store(options, true, &listing.store, &err);

	if (rc != 0)
		return finish(NULL, rc, &err);
	if (format == LISTING_JSON)
		printf("{\"items\":[");
	rc = list_verdicts(
	    &listing, at_ms != 0 ? at_ms : clock_wall_ms(), &err);
	if (format == LISTING_JSON && rc == 0)
		printf("],\"next\":null}\n");
	return finish(listing.store, rc, &err);
}

/* --- agents and tokens --- */

int command_token(const struct collector_options *options)
{
	uint8_t secret[TOKEN_BYTES], digest[32];
	char token[BASE64_SIZE(TOKEN_BYTES)];
	struct store *store = NULL;
	struct err err = {""};
	int rc = open_store(options, false, &store, &err);

	if (rc != 0)
		return finish(NULL, rc, &err);
	random_bytes(secret, sizeof(secret));
	base64url_encode(secret, sizeof(secret), token);
	/* The store keeps the digest alone: who reads it cannot enrol. */
	sha256(token, strlen(token), digest);
	rc = registry_add_token(store, digest, clock_wall_ms(), &err);
	if (rc == 0)
		puts(token);
	return finish(store, rc, &err);
}

static const char *time_or_never(int64_t wall_ms, char text[RFC3339_SIZE])
{
	return wall_ms == 0 ? "never" : rfc3339_format(wall_ms, text);
}

static int print_agent_text(void *arg, const struct registry_agent *agent)
{
	char enrolled[RFC3339_SIZE], seen[RFC3339_SIZE], revoked[RFC3339_SIZE];
	char contact[sizeof(agent->contact)];

	/* These are the agent's own words, and may be for our terminal. */
	text_copy_printable(
	    contact, sizeof(contact), agent->contact, strlen(agent->contact));
	printf("%-32s  enrolled %s  seen %-24s  revoked %-24s  %s\n", agent->id,
	    time_or_never(agent->enrolled_ms, enrolled),
	    time_or_never(agent->last_seen_ms, seen),
	    time_or_never(agent->revoked_ms, revoked), contact);
	return 0;
}

static void write_time(struct json_writer *json, const char *key, int64_t at_ms)
{
	if (at_ms == 0)
		json_null(json, key);
	else
		json_time(json, key, at_ms);
}

/* One object a line. */
static int print_agent_json(void *arg, const struct registry_agent *agent)
{
	struct buf *line = arg;
	struct json_writer json = {.out = line};

	buf_clear(line);
	json_open_object(&json, NULL);
	json_text(&json, "agent", agent->id);
	json_text_or_null(&json, "contact", agent->contact);
	write_time(&json, "enrolled", agent->enrolled_ms);
	write_time(&json, "last_seen", agent->last_seen_ms);
	write_time(&json, "revoked", agent->revoked_ms);
	json_close_object(&json);
	if (line->failed)
		return -ENOMEM;
	puts(line->data);
	return 0;
}

int command_agents(
    const struct collector_options *options, enum listing_format format)
{
	struct err err = {"cannot list: out of memory"};
	struct store *store = NULL;
	struct buf line = {0};
	int rc = open_store(options, true, &store, &err);

	if (rc != 0)
		return finish(NULL, rc, &err);
	rc = registry_list(store,
	    format == LISTING_JSON ? print_agent_json : print_agent_text, &line,
	    &err);
	buf_free(&line);
	return finish(store, rc, &err);
}

/* That of the collector, which made it with the store. */
static int read_secret(const struct collector_options *options,
    uint8_t secret[SIGN_SECRET_SIZE], struct err *err)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/secret", options->state);
	if (access(path, R_OK) < 0)
		return err_system(err, -errno, "%s", path);
	return secret_load_or_make(path, secret, err);
}

int command_revoke(const struct collector_options *options, const char *id)
{
	uint8_t secret[SIGN_SECRET_SIZE];
	struct registry_agent agent;
	struct store *store = NULL;
	char pseudonym[17];
	struct err err = {""};
	int rc = open_store(options, false, &store, &err);

	if (rc == 0)
		rc = registry_find(store, id, &agent, &err);
	if (rc == -ENOENT)
		rc = err_input(&err, "there is no agent '%.80s'", id);
	if (rc == 0)
		rc = read_secret(options, secret, &err);
	if (rc != 0)
		return finish(store, rc, &err);
	proof_pseudonym(secret, id, pseudonym);
	rc = registry_revoke(store, id, pseudonym, clock_wall_ms(), &err);
	return finish(store, rc, &err);
}

/* "64500" or "AS64500". */
static int parse_asn(const char *text, uint32_t *asn, struct err *err)
{
	int64_t number;

	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	if (values_parse_count(text, 1, UINT32_MAX, &number, NULL) != 0)
		return err_input(err, "'%.80s' is no AS number", text);
	*asn = (uint32_t)number;
	return 0;
}

int command_annotate(
    const struct collector_options *options, const char *asn, const char *text)
{
	struct store *store = NULL;
	struct err err = {""};
	uint32_t number = 0;
	int rc = parse_asn(asn, &number, &err);

	if (rc == 0 && strlen(text) > 255)
		rc = err_input(&err, "the text is longer than 255 bytes");
	if (rc == 0)
		rc = open_store(options, false, &store, &err);
	if (rc == 0)
		rc = store_annotate(store, number, text, &err);
	return finish(store, rc, &err);
}
