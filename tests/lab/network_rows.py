# SPDX-License-Identifier: Apache-2.0
"""The lab itself: is its network what the other rows believe it to be?"""

import smtplib
import ssl

from lab import filters
from lab.exim import Exim
from lab.netns import inside
from lab.opensmtpd import Opensmtpd
from lab.lines import LINES
from lab.nat64 import by_dns64
from lab.topology import HOP_ENDPOINT
from lab.tracer import answer

TIME_EXCEEDED = {4: 11, 6: 3}
ADMIN_PROHIBITED = {4: (3, 13), 6: (1, 1)}


def hops(lab, vantage, site, family):
    """Every hop answers with the address that the topology gives it."""
    target = site.addresses((family,))[0]
    for hop in range(1, HOP_ENDPOINT):
        want = lab.network.hop_address(vantage, hop, family)
        got = answer(vantage.client, target, 25, hop)
        if got is None or got[0] != TIME_EXCEEDED[family] or got[2] != want:
            yield f"hop {hop} answers {got}, not from {want}"
    got = answer(vantage.client, target, 25, HOP_ENDPOINT)
    if got != "connected":
        yield f"the endpoint's hop answers {got}"


def along(vantage, site, family, port, path):
    """What goes to this port takes this path, and arrives."""
    target = site.addresses((family,))[0]
    for number, hop in enumerate(path, 1):
        got = answer(vantage.client, target, port, number)
        if got is None and hop.address(family) is None:
            continue
        if got is None or got[0] != TIME_EXCEEDED[family] or \
                got[2] != hop.address(family):
            yield (f"hop {number}, {hop.place}, answers port {port} {got}, "
                   f"not from {hop.address(family)}")
    got = answer(vantage.client, target, port, len(path) + 1)
    if got != "connected":
        yield f"the endpoint's hop answers port {port} {got}"


def line(vantage, site, family):
    """A line is what lines.py says: 443 goes by `path`, and 25 by
    `other_path` where there is a policy."""
    yield from along(vantage, site, family, 443, vantage.path)
    yield from along(vantage, site, family, 25,
                     vantage.other_path or vantage.path)


def user_mode(vantage, site, family):
    """TCP ends at the first hop there, whatever is asked for."""
    for port in (25, 443):
        got = answer(vantage.client, site.addresses((family,))[0], port, 1)
        if got != "connected":
            yield f"TTL 1 of port {port} comes to {got}"


def two_ways(vantage, site, family):
    """Connections are spread over both uplinks, each keeping to its own."""
    target = site.addresses((family,))[0]
    paths = (vantage.path, vantage.other_path)
    apart = 1 if vantage.path[0] != vantage.other_path[0] else 2
    seen = {(answer(vantage.client, target, 443, apart) or (0, 0, None))[2]
            for _ in range(24)}
    want = {path[apart - 1].address(family) for path in paths}
    if seen != want:
        yield f"hop {apart} answers from {seen}, not from {want}"
    lost = sum(answer(vantage.client, target, 443, 64) != "connected"
               for _ in range(24))
    if lost:
        yield f"{lost} of 24 connections come to nothing"


def depth(vantage, site, family, hops):
    """{port: the TTL that it needs} of a balancer; what ends at it says so
    with the endpoint's own address."""
    target = site.addresses((family,))[0]
    for port, wanted in hops.items():
        for ttl in range(HOP_ENDPOINT, wanted):
            got = answer(vantage.client, target, port, ttl)
            if got is None or got[0] != TIME_EXCEEDED[family] or \
                    ttl == HOP_ENDPOINT and got[2] != target:
                yield f"TTL {ttl} of port {port} comes to {got}"
        got = answer(vantage.client, target, port, wanted)
        if got != "connected":
            yield f"TTL {wanted} of port {port} comes to {got}"


def place(vantage, site, family, wanted):
    """Port 25 answers at every hop as `wanted` says, 443 to the end."""
    target = site.addresses((family,))[0]
    for hop, want in wanted.items():
        got = answer(vantage.client, target, 25, hop, 0.5)
        kind = got if got in (None, "refused") else got[:2]
        if kind != want:
            yield f"hop {hop} answers {got}, not {want}"
    got = answer(vantage.client, target, 443, HOP_ENDPOINT)
    if got != "connected":
        yield f"port 443 answers {got}"


