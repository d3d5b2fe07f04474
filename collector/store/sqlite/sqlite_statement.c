/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_statement.h"

#define AGENT_COLUMNS                                                \
	"SELECT id, public_key, contact, enrolled_ms, last_seen_ms," \
	" revoked_ms, number, operator FROM agent "

#define HISTORY_COLUMNS                                           \
	"SELECT day, asn, family, port, state, level, mechanism," \
	" vantage_points, low, mid, high FROM history "

#define EVENT_COLUMNS                                              \
	"SELECT id, at_ms, asn, family, port, was, became, level," \
	" vantage_points, because FROM event "

/* Of a batch (sqlite_batch.h). */
#define BATCH_RANGE                                           \
	"asn = ?1 AND family = ?2 AND port = ?3 AND day = ?4" \
	" AND prefix = ?5 AND agent = ?6 AND endpoint BETWEEN ?7 AND ?8"

const char *const sqlite_statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_BEGIN_ONE] = "SAVEPOINT one",
    [SQL_END_ONE] = "RELEASE one",
    [SQL_UNDO_ONE] = "ROLLBACK TO one",
    [SQL_FIND_REPORT] =
	"SELECT report.id, rows, agent.id, digest FROM report LEFT JOIN agent"
	" ON agent.number = report.agent WHERE uuid = ?1",
    [SQL_ADD_REPORT] =
	"INSERT INTO report (uuid, agent, received_ms, digest, first_ms,"
	" last_ms, count, summary, rows, detail)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_CHANGE_REPORT] =
	"UPDATE report SET first_ms = ?2, last_ms = ?3, count = ?4,"
	" summary = ?5, rows = ?6 WHERE id = ?1",
    [SQL_CLAIM_REPORT] =
	"UPDATE report SET agent = ?2, digest = ?3, detail = ?4 WHERE id = ?1",
    [SQL_GET_DETAIL] = "SELECT detail FROM report WHERE uuid = ?1",
    [SQL_ADD_EVIDENCE] = "INSERT INTO evidence (report, body) VALUES (?1, ?2)",
    [SQL_GET_ROWS] = "SELECT uuid, rows, EXISTS (SELECT 1 FROM agent"
		     " WHERE number = report.agent AND revoked_ms != 0),"
		     " agent IS NULL FROM report WHERE id = ?1",
    [SQL_NEXT_REPORT] =
	"SELECT id, first_ms, uuid, rows, received_ms, body FROM report"
	" LEFT JOIN evidence ON report = id"
	" WHERE (first_ms, uuid) > (?1, ?2) AND first_ms < ?3"
	" ORDER BY first_ms, uuid LIMIT 1",
    [SQL_MOVE_REPORTS] =
	"SELECT report.id, uuid, received_ms, rows, digest, agent.id, detail,"
	" body FROM report LEFT JOIN agent ON agent.number = report.agent"
	" LEFT JOIN evidence ON evidence.report = report.id"
	" WHERE report.id > ?1 ORDER BY report.id",
    [SQL_MOVE_FORMER_KEYS] = "SELECT public_key FROM former_key",
    [SQL_MOVE_TOKENS] = "SELECT sha256, made_ms, used_ms FROM token",
    [SQL_MOVE_REVOKED] = "SELECT agent FROM revoked",
    [SQL_SUM_ROLLUPS] =
	"SELECT coalesce(sum(count), 0) FROM rollup WHERE day = ?1",
    [SQL_DROP_ROLLUPS] = "DELETE FROM rollup WHERE day = ?1",
    [SQL_DROP_ALLOWANCES] = "DELETE FROM allowance WHERE day = ?1",
    [SQL_CHANGE_ROLLUP] =
	"UPDATE rollup SET count = count + ?11, first = min(first, ?12),"
	" last = max(last, ?13) WHERE asn = ?1 AND family = ?2 AND port = ?3"
	" AND day = ?4 AND prefix = ?5 AND agent = ?6 AND endpoint = ?7"
	" AND codes = ?8 AND after_asn = ?9 AND before_asn = ?10",
    /* FAIL: an error ends the transaction, and a single statement that may
     * change several rows need not be undone alone, which costs a journal. */
    [SQL_CHANGE_ROLLUPS] =
	"UPDATE OR FAIL rollup SET count = batch_add(0, count),"
	" first = batch_add(1, first), last = batch_add(2, last)"
	" WHERE " BATCH_RANGE
	" AND batch_has(endpoint, codes, after_asn, before_asn)",
    [SQL_COUNT_ROLLUPS] = "SELECT count(*) FROM (SELECT 1 FROM rollup"
			  " WHERE " BATCH_RANGE " LIMIT ?9)",
    [SQL_ADD_ROLLUP] =
	"INSERT INTO rollup (asn, family, port, day, prefix, agent, endpoint,"
	" codes, after_asn, before_asn, count, first, last)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [SQL_TAKE_ALLOWANCE] =
	"INSERT INTO allowance (agent, day, taken) VALUES (?1, ?2, 1)"
	" ON CONFLICT DO UPDATE SET taken = taken + 1 WHERE taken < ?3",
    [SQL_NEXT_NETWORK] = "SELECT asn, family, port FROM rollup"
			 " WHERE (asn, family, port) > (?1, ?2, ?3)"
			 " ORDER BY asn, family, port LIMIT 1",
    [SQL_LIST_ROLLUPS] =
	"SELECT day, prefix, agent, endpoint, codes, after_asn, before_asn,"
	" count, first, last"
	" FROM rollup WHERE asn = ?1 AND family = ?2 AND port = ?3"
	" AND day BETWEEN ?4 AND ?5"
	" AND agent NOT IN (SELECT agent FROM revoked)"
	" ORDER BY day, prefix, agent, endpoint, codes, after_asn, before_asn",
    /* Who has a rollup of a day has taken an allowance of it. */
    [SQL_FIRST_DAYS] =
	"SELECT agent, min(day), operator, local FROM allowance"
	" LEFT JOIN vantage USING (agent)"
	" WHERE agent NOT IN (SELECT agent FROM revoked) GROUP BY agent",
    [SQL_TOUCH] = "INSERT INTO touched (asn, family, port, day, agent)"
		  " VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_FORGET_TOUCHED] = "DELETE FROM touched WHERE number <= ?1",
    [SQL_TOUCHED_SPAN] =
	"SELECT (SELECT min(number) FROM touched),"
	" (SELECT max(number) FROM touched), EXISTS (SELECT 1 FROM touched"
	" WHERE number > ?1 AND asn = 0 AND agent = '')",
    [SQL_TOUCHED_REGISTRY] =
	"SELECT (SELECT min(number) FROM touched),"
	" (SELECT max(number) FROM touched), EXISTS (SELECT 1 FROM touched"
	" WHERE number > ?1 AND family = 0)",
    [SQL_TOUCHED_AGENTS] =
	"SELECT agent, (SELECT min(day) FROM allowance"
	" WHERE allowance.agent = some.agent) AS first, operator, local FROM"
	" (SELECT DISTINCT agent FROM touched WHERE number > ?1) AS some"
	" LEFT JOIN vantage USING (agent) WHERE first IS NOT NULL"
	" AND agent NOT IN (SELECT agent FROM revoked) ORDER BY agent",
    [SQL_TOUCHED_NETWORKS] =
	"SELECT asn, family, port, min(day) FROM touched WHERE number > ?1"
	" AND asn != 0 GROUP BY asn, family, port ORDER BY asn, family, port",
    [SQL_ADD_VANTAGE] =
	"INSERT INTO vantage (agent) VALUES (?1) ON CONFLICT DO NOTHING",
    [SQL_NOTE_LOCAL] =
	"UPDATE vantage SET local = 1 WHERE agent = ?1 AND local = 0",
    [SQL_DECIDE_REVIEW] =
	"INSERT OR REPLACE INTO review (asn, family, port, at_ms, released,"
	" reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_LIST_REVIEWS] = "SELECT asn, family, port, at_ms, released, reason"
			 " FROM review ORDER BY asn, family, port",
    [SQL_NOTE_OPERATOR] =
	"UPDATE vantage SET operator = ?2, operator_day = ?3 WHERE agent = ?1"
	" AND (operator_day, operator) < (?3, ?2)",
    [SQL_SEE_NETWORK] =
	"INSERT INTO network (asn, country, name, day, count)"
	" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET count ="
	" excluded.count + iif(day = excluded.day, count, 0),"
	" day = excluded.day WHERE excluded.day >= day",
    [SQL_FIND_NETWORK] =
	"SELECT name, country FROM network WHERE asn = ?1"
	" ORDER BY day DESC, count DESC, name, country LIMIT 1",
    [SQL_FIND_ANNOTATIONS] = "SELECT text, at_ms, said_by, kind FROM annotation"
			     " WHERE asn = ?1 AND text != ''",
    [SQL_ANNOTATE] =
	"INSERT INTO annotation (asn, text, at_ms, said_by, kind)"
	" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
	" text = excluded.text, at_ms = excluded.at_ms,"
	" said_by = excluded.said_by WHERE excluded.at_ms >= annotation.at_ms",
    [SQL_ADD_TOTAL] =
	"UPDATE total SET reports = reports + ?1,"
	" measurements = measurements + ?2, last_ms = max(last_ms, ?3),"
	" span_ms = max(span_ms, ?4)",
    /* Few are revoked: all are not looked up. */
    [SQL_TOTALS] = "SELECT reports, measurements,"
		   " (SELECT count(*) FROM vantage) - (SELECT count(*)"
		   " FROM revoked CROSS JOIN vantage USING (agent)),"
		   " (SELECT count(DISTINCT asn) FROM network),"
		   " (SELECT min(first_ms) FROM report), last_ms FROM total",
    [SQL_SPAN] = "SELECT span_ms FROM total",
    [SQL_EXPIRED] = "SELECT expired_ms, last_ms, clock_ms FROM total",
    [SQL_OLD_REPORTS] =
	"SELECT id, count, last_ms FROM report INDEXED BY report_time"
	" WHERE first_ms < ?1 AND last_ms < ?1 ORDER BY first_ms LIMIT ?2",
    [SQL_DROP_REPORT] = "DELETE FROM report WHERE id = ?1",
    [SQL_DROP_EVIDENCE] = "DELETE FROM evidence WHERE report = ?1",
    [SQL_EXPIRE_TOTAL] = "UPDATE total SET reports = reports - ?1,"
			 " measurements = measurements - ?2,"
			 " expired_ms = max(expired_ms, ?3),"
			 " last_ms = iif(reports = ?1, 0, last_ms)",
    [SQL_ENROL] =
	"INSERT INTO agent (id, public_key, contact, enrolled_ms, operator)"
	" VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_FIND_AGENT] = AGENT_COLUMNS "WHERE id = ?1",
    [SQL_FIND_KEY] = AGENT_COLUMNS "WHERE public_key = ?1",
    [SQL_SEE_AGENT] = "UPDATE agent SET last_seen_ms = ?2 WHERE number = ?1",
    [SQL_CHANGE_KEY] =
	"UPDATE agent SET public_key = ?3 WHERE id = ?1 AND public_key = ?2"
	" AND revoked_ms = 0",
    [SQL_FIND_FORMER_KEY] = "SELECT 1 FROM former_key WHERE public_key = ?1",
    [SQL_ADD_FORMER_KEY] = "INSERT INTO former_key (public_key) VALUES (?1) ON "
			   "CONFLICT DO NOTHING",
    [SQL_REVOKE] =
	"UPDATE agent SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms = 0",
    [SQL_ADD_REVOKED] =
	"INSERT INTO revoked (agent) VALUES (?1) ON CONFLICT DO NOTHING",
    [SQL_LIST_AGENTS] = AGENT_COLUMNS "ORDER BY enrolled_ms, id",
    [SQL_ADD_TOKEN] = "INSERT INTO token (sha256, made_ms) VALUES (?1, ?2)",
    [SQL_HAS_SECRET] = "SELECT EXISTS (SELECT 1 FROM secret)"
		       " OR EXISTS (SELECT 1 FROM agent)",
    [SQL_ADD_SECRET] = "INSERT INTO secret (one, fingerprint) VALUES (1, ?1)"
		       " ON CONFLICT DO NOTHING",
    [SQL_FIND_SECRET] = "SELECT fingerprint FROM secret",
    [SQL_IS_REVOKED] = "SELECT 1 FROM revoked WHERE agent = ?1",
    [SQL_SET_CLOCK] = "UPDATE total SET clock_ms = ?1",
    [SQL_LIST_ANNOTATIONS] =
	"SELECT text, at_ms, said_by, kind, asn FROM annotation"
	" WHERE text != '' ORDER BY asn, at_ms DESC, kind",
    [SQL_ADD_HISTORY] =
	"INSERT INTO history (day, asn, family, port, state, level, mechanism,"
	" vantage_points, low, mid, high)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
	" ON CONFLICT DO NOTHING",
    [SQL_LIST_HISTORY] = HISTORY_COLUMNS "WHERE day >= ?1 AND day < ?2"
					 " ORDER BY day, asn, family, port",
    [SQL_LIST_HISTORY_OF] =
	"WITH RECURSIVE days (at) AS"
	" (SELECT min(day) FROM history WHERE day >= ?1 UNION ALL"
	" SELECT (SELECT min(day) FROM history WHERE day > at) FROM days"
	" WHERE at < ?2) " HISTORY_COLUMNS
	"WHERE day IN (SELECT at FROM days WHERE at < ?2) AND asn = ?3"
	" ORDER BY day, family, port",
    [SQL_ADD_EVENT] =
	"INSERT INTO event (id, at_ms, asn, family, port, was, became, level,"
	" vantage_points, because)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	" ON CONFLICT DO NOTHING",
    [SQL_NEXT_EVENTS] = EVENT_COLUMNS "WHERE (at_ms, id) > (?1, ?2)"
				      " ORDER BY at_ms, id",
    [SQL_PREVIOUS_EVENTS] = EVENT_COLUMNS "WHERE (at_ms, id) < (?1, ?2)"
					  " ORDER BY at_ms DESC, id DESC",
    [SQL_NEXT_EVENTS_OF] = EVENT_COLUMNS
    "WHERE asn = ?3 AND (at_ms, id) > (?1, ?2)"
    " ORDER BY at_ms, id",
    [SQL_PREVIOUS_EVENTS_OF] = EVENT_COLUMNS
    "WHERE asn = ?3 AND (at_ms, id) < (?1, ?2)"
    " ORDER BY at_ms DESC, id DESC",
    [SQL_LAST_EVENTS] =
	"SELECT asn, family, port, became, max(at_ms), was FROM event"
	" GROUP BY asn, family, port ORDER BY asn, family, port",
    [SQL_CLOSE_DAY] = "UPDATE total SET closed_day ="
		      " max(ifnull(closed_day, ?1), ?1)",
    [SQL_CLOSED_DAY] = "SELECT closed_day FROM total",
    [SQL_USE_TOKEN] =
	"UPDATE token SET used_ms = ?2 WHERE sha256 = ?1 AND used_ms = 0",
};
