// SPDX-License-Identifier: Apache-2.0
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getJson, getList } from "../shared/api.js";
import {
  ageText,
  countText,
  mechanismText,
  outcomesText,
  STATES,
} from "../shared/words.js";
import { matches, PORTS, toRows } from "./rows.js";

const REFRESH_MS = 15000;

const networks = signal(null);
const summary = signal(null);
const problem = signal("");
const now = signal(Date.now());
const filter = signal(filterFromAddress());
const rows = computed(() => toRows(networks.value ?? []));
const shown = computed(() =>
  rows.value.filter((row) => matches(row, filter.value)),
);

function filterFromAddress() {
  const query = new URLSearchParams(location.search);
  return {
    text: query.get("text") ?? "",
    state: query.get("state") ?? "",
    family: query.get("family") ?? "",
  };
}

// Keep the filter in the address, so that a view can be linked to.
function setFilter(change) {
  filter.value = { ...filter.value, ...change };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter.value))
    if (value) query.set(name, value);
  const text = query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

async function refresh() {
  try {
    networks.value = await getList("/v1/networks");
    summary.value = await getJson("/v1/summary");
    problem.value = "";
  } catch (error) {
    problem.value = error.message;
  }
  now.value = Date.now();
}

export function NetworksView() {
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <Header />
      <main>
        <Filters />
        {problem.value && <p role="alert">{problem.value}</p>}
        <Table />
        <Legend />
      </main>
      <Footer />
    </>
  );
}

function Header() {
  return (
    <header>
      <h1>egress25</h1>
      <p>
        Which networks let mail out over ports 25, 587 and 465, as vantage
        points inside them see it.
      </p>
      {summary.value && (
        <p class="summary">
          {countText(summary.value.networks, "network")},{" "}
          {countText(summary.value.agents, "agent")},{" "}
          {countText(summary.value.measurements, "measurement")}
        </p>
      )}
    </header>
  );
}

function Filters() {
  return (
    <form role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Find{" "}
        <input
          type="search"
          name="text"
          placeholder="AS number, name or country"
          value={filter.value.text}
          onInput={(event) => setFilter({ text: event.currentTarget.value })}
        />
      </label>
      <Choice name="state" label="State" values={STATES} />
      <Choice
        name="family"
        label="Family"
        values={["4", "6"]}
        text={(family) => `IPv${family}`}
      />
    </form>
  );
}

function Choice({ name, label, values, text = (value) => value }) {
  return (
    <label>
      {label}{" "}
      <select
        name={name}
        value={filter.value[name]}
        onChange={(event) => setFilter({ [name]: event.currentTarget.value })}
      >
        <option value="">any</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {text(value)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Table() {
  if (networks.value === null) return <p>Loading…</p>;
  if (rows.value.length === 0)
    return <p>No vantage point has reported yet.</p>;
  if (shown.value.length === 0) return <p>No network matches.</p>;
  return (
    <div class="scroll">
      <table>
        <caption>
          {countText(shown.value.length, "network")} by address family
        </caption>
        <thead>
          <tr>
            <th scope="col">Network</th>
            <th scope="col">Family</th>
            {PORTS.map((port) => (
              <th scope="col" key={port}>
                Port {port}
              </th>
            ))}
            <th scope="col">Vantage points</th>
            <th scope="col">Last seen</th>
          </tr>
        </thead>
        <tbody>
          {shown.value.map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/v1/networks/${row.asn}`}>AS{row.asn}</a> {row.name}{" "}
        {row.country && <span class="country">{row.country}</span>}
      </th>
      <td>IPv{row.family}</td>
      {PORTS.map((port) => (
        <PortCell key={port} network={row.ports[port]} />
      ))}
      <td class="number">{row.vantagePoints}</td>
      <td>
        <time dateTime={new Date(row.last).toISOString()}>
          {ageText(row.last, now.value)}
        </time>
      </td>
    </tr>
  );
}

function PortCell({ network }) {
  if (!network) return <td class="none">not measured</td>;
  return (
    <td>
      <details>
        <summary>
          <span class={`state ${network.state}`}>{network.state}</span>{" "}
          {mechanismText(network.mechanism)}
        </summary>
        <p>{network.because}</p>
        <p class="outcomes">{outcomesText(network.outcomes)}</p>
        <p>
          {countText(network.vantage_points, "vantage point")},{" "}
          {countText(network.endpoints, "endpoint")},{" "}
          {countText(network.probes, "probe")}, since{" "}
          {ageText(Date.parse(network.since), now.value)}
        </p>
      </details>
    </td>
  );
}

const LEGEND = [
  ["open", "mail gets out"],
  ["filtered", "several vantage points agree that it does not"],
  ["intercepted", "somebody else answers in the endpoint's place"],
  ["partial", "some parts of the network are filtered, others open"],
  ["inconsistent", "the evidence contradicts itself"],
  ["insufficient", "too little evidence to say"],
];

function Legend() {
  return (
    <dl class="legend">
      {LEGEND.map(([state, text]) => (
        <div key={state}>
          <dt>
            <span class={`state ${state}`}>{state}</span>
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Footer() {
  return (
    <footer>
      <p>
        No mail is ever sent: agents end each dialogue with QUIT. Take the
        data: <a href="/v1/networks?format=csv">networks</a>,{" "}
        <a href="/v1/measurements?format=csv">measurements</a> (CSV), or the{" "}
        <a href="/v1/summary">API</a>.
      </p>
      <p>
        Networks and countries by the IP address data of ip-location-db (CC
        BY 4.0, PDDL) unless this collector uses its own.
      </p>
    </footer>
  );
}
