# SPDX-License-Identifier: Apache-2.0
"""Endpoints that answer as they like: the network is not to blame."""

from lab.exim import Exim
from lab.filters import Filter
from lab.opensmtpd import Opensmtpd
from lab.scripted import USUAL

from .row import (BROKEN, DOWN, ENDPOINTS, REFUSED, UNKNOWN, Row, every,
                  rejected)
from .servers import SLOW


def beside(site, ports=None, **more):
    """A row's endpoints: two ordinary ones and this one."""
    return {"endpoints": ("mx1", "mx2", site),
            "only": {site: ports} if ports else {}, **more}


ROWS = (
    Row("an endpoint that refuses port 25 is no filter",
        **beside("closed", {25: REFUSED})),
    Row("an endpoint that prohibits port 25 by ICMP is no filter",
        **beside("prohibiting", {25: REFUSED})),
    Row("an endpoint that is off is no filter", **beside("off", every(DOWN))),
    Row("an endpoint that closes before it greets is no filter",
        **beside("closing", every(BROKEN))),
    Row("an endpoint that greets with 554 is reachable",
        **beside("greets554", every(rejected(554)))),
    Row("an endpoint that greets with 521 is reachable",
        **beside("greets521", every(rejected(521)))),
    Row("an endpoint that greets with 550 is reachable",
        **beside("greets550", every(rejected(550)))),
    Row("an endpoint that greets with 421 is reachable",
        **beside("greets421", every(rejected(421)))),
    Row("an endpoint that answers EHLO with 450 is reachable",
        **beside("ehlo450", every(rejected(450)))),
    Row("an endpoint whose policy service greylists is reachable",
        **beside("greylisting", every(rejected(450)))),
    Row("Exim that greylists at the greeting is reachable",
        **beside("exim451", every(rejected(451)))),
    Row("Exim that defers EHLO is reachable",
        **beside("eximehlo", every(rejected(451)))),
    Row("an endpoint that greets after 6 seconds is open",
        endpoints=("mx1", "slow6"), timeout_s=60, seconds=25),
    Row("an endpoint that greets after 12 seconds is open",
        endpoints=("mx1", "slow12"), timeout_s=100, seconds=45),
    Row("a tarpit that greets after 20 seconds is open",
        endpoints=("mx1", "tarpit"), timeout_s=120, seconds=70),
    # 587 was asked whether it wants TLS first, and has less time then.
    Row("a tarpit that greets after 20 seconds is open within half a minute",
        endpoints=("mx1", "tarpit"), only={"tarpit": {587: SLOW}},
        timeout_s=60, seconds=28),
    Row("an endpoint that greets after 30 seconds is open",
        endpoints=("mx1", "slow30"), timeout_s=150, seconds=100),
    Row("an endpoint that drops this prefix is where the path ends well",
        **beside("picky", {25: UNKNOWN})),
    Row("an endpoint whose own firewall eats what follows on EHLO",
        **beside("eats", {25: UNKNOWN}), timeout_s=60, seconds=26),
    Row("Exim is open", endpoints=("mx1", "exim"), seconds=2),
    Row("OpenSMTPD without STARTTLS is open where none is known of",
        endpoints=("mx1", "plain"), only={"plain": {465: REFUSED}},
        starttls=False, seconds=5),
    Row("a tarpit of 10 seconds that hides STARTTLS from some is open",
        endpoints=("mx1", "shy"), starttls=False, timeout_s=110, seconds=75),
    Row("a pool of which one address offers no STARTTLS is not stripped",
        pools={"pool": ("mx1", "mx2", "plain")},
        only={"plain": {465: REFUSED}}, seconds=5),
)

# Servers whose answers come from their own configuration.
AT_ONCE = "smtpd_delay_reject = no\n"
GREETING = (AT_ONCE + "smtpd_client_restrictions = "
            "check_client_access static:{{{}}}\n")
EHLO = (AT_ONCE + "smtpd_helo_restrictions = "
        "check_helo_access static:{450 4.7.1 come back later}\n")
GREYLIST = (AT_ONCE + "smtpd_client_restrictions = "
            "check_policy_service unix:private/greylist\n")
SLEEP = AT_ONCE + "smtpd_client_restrictions = sleep {}, permit\n"
# Postfix's policy protocol (SMTPD_POLICY_README): a blank line ends a request.
POLICY = """#!/bin/sh
while read line; do
    [ -n "$line" ] || printf 'action=450 4.2.0 greylisted\\n\\n'
done
"""
EHLO_BYTES = f"@ih,0,32 0x{b'EHLO'.hex()}"
POLICY_FILE = "etc/lab/greylist"
POLICY_SERVICE = ("greylist unix - n n - 0 spawn user=nobody "
                  f"argv=/{POLICY_FILE}\n")



def add_sites(lab):
    """The endpoints that the rows name."""
    for name in ENDPOINTS:
        lab.endpoint(name)
    lab.endpoint("closed", ports=("587", "465", "443"))
    lab.endpoint("prohibiting")
    for code in ("554 5.7.1", "521 5.7.1", "550 5.7.1", "421 4.3.2"):
        lab.endpoint(f"greets{code[:3]}",
                     more=GREETING.format(f"{code} not you"))
    lab.endpoint("ehlo450", more=EHLO)
    lab.endpoint("greylisting", more=GREYLIST, services=POLICY_SERVICE
                 ).file(POLICY_FILE, POLICY, 0o755)
    lab.endpoint("exim451", Exim, acl=(
        "acl_smtp_connect", "defer message = greylisted, come back later"))
    lab.endpoint("eximehlo", Exim, acl=(
        "acl_smtp_helo", "defer message = come back later"))
    for seconds in (6, 12, 30):
        lab.endpoint(f"slow{seconds}", more=SLEEP.format(seconds))
    lab.endpoint("tarpit", Exim, acl=(
        "acl_smtp_connect", "accept delay = 20s"))
    lab.endpoint("shy", Exim, starttls="", acl=(
        "acl_smtp_connect", "accept delay = 10s"))
    lab.endpoint("picky")
    lab.scripted("eats")
    lab.endpoint("proxymx")
    lab.endpoint("exim", Exim)
    lab.endpoint("plain", Opensmtpd)
    lab.scripted("closing", dict.fromkeys(USUAL, "closes"))
    lab.site("off")


def filter_sites(lab):
    """What the endpoints do to their visitors, once they are up."""
    for name, rule in (("off", "meta l4proto { tcp, udp } drop"),
                       ("picky", "tcp dport 25 drop"),
                       ("eats", f"tcp dport 25 {EHLO_BYTES} drop"),
                       ("prohibiting", "tcp dport 25 "
                        "reject with icmpx type admin-prohibited")):
        lab.network.sites[name].node.nft(
            Filter(name, rule, "input").rules())
