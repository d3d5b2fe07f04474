/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/routes.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/rfc3339.h"
#include "tests/support/route_world.h"
#include "tests/support/rows.h"

#define WANTED 5

/* Kinds of collectors; ordinary without one. */
enum kind {
	ORDINARY,
	NO_ENDPOINTS,
	TOKENS,
	NO_PAGES,
	FEW_ENROL,
	EVIDENCE,
	GEO_DATA
};

/* A request and the reply to it. */
struct route_row {
	const char *name;
	struct route_question question;
	int status;
	const char *wanted[WANTED]; /* "~": must not be there */
	enum kind kind;
};

static const char endpoints[] = "[example-mx]\nhost = mx.example.net\n"
				"ports = 25\ncontrol = 443\n\n"
				"[example-submission]\ndomain = example.org\n"
				"kind = submission\nports = 587\n";

#define GET(...)                        \
	{                               \
		METHOD_GET, __VA_ARGS__ \
	}
#define HEAD(...)                        \
	{                                \
		METHOD_HEAD, __VA_ARGS__ \
	}
#define POST(...)                        \
	{                                \
		METHOD_POST, __VA_ARGS__ \
	}
#define OPTIONS(...)                        \
	{                                   \
		METHOD_OPTIONS, __VA_ARGS__ \
	}
#define PUT(...)                          \
	{                                 \
		METHOD_OTHER, __VA_ARGS__ \
	}

