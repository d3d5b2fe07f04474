#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Root enrols an agent whose state directory is another user's, who has
planted things in it. Needs root.

usage: test_planted_state.py AGENT COLLECTOR
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service_world import World, expect
from tap import Tap

NOBODY = 65534
FILES = ("identity.json", "agent.key", "agent.key.next", "status.json",
         "plan.json", "spool")
COMMANDS = (("enrol",), ("status",), ("run", "--once"))


class Rows(World):
    @contextmanager
    def theirs(self):
        """An agent whose state is nobody's, and a file that is root's."""
        with self.agent() as (agent, _):
            agent.directory.chmod(0o755)
            agent.state.mkdir(0o700)
            os.chown(agent.state, NOBODY, NOBODY)
            victim = agent.directory / "victim"
            victim.write_text("precious")
            victim.chmod(0o600)
            yield agent, victim

    def whole(self, victim):
        status = victim.stat()
        yield from expect("the victim", victim.read_text(), "precious")
        yield from expect("its owner and mode", (
            status.st_uid, status.st_mode & 0o7777), (0, 0o600))

    def run_all(self, agent):
        """Each command ends by itself; what it says."""
        said = ""
        for words in COMMANDS:
            done = subprocess.run(
                agent.argv(*words), text=True, timeout=20,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL)
            said += done.stderr
            if done.returncode not in (0, 2, 4):
                yield f"{words}: exit code {done.returncode}: {done.stderr}"
        if "Sanitizer" in said:
            yield said

    def theirs_alone(self):
        with self.theirs() as (agent, _):
            yield from expect("enrol", agent.run("enrol")[0], 0)
            done = subprocess.run(
                ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                 "--clear-groups", *agent.argv("run", "--once")],
                stderr=subprocess.PIPE, text=True, timeout=30)
            if done.returncode != 0:
                yield f"run as their user: {done.stderr}"
            yield from expect("rotate", agent.run("enrol", "--rotate")[0], 0)
            owners = {str(path): path.stat().st_uid for path
                      in agent.state.rglob("*")}
            yield from expect("not theirs", {
                path for path, uid in owners.items() if uid != NOBODY}, set())

    def link(self, name, ending=""):
        with self.theirs() as (agent, victim):
            at = agent.state / (name + ending)
            at.symlink_to(victim)
            os.lchown(at, NOBODY, NOBODY)
            yield from self.run_all(agent)
            yield from self.whole(victim)

    def hard_link(self, name):
        with self.theirs() as (agent, victim):
            os.link(victim, agent.state / name)
            yield from self.run_all(agent)
            yield from self.whole(victim)

    def own_key_hard_linked(self):
        """Another key of root's is not taken for the agent's."""
        with self.theirs() as (agent, victim):
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519",
                            "-out", str(victim)], check=True)
            os.link(victim, agent.state / "agent.key")
            code, said = agent.run("enrol")
            yield from expect("exit code", code, 2)
            yield from expect("owner", victim.stat().st_uid, 0)
            if "is another name of a file" not in said:
                yield said

    def fifo(self, name):
        with self.theirs() as (agent, _):
            at = agent.state / name
            os.mkfifo(at, 0o600)
            os.chown(at, NOBODY, NOBODY)
            yield from self.run_all(agent)

    def directory_link(self):
        """A link to a directory of root's as the spool."""
        with self.theirs() as (agent, _):
            other = agent.directory / "other"
            other.mkdir(0o700)
            at = agent.state / "spool"
            at.symlink_to(other)
            os.lchown(at, NOBODY, NOBODY)
            yield from expect("run", agent.run()[0], 4)
            yield from expect("in there", list(other.iterdir()), [])

    def state_link(self, owner, code):
        with self.theirs() as (agent, _):
            at = agent.directory / "state.link"
            at.symlink_to(agent.state)
            os.lchown(at, owner, owner)
            agent.config.write_text(agent.config.read_text().replace(
                f"state = {agent.state}\n", f"state = {at}\n"))
            yield from expect("enrol", agent.run("enrol")[0], code)
            yield from expect("key", (agent.state / "agent.key").exists(),
                              code == 0)

    def key_elsewhere(self):
        """A key in a directory of root's becomes theirs; a planted link to
        one does not."""
        with self.theirs() as (agent, victim):
            key = agent.directory / "other.key"
            with agent.config.open("a") as out:
                out.write(f"key = {key}\n")
            yield from expect("enrol", agent.run("enrol")[0], 0)
            yield from expect("owner", key.stat().st_uid, NOBODY)
            key.unlink()
            os.link(victim, key)
            agent.run("enrol")
            yield from self.whole(victim)


def main():
    tap, rows = Tap(), Rows(*sys.argv[1:3])
    tap.run("what root makes in their directory is theirs",
            rows.theirs_alone)
    for name in FILES:
        tap.run(f"a link at {name} leads nowhere",
                lambda name=name: rows.link(name))
        tap.run(f"nor one at {name}.new",
                lambda name=name: rows.link(name, ".new"))
        tap.run(f"nor a second name of a file at {name}",
                lambda name=name: rows.hard_link(name))
        tap.run(f"a FIFO at {name} makes nobody wait",
                lambda name=name: rows.fifo(name))
    tap.run("another key of root's is not used", rows.own_key_hard_linked)
    tap.run("a spool that is a link is refused", rows.directory_link)
    tap.run("a state directory that is their link is refused",
            lambda: rows.state_link(NOBODY, 2))
    tap.run("a link of root's, as systemd makes it, is followed",
            lambda: rows.state_link(0, 0))
    tap.run("a key elsewhere is given to them, and nothing else",
            rows.key_elsewhere)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
