/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_schema.h"

#include <string.h>
#include <time.h>

#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_probe.h"

/*
 * In the text @D is the database and @C "ON CLUSTER ...". Codes are those of
 * codes.h. A table X_local holds a shard's part, and X is all of it: rows of
 * one agent are on one shard. The others are on every node.
 *
 * measurement  identity: agent, report, n. Copies that differ, since collectors
 *              derived another network, say, have another `copy`
 * superseded   each `copy` of a row but the one that counts
 * report       is written after its rows: who is listed here is stored
 * rollup       recomputed from rows; the one that knew most copies wins
 * vantage      an agent in a network on a day: what `rollup` does not tell
 * agent        the newest row of an id is the agent; the older ones hold keys
 *              that it had. Any revoked row revokes it
 * holder       the agent of a key or a token, now or once; written before it
 * touched      of which agents and days rows were stored lately
 * history, event, review: `written` is a time turned round where the first
 *              that was written stays
 */
#define ROLLUP_KEYS                                                       \
	"day Date, asn UInt32, family UInt8, port UInt16, prefix String," \
	" agent String, endpoint String, outcome UInt8, mechanism UInt8," \
	" where_ UInt8, after_asn UInt32, before_asn UInt32"

#define SHARDED(name, version)                                        \
	" ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/" \
	"{shard}/@D/" name "', '{replica}'" version ")"
#define EVERYWHERE(name, version)                                         \
	" ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/" \
	"@D/" name "', '{shard}-{replica}'" version ")"
#define ALL_OF(name)                                            \
	"CREATE TABLE IF NOT EXISTS @D." name " @C AS @D." name \
	"_local ENGINE = Distributed(@N, @D, " name             \
	"_local, cityHash64(agent))"