static const struct route_row networks[] = {
    {"a collector that is told of no directory has no daily files",
	GET("/data/index.json"), 404, {"no daily files"}},
    {"a day that is none", GET("/data/2026/11/251/"), 400,
	{"\"field\":\"day\"", "two digits"}},
    {"networks are listed", GET("/v1/networks"), 200,
	{"Content-Type: application/json\n", "ETag: W/\"", "\"asn\":64500",
	    "\"next\":null", "Cache-Control: no-cache\n"}},
    {"a list has the reasons in one", GET("/v1/networks"), 200,
	{"\"because\":\""}},
    {"HEAD of networks has a length only", HEAD("/v1/networks"), 200,
	{"Content-Length: ", "~\"asn\""}},
    {"the client has the list of networks already",
	GET("/v1/networks", NULL, {{"If-None-Match", "*"}}), 304,
	{"ETag: W/\"", "~\"asn\"", "~Content-Length"}},
    {"one network by its number, with its reasons one by one",
	GET("/v1/networks/64500"), 200, {"\"asn\":64500", "\"because\":[\""}},
    {"one network by its name", GET("/v1/networks/AS64500"), 200,
	{"\"asn\":64500"}},
    {"a network without measurements", GET("/v1/networks/64501"), 200,
	{"{\"items\":[],\"next\":null,\"total\":0,\"generation\":"}},
    {"networks found by a part of their name", GET("/v1/networks", "q=XAMP"),
	200, {"\"asn\":64500", "\"total\":1"}},
    {"networks found by the beginning of their number",
	GET("/v1/networks", "q=AS645"), 200, {"\"asn\":64500"}},
    {"networks of no such name", GET("/v1/networks", "q=xample2"), 200,
	{"\"items\":[]", "\"total\":0"}},
    {"networks with evidence that none has",
	GET("/v1/networks", "evidence=strong"), 200, {"\"items\":[]"}},
    {"networks in another order", GET("/v1/networks", "sort=evidence"), 200,
	{"\"asn\":64500"}},
    {"networks of a country", GET("/v1/networks", "country=de"), 200,
	{"\"asn\":64500"}},
    {"networks of another country", GET("/v1/networks", "country=NL"), 200,
	{"\"items\":[]"}},
    {"networks as columns, a row a family",
	GET("/v1/networks", "group=family&format=columns"), 200,
	{"{\"rows\":1,\"columns\":{\"asn\":[64500],\"name\":[\"Example\"],",
	    "\"p25\":[[\"insufficient\",null,null,", "\"p587\":[null]",
	    "\"generation\":"}},
    {"columns of networks that are none",
	GET("/v1/networks", "group=family&format=columns&state=open"), 200,
	{"\"rows\":0,\"columns\":{\"asn\":[],"}},
    {"rows of families are columns", GET("/v1/networks", "group=family"), 200,
	{"{\"rows\":1,\"columns\":{"}},
    {"columns are of rows of families",
	GET("/v1/networks", "format=columns&state=insufficient"), 200,
	{"{\"rows\":1,\"columns\":{"}},
    {"rows of families as CSV are not there",
	GET("/v1/networks", "group=family&format=csv"), 400,
	{"\"field\":\"format\""}},
    {"networks behind an AS", GET("/v1/networks", "upstream=64501"), 200,
	{"\"items\":[]", "\"total\":0"}},
    {"networks behind what is no AS", GET("/v1/networks", "upstream=x"), 400,
	{"\"field\":\"upstream\""}},
    {"upstreams of which there are none", GET("/v1/upstreams"), 200,
	{"{\"items\":[],\"next\":null,\"total\":0,\"generation\":",
	    "ETag: W/\""}},
    {"upstreams as CSV", GET("/v1/upstreams", "format=csv"), 200,
	{"\n\nasn,name,country,family,port,networks,witnesses_blocked,since,"
	 "last,because\r\n"}},
    {"upstreams after what is no cursor", GET("/v1/upstreams", "cursor=1.2"),
	400, {"\"field\":\"cursor\""}},
    {"a stream of upstreams after what is no cursor",
	GET("/v1/upstreams", "cursor=1.2&format=jsonl"), 400,
	{"\"field\":\"cursor\""}},
    {"the client has the list of upstreams already",
	GET("/v1/upstreams", NULL, {{"If-None-Match", "*"}}), 304, {""}},
    {"countries", GET("/v1/countries"), 200,
	{"{\"items\":[{\"country\":\"DE\",\"states\":{\"open\":0,",
	    "\"insufficient\":1}", "\"family\":4,\"port\":25"}},
    {"countries of a port that nobody asked",
	GET("/v1/countries", "port=587&family=6"), 200,
	{"{\"items\":[]", "\"family\":6,\"port\":587"}},
    {"countries of two ports", GET("/v1/countries", "port=25,587"), 400,
	{"\"field\":\"port\""}},
    {"countries of both families", GET("/v1/countries", "family=4,6"), 400,
	{"\"field\":\"family\""}},
    {"one country", GET("/v1/countries/de"), 200,
	{"{\"country\":\"DE\",\"states\":{", "\"insufficient\":1}",
	    "\"known\":0,\"announced\":"}},
    {"a country that nobody has measured in", GET("/v1/countries/NL"), 200,
	{"{\"country\":\"NL\",\"states\":{", "\"insufficient\":0}"}},
    {"the history of a network, with today", GET("/v1/networks/64500/history"),
	200,
	{"{\"asn\":64500,\"items\":[{\"day\":\"20",
	    "\"state\":\"insufficient\"",
	    "\"blocked_share\":{\"low\":", "\"since\":\"20", "\"until\":\"20"}},
    {"the history of a port that was not asked",
	GET("/v1/networks/64500/history", "port=465"), 200,
	{"\"items\":[],\"next\":null"}},
    {"a history before anything was seen",
	GET("/v1/networks/64500/history", "since=2020-01-01&until=2020-02-01"),
	200,
	{"\"items\":[]", "\"since\":\"2020-01-01T00:00:00.000Z\","
			 "\"until\":\"2020-02-01T00:00:00.000Z\""}},
    {"a history of too many days",
	GET("/v1/networks/64500/history", "since=2020-01-01"), 400,
	{"\"field\":\"since\"", "800 days"}},
    {"states of many networks, a character a day",
	GET("/v1/history", "keys=64500.4.25,64999.6.587&days=1"), 200,
	{"\"history\":{\"64500.4.25\":[\"n\",\"0\"],\"64999.6.587\":[]}"}},
    {"as many days as were asked for",
	GET("/v1/history", "keys=64500.4.25&days=3"), 200, {"n\",\""}},
    {"states of no networks", GET("/v1/history"), 400,
	{"\"field\":\"keys\"", "ASN.FAMILY.PORT"}},
    {"a country day by day", GET("/v1/countries/DE/history"), 200,
	{"{\"country\":\"DE\",\"family\":4,\"port\":25,\"items\":[{\"day\":",
	    "\"insufficient\":1}}]"}},
    {"no country", GET("/v1/countries/nld"), 400, {"\"field\":\"country\""}},
    {"no number of a network", GET("/v1/networks/AS0"), 400,
	{"\"field\":\"asn\""}},
    {"networks in a state that none has",
	GET("/v1/networks", "state=intercepted"), 200, {"\"items\":[]"}},
    {"networks after a cursor", GET("/v1/networks", "cursor=64500.4.25"), 200,
	{"\"items\":[]"}},
    {"a cursor that networks do not have", GET("/v1/networks", "cursor=7"), 400,
	{"\"field\":\"cursor\""}},
    {"a cursor with a sign", GET("/v1/networks", "cursor=-1.4.25"), 400,
	{"\"field\":\"cursor\""}},
    {"a cursor beyond all networks",
	GET("/v1/networks", "cursor=4294967296.4.25"), 400,
	{"\"field\":\"cursor\""}},
    {"a cursor of no port", GET("/v1/networks", "cursor=64500.4.65536"), 400,
	{"\"field\":\"cursor\""}},
    {"a cursor that goes on", GET("/v1/networks", "cursor=64500.4.25.1"), 400,
	{"\"field\":\"cursor\""}},
    {"a parameter in the path", GET("/v1/networks/64500&family=6"), 400,
	{"\"field\":\"asn\""}},
    {"more digits in the path than a number has",
	GET("/v1/networks/64500000000000000000000000000000000000000"), 400,
	{"\"field\":\"asn\""}},
    {"networks as CSV", GET("/v1/networks", "format=csv"), 200,
	{"Content-Type: text/csv; charset=utf-8\n", "\n\nasn,name,country,",
	    "\n64500,"}},
    {"networks as Parquet", GET("/v1/networks", "format=parquet"), 200,
	{"Content-Type: application/vnd.apache.parquet\n", "\n\nPAR1",
	    "~Content-Length"}},
    {"HEAD of networks as Parquet", HEAD("/v1/networks", "format=parquet"), 200,
	{"Content-Type: application/vnd.apache.parquet\n", "~PAR1",
	    "~Content-Length"}},
    {"Parquet from a cursor that networks do not have",
	GET("/v1/networks", "format=parquet&cursor=1.2"), 400,
	{"\"field\":\"cursor\""}},
    {"Parquet of a family's ports together",
	GET("/v1/networks", "group=family&format=parquet"), 400,
	{"\"field\":\"format\""}},
    {"one AS is no list as Parquet",
	GET("/v1/networks/64500", "format=parquet"), 400,
	{"\"field\":\"format\"", "json, jsonl or csv"}},
    {"nor are measurements", GET("/v1/measurements", "format=parquet"), 400,
	{"\"field\":\"format\""}},
    {"networks as JSON lines", GET("/v1/networks", "format=jsonl"), 200,
	{"Content-Type: application/x-ndjson\n", "\n\n{", "}\n", "~items"}},
    {"a parameter that networks do not have", GET("/v1/networks", "colour=red"),
	400, {"\"field\":\"colour\""}},
    {"networks are read only", PUT("/v1/networks"), 405,
	{"Allow: GET, HEAD, OPTIONS\n"}},
};

