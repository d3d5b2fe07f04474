# SPDX-License-Identifier: Apache-2.0
"""Runs the rows of the matrix: `check --json` against what must come."""

import json
import time

import outlook
from again import ACCUSING, Accusation, is_accusation
from lab.filters import Switch
from lab.lines import VIP
from lab.scripted import USUAL
from lab.topology import Site
from matrix import ROWS, add_sites, filter_sites
from matrix.names import NOBODY
from matrix.row import ANY, OPEN

# Twenty rows run side by side, and the machine may have two cores.
BUSY = 1.5


def prepare(lab, texts, copies=1):
    """A network of its own for every row whose sentence holds one of them, or
    so many; returns [(row, vantage)]."""
    add_sites(lab)
    for name, addresses in NOBODY.items():
        lab.network.sites[name] = Site(name, None, *addresses, -1)
    places, pools = [], {}
    for number, row in enumerate(ROWS):
        if not any(text in row.sentence for text in texts):
            continue
        asks_itself = any(name.startswith(("self", "vip"))
                          for name in row.endpoints)
        for copy in range(1 if asks_itself else copies):
            places.append((row, build(lab, row, f"{number}x{copy}")))
        serve_itself(lab, *places[-1])
        serve_vip(lab, *places[-1])
        for name, sites in row.pools.items():
            if pools.setdefault(name, sites) != sites:
                raise ValueError(f"{name} is {sites} and {pools[name]}")
            lab.dns.host(lab.host(name), *(
                address for site in sites
                for address in lab.network.sites[site].addresses()))
    return places


def build(lab, row, name):
    provider = lab.network.provider(f"p{name}")
    if row.detour:
        lab.network.detour(provider, row.detour)
    return lab.vantage(provider, f"v{name}", row.line)


def serve_itself(lab, row, vantage):
    """Where a row asks the host's own public address: the site, and its
    servers on the host."""
    for name in row.endpoints:
        if name.startswith("self"):
            lab.network.sites[name] = Site(
                name, vantage.client, vantage.public4, vantage.public6, -1)
            certificate = lab.authority.issue(name, lab.host(name))
            for port, manner in USUAL.items():
                if port == 25 and name.endswith("without"):
                    continue
                lab.servers.listen(vantage.client, vantage.own, port, manner,
                                   certificate, tls=port == 465,
                                   name=lab.host(name))


def serve_vip(lab, row, vantage):
    """Where a row asks a virtual address on the host's own link: its node has
    no server on 25, and sends the other ports two hops on."""
    for name in row.endpoints:
        if name.startswith("vip"):
            site = Site(name, vantage.node("vip"), *VIP, -1)
            lab.network.sites[name] = site
            lab.dns.host(lab.host(name), *VIP)
            lab.network.behind(site, 2, 443, 465, 587)
            lab.serve(site, name, {port: manner for port, manner in
                                   USUAL.items() if port != 25}, (465,))


def filter_all(lab, places):
    filter_sites(lab)
    for row, vantage in places:
        for each in row.filters:
            each.apply(vantage, lab)


def hosts_of(lab, row, family):
    if row.by_address:
        return {name: lab.network.sites[name].addresses((family,))[0]
                for name in row.endpoints}
    return {name: lab.host(name) for name in row.pool()
            if name not in row.domains}


def endpoints_of(lab, row, vantage, family):
    hosts = hosts_of(lab, row, family)
    keys = {name: [lab.authority.spki(
                row.listed.get(name, name if name in lab.network.sites
                               else "mx1"))]
            for name in hosts} if row.keys else {}
    return lab.endpoints_file(
        f"{vantage.name}-{family}", hosts, row.starttls, keys,
        domains=row.domains, ports=row.asked, control=row.control)


def number(vantage, hop):
    """Of a router's name; a number and ANY are what they are."""
    if hop == ANY or not isinstance(hop, str):
        return hop
    return vantage.hop(hop)


def wanted(lab, expect, vantage, family, row):
    """The fields of one diagnosis that an answer settles; of those in a list,
    one of them."""
    hop = number(vantage, expect.after_hop)
    want = {
        "family": family,
        "outcome": expect.outcome,
        "mechanism": expect.mechanism,
        "where": expect.where,
        "after_hop": hop,
        "before_hop": number(vantage, expect.before_hop),
    }
    if hop != ANY:
        want["after_address"] = \
            lab.network.hop_addresses(vantage, hop, family) if hop else None
    if expect.hops is not None:
        want["endpoint_hops"] = expect.hops
    elif expect.outcome == "filtered" and row.detour < 2 and vantage.path:
        want["endpoint_hops"] = [None] + [
            len(path) + 1 for path in (vantage.path, vantage.other_path)]
    return {key: value for key, value in want.items() if value != ANY}


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
    if expect.icmp_hop == 0:
        want["own"] = True
    seen = [probe.get("icmp") for probe in probes]
    if want not in seen:
        yield f"no probe saw {want}: {seen}"


