# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of check_rows.py: `check --json` against what must come."""

import json

from check_rows import PORTS, ROWS, filter_sites
from lab.topology import HOP_ENDPOINT


def prepare(lab):
    """Every row's own network; returns [(row, vantage)]."""
    places = []
    for number, row in enumerate(ROWS):
        provider = lab.network.provider(f"p{number}")
        places.append((row, lab.vantage(provider, f"v{number}")))
    return places


def filter_all(lab, places):
    filter_sites(lab)
    for row, vantage in places:
        for each in row.filters:
            each.apply(vantage, lab)


def endpoints_of(lab, row, vantage, family):
    hosts = {name: lab.host(name) for name in row.endpoints}
    if row.by_address:
        hosts = {name: lab.network.sites[name].addresses((family,))[0]
                 for name in row.endpoints}
    return lab.endpoints_file(f"{vantage.name}-{family}", hosts)


def wanted(lab, row, vantage, family, endpoint, port):
    """The fields of one diagnosis that the row settles."""
    expect = row.expected(endpoint, port, family)
    hop = expect.after_hop
    address = lab.network.sites[endpoint].addresses((family,))[0]
    want = {
        "family": family,
        "address": address if expect.mechanism != "resolve" else None,
        "outcome": expect.outcome,
        "mechanism": expect.mechanism,
        "where": expect.where,
        "after_hop": hop,
        "after_address": lab.network.hop_address(vantage, hop, family)
        if hop else None,
    }
    if expect.outcome == "filtered":
        want["endpoint_hops"] = HOP_ENDPOINT
    return want


def compare(lab, row, vantage, family, found):
    """What is wrong with the diagnoses of one `check --json`."""
    open_places = {(name, port) for name in row.endpoints for port in PORTS}
    for seen in found["diagnoses"]:
        place = (seen["endpoint"], seen["port"])
        if place not in open_places:
            yield f"{place}: diagnosed, but not asked for"
            continue
        open_places.discard(place)
        want = wanted(lab, row, vantage, family, *place)
        got = {key: seen.get(key) for key in want}
        if got != want:
            differing = [f"{key} is {got[key]}, not {want[key]}"
                         for key in want if got[key] != want[key]]
            yield (f"{place[0]} port {place[1]}: {', '.join(differing)} "
                   f"({seen.get('because')})")
    for name, port in sorted(open_places):
        yield f"{name} port {port}: no diagnosis"


def run(lab, row, vantage, family):
    """Run one row over one family; returns its problems."""
    done = lab.run_agent(vantage, "check", "--json", f"-{family}",
                         "--timeout", str(row.timeout_s), "--endpoints",
                         str(endpoints_of(lab, row, vantage, family)))
    problems = []
    if done.returncode != row.exit(family):
        problems.append(
            f"exit code {done.returncode}, not {row.exit(family)}")
    if done.stderr:
        problems.append(f"on stderr: {done.stderr[-2000:]}")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return problems + [f"no JSON: {done.stdout[-300:]!r}"]
    return problems + list(compare(lab, row, vantage, family, found))