static const struct route_row measurements[] = {
    {"measurements are listed, the newest first", GET("/v1/measurements"), 200,
	{"{\"items\":[{", "000000000003:0\"", "\"port\":25", "\"next\":null",
	    "~\nLink:"}},
    {"a page of measurements links to the next",
	GET("/v1/measurements", "limit=2&port=25"), 200,
	{"Link: </v1/measurements?limit=2&port=25&cursor=", ">; rel=\"next\"",
	    "\"next\":\"", "000000000003:1\"", "~000000000001"}},
    {"HEAD of a stream has no content", HEAD("/v1/measurements", "format=csv"),
	200,
	{"Content-Type: text/csv; charset=utf-8\n", "~schema_version",
	    "~Content-Length"}},
    {"measurements as CSV", GET("/v1/measurements", "format=csv"), 200,
	{"\n\nschema_version,id,at,", "000000000001:0,", "000000000003:1,",
	    "~items"}},
    {"measurements as JSON lines up to a limit",
	GET("/v1/measurements", "format=jsonl&limit=1"), 200,
	{"000000000003", "}\n", "~000000000002"}},
    {"measurements of a network that has none",
	GET("/v1/measurements", "asn=64501"), 200, {"\"items\":[]"}},
    {"measurements since a time",
	GET("/v1/measurements", "since=2026-11-24T12:00:03Z"), 200,
	{"000000000003", "~000000000002"}},
    {"the rest of a stream after a cursor",
	GET("/v1/networks", "cursor=1.4.25&format=jsonl"), 200,
	{"\"asn\":64500"}},
    {"no limit at all is no number", GET("/v1/measurements", "limit=0"), 400,
	{"\"field\":\"limit\""}},
    {"a cursor that measurements do not have",
	GET("/v1/measurements", "cursor=1.2"), 400, {"\"field\":\"cursor\""}},
    {"nor does a stream of them",
	GET("/v1/measurements", "cursor=1.2&format=csv"), 400,
	{"\"field\":\"cursor\"", "~schema_version"}},
};

/* Long answers; what is short stays as it is. */
#define ACCEPT(value)                            \
	{                                        \
		{                                \
			"Accept-Encoding", value \
		}                                \
	}

static const struct route_row codings[] = {
    {"a long answer is coded for who likes it",
	GET("/openapi.json", NULL, ACCEPT("gzip")), 200,
	{"Content-Encoding: gzip\n", "Vary: Accept-Encoding\n", "ETag: W/\"",
	    "\n\n\x1f\x8b", "~\"openapi\""}},
    {"zstd where it is asked for",
	GET("/openapi.json", NULL, ACCEPT("gzip, zstd")), 200,
	{"Content-Encoding: zstd\n", "\n\n\x28\xb5\x2f\xfd"}},
    {"who says nothing gets it plain, and caches know why",
	GET("/openapi.json"), 200,
	{"~Content-Encoding", "Vary: Accept-Encoding\n", "\"openapi\""}},
    {"HEAD says how long it would be",
	HEAD("/openapi.json", NULL, ACCEPT("gzip")), 200,
	{"Content-Encoding: gzip\n", "Content-Length: ", "~\x1f\x8b"}},
    {"a short answer is not coded",
	GET("/v1/networks", "state=open", ACCEPT("gzip")), 200,
	{"~Content-Encoding", "~Vary", "\"items\":[]"}},
    {"nor is an error", GET("/v1/networks", "colour=red", ACCEPT("gzip")), 400,
	{"~Content-Encoding", "\"field\":\"colour\""}},
    {"nor is a stream", GET("/v1/measurements", "format=csv", ACCEPT("gzip")),
	200, {"~Content-Encoding", "\n\nschema_version,id,at,"}},
    {"nor what is the asker's own", GET("/v1/whoami", NULL, ACCEPT("gzip")),
	200, {"~Content-Encoding", "\"address\""}},
};

#define COUNT(query) \
	GET("/v1/aggregate", "since=2026-11-24&until=2026-11-25" query)

static const struct route_row counts[] = {
    {"measurements counted by day", COUNT(""), 200,
	{"{\"items\":[{\"day\":\"2026-11-24\",\"measurements\":3}],"
	 "\"next\":null,\"since\":\"2026-11-24T00:00:00.000Z\","
	 "\"until\":\"2026-11-25T00:00:00.000Z\",\"genera",
	    "\"generated\":"}},
    {"days that verdicts no longer look at are counted, too",
	GET("/v1/aggregate", "since=2026-01-01&until=2026-11-25"), 200,
	{"{\"items\":[{\"day\":\"2026-11-24\",\"measurements\":3}],"
	 "\"next\":null,\"since\":\"2026-01-01T00:00:00.000Z\"",
	    "~\"generation\""}},
    {"and by two axes", COUNT("&axis_x=country&axis_y=mechanism"), 200,
	{"{\"items\":[{\"country\":\"DE\",\"mechanism\":\"drop\","
	 "\"measurements\":3}]"}},
    {"by network and endpoint", COUNT("&axis_x=asn&axis_y=endpoint"), 200,
	{"{\"asn\":64500,\"endpoint\":\"mx1\",\"measurements\":3}"}},
    {"by endpoint", COUNT("&axis_x=endpoint&axis_y=port"), 200,
	{"[{\"endpoint\":\"mx1\",\"port\":25,\"measurements\":3}]"}},
    {"by endpoint, of another port", COUNT("&axis_x=endpoint&port=587"), 200,
	{"{\"items\":[],"}},
    {"by port and family", COUNT("&axis_x=port&axis_y=family"), 200,
	{"{\"port\":25,\"family\":4,\"measurements\":3}"}},
    {"by outcome", COUNT("&axis_x=outcome"), 200,
	{"{\"outcome\":\"filtered\",\"measurements\":3}"}},
    {"a time within a day counts the day",
	GET("/v1/aggregate",
	    "since=2026-11-24T13:00:00Z&until=2026-11-24T14:00:00Z"),
	200, {"\"measurements\":3}", "\"since\":\"2026-11-24T00:00"}},
    {"the day before has none",
	GET("/v1/aggregate", "since=2026-11-23&until=2026-11-24"), 200,
	{"{\"items\":[],"}},
    {"of another network", COUNT("&asn=64501"), 200, {"{\"items\":[],"}},
    {"of several, some of which are there", COUNT("&asn=64501,64500"), 200,
	{"\"measurements\":3}"}},
    {"of another country", COUNT("&country=NL"), 200, {"{\"items\":[],"}},
    {"of another outcome", COUNT("&outcome=reachable"), 200,
	{"{\"items\":[],"}},
    {"of two ports", COUNT("&port=25,587"), 200, {"\"measurements\":3}"}},
    {"of another family", COUNT("&family=6"), 200, {"{\"items\":[],"}},
    {"after a cursor", COUNT("&cursor=64501"), 200, {"{\"items\":[],"}},
    {"at a cursor", COUNT("&cursor=64500"), 200, {"\"measurements\":3}"}},
    {"at a cursor within a network",
	COUNT("&axis_x=asn&cursor=64500.4.25.20781"), 200,
	{"\"measurements\":3}"}},
    {"after a cursor within a network",
	COUNT("&axis_x=asn&cursor=64500.4.25.20782"), 200, {"{\"items\":[],"}},
    {"after it, from the store",
	GET("/v1/aggregate",
	    "since=2026-01-01&until=2026-11-25&cursor=64500.4.25.20782"),
	200, {"{\"items\":[],"}},
    {"a cursor without a day", COUNT("&cursor=64500.4.25"), 400,
	{"\"field\":\"cursor\""}},
    {"a cursor that is no number", COUNT("&cursor=x"), 400,
	{"\"field\":\"cursor\""}},
    {"an axis twice is one", COUNT("&axis_y=day"), 200,
	{"{\"items\":[{\"day\":\"2026-11-24\",\"measurements\":3}],"}},
    {"an axis that is none", COUNT("&axis_x=colour"), 400,
	{"\"field\":\"axis_x\"", "day, asn, country"}},
};