def mail(vantage, site, host, family):
    """A real server speaks on every port, and never wants mail."""
    target = site.addresses((family,))[0]
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    for port in (25, 587, 465):
        with inside(vantage.client.ns):
            if port == 465:
                server = smtplib.SMTP_SSL(target, port, context=tls, timeout=10)
            else:
                server = smtplib.SMTP(target, port, timeout=10)
        with server:
            server.ehlo("client.example.org")
            before = set(server.esmtp_features)
            if port != 465:
                server.starttls(context=tls)
                server.ehlo("client.example.org")
            after = set(server.esmtp_features)
            code, _ = server.docmd("MAIL FROM:<>")
            code, _ = server.docmd(f"RCPT TO:<postmaster@{host}>")
        if port != 465 and ("starttls" not in before or "auth" in before):
            yield f"port {port} offers {sorted(before)} before TLS"
        if (port == 25) == ("auth" in after):
            yield f"port {port} offers {sorted(after)} in TLS"
        if code < 500:
            yield f"port {port} takes mail: {code}"


def plain_mail(vantage, site, host, family):
    """A real server without STARTTLS, that takes no mail either."""
    with inside(vantage.client.ns):
        server = smtplib.SMTP(site.addresses((family,))[0], 25, timeout=10)
    with server:
        server.ehlo("client.example.org")
        if "starttls" in server.esmtp_features:
            yield "it offers STARTTLS"
        server.docmd("MAIL FROM:<>")
        code, _ = server.docmd(f"RCPT TO:<postmaster@{host}>")
        if code < 500:
            yield f"it takes mail: {code}"


def run(tap, lab):
    site = lab.endpoint("mx1").site
    servers = {"Postfix": site, "Exim": lab.endpoint("mx2", Exim).site}
    plain = lab.endpoint("mx3", Opensmtpd).site
    names = ("open", "drop", "early", "reset", "icmp")
    places = {name: lab.vantage(lab.network.provider(name), f"{name}-a")
              for name in names}
    balancer = lab.scripted("balancer", behind=((1, 443), (2, 465, 587)))
    lines = {name: lab.vantage(lab.network.provider(f"line{number}"),
                               f"l{number}", name)
             for number, name in enumerate(LINES)}
    lab.start()
    for name, rule in (("drop", filters.drop("provider", 25)),
                       ("early", filters.drop("provider", 25,
                                              hook="prerouting")),
                       ("reset", filters.reset("provider", 25)),
                       ("icmp", filters.icmp("provider", "admin-prohibited",
                                             25))):
        rule.apply(places[name], lab)
    for family in (4, 6):
        exceeded = (TIME_EXCEEDED[family], 0)
        wanted = {
            "drop": {1: exceeded, 2: exceeded, 3: None, 5: None},
            "early": {1: exceeded, 2: None, 3: None, 5: None},
            "reset": {1: exceeded, 2: exceeded, 3: "refused", 5: "refused"},
            "icmp": {1: exceeded, 2: exceeded, 3: ADMIN_PROHIBITED[family],
                     5: ADMIN_PROHIBITED[family]},
        }
        tap.run(f"lab, IPv{family}: every hop of an open path answers",
                lambda: hops(lab, places["open"], site, family))
        for name, hop_answers in wanted.items():
            tap.run(f"lab, IPv{family}: the {name} filter is at its hop",
                    lambda: place(places[name], site, family, hop_answers))
        for name, server in servers.items():
            tap.run(f"lab, IPv{family}: {name} greets, has TLS, takes no mail",
                    lambda: mail(places["open"], server,
                                 lab.host(server.name), family))
        tap.run(f"lab, IPv{family}: OpenSMTPD greets and has no STARTTLS",
                lambda: plain_mail(places["open"], plain, lab.host("mx3"),
                                   family))
        tap.run(f"lab, IPv{family}: a balancer's ports are at their depths",
                lambda: depth(places["open"], balancer, family, {
                    25: HOP_ENDPOINT, 443: HOP_ENDPOINT + 1,
                    465: HOP_ENDPOINT + 2}))
        for name, vantage in lines.items():
            if family not in LINES[name].families:
                continue
            asked = by_dns64(site) if name == "NAT64" else site
            what = two_ways if name.startswith("two ") else \
                line if vantage.path else user_mode
            tap.run(f"lab, IPv{family}: the line \"{name}\" is what it says",
                    lambda: what(vantage, asked, family))
