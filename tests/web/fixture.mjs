// SPDX-License-Identifier: Apache-2.0
// Measurement rows (schema_version 1) of three networks: AS64500 drops port 25
// for three vantage points, AS64501 is open, AS64502 has one vantage point only.

const OPEN = {
  ended: "done",
  failure: null,
  outcome: "reachable",
  mechanism: "open",
  where: null,
  after_hop: null,
  smtp_code: 220,
  tls_version: "TLSv1.3",
  tls_verify: "ok",
  connect_ms: 12.5,
  total_ms: 80.25,
};

const DROP = {
  ended: "connect",
  failure: "timeout",
  outcome: "filtered",
  mechanism: "drop",
  where: "path",
  after_hop: 2,
  smtp_code: null,
  tls_version: null,
  tls_verify: null,
  connect_ms: null,
  total_ms: 3500,
};

const AGENTS = [
  { agent: "a000000000000001", asn: 64500, country: "DE", net: "1", drop: [25] },
  { agent: "a000000000000002", asn: 64500, country: "DE", net: "2", drop: [25] },
  { agent: "a000000000000006", asn: 64500, country: "DE", net: "6", drop: [25] },
  { agent: "a000000000000003", asn: 64501, country: "FR", net: "3", drop: [] },
  { agent: "a000000000000004", asn: 64501, country: "FR", net: "4", drop: [] },
  { agent: "a000000000000005", asn: 64502, country: "JP", net: "5", drop: [25] },
];

// The report of an agent, which has all of its rows.
export const reportOf = (agent) => `01930000-0000-7000-8000-${agent.slice(-12)}`;

function row(agent, endpoint, port, at, number) {
  return {
    schema_version: 1,
    id: `${reportOf(agent.agent)}:${number}`,
    at: new Date(at).toISOString(),
    agent: agent.agent,
    asn: agent.asn,
    network: `Example ${agent.asn} <b>&`,
    country: agent.country,
    prefix: `198.51.${100 + Number(agent.net)}.0/24`,
    family: 4,
    endpoint: `mx${endpoint}`,
    address: `192.0.2.${endpoint}`,
    port,
    mode: port === 465 ? "tls" : "starttls",
    endpoint_hops: 5,
    icmp_type: null,
    icmp_code: null,
    attributed: true,
    ...(agent.drop.includes(port) ? DROP : OPEN),
  };
}

export function rows(now) {
  const all = [];
  for (const agent of AGENTS) {
    let number = 0;
    for (const endpoint of [1, 2, 3])
      for (const port of [25, 587, 465])
        all.push(row(agent, endpoint, port, now - 3600_000, number++));
  }
  return all;
}