#define REPORT_2 "/v1/reports/01930000-0000-7000-8000-000000000002"

static const struct route_row report_rows[] = {
    {"one report in its public form", GET(REPORT_2), 200,
	{"{\"id\":\"01930000-0000-7000-8000-000000000002\","
	 "\"at\":\"2026-11-24T12:00:02",
	    "\"targets\":[{\"endpoint\":\"mx1\",\"address\":\"192.0.2.25\"",
	    "\"because\":[\"Port 25: no answer to the connection request "
	    "(TCP SYN).\"",
	    "\"The last hop that answered on port 25 is hop 2.\"",
	    "\"elsewhere\":{\"tried\":0,\"reached\":0,\"networks\":0}"}},
    {"a report is of a vantage point without an address", GET(REPORT_2), 200,
	{"\"prefix\":\"203.0.113.0/24\"", "\"agent\":\"00000000000000aa\"",
	    "~203.0.113.7"}},
    {"a report that nobody sent",
	GET("/v1/reports/01930000-0000-7000-8000-000000000009"), 404,
	{"\"field\":\"id\""}},
    {"the id of a row is none of a report",
	GET("/v1/reports/01930000-0000-7000-8000-000000000002:0"), 400,
	{"\"field\":\"id\""}},
    {"no id of a report", GET("/v1/reports/1"), 400, {"\"field\":\"id\""}},
};

static const struct route_row summary[] = {
    {"the numbers that decide a verdict", GET("/v1/about"), 200,
	{"\"software\":\"egress25-collector/", "\"witnesses\":3",
	    "\"cap\":0.002", "\"strong_p\":0.95"}},
    {"who runs it, unless it says so, is not known", GET("/v1/about"), 200,
	{"\"simulated\":false,\"daily_files\":false", "\"contact\":null",
	    "\"retention_days\":"}},
    {"nothing is asked of them", GET("/v1/about", "asn=1"), 400,
	{"\"field\":\"asn\""}},
    {"the summary counts", GET("/v1/summary"), 200,
	{"\"networks\":1", "\"agents\":1", "\"reports\":3",
	    "\"measurements\":6", "\"first\":\"2026-11-24T12:00:01"}},
    {"the summary says what it is about", GET("/v1/summary"), 200,
	{"{\"family\":4,\"port\":25,\"states\":{\"open\":0,",
	    "\"insufficient\":1}", "\"countries\":1", "\"generation\":"}},
    {"the summary of another port", GET("/v1/summary", "port=587&family=6"),
	200, {"\"networks\":0", "\"reports\":3", "\"port\":587"}},
    {"the summary is of no AS", GET("/v1/summary", "asn=1"), 400,
	{"\"field\":\"asn\""}},
};

static const struct route_row endpoint_rows[] = {
    {"endpoints are listed", GET("/v1/endpoints"), 200,
	{"\"name\":\"example-mx\",\"host\":\"mx.example.net\",\"domain\":null",
	    "\"kind\":\"submission\"", "\"ports\":[587]", "\"next\":null"}},
    {"no endpoints is an empty list", GET("/v1/endpoints"), 200,
	{"{\"items\":[],\"next\":null,\"generated\":\"2"}, NO_ENDPOINTS},
    {"endpoints have no parameters", GET("/v1/endpoints", "limit=1"), 400,
	{"\"field\":\"limit\""}},
};

static const struct route_row whoami[] = {
    {"who asks is told the address", GET("/v1/whoami"), 200,
	{"\"address\":\"203.0.113.9\",\"family\":4", "~proof",
	    "\"name\":null,\"country\":null,\"networks\":[]",
	    "Cache-Control: no-store\n"}},
    {"and its network, as the geo data have it",
	GET("/v1/whoami", .client = "192.0.2.9"), 200,
	{"\"family\":4,\"asn\":64496,\"network\":\"EXAMPLE-NET\""}, GEO_DATA},
    {"a network that is not known", GET("/v1/whoami"), 200, {"~asn"}, GEO_DATA},
    {"an IPv6 address", GET("/v1/whoami", .client = "2001:db8::9"), 200,
	{"\"address\":\"2001:db8::9\",\"family\":6"}},
    {"an agent gets a proof of it", GET("/v1/whoami", .signer = BY_AGENT), 200,
	{"\"proof\":\"", "\"expires\":\"", "\"agent\":\"",
	    "Cache-Control: no-store\n"}},
    {"a proof needs the agent's own key", GET("/v1/whoami", .signer = FORGED),
	401, {"the signature is not the agent's"}},
    {"a proxy that names nobody", GET("/v1/whoami", .client = ""), 400,
	{"\"field\":\"X-Forwarded-For\""}},
    {"nothing is posted there", POST("/v1/whoami"), 405,
	{"Allow: GET, HEAD, OPTIONS\n"}},
};