static const char *const first_version[] = {
    "CREATE DATABASE IF NOT EXISTS @D @C",

    "CREATE TABLE IF NOT EXISTS @D.measurement_local @C (day Date,"
    " hour UInt32, at_ms Int64, received_ms Int64, copy UInt64, agent String,"
    " report FixedString(16), n UInt32, own UInt8, run_by String,"
    " asn UInt32, network String, country String, prefix String,"
    " family UInt8, endpoint String, address String, port UInt16, mode UInt8,"
    " ended UInt8, failure UInt8, outcome UInt8, mechanism UInt8,"
    " where_ UInt8, after_hop Int32, before_hop Int32, endpoint_hops Int32,"
    " after_asn UInt32, before_asn UInt32, signs UInt32, icmp_type Int32,"
    " icmp_code Int32, smtp_code Int32, tls_version String, tls_verify UInt8,"
    " connect_us Int64, total_us Int64, attributed UInt8, listed "
    "UInt8)" SHARDED(
	"measurement", "") " PARTITION BY toYYYYMMDD(day) ORDER "
			   "BY (hour, asn, agent, report, n, copy)",
    ALL_OF("measurement"),
    "CREATE TABLE IF NOT EXISTS @D.superseded @C (copy UInt64)" EVERYWHERE(
	"superseded", "") " ORDER BY copy",

    "CREATE TABLE IF NOT EXISTS @D.report_local @C (day Date,"
    " report FixedString(16), agent String, digest FixedString(16),"
    " agent_id String, own UInt8, received_ms Int64, first_ms Int64,"
    " last_ms Int64, detail String, body String)" SHARDED("report",
	", own") " PARTITION BY toYYYYMMDD(day) ORDER BY (report, agent)"
		 " SETTINGS index_granularity = 256",
    ALL_OF("report"),

    "CREATE TABLE IF NOT EXISTS @D.rollup_local @C (" ROLLUP_KEYS
    ", count UInt64, copies UInt64, first_ms Int64, last_ms Int64)" SHARDED(
	"rollup", ", copies") " PARTITION BY toYYYYMM(day) ORDER BY (asn, "
			      "family, port, day, prefix,"
			      " agent, endpoint, outcome, mechanism, where_, "
			      "after_asn, before_asn)",
    ALL_OF("rollup"),

    "CREATE TABLE IF NOT EXISTS @D.vantage_local @C (day Date, asn UInt32,"
    " country String, network String, agent String, run_by String, own UInt8,"
    " counted UInt64, listed UInt64, copies UInt64, first_ms Int64,"
    " last_ms Int64)" SHARDED(
	"vantage", ", copies") " PARTITION BY toYYYYMM(day)"
			       " ORDER BY (asn, day, country, network, agent)",
    ALL_OF("vantage"),

    "CREATE TABLE IF NOT EXISTS @D.agent @C (id String,"
    " public_key FixedString(32), contact String, run_by String,"
    " enrolled_ms Int64, revoked_ms Int64, token FixedString(32),"
    " changed_ms Int64)" EVERYWHERE(
	"agent", ", changed_ms") " ORDER BY (id, public_key)",
    "CREATE TABLE IF NOT EXISTS @D.revoked @C (agent String)" EVERYWHERE(
	"revoked", "") " ORDER BY agent",
    "CREATE TABLE IF NOT EXISTS @D.token @C (sha256 FixedString(32),"
    " made_ms Int64)" EVERYWHERE("token", "") " ORDER BY sha256",
    "CREATE TABLE IF NOT EXISTS @D.annotation @C (asn UInt32, text String,"
    " at_ms Int64)" EVERYWHERE("annotation", ", at_ms") " ORDER BY asn",
    "CREATE TABLE IF NOT EXISTS @D.review @C (asn UInt32, family UInt8,"
    " port UInt16, at_ms Int64, released UInt8, reason String,"
    " written Int64)" EVERYWHERE(
	"review", ", written") " ORDER BY (asn, family, port)",
    "CREATE TABLE IF NOT EXISTS @D.history @C (day Int32, asn UInt32,"
    " family UInt8, port UInt16, state UInt8, level UInt8, mechanism UInt8,"
    " vantage_points Int64, low UInt8, mid UInt8, high UInt8, written "
    "UInt64)" EVERYWHERE(
	"history", ", written") " ORDER BY (day, asn, family, port)",
    "CREATE TABLE IF NOT EXISTS @D.event @C (id String, at_ms Int64,"
    " asn UInt32, family UInt8, port UInt16, was UInt8, became UInt8,"
    " level UInt8, vantage_points Int64, because String, written "
    "UInt64)" EVERYWHERE("event", ", written") " ORDER BY id",
    "CREATE TABLE IF NOT EXISTS @D.secret @C (fingerprint FixedString(16),"
    " at_ms Int64)" EVERYWHERE("secret", "") " ORDER BY (at_ms, fingerprint)",
    "CREATE TABLE IF NOT EXISTS @D.meta @C (name String, value "
    "Int64)" EVERYWHERE("meta", ", value") " ORDER BY name",
};

/* What is said of a network, by kind (network_words.h), when and by whom. The
 * old ones are replies of an unknown time, as they were published. */
static const char *const second_version[] = {
    "CREATE TABLE IF NOT EXISTS @D.said @C (asn UInt32, kind UInt8,"
    " at_ms Int64, said_by String, text String)" EVERYWHERE(
	"said", ", at_ms") " ORDER BY (asn, kind)",
    "INSERT INTO @D.said SELECT asn, 0, 0, '', text FROM @D.annotation FINAL"
    " WHERE text != ''",
};

/* Of which agents and days rows were stored, when by the writer's clock. */
static const char *const third_version[] = {
    "CREATE TABLE IF NOT EXISTS @D.touched @C (written Date, at_ms Int64,"
    " day Date, agent String)" EVERYWHERE("touched",
	"") " PARTITION BY toYYYYMMDD(written) ORDER BY (at_ms, day, agent)",
};