def wrong_words(expect, probes):
    """What the server said: the code, the text, TLS's alert."""
    codes = {(probe.get(key) or {}).get("code") for probe in probes
             for key in ("smtp", "reply")}
    if expect.code and expect.code not in codes:
        yield f"no reply of {expect.code}: {codes}"
    texts = [(probe.get("reply") or {}).get("text", "") for probe in probes]
    if expect.text and not any(expect.text in text for text in texts):
        yield f"no reply with {expect.text!r}: {texts}"
    alerts = [(probe.get("tls") or {}).get("alert") for probe in probes]
    if expect.alert and expect.alert not in alerts:
        yield f"no alert {expect.alert}: {alerts}"


def wrong_dns(expect, report, endpoint):
    said = {target.get("dns") for target in report["targets"]
            if target["endpoint"] == endpoint}
    if expect.dns and said != {expect.dns}:
        yield f"DNS said {said}, not {expect.dns}"


def against(lab, place, expect, seen, found):
    """What is wrong with one diagnosis, if that were the answer."""
    row, vantage, family = place
    probes = probes_of(found["report"], seen["address"], seen["port"])
    return (
        list(differences(seen, wanted(lab, expect, vantage, family, row))) +
        [f"no sign {sign}" for sign in expect.signs
         if sign not in seen["signs"]] +
        list(wrong_icmp(lab, place, expect, probes)) +
        list(wrong_words(expect, probes)) +
        list(wrong_dns(expect, found["report"], seen["endpoint"])))


def due_of(lab, row, family):
    """{(endpoint, address, port): site} that must be diagnosed."""
    pools = {lab.host(name) if row.operands else name: sites
             for name, sites in row.pool().items()}
    due = {(name, lab.network.sites[site].addresses((family,))[0], port): site
           for name, sites in pools.items() for site in sites
           for port in row.ports_asked()}
    due.update({(name, None, port): name for name, sites in pools.items()
                if not sites for port in row.ports_asked()})
    return due


def find_due(due, seen):
    """Which of them it is; what did not resolve has no address."""
    key = (seen["endpoint"], seen["address"], seen["port"])
    if key not in due and seen["address"] is None:
        return next((each for each in due if each[0] == seen["endpoint"] and
                     each[2] == seen["port"]), None)
    return key if key in due else None


def met_by(row, vantage, family):
    """The addresses that met a filter which is switched on in the meantime;
    None: there is no such filter."""
    switches = [each for each in row.filters if isinstance(each, Switch)]
    if not switches:
        return None
    return set().union(*(each.met(vantage, family) for each in switches))


def compare(lab, place, found, met=None):
    """What is wrong with the diagnoses of one `check --json`; `met`: see
    met_by()."""
    row, vantage, family = place
    due = due_of(lab, row, family)
    for seen in found["diagnoses"]:
        key = find_due(due, seen)
        if key is None:
            yield (f"{seen['endpoint']} {seen['address']} port {seen['port']}:"
                   " diagnosed, but not asked for")
            continue
        site = due.pop(key)
        if not row.sure and seen["outcome"] not in ACCUSING:
            continue
        expected = row.expected(site, seen["port"], family)
        if met is not None and seen["address"] not in met:
            expected = (OPEN,)
        wrong = [against(lab, place, expect, seen, found)
                 for expect in expected]
        if all(wrong):
            answers = "; or ".join(", ".join(each) for each in wrong)
            hops = [(expect.outcome, number(vantage, expect.after_hop))
                    for expect in expected]
            kind = Accusation if is_accusation(seen, hops) else str
            yield kind(f"{site} port {seen['port']}: {answers} "
                       f"({seen.get('because')})")
    for name, address, port in sorted(due, key=str):
        yield f"{name} {address} port {port}: no diagnosis"


def ask(lab, row, vantage, family):
    """Run `check` for a row; returns the finished process."""
    argv = ["check", "--json", "--references", "never",
            f"-{family}", "--timeout", str(row.timeout_s),
            *row.argv]
    if row.operands:
        argv += hosts_of(lab, row, family).values()
    else:
        argv += ["--endpoints", str(endpoints_of(lab, row, vantage, family))]
    how = {"before": row.before, "sandbox": row.sandbox}
    if row.resolver:
        how["resolv_conf"] = lab.instance.directory / f"{vantage.name}.resolv"
        how["resolv_conf"].write_text(f"nameserver {row.resolver}\n")
    return lab.run_agent(vantage, *argv, timeout_s=row.timeout_s + 60, **how)


def run(lab, row, vantage, family):
    """Run one row over one family; returns its problems."""
    return observe(lab, row, vantage, family)[0]


def observe(lab, row, vantage, family):
    """Run one row over one family; returns its problems, what `check` printed
    (None where that is no JSON) and how long it took."""
    with vantage.busy:
        for each in row.filters if vantage.used else ():
            each.renew(vantage, lab)
        vantage.used = True
        began = time.monotonic()
        done = ask(lab, row, vantage, family)
        took_s = time.monotonic() - began
        met = met_by(row, vantage, family)
    problems = []
    if done.stderr:
        problems.append(f"on stderr: {done.stderr[-2000:]}")
    if took_s > row.limit_s() * BUSY:
        problems.append(f"it took {took_s:.1f} s; on an idle machine it may "
                        f"take {row.limit_s()}")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return problems + [f"no JSON: {done.stdout[-300:]!r}"], None, took_s
    problems += outlook.problems(found, done.returncode)
    problems += compare(lab, (row, vantage, family), found, met)
    return problems, found, took_s