static const struct route_row plan[] = {
    {"an agent gets its plan", GET("/v1/plan", .signer = BY_AGENT), 200,
	{"\"format\":\"egress25-plan/1\"", "\"name\":\"example-mx\"",
	    "\"ports\":[\"25/starttls\"]", "\"next\":\"",
	    "Cache-Control: no-store\n"}},
    {"others get none", GET("/v1/plan"), 401, {"\"field\":\"Content-Digest\""}},
    {"a forged signature gets none", GET("/v1/plan", .signer = FORGED), 401,
	{"the signature is not the agent's"}},
    {"without endpoints there is no plan", GET("/v1/plan", .signer = BY_AGENT),
	404, {"no endpoints"}, NO_ENDPOINTS},
};

#define REPORT_OF(agent)                                                    \
	"{\"format\":\"egress25-report/1\",\"report\":"                     \
	"\"01930000-0000-7000-8000-00000000abcd\",\"agent\":\"" agent       \
	"\",\"software\":\"test\",\"started\":\"$NOW\",\"ended\":\"$NOW\"," \
	"\"sources\":[],\"targets\":[{\"endpoint\":\"mx1\","                \
	"\"host\":\"mx1.example\",\"address\":\"192.0.2.25\","              \
	"\"family\":4,\"at\":\"$NOW\",\"probes\":[{\"port\":25,"            \
	"\"mode\":\"starttls\",\"ended\":\"done\",\"failure\":null,"        \
	"\"ms\":{\"connect\":1.5}}],\"paths\":[]}]}"
#define REPORT  REPORT_OF("$AGENT")
#define REPORTS "/v1/reports"

static const struct route_row reports[] = {
    {"a report is stored and acknowledged",
	POST(REPORTS, .signer = BY_AGENT, .body = REPORT), 200,
	{"{\"accepted\":1,\"duplicate\":false}", "~ETag"}},
    {"a report is stored with its evidence",
	POST(REPORTS, .signer = BY_AGENT, .body = REPORT), 200,
	{"{\"accepted\":1,\"duplicate\":false}"}, EVIDENCE},
    {"a report needs a signature", POST(REPORTS, .body = REPORT), 401,
	{"\"field\":\"Content-Digest\""}},
    {"a report needs the agent's signature",
	POST(REPORTS, .signer = FORGED, .body = REPORT), 401,
	{"the signature is not the agent's"}},
    {"a report is of the agent that signs it",
	POST(REPORTS, .signer = BY_AGENT,
	    .body = REPORT_OF("00000000000000000000000000000000")),
	400, {"\"field\":\"agent\""}},
    {"a report without its members",
	POST(REPORTS, .signer = BY_AGENT,
	    .body = "{\"format\":\"egress25-report/1\"}"),
	400, {"\"field\":\"report\""}},
    {"no JSON", POST(REPORTS, .signer = BY_AGENT, .body = "{"), 400,
	{"\"error\":{"}},
    {"no gzip",
	POST(REPORTS, NULL, {{"Content-Encoding", "gzip"}}, BY_AGENT, REPORT),
	400, {"not whole gzip"}},
    {"an unknown encoding",
	POST(REPORTS, NULL, {{"Content-Encoding", "br"}}, BY_AGENT, REPORT),
	415, {"\\\"br\\\" is not understood"}},
    {"reports are not read there", GET(REPORTS), 405,
	{"Allow: OPTIONS, POST\n"}},
};

#define ENROL "/v1/agents"
#define KEY   "/v1/agents/key"

static const struct route_row enrolment[] = {
    {"a new key is a new agent",
	POST(ENROL, .signer = TO_ENROL,
	    .body = "{\"public_key\":\"$OTHER_KEY\"}"),
	200, {"{\"agent\":\"", "~ETag"}},
    {"to enrol another's key is refused",
	POST(ENROL, .signer = TO_ENROL, .body = "{\"public_key\":\"$KEY\"}"),
	401, {"not that of public_key"}},
    {"to enrol in an agent's name is refused",
	POST(ENROL, .signer = BY_AGENT, .body = "{\"public_key\":\"$KEY\"}"),
	401, {"\"field\":\"Signature-Input\""}},
    {"to enrol needs a key", POST(ENROL, .signer = TO_ENROL, .body = "{}"), 400,
	{"\"field\":\"public_key\""}},
    {"a token that is needed",
	POST(ENROL, .signer = TO_ENROL,
	    .body = "{\"public_key\":\"$OTHER_KEY\"}"),
	403, {"\"field\":\"token\""}, TOKENS},
    {"a token that nobody made",
	POST(ENROL, .signer = TO_ENROL,
	    .body = "{\"public_key\":\"$OTHER_KEY\",\"token\":\"x\"}"),
	403, {"\"field\":\"token\""}, TOKENS},
    {"agents are not listed", GET(ENROL), 405, {"Allow: OPTIONS, POST\n"}},
    {"an agent changes to a key that it has",
	POST(KEY, .signer = BY_AGENT,
	    .body = "{\"public_key\":\"$OTHER_KEY\","
		    "\"possession\":\"$PROOF\"}"),
	200, {"{\"agent\":\""}},
    {"the other key's possession must be shown",
	POST(KEY, .signer = BY_AGENT,
	    .body = "{\"public_key\":\"$OTHER_KEY\",\"possession\":\"AA==\"}"),
	400, {"\"field\":\"possession\""}},
    {"only the agent changes its key",
	POST(KEY, .signer = FORGED,
	    .body = "{\"public_key\":\"$OTHER_KEY\","
		    "\"possession\":\"$PROOF\"}"),
	401, {"the signature is not the agent's"}},
};

