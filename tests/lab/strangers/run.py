# SPDX-License-Identifier: Apache-2.0
"""Runs `check --json` in drawn networks, and compares with their truth."""

import functools
import json
import shutil
import subprocess
import time

import again
import outlook
from lab.instance import Instance
from lab.lab import AS_USER
from lab.mta import unpacked_root
from lab.pki import Authority

from . import bounded, draw, truth, world
from .keys import Keys
from .ways import Way

# What `./dev test` runs: networks of all kinds in which nothing depends on
# luck, and none that takes a minute.
SEEDS = tuple(seed for seed in range(1, 41)
              if seed != 33) + (
    215, 234, 364, 450, 559, 854, 3037, 3122, 3137, 5000, 5014, 5015, 5025,
    5027, 5033, 5036, 5051, 5061, 5063, 5068, 5069, 5073, 5075, 5076, 5078,
    5085, 5088, 5096, 5097, 5098, 7006, 7026, 7041, 7043, 70019, 70032, 70035,
    70052, 70069, 60030, 80117, 80121, 80229,
    80234, 80289, 80291)
TIMEOUT_S = 100
MOST_S = 20  # where nothing waits by nature; 15 on a machine with time


def as_user(made, argv):
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
            AS_USER, str(made.dns.resolv_conf), *argv]


def check(made, program, timeout_s):
    return made.client.run(
        as_user(made, [program, "check", "--json", "--references",
                       "never", "--timeout",
                       str(timeout_s), "--trace", made.network.trace,
                       "--endpoints", str(made.endpoints_file())]),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=200)


def name(allowed):
    return " or ".join("/".join(str(word) for word in each if word is not None)
                       for each in dict.fromkeys(allowed))


def address_problems(network, made, endpoint, seen):
    """`after_address` and `endpoint_hops` of one diagnosis."""
    hop, family = seen["after_hop"], seen["family"]
    if hop and hop < endpoint.far and seen["after_address"] is not None:
        want = made.hop_addresses(endpoint, hop, family)
        if seen["after_address"] not in want:
            yield f"after_address {seen['after_address']}, not {want}"
    way = Way(network, endpoint, family, seen["port"])
    if hop and hop < way.near and seen["after_address"] is None and \
            way.shows(hop) and seen["mechanism"].startswith("drop"):
        yield "after_address is not known"
    # The agent also asks 443, which may be closed where the address is.
    depths = {other.far for other in way.others(True)} | {
        way.near, endpoint.far, None}
    if network.twin:
        depths |= {depth + network.longer for depth in depths if depth}
    if not any(other.answers() for other in way.others()):
        depths |= set(range(1, way.far))  # all answers may be the path's
    if seen["outcome"] == "filtered" and seen["mechanism"] != "throttle" and \
            not network.user_mode and seen["endpoint_hops"] not in depths:
        yield f"endpoint_hops {seen['endpoint_hops']}, not {depths}"


def asked_families(network, endpoint):
    """A name without addresses is asked for over one family only."""
    return endpoint.families if truth.resolves(network, endpoint) else (4,)


def compare(network, made, found):
    """What is wrong, as sentences."""
    wanted = {(each.name, family, port): each for each in network.endpoints
              for family in asked_families(network, each)
              for port in each.ports}
    for seen in found["diagnoses"]:
        key = (seen["endpoint"], seen["family"], seen["port"])
        endpoint = wanted.pop(key, None)
        if endpoint is None:
            yield f"{key}: diagnosed, but not asked for"
            continue
        allowed = truth.truth(network, endpoint, key[1], key[2])
        got = (seen["outcome"], seen["mechanism"], seen["where"],
               seen["after_hop"])
        kind = str
        wrong = [] if truth.is_allowed(seen, allowed) else \
            [f"{name([got])}, not {name(allowed)}"]
        if wrong and again.is_accusation(seen, charges(allowed)):
            kind = again.Accusation
        if not wrong:
            wrong = list(address_problems(network, made, endpoint, seen))
        for problem in wrong:
            yield kind(f"{key[0]} IPv{key[1]} port {key[2]}: {problem} "
                       f"({seen['because']})")
    for key in wanted:
        yield f"{key}: no diagnosis"


