#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""up.py COLLECTOR AGENT FOLDER PORT ENDPOINTS: two collectors on a ClickHouse
cluster of 2 x 2 servers, behind HAProxy on 127.0.0.1:PORT, and an agent of this
machine that reports through it: `./dev up --cluster`. FOLDER is made anew.
Runs until SIGTERM."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "programs"))
from cluster_world import Cluster, ClusterCollector
from proxies import environment, program

MORE = "trusted-proxies = 127.0.0.1\n"
PROXY = """global
	maxconn 256

defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
	timeout http-request 60s
	option redispatch

frontend egress25
	bind 127.0.0.1:{port}
	default_backend egress25

backend egress25
	http-reuse always
	balance roundrobin
	retry-on conn-failure empty-response
{servers}
"""


class Programs:
    """Ended in the order in which they were not begun."""

    def __init__(self):
        self.running = []

    def start(self, log, *command, **more):
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL,
            stdout=open(log, "wb"), stderr=subprocess.STDOUT, **more)
        self.running.append(process)
        return process

    def end(self):
        for process in reversed(self.running):
            process.terminate()
        for process in reversed(self.running):
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_proxy(programs, folder, port, collectors):
    servers = "".join(
        f"\tserver c{it.port} 127.0.0.1:{it.port} send-proxy-v2 check "
        "inter 500 fall 2 rise 1 check-send-proxy\n" for it in collectors)
    (folder / "haproxy.cfg").write_text(
        PROXY.format(port=port, servers=servers))
    programs.start(folder / "haproxy.log", program("haproxy"), "-db", "-f",
                   folder / "haproxy.cfg", env=environment(folder))


def start_agent(programs, folder, port, agent, endpoints):
    (folder / "agent").mkdir(mode=0o700)
    (folder / "agent.conf").write_text(
        f"[agent]\ncollector = http://127.0.0.1:{port}\n"
        f"state = {folder}/agent\nendpoints = {endpoints}\n")
    programs.start(folder / "agent.log", agent, "run", "--config",
                   folder / "agent.conf")


def wait_until_it_answers(port):
    ends = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/v1/summary", timeout=5):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def run(folder, port, agent, endpoints):
    programs, collectors = Programs(), []
    with Cluster(folder) as cluster:
        try:
            for name in ("first", "second"):
                collectors.append(ClusterCollector(
                    cluster, folder / name,
                    more=f"{MORE}endpoints = {endpoints}\n",
                    like=collectors[0] if collectors else None))
                print(f"config {collectors[-1].config}", flush=True)
            programs.running += [it.process for it in collectors]
            start_proxy(programs, folder, port, collectors)
            wait_until_it_answers(port)
            start_agent(programs, folder, port, agent, endpoints)
            print("ready", flush=True)
            signal.pause()
        finally:
            programs.end()


def main():
    _, agent, folder, port, endpoints = sys.argv[1:]
    folder = Path(folder).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, mode=0o700)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    run(folder, int(port), Path(agent).resolve(), Path(endpoints).resolve())


if __name__ == "__main__":
    main()