static const struct route_row events[] = {
    {"changes are listed", GET("/v1/events"), 200,
	{"{\"items\":[", "\"next\":", "\"since\":null,\"until\":\"20",
	    "\"generated\":"}},
    {"changes of another AS", GET("/v1/events", "asn=64501,64502&to=open"), 200,
	{"{\"items\":[],\"next\":null"}},
    {"changes as CSV", GET("/v1/events", "format=csv"), 200,
	{"\n\nid,at,asn,name,country,family,port,from,to,"}},
    {"a cursor that events do not have", GET("/v1/events", "cursor=7"), 400,
	{"\"field\":\"cursor\""}},
    {"changes to a state that is none", GET("/v1/events", "to=shut"), 400,
	{"\"field\":\"to\""}},
    {"changes as a feed", GET("/v1/events.atom"), 200,
	{"Content-Type: application/atom+xml; charset=utf-8\n", "ETag: W/\"",
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
	    "<id>tag:egress25,2026:events</id>", "</feed>\n"}},
    {"a feed's filter is its own, and no markup",
	GET("/v1/events.atom", "asn=64500&port=25"), 200,
	{"<id>tag:egress25,2026:events?asn=64500&amp;port=25</id>",
	    "href=\"/v1/events.atom?asn=64500&amp;port=25\"/>"}},
    {"a feed's filter that is wrong", GET("/v1/events.atom", "asn=<x>"), 400,
	{"\"field\":\"asn\"", "Content-Type: application/json\n"}},
};

static const struct route_row description[] = {
    {"the API describes itself", GET("/openapi.json"), 200,
	{"Content-Type: application/json\n", "{\"openapi\":\"3.1.0\"",
	    "\"/v1/networks/{asn}\":{\"get\":",
	    "\"name\":\"asn\",\"in\":"
	    "\"path\",\"required\":true",
	    "Access-Control-Allow-Origin: *\n"}},
    {"OPTIONS says what may be done", OPTIONS("/v1/networks/64500"), 204,
	{"Allow: GET, HEAD, OPTIONS\n", "Access-Control-Allow-Origin: *\n",
	    "Access-Control-Allow-Methods: GET, HEAD\n"}},
    {"pages of other sites do not report", OPTIONS("/v1/reports"), 204,
	{"Allow: OPTIONS, POST\n", "~Access-Control"}},
    {"an error is for other sites too", GET("/v1/networks", "colour=red"), 400,
	{"Access-Control-Allow-Origin: *\n"}},
    {"an agent's plan is not", GET("/v1/plan", .signer = BY_AGENT), 200,
	{"~Access-Control"}},
    {"a parameter of the path is none of the query",
	GET("/v1/networks/64500", "asn=64500"), 400, {"\"field\":\"asn\""}},
    {"several numbers in a path", GET("/v1/networks/64500,64501"), 400,
	{"the path has one value"}},
    {"several networks, ports and families",
	GET("/v1/networks", "probe_asn=AS64500,64501&port=25,587&family=4,6"),
	200, {"\"asn\":64500"}},
    {"several networks that are none", GET("/v1/networks", "asn=64501,64502"),
	200, {"\"items\":[]"}},
    {"measurements of several ports and outcomes",
	GET("/v1/measurements", "port=25,587&outcome=filtered,local"), 200,
	{"\"port\":25", "~\"outcome\":\"reachable\""}},
    {"the window of a list is said, its end excluded",
	GET("/v1/measurements", "since=2026-11-24&until=2026-11-24T12:00:02Z"),
	200,
	{"\"since\":\"2026-11-24T00:00:00.000Z\","
	 "\"until\":\"2026-11-24T12:00:02.000Z\"",
	    "000000000001", "~000000000002"}},
    {"a window that nobody asked for is said too", GET("/v1/measurements"), 200,
	{"\"since\":\"20", "\"until\":\"20"}},
};

static const struct route_row pages[] = {
    {"the first page", GET("/"), 200,
	{"Content-Type: text/html", "Content-Security-Policy: default-src",
	    "ETag: \"", "Vary: Accept-Encoding\n", "<!doctype html>"}},
    {"a page for who takes gzip", GET("/", NULL, {{"Accept-Encoding", "gzip"}}),
	200, {"Content-Encoding: gzip\n", "~<!doctype html>"}},
    {"a page that the client has",
	GET("/app.js", NULL, {{"If-None-Match", "*"}}), 304,
	{"ETag: \"", "Vary: Accept-Encoding\n", "~Content-Encoding"}},
    {"HEAD of a page", HEAD("/"), 200, {"Content-Length: ", "~<html"}},
    {"a page is read only", POST("/"), 405, {"Allow: GET, HEAD\n"}},
    {"a view's address", GET("/as/64500"), 200,
	{"Content-Type: text/html", "Content-Security-Policy: default-src",
	    "ETag: \"", "<!doctype html>"}},
    {"a view's address is read only", POST("/as/64500"), 405,
	{"Allow: GET, HEAD\n"}},
    {"no such page, said by the page", GET("/nothing"), 404,
	{"Content-Type: text/html", "Content-Security-Policy: default-src",
	    "~ETag", "<!doctype html>"}},
    {"what is not there is never unchanged",
	GET("/nothing", NULL, {{"If-None-Match", "*"}}), 404,
	{"<!doctype html>"}},
    {"no such route of the API", GET("/v1/nothing"), 404,
	{"there is nothing here"}},
    {"nothing to post to", POST("/nothing"), 404, {"there is nothing here"}},
    {"below a route that has nothing there", GET("/v1/summary/x"), 404,
	{"there is nothing here"}},
    {"no pages if the settings say so", GET("/"), 404,
	{"there is nothing here"}, NO_PAGES},
};

static const struct route_row admin[] = {
    {"alive", GET("/healthz"), 200, {"\"alive\""}},
    {"ready or not, with the reason", HEAD("/readyz"), 200,
	{"Content-Length: 7\n"}},
    {"metrics", GET("/metrics"), 200,
	{"Content-Type: text/plain; version=0.0.4; charset=utf-8\n",
	    "egress25_ready ", "egress25_reports_accepted_total 0\n"}},
    {"the API is not the admin's", GET("/v1/networks"), 404,
	{"there is nothing here"}},
    {"nor are the pages", GET("/"), 404, {"there is nothing here"}},
};

