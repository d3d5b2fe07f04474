# SPDX-License-Identifier: Apache-2.0
"""What follows from diagnoses: each port's state, and the exit code (contract,
sections 1 and 2)."""

STOPPED = ("filtered", "intercepted", "local")


def state_of(outcomes):
    stopped = {each for each in outcomes if each in STOPPED}
    if stopped:
        return {"mixed"} if "reachable" in outcomes else stopped
    for outcome, state in (("reachable", "open"), ("endpoint", "endpoint")):
        if outcome in outcomes:
            return {state}
    return {"unknown"}


def exit_codes(found):
    """The codes that these diagnoses allow. A refusal by the endpoint proves
    that the network lets the port through; where another says less, either."""
    codes = {0}
    for port, told in found["ports"].items():
        here = [each for each in found["diagnoses"]
                if each["port"] == int(port)]
        if told["state"] in STOPPED + ("mixed",):
            return {1}
        if told["state"] == "unknown":
            codes = {3}
        if told["state"] == "endpoint" and codes != {3}:
            refused = {each["mechanism"] == "refused" for each in here}
            codes = codes if refused == {True} else \
                {3} if refused == {False} else codes | {3}
    return codes


def problems(found, code):
    for port, told in found["ports"].items():
        want = state_of({each["outcome"] for each in found["diagnoses"]
                         if each["port"] == int(port)})
        if told["state"] not in want:
            yield f"port {port} is {told['state']}, not {want}"
    if code not in exit_codes(found):
        yield f"exit code {code}, not {exit_codes(found)}"