def charges(allowed):
    """(outcome, after_hop) of each true answer."""
    for outcome, _, _, hop in allowed:
        if isinstance(hop, truth.Gap):
            hop = hop.after
        yield outcome, {None: again.ANY, truth.NOT_SAID: None}.get(hop, hop)


def is_late(network, endpoint, family, port):
    """Nothing that the server says arrives in time: it is lost, or the host's
    own proxy has taken the connection and waits for a SYN that is let pass."""
    treatment = network.treatment(endpoint, family, port)
    return treatment is not None and (
        treatment.kind == "stall-data" or
        network.sidecar and treatment.kind == "throttle")


def complaints(network, made):
    """Of servers about the agent. Where no greeting arrives in time, a port may
    be tried with TLS first, as one that waits for it."""
    unheard = tuple(
        f"mx.{each.name}.example.net port {port}:"
        for each in network.endpoints for port in each.ports if port != 25
        for family in network.families
        if is_late(network, each, family, port))
    return [line for line in made.servers.complaints()
            if not line.startswith(unheard)]


SLOW_MANNERS = {"late", "multi", *truth.SLOW, "proxy-header"}


def is_waiting(network):
    """Something in it takes its time by nature: a server that greets late,
    a connection that stalls, a proxy that cannot connect."""
    manners = {manner for each in network.endpoints
               for manner in each.ports.values()}
    return network.dns != "ok" or bool(network.mtu_hole) or \
        network.trace == "always" or bool(network.user_mode) or \
        network.sidecar or bool(network.second) or \
        bool(manners & SLOW_MANNERS) or any(
            each.kind.startswith(("stall", "throttle", "proxy")) or
            each.kind.endswith("silent") for each in network.treatments) or \
        any(hop.lost or hop.delay_ms >= 40 for hop in network.hops)


def run_in(instance, seed, shared):
    network = draw.draw(seed)
    made = world.World(network, instance, shared["keys"])
    made.make()
    made.serve()
    began = time.monotonic()
    done = check(made, shared["program"], TIMEOUT_S)
    took_s = time.monotonic() - began
    problems = []
    if shared["keep"]:
        (shared["keep"] / f"{seed}.json").write_text(done.stdout)
    if done.stderr:
        problems.append(f"on stderr: {done.stderr[-2000:]}")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return problems + [f"no JSON: {done.stdout[-300:]!r}"], took_s
    problems += compare(network, made, found)
    problems += outlook.problems(found, done.returncode)
    problems += complaints(network, made)
    if took_s > MOST_S and not is_waiting(network):
        problems.append(f"it took {took_s:.1f} s")
    return problems, took_s


def run_one(seed, shared):
    """In a process of its own: (problems, seconds that check took)."""
    with Instance() as instance:
        return run_in(instance, seed, shared)


def run_again(seed, shared):
    (_, (problems, _)), = bounded.results(run_one, [seed], shared, 1)
    return problems


def share(instance, build, keep):
    program = instance.directory / "egress25-agent"
    shutil.copy(build / "agent" / "egress25-agent", program)
    program.chmod(0o755)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    return {"keys": Keys(Authority(instance.directory)),
            "program": str(program), "keep": keep}


def run(tap, build, seeds, side_by_side=8, keep=None, strict=True):
    """A row a seed. Unless it is `strict`, an answer that differs by chance
    is measured: see again.py."""
    for kind in world.KINDS.values():
        unpacked_root(kind.__name__.lower(), kind.packages)
    with Instance() as instance:
        shared = share(instance, build, keep)
        differed = []
        for seed, (problems, took_s) in bounded.results(
                run_one, seeds, shared, side_by_side):
            sentence = f"strangers: {draw.describe(draw.draw(seed))}"
            if problems and not strict:
                differed.append((sentence, functools.partial(
                    run_again, seed, shared), problems, took_s))
            else:
                tap.row(sentence, problems, took_s)
        again.settle(tap, differed)
