# SPDX-License-Identifier: Apache-2.0
"""What `check --readiness` must say of an address: a table, a row a household.

`{n}` is the row's own label, `{v4}` the address of its home router, which
masquerades IPv4, and `{v6}` that of its client, which IPv6 reaches.
"""

from dataclasses import dataclass, field

from lab.filters import Filter, drop

NAME = "mx.{n}.example.net"
# A PTR record over IPv6 that leads back, to a name with SPF.
GOOD6 = (f"PTR {{v6}} {NAME}", f"AAAA {NAME} {{v6}}",
         f"TXT {NAME} v=spf1 a -all")
EHLO = ("--ehlo", NAME)


@dataclass(frozen=True)
class Row:
    sentence: str
    zone: tuple      # "TYPE NAME VALUE"; strings of a TXT are divided by |
    argv: tuple
    expected: dict   # fields of readiness; None: it is null
    families: dict = field(default_factory=dict)  # {4: fields, 6: fields}
    collector: str = ""  # "": none; "up"; "down"
    filters: tuple = ()
    exit: int = 0
    hosts: bool = False  # the endpoint is named as a HOST
    most_s: float = 30


def spf(sentence, zone, result, domain="dom.{n}.example.net", **more):
    """A row of one SPF record, over IPv6."""
    return Row(f"SPF: {sentence}", tuple(zone), ("-6", "--domain", domain),
               {"spf": result, "spf_domain": domain, **more})


def record(text, domain="dom.{n}.example.net"):
    return f"TXT {domain} {text}"