static void set_options(struct collector_options *options, enum kind kind)
{
	struct err err;

	assert_int_equal(
	    conf_defaults(collector_option_table, options, &err), 0);
	options->limit_free_bytes = 0;
	options->web = kind != NO_PAGES;
	options->enrol = kind == TOKENS ? ENROL_TOKEN : ENROL_OPEN;
	options->keep_signed = kind == EVIDENCE;
	if (kind == FEW_ENROL)
		options->limit_enrol_address = 1;
	if (kind == GEO_DATA)
		snprintf(options->geo_asn, sizeof(options->geo_asn),
		    GEO_FOLDER "/geolite2-asn.mmdb");
}

static void expect(
    const struct route_row *row, int status, const struct buf *text)
{
	size_t i;

	if (status != row->status)
		fail_msg("%d, not %d: %s", status, row->status, text->data);
	for (i = 0; i < WANTED && row->wanted[i] != NULL; i++) {
		bool is_absent = row->wanted[i][0] == '~';
		bool is_there = memmem(text->data, text->length,
				    row->wanted[i] + is_absent,
				    strlen(row->wanted[i] + is_absent)) != NULL;

		if (is_there == is_absent)
			fail_msg("%s %s in:\n%s", row->wanted[i] + is_absent,
			    is_absent ? "is" : "is not", text->data);
	}
}

/* An ordinary collector that is only read, kept from row to row; one at a time
 * is open. */
static struct route_world kept;
static bool is_kept;

static void close_kept(void)
{
	if (is_kept)
		route_world_close(&kept);
	is_kept = false;
}

static void open_kept(void)
{
	struct collector_options options;

	if (is_kept)
		return;
	set_options(&options, ORDINARY);
	route_world_open(&kept, &options, 3, endpoints);
	is_kept = true;
}

static void open_own(struct route_world *world, enum kind kind)
{
	struct collector_options options;

	close_kept();
	set_options(&options, kind);
	route_world_open(
	    world, &options, 3, kind == NO_ENDPOINTS ? "" : endpoints);
}

static void run_in(const struct route_row *row, const struct route_table *table)
{
	bool may_keep = row->kind == ORDINARY &&
			row->question.method != METHOD_POST;
	struct route_world own;
	struct buf text = {0};
	int status;

	if (may_keep)
		open_kept();
	else
		open_own(&own, row->kind);
	status = route_world_ask(
	    may_keep ? &kept : &own, table, &row->question, &text);
	expect(row, status, &text);
	buf_free(&text);
	if (!may_keep)
		route_world_close(&own);
}

static void run_row(void **state)
{
	run_in(*state, &routes_public);
}

static void run_admin(void **state)
{
	run_in(*state, &routes_admin);
}

/* --- more than one request --- */

#define MANY         20
#define FORGED_LOOKS 12

/* Ask the questions in turn, each with the status that is expected; the last
 * has what is wanted, too. */
static void ask_all(const struct collector_options *options,
    const struct route_question *questions, const int *statuses, size_t count,
    const struct route_row *last, struct metrics *metrics)
{
	struct route_world world;
	struct buf text = {0};
	size_t i;

	close_kept();
	route_world_open(&world, options, 0, endpoints);
	for (i = 0; i < count; i++) {
		struct route_row row = i + 1 == count ? *last
						      : (struct route_row){0};

		buf_clear(&text);
		row.status = statuses[i];
		expect(&row,
		    route_world_ask(
			&world, &routes_public, &questions[i], &text),
		    &text);
	}
	memcpy((void *)metrics, &world.metrics, sizeof(*metrics));
	buf_free(&text);
	route_world_close(&world);
}

/* REPORT with the time of now, or of some ms ago, so that it is the same when
 * it is sent again. */
static struct route_question report_at(char body[1024], int64_t ms_ago)
{
	char at[RFC3339_SIZE], *to = body;
	const char *from = REPORT, *now;
	struct route_question question = POST(
	    REPORTS, .signer = BY_AGENT, .body = body);

	rfc3339_format(clock_wall_ms() - ms_ago, at);
	for (; (now = strstr(from, "$NOW")) != NULL; from = now + 4)
		to += sprintf(to, "%.*s%s", (int)(now - from), from, at);
	strcpy(to, from);
	return question;
}

static void send_twice(void **state)
{
	const struct route_row last = {
	    .wanted = {"{\"accepted\":0,\"duplicate\":true}"}};
	struct collector_options options;
	struct metrics metrics;
	char body[1024];
	struct route_question report = report_at(body, 0);

	(void)state;
	set_options(&options, ORDINARY);
	ask_all(&options, (struct route_question[]){report, report},
	    (int[]){200, 200}, 2, &last, &metrics);
	assert_int_equal(metrics.reports_accepted, 1);
	assert_int_equal(metrics.reports_duplicate, 1);
}

static void send_another(void **state)
{
	const struct route_row last = {
	    .wanted = {"\"field\":\"report\"", "is stored with other content"}};
	struct collector_options options;
	struct metrics metrics;
	char body[1024], other[1024];
	struct route_question report = report_at(body, 0);
	struct route_question another = report_at(other, 1000);

	(void)state;
	set_options(&options, ORDINARY);
	ask_all(&options,
	    (struct route_question[]){report, another, report, another},
	    (int[]){200, 409, 200, 409}, 4, &last, &metrics);
	assert_int_equal(metrics.reports_accepted, 1);
	assert_int_equal(metrics.reports_refused[REFUSED_CONFLICT], 2);
}

static const struct limit_row {
	const char *name;
	size_t offset;  /* of the option */
	int64_t limit;  /* an hour */
	size_t allowed; /* of MANY reports of one probe at once */
} limit_rows[] = {
    {"an agent's reports are limited, a sixth of an hour's at once",
	offsetof(struct collector_options, limit_reports_agent), 42, 7},
    {"a prefix's reports are too",
	offsetof(struct collector_options, limit_reports_prefix), 42, 7},
    {"and an agent's probes",
	offsetof(struct collector_options, limit_probes_agent), 60, 10},
    {"and a prefix's probes",
	offsetof(struct collector_options, limit_probes_prefix), 60, 10},
    {"0 is no limit", offsetof(struct collector_options, limit_reports_agent),
	0, MANY},
};

