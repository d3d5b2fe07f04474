# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of the matrix: `check --json` against what must come."""

import json

from lab.topology import HOP_ENDPOINT, Site
from matrix import ROWS
from matrix.endpoints import filter_sites
from matrix.names import NOBODY
from matrix.row import PORTS

ACCUSING = {"filtered", "intercepted", "local", "endpoint"}


def prepare(lab, text):
    """A network of its own for every row whose sentence holds the text;
    returns [(row, vantage)]."""
    for name, addresses in NOBODY.items():
        lab.network.sites[name] = Site(name, None, *addresses, -1)
    places = []
    for number, row in enumerate(ROWS):
        if text not in row.sentence:
            continue
        provider = lab.network.provider(f"p{number}")
        if row.detour:
            lab.network.detour(provider, row.detour)
        places.append((row, lab.vantage(provider, f"v{number}")))
        for name, sites in row.pools.items():
            lab.dns.host(lab.host(name), *(
                address for site in sites
                for address in lab.network.sites[site].addresses()))
    return places


def filter_all(lab, places):
    filter_sites(lab)
    for row, vantage in places:
        for each in row.filters:
            each.apply(vantage, lab)


def endpoints_of(lab, row, vantage, family):
    hosts = {name: lab.host(name) for name in row.pool()}
    if row.by_address:
        hosts = {name: lab.network.sites[name].addresses((family,))[0]
                 for name in row.endpoints}
    keys = {name: [lab.authority.spki(name if name in lab.network.sites
                                      else "mx1")]
            for name in hosts} if row.keys else {}
    return lab.endpoints_file(f"{vantage.name}-{family}", hosts,
                              row.starttls, keys)


def wanted(lab, row, vantage, family, site, port):
    """The fields of one diagnosis that the row settles; of those in a list,
    one of them."""
    expect = row.expected(site, port, family)
    hop = expect.after_hop
    want = {
        "family": family,
        "outcome": expect.outcome,
        "mechanism": expect.mechanism,
        "where": expect.where,
        "after_hop": hop,
        "after_address": lab.network.hop_addresses(vantage, hop, family)
        if hop else None,
    }
    if expect.outcome == "filtered" and row.detour < 2:
        want["endpoint_hops"] = HOP_ENDPOINT
    return want


def differences(got, want):
    for key, value in want.items():
        allowed = value if isinstance(value, list) else [value]
        if got.get(key) not in allowed:
            yield f"{key} is {got.get(key)}, not {value}"


def probes_of(report, address, port):
    return [probe for target in report["targets"]
            if target.get("address") == address
            for probe in target["probes"] if probe["port"] == port]


def wrong_icmp(lab, place, expect, probes):
    """The probes must have seen this type and code, by the right sender."""
    row, vantage, family = place
    if not expect.icmp:
        return
    sender = vantage.client_address(family) if expect.icmp_hop == 0 else \
        lab.network.hop_address(vantage, expect.icmp_hop, family)
    kind, code = expect.icmp[family]
    want = {"type": kind, "code": code, "from": sender}
    seen = [probe.get("icmp") for probe in probes]
    if want not in seen:
        yield f"no probe saw {want}: {seen}"


def wrong_code(expect, probes):
    seen = [(probe.get("smtp") or {}).get("code") for probe in probes]
    if expect.code and expect.code not in seen:
        yield f"no reply of {expect.code}: {seen}"


def compare(lab, place, found):
    """What is wrong with the diagnoses of one `check --json`."""
    row, vantage, family = place
    due = {(name, lab.network.sites[site].addresses((family,))[0], port): site
           for name, sites in row.pool().items() for site in sites
           for port in PORTS}
    for seen in found["diagnoses"]:
        if seen["mechanism"] == "resolve":
            seen["address"] = next(
                (key[1] for key in due if key[0] == seen["endpoint"]), None)
        key = (seen["endpoint"], seen["address"], seen["port"])
        site = due.pop(key, None)
        if site is None:
            yield f"{key}: diagnosed, but not asked for"
            continue
        if not row.sure and seen["outcome"] not in ACCUSING:
            continue
        expect = row.expected(site, seen["port"], family)
        wrong = list(differences(seen, wanted(lab, row, vantage, family, site,
                                              seen["port"])))
        wrong += [f"no sign {sign}" for sign in expect.signs
                  if sign not in seen["signs"]]
        probes = probes_of(found["report"], *key[1:])
        wrong += wrong_icmp(lab, place, expect, probes)
        wrong += wrong_code(expect, probes)
        if wrong:
            yield (f"{site} port {seen['port']}: {', '.join(wrong)} "
                   f"({seen.get('because')})")
    for name, address, port in sorted(due):
        yield f"{name} {address} port {port}: no diagnosis"


def ask(lab, row, vantage, family):
    """Run `check` for a row; returns the finished process."""
    return lab.run_agent(
        vantage, "check", "--json", f"-{family}", "--timeout",
        str(row.timeout_s), "--endpoints",
        str(endpoints_of(lab, row, vantage, family)),
        timeout_s=row.timeout_s + 60)


def run(lab, row, vantage, family):
    """Run one row over one family; returns its problems."""
    done = ask(lab, row, vantage, family)
    problems = []
    if row.sure and done.returncode != row.exit(family):
        problems.append(
            f"exit code {done.returncode}, not {row.exit(family)}")
    if done.stderr:
        problems.append(f"on stderr: {done.stderr[-2000:]}")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return problems + [f"no JSON: {done.stdout[-300:]!r}"]
    return problems + list(compare(lab, (row, vantage, family), found))
