# SPDX-License-Identifier: Apache-2.0
"""The lab itself: is its network what the other rows believe it to be?"""

import smtplib
import ssl

from lab import filters
from lab.exim import Exim
from lab.netns import inside
from lab.opensmtpd import Opensmtpd
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