ROWS = (
    Row("a mail server's address with everything in order", GOOD6,
        ("-6", *EHLO),
        {"address": "{v6}", "source": "socket", "rdns": NAME, "fcrdns": True,
         "spf": "pass", "spf_domain": NAME, "helo": NAME,
         "helo_source": "option", "helo_matches": True}),
    Row("an address without a PTR record", (), ("-6", *EHLO),
        {"address": "{v6}", "rdns": None, "fcrdns": False, "spf": "none",
         "spf_domain": NAME, "helo_matches": False}),
    Row("a PTR record that leads to another address",
        (f"PTR {{v6}} {NAME}", f"AAAA {NAME} 2001:db8::1"), ("-6",),
        {"rdns": NAME, "fcrdns": False}),
    Row("a PTR record whose name does not exist", (f"PTR {{v6}} {NAME}",),
        ("-6",), {"rdns": NAME, "fcrdns": False, "spf": "none"}),
    Row("two PTR records, of which one leads back",
        ("PTR {v6} aa.{n}.example.net", "PTR {v6} zz.{n}.example.net",
         "AAAA aa.{n}.example.net 2001:db8::1",
         "AAAA zz.{n}.example.net {v6}"),
        ("-6",), {"rdns": "zz.{n}.example.net", "fcrdns": True}),
    Row("behind a NAT without a collector the address is not known", (),
        ("-4", *EHLO),
        {"address": None, "source": None, "local_address": "192.168.1.2",
         "rdns": None, "fcrdns": None, "spf": None, "helo_matches": None}),
    Row("behind a NAT the collector tells the address",
        (f"PTR {{v4}} {NAME}", f"A {NAME} {{v4}}",
         f"TXT {NAME} v=spf1 ip4:{{v4}} -all"), ("-4", *EHLO),
        {"address": "{v4}", "source": "collector",
         "local_address": "192.168.1.2", "rdns": NAME, "fcrdns": True,
         "spf": "pass", "helo_matches": True}, collector="up"),
    Row("behind a NAT, and the collector is not there", (), ("-4",),
        {"address": None, "source": None}, collector="down"),
    Row("both families, and only one of them has a PTR record",
        (f"PTR {{v6}} {NAME}", f"AAAA {NAME} {{v6}}",
         f"TXT {NAME} v=spf1 ip6:{{v6}} ~all"), EHLO,
        {"address": "{v4}", "family": 4, "source": "collector", "rdns": None,
         "fcrdns": False, "spf": "softfail", "helo_matches": False},
        {4: {"address": "{v4}", "rdns": None, "spf": "softfail"},
         6: {"address": "{v6}", "source": "collector", "rdns": NAME,
             "fcrdns": True, "spf": "pass", "helo_matches": True}},
        collector="up"),
    Row("a NAT over IPv4, and IPv6 is what is known", GOOD6, EHLO,
        {"address": "{v6}", "family": 6, "source": "socket", "rdns": NAME},
        {4: {"address": None, "local_address": "192.168.1.2"},
         6: {"address": "{v6}", "fcrdns": True}}),
    spf("the domain lets it", (record("v=spf1 ip6:{v6} -all"),), "pass"),
    spf("the domain forbids it", (record("v=spf1 ip6:2001:db8::1 -all"),),
        "fail"),
    spf("the domain would rather not", (record("v=spf1 mx ~all"),),
        "softfail"),
    spf("the domain does not mind", (record("v=spf1 ?all"),), "neutral"),
    spf("the domain has none", (record("hello"),), "none"),
    spf("the domain does not exist", (), "none"),
    spf("a record of several strings",
        (record("v=spf1 ip6:2001:d|b8::1 ip6:{v6}| -all"),), "pass"),
    spf("among other texts",
        (record("one=1"), record("v=spf1 a:" + NAME + " -all"),
         record("two=2"), f"AAAA {NAME} {{v6}}"), "pass"),
    spf("through an include and a redirect",
        (record("v=spf1 include:inc.{n}.example.net "
                "redirect=red.{n}.example.net"),
         record("v=spf1 ip6:2001:db8::1 -all", "inc.{n}.example.net"),
         record("v=spf1 ip6:{v6} -all", "red.{n}.example.net")), "pass"),
    spf("by its MX hosts",
        (record("v=spf1 mx -all"), f"MX dom.{{n}}.example.net {NAME}",
         f"AAAA {NAME} {{v6}}"), "pass"),
    spf("a record that needs eleven look-ups",
        (record("v=spf1 " + "a:" + NAME + " " + "exists:aa.{n}.example.net "
                + "include:inc.{n}.example.net " * 9 + "all"),
         record("v=spf1 -all", "inc.{n}.example.net"),
         f"AAAA {NAME} 2001:db8::1"), "unknown",
        spf_because="dom.{n}.example.net needs more than 10 DNS look-ups"),
    spf("a record that includes itself",
        (record("v=spf1 include:dom.{n}.example.net all"),), "unknown",
        spf_because="dom.{n}.example.net needs more than 10 DNS look-ups"),
    spf("a macro", (record("v=spf1 exists:%{{i}}.x.example.net -all"),),
        "unknown",
        spf_because='"exists:%{{i}}.x.example.net" is not evaluated: it has a '
        'macro'),
    spf("a malformed record", (record("v=spf1 ipv6:{v6} -all"),), "unknown",
        spf_because='dom.{n}.example.net has "ipv6:{v6}" in its SPF record'),
    Row("without DNS nothing is known, and the check ends in time", GOOD6,
        ("-6", *EHLO),
        {"address": "{v6}", "rdns": None, "fcrdns": None, "spf": "unknown",
         "helo_matches": None},
        filters=(Filter("home", "udp dport 53 drop\ntcp dport 53 drop"),),
        most_s=15),
    Row("a blocked network without DNS is still told within 15 seconds", (),
        ("-6", "--domain", NAME),
        {"address": "{v6}", "fcrdns": None, "spf": "unknown"},
        filters=(drop("home", 25),
                 Filter("home", "udp dport 53 drop\ntcp dport 53 drop")),
        exit=1, most_s=15),
    Row("a blocked network, and a collector that is silent", GOOD6,
        ("-6", *EHLO),
        {"address": "{v6}", "source": "socket", "fcrdns": True,
         "spf": "pass"},
        filters=(drop("home", 25), Filter("home", "tcp dport 8025 drop")),
        collector="up", exit=1, most_s=15),
    Row("whatever is found, the exit code is that of the ports",
        (record("v=spf1 -all"),), ("-6", "--domain", "dom.{n}.example.net"),
        {"fcrdns": False, "spf": "fail"}),
    Row("readiness that is not wanted is not looked up", GOOD6,
        ("-6", "--readiness", "never"), None),
    Row("a HOST that is named is what is asked about", GOOD6, ("-6",), None,
        hosts=True),
    Row("a HOST and a domain: both are asked about", GOOD6,
        ("-6", "--domain", NAME), {"rdns": NAME, "spf": "pass"}, hosts=True),
    Row("ports for submission alone are no mail server's", GOOD6,
        ("-6", "--ports", "587"), None),
)