static void limited(void **state)
{
	const struct limit_row *row = *state;
	const struct route_row last = {
	    .wanted = {
		row->allowed < MANY ? "Retry-After: " : "accepted",
	    }};
	struct route_question questions[MANY];
	struct collector_options options;
	struct metrics metrics;
	int statuses[MANY];
	char body[1024];
	size_t i;

	set_options(&options, ORDINARY);
	*(int64_t *)(void *)((char *)&options + row->offset) = row->limit;
	questions[0] = report_at(body, 0);
	for (i = 0; i < MANY; i++) {
		questions[i] = questions[0];
		statuses[i] = i < row->allowed ? 200 : 429;
	}
	ask_all(&options, questions, statuses, MANY, &last, &metrics);
	assert_int_equal(
	    metrics.reports_refused[REFUSED_LIMIT], MANY - row->allowed);
}

/* Who signs wrongly without end is not looked for without end, wherever he
 * sends from; the agent is served, and its new key counts at once. */
static void forge_often(void **state)
{
	static const struct route_question forged = GET(
	    "/v1/plan", .signer = FORGED);
	static const struct route_question elsewhere = GET(
	    "/v1/whoami", .signer = FORGED, .client = "198.51.100.9");
	static const struct route_question change = POST(KEY,
	    .signer = BY_AGENT,
	    .body = "{\"public_key\":\"$OTHER_KEY\","
		    "\"possession\":\"$PROOF\"}");
	const struct route_row last = {.wanted = {"egress25-plan/1"}};
	struct route_question questions[MANY + 3];
	struct collector_options options;
	struct metrics metrics;
	int statuses[MANY + 3];
	size_t i;

	(void)state;
	set_options(&options, ORDINARY);
	for (i = 0; i < MANY; i++) {
		questions[i] = i % 2 == 0 ? forged : elsewhere;
		statuses[i] = i < FORGED_LOOKS ? 401 : 429;
	}
	questions[MANY] = (struct route_question)GET(
	    "/v1/plan", .signer = BY_AGENT);
	questions[MANY + 1] = change;
	questions[MANY + 2] = forged;
	statuses[MANY] = statuses[MANY + 1] = statuses[MANY + 2] = 200;
	ask_all(&options, questions, statuses, MANY + 3, &last, &metrics);
}

/* Plans and proofs together are as many as reports. */
static void ask_often(void **state)
{
	const struct route_row last = {.wanted = {"Retry-After: "}};
	struct route_question questions[MANY];
	struct collector_options options;
	struct metrics metrics;
	int statuses[MANY];
	size_t i;

	(void)state;
	set_options(&options, ORDINARY);
	options.limit_reports_agent = 42;
	for (i = 0; i < MANY; i++) {
		if (i % 2 == 0)
			questions[i] = (struct route_question)GET(
			    "/v1/plan", .signer = BY_AGENT);
		else
			questions[i] = (struct route_question)GET(
			    "/v1/whoami", .signer = BY_AGENT);
		statuses[i] = i < 7 ? 200 : 429;
	}
	ask_all(&options, questions, statuses, MANY, &last, &metrics);
}

static void enrol_often(void **state)
{
	const struct route_row row = {
	    .status = 429, .wanted = {"Retry-After: ", "too many agents"}};
	const struct route_question question = POST(ENROL, .signer = TO_ENROL,
	    .body = "{\"public_key\":\"$OTHER_KEY\"}");
	struct collector_options options;
	struct route_world world;
	struct buf text = {0};

	(void)state;
	set_options(&options, FEW_ENROL);
	close_kept();
	route_world_open(&world, &options, 0, "");
	assert_int_equal(
	    route_world_ask(&world, &routes_public, &question, &text), 200);
	buf_clear(&text);
	expect(&row, route_world_ask(&world, &routes_public, &question, &text),
	    &text);
	assert_int_equal(world.metrics.enrolments_refused, 1);
	buf_free(&text);
	route_world_close(&world);
}

/* Nobody waits for the first count after a start. */
static void before_the_view(void **state)
{
	static const char *const paths[] = {"/v1/networks",
	    "/v1/networks/64500", "/v1/summary", "/v1/countries",
	    "/v1/countries/DE"};
	const struct route_row row = {.status = 503,
	    .wanted = {"Retry-After: 2\n", "for the first time",
		"Access-Control-Allow-Origin: *\n"}};
	struct collector_options options;
	struct route_world world;
	struct census *census;
	struct buf text = {0};
	size_t i;

	(void)state;
	close_kept();
	set_options(&options, ORDINARY);
	route_world_open(&world, &options, 3, endpoints);
	census = world.server.census;
	world.server.census = NULL;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct route_question question = GET(paths[i]);

		buf_clear(&text);
		expect(&row,
		    route_world_ask(&world, &routes_public, &question, &text),
		    &text);
	}
	world.server.census = census;
	buf_free(&text);
	route_world_close(&world);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, networks, run_row);
	TEST_ROWS(&list, measurements, run_row);
	TEST_ROWS(&list, codings, run_row);
	TEST_ROWS(&list, counts, run_row);
	TEST_ROWS(&list, report_rows, run_row);
	TEST_ROWS(&list, summary, run_row);
	TEST_ROWS(&list, endpoint_rows, run_row);
	TEST_ROWS(&list, whoami, run_row);
	TEST_ROWS(&list, plan, run_row);
	TEST_ROWS(&list, reports, run_row);
	TEST_ROWS(&list, enrolment, run_row);
	TEST_ROWS(&list, events, run_row);
	TEST_ROWS(&list, description, run_row);
	TEST_ROWS(&list, pages, run_row);
	TEST_ROWS(&list, admin, run_admin);
	test_add(&list, "a report that is sent again counts once", send_twice);
	test_add(&list, "another report of the same id is refused, each time",
	    send_another);
	test_add(&list, "before networks were judged, it is said when to ask",
	    before_the_view);
	TEST_ROWS(&list, limit_rows, limited);
	test_add(&list, "wrong signatures are looked into only so often",
	    forge_often);
	test_add(&list, "an agent asks only so often", ask_often);
	test_add(&list, "an address enrols only so often", enrol_often);
	return test_run("routes", &list);
}