/* Who is asked for by a key or a token: without a scan of `agent`. */
static const char *const fourth_version[] = {
    "CREATE TABLE IF NOT EXISTS @D.holder @C (value FixedString(32),"
    " id String, changed_ms Int64)" EVERYWHERE(
	"holder", ", changed_ms") " ORDER BY (value, id)"
				  " SETTINGS index_granularity = 256",
    "INSERT INTO @D.holder SELECT public_key, id, changed_ms FROM @D.agent",
    ("INSERT INTO @D.holder SELECT token, id, changed_ms FROM @D.agent"
     " WHERE token != toFixedString('', 32)"),
};

/* Element i upgrades the tables from version i to i + 1; version 0 is none. A
 * released element is never changed. A statement is repeated where a collector
 * died in between, and must do no harm then. */
static const struct {
	const char *const *statements;
	size_t count;
} upgrades[] = {
    {first_version, sizeof(first_version) / sizeof(*first_version)},
    {second_version, sizeof(second_version) / sizeof(*second_version)},
    {third_version, sizeof(third_version) / sizeof(*third_version)},
    {fourth_version, sizeof(fourth_version) / sizeof(*fourth_version)},
};

#define VERSION ((int)(sizeof(upgrades) / sizeof(*upgrades)))

static int take_flag(void *arg, struct wire *wire)
{
	uint64_t count = wire_take(wire, 8);

	if (!wire->ran_out)
		*(bool *)arg = count > 0;
	return 0;
}

/* Version 0: there is no table of versions. */
static int read_version(
    struct clickhouse *handle, int *version, struct err *err)
{
	struct clickhouse_meta meta;
	bool found = false;
	const struct clickhouse_select select = {
	    .sql = "SELECT count() FROM system.tables"
		   " WHERE database = '@D' AND name = 'meta'",
	    .row = take_flag,
	    .arg = &found,
	};
	int error = clickhouse_select(handle, &select, err);

	*version = 0;
	if (error < 0 || !found)
		return error;
	error = clickhouse_meta_read(handle, &meta, err);
	*version = (int)meta.values[META_SCHEMA];
	return error;
}

static int refuse_newer(int version, struct err *err)
{
	return err_input(err,
	    "the tables are of a newer egress25 (version %d, this one knows "
	    "%d)",
	    version, VERSION);
}

int clickhouse_schema_set_up(
    struct clickhouse *handle, int *before, int *now, struct err *err)
{
	int version = 0, error = clickhouse_probe(handle, err);
	size_t i;

	if (error == 0)
		error = read_version(handle, &version, err);
	*before = version;
	*now = VERSION;
	if (error == 0 && version > VERSION)
		return refuse_newer(version, err);
	for (; error == 0 && version < VERSION; version++) {
		for (i = 0; error == 0 && i < upgrades[version].count; i++)
			error = clickhouse_run(
			    handle, upgrades[version].statements[i], err);
		if (error == 0)
			error = clickhouse_meta_write(
			    handle, META_SCHEMA, version + 1, err);
	}
	return error;
}

/* A server may learn a moment later what another one was told. */
static int read_version_patiently(
    struct clickhouse *handle, int *version, struct err *err)
{
	const struct timespec gap = {.tv_nsec = 200000000};
	int tries, error = read_version(handle, version, err);

	for (tries = 0; error == 0 && *version < VERSION && tries < 10;
	     tries++) {
		nanosleep(&gap, NULL);
		error = read_version(handle, version, err);
	}
	return error;
}

int clickhouse_schema_check(struct clickhouse *handle, struct err *err)
{
	int version, error = read_version_patiently(handle, &version, err);

	if (error < 0)
		return error;
	if (version > VERSION)
		return refuse_newer(version, err);
	if (version < VERSION)
		return err_input(err,
		    "the tables are %s: run 'egress25-collector schema' once",
		    version == 0 ? "not there" : "of an older version");
	return 0;
}
