# SPDX-License-Identifier: Apache-2.0
"""An open network that loses one packet in ten, looked at again and again: it
must never be called filtered."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import check
from lab.filters import loss
from matrix.row import ENDPOINTS, Row

PERCENT = 10
HOUSEHOLDS = 8  # looked at side by side
OPEN_LEAST = 0.9  # of all diagnoses
ROW = Row("a path that loses one packet in ten", sure=False, timeout_s=60)


def count(found, seen):
    for each in found["diagnoses"]:
        word = f"{each['outcome']} {each['mechanism']}"
        seen[word] = seen.get(word, 0) + 1
        if each["outcome"] in check.ACCUSING:
            yield (f"{each['endpoint']} port {each['port']} over "
                   f"IPv{each['family']} is {word}: {each['because']}")


def run(tap, lab, runs):
    for name in ENDPOINTS:
        lab.endpoint(name)
    vantages = [lab.vantage(lab.network.provider(f"p{n}"), f"v{n}")
                for n in range(HOUSEHOLDS)]
    lab.start()
    for vantage in vantages:
        loss("provider", PERCENT).apply(vantage, lab)
    seen, wrong, lock = {}, [], threading.Lock()

    def look(number):
        vantage = vantages[number % HOUSEHOLDS]
        done = check.ask(lab, ROW, vantage, (4, 6)[number // HOUSEHOLDS % 2])
        try:
            found = json.loads(done.stdout)
        except ValueError:
            found = {"diagnoses": []}
        with lock:
            wrong.extend(count(found, seen))
            if not found["diagnoses"] or done.stderr:
                wrong.append(f"exit code {done.returncode}: {done.stderr}")

    with ThreadPoolExecutor(HOUSEHOLDS) as pool:
        list(pool.map(look, range(runs)))
    total = sum(seen.values())
    tap.say(f"{runs} checks: {seen}")
    tap.row(f"in {runs} checks of an open network that loses one packet in "
            "ten, nothing is called filtered", wrong)
    tap.row(f"and at least {OPEN_LEAST:.0%} of the ports are called open",
            [] if seen.get("reachable open", 0) >= OPEN_LEAST * total
            else [str(seen)])
