#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_recipes.py COLLECTOR AGENT: the pieces of doc/recipes.md, as they stand
there, run in a network of their own: where port 25 is open, where this host
itself resets it, and where there is no route. Prints TAP; needs root."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import jinja2
import jsonschema
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from small_servers import mail_server
from tap import Tap

AGENT = Path(sys.argv[2]).resolve()
TREE = Path(__file__).resolve().parents[2]
PEERS = TREE / "build" / "peers"
DOCUMENT = (TREE / "doc" / "recipes.md").read_text()
INSIDE = "EGRESS25_TEST_INSIDE"
SERVERS = ("203.0.113.3", "203.0.113.99")
MADE_UP = ("apt-get", "curl", "make")


def pieces(heading, language):
    """The texts in that language below a heading of the document."""
    section = re.search(rf"^## {re.escape(heading)}[^\n]*\n(.*?)(?=^## |\Z)",
                        DOCUMENT, re.M | re.S)[1]
    found = re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)
    if not found:
        raise RuntimeError(f"no {language} below {heading}")
    return found


def replaced(text, old, new):
    if old not in text:
        raise RuntimeError(f"the recipe has no {old!r}")
    return text.replace(old, str(new))


def unpacked(package, path):
    found = next(PEERS.glob(f"{package}/{path}"), None)
    if found is None:
        raise RuntimeError(f"{package} is not here: ./dev test unpacks it")
    return found


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def needs(holds, what):
    if not holds:
        yield what


class World:
    """/usr/local has the agent, which reads this test's configuration, and
    programs that write down what they were told."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "agent.conf"
        self.told = folder / "told"
        self.put_programs()
        listed = folder / "endpoints.conf"
        listed.write_text("".join(
            f"[mx{number}]\nhost = {address}\nports = 25\n"
            for number, address in enumerate(SERVERS)))
        state = folder / "state"
        state.mkdir(mode=0o700)
        self.config.write_text(f"[agent]\nendpoints = {listed}\n"
                               f"state = {state}\n")

    def put_programs(self):
        for path in ("/usr/local/bin", "/usr/local/sbin", "/run"):
            subprocess.run(["mount", "-t", "tmpfs", "none", path], check=True)
        self.put("egress25-agent", 'case $1 in\nexplain) more= ;;\n'
                 f'*) more="--config {self.config}" ;;\nesac\n'
                 f'exec {AGENT} "$@" $more\n')
        for name in MADE_UP:
            self.put(name, f'echo "{name} $*" >>{self.told}\n')

    def put(self, name, text):
        path = Path("/usr/local/bin") / name
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)

    def run(self, argv, **more):
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                       "/usr/bin:/sbin:/bin", "HOME": str(self.folder),
                       "LC_ALL": "C.UTF-8", **more}
        return subprocess.run(argv, cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=150,
                              check=False)

    def shell(self, text, **more):
        return self.run(["sh", "-c", text], **more)

    def told_programs(self):
        text = self.told.read_text() if self.told.exists() else ""
        self.told.unlink(missing_ok=True)
        return text

    @contextmanager
    def network(self, state):
        """All servers are addresses of this host, where a rule may prohibit
        port 25."""
        if state == "blocked":
            for words in (("add", "pref", "2", "lookup", "local"),
                          ("add", "pref", "1", "ipproto", "tcp", "dport", "25",
                           "prohibit"), ("del", "pref", "0")):
                ip("rule", *words)
        for address in SERVERS if state != "unknown" else ():
            ip("addr", "add", f"{address}/32", "dev", "lo")
        with ExitStack() as stack:
            for address in SERVERS if state == "open" else ():
                stack.enter_context(mail_server(address, port=25))
            yield
        if state == "blocked":
            ip("rule", "del", "pref", "1")
        for address in SERVERS if state != "unknown" else ():
            ip("addr", "del", f"{address}/32", "dev", "lo")


# --- rows: each yields what is wrong ---

EXIT = {"open": 0, "blocked": 1, "unknown": 3}
PLUGIN = {"open": (0, "OK"), "blocked": (2, "CRITICAL"),
          "unknown": (3, "UNKNOWN")}


def script(world, state):
    goes_on = world.shell(pieces("A script", "sh")[0])
    said = {"open": "Port 25 is open.", "unknown": "Not known; going on.",
            "blocked": "No mail leaves this machine"}[state]
    yield from needs(goes_on.returncode == (state == "blocked") and
                     said in goes_on.stdout, goes_on)
    if state == "open":
        waited = world.shell(pieces("A script", "sh")[1])
        yield from needs(waited.stdout == "It is open.\n", waited)


def postfix(world, state):
    drop_in = pieces("Postfix", "ini")[0]
    command = re.search(r"^ExecStartPre=(.*)$", drop_in, re.M)[1]
    done = world.run(shlex.split(command.replace("$$", "$")))
    yield from needs(done.returncode == (state == "blocked") and
                     PLUGIN[state][1] in done.stdout, done)


def unit(world):
    """systemd takes the drop-in."""
    folder = world.folder / "units"
    (folder / "postfix@.service.d").mkdir(parents=True)
    (folder / "postfix@.service").write_text(
        "[Service]\nType=forking\nExecStart=/bin/true\n")
    (folder / "postfix@.service.d" / "egress25.conf").write_text(
        pieces("Postfix", "ini")[0])
    done = world.run(["systemd-analyze", "verify", "--man=no",
                      "--recursive-errors=no", "postfix@-.service"],
                     SYSTEMD_UNIT_PATH=f"{folder}:")
    yield from needs(done.returncode == 0 and not done.stdout, done)


def ansible(world, state):
    (world.folder / "play.yml").write_text(pieces("Ansible", "yaml")[0])
    (world.folder / "hosts").write_text(
        "[mail]\nlocalhost ansible_connection=local "
        "ansible_python_interpreter=/usr/bin/python3\n")
    program = unpacked("ansible-core", "usr/bin/ansible-playbook")
    done = world.run(
        ["/usr/bin/python3", program, "-i", "hosts", "play.yml"],
        PYTHONPATH=str(program.parents[1] / "lib/python3/dist-packages"))
    yield from needs(done.returncode == (2 if state == "blocked" else 0),
                     done.stdout)
    said = {"open": "ok=1 ", "blocked": "Port 25", "unknown": "Port 25"}
    yield from needs(said[state] in done.stdout and "ok=" in done.stdout,
                     done.stdout)


def user_data():
    return pieces("cloud-init", "yaml")[0]


def cloud_init_schema(_):
    schema = json.loads(unpacked(
        "cloud-init", "usr/lib/python3/dist-packages/cloudinit/config/schemas"
        "/schema-cloud-config-v1.json").read_text())
    yield from needs(user_data().startswith("#cloud-config\n"), user_data())
    for error in jsonschema.Draft4Validator(schema).iter_errors(
            yaml.safe_load(user_data())):
        yield error
    wrong = yaml.safe_load(user_data())
    wrong["runcmd"] = "a text"
    yield from needs(list(jsonschema.Draft4Validator(schema).iter_errors(
        wrong)), "the schema finds nothing wrong in anything")


def cloud_init(world, state):
    data = yaml.safe_load(user_data())
    for file in data["write_files"]:
        path = Path(file["path"])
        path.write_text(file["content"])
        path.chmod(int(file["permissions"], 8))
    said = ""
    for command in data["runcmd"]:
        done = world.run(command)
        said += done.stdout
        yield from needs(done.returncode == 0, done)
    yield from needs(f"port 25 is {state}\n" in said, said)
    told = world.told_programs().splitlines()
    yield from needs(len(told) == 3 and told[0].startswith("curl ") and
                     told[1].startswith("apt-get install") and
                     told[2].endswith(f"/{state}") and
                     "@/run/egress25.json" in told[2], told)
    found = json.loads(Path("/run/egress25.json").read_text())
    yield from needs(found["format"] == "egress25-check/1", found)


def ci_job(world, state):
    job = yaml.safe_load(pieces("A CI job", "yaml")[0])["jobs"]["mail"]
    output, summary = (world.folder / name for name in ("output", "summary"))
    outputs = {}
    for step in job["steps"]:
        output.write_text("")
        if "if" in step and step["if"] != \
                f"steps.{next(iter(outputs))}.outputs.state == 'open'":
            yield f"{step['if']}, with {outputs}"
        if "if" in step and next(iter(outputs.values())) != "state=open\n":
            continue
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] \
            if step.get("shell") == "bash" else ["sh", "-e"]
        done = world.run([*shell, "-c", step["run"]],
                         GITHUB_OUTPUT=str(output),
                         GITHUB_STEP_SUMMARY=str(summary))
        yield from needs(done.returncode == 0, done)
        if "id" in step:
            outputs[step["id"]] = output.read_text()
    yield from needs(list(outputs.values()) == [f"state={state}\n"], outputs)
    yield from needs(f"Port 25 is {state}.\n```\nENDPOINT" in
                     summary.read_text(), summary.read_text())
    summary.unlink()
    tests_ran = "make check-mail" in world.told_programs()
    yield from needs(tests_ran == (state == "open"), f"{state}: {tests_ran}")


def plugin_answers(world, state, command):
    done = world.shell(replaced(command, "/usr/bin/egress25-agent",
                                "egress25-agent"))
    code, word = PLUGIN[state]
    yield from needs(done.returncode == code and word in done.stdout and
                     done.stdout.count("\n") == 1, done)


def icinga(world, state):
    text = pieces("Icinga", "icinga2")[0]
    command = re.search(r"command = \[(.*)\]", text)[1]
    ports = re.search(r'vars.egress25_ports = "(.*)"', text)[1]
    words = re.findall(r'"([^"]*)"', command) + ["--ports", ports]
    yield from plugin_answers(world, state, shlex.join(words))


def icinga_takes_it(world):
    folder = world.folder / "icinga"
    folder.mkdir()
    host = ('object Endpoint "mx" { }\nobject Zone "mx" {\n'
            'endpoints = [ "mx" ]\n}\nobject Host "mx" {\n'
            'check_command = "dummy"\nvars.mail_server = true\n'
            'vars.agent_endpoint = "mx"\nzone = "mx"\n}\n'
            'object CheckCommand "dummy" { command = [ "/bin/true" ] }\n')
    (folder / "icinga2.conf").write_text(host + pieces("Icinga", "icinga2")[0])
    program = unpacked("icinga2-bin", "usr/lib/*/icinga2/sbin/icinga2")
    include = unpacked("icinga2-common", "usr/share/icinga2/include")
    folders = [word for name in ("Data", "Log", "InitRun", "Cache", "Spool",
                                 "Config")
               for word in ("-D", f"{name}Dir={folder}")]
    done = world.run(
        [program, "daemon", "-C", "-c", folder / "icinga2.conf", *folders,
         "-D", "RunAsUser=root", "-D", "RunAsGroup=root", "-I", include],
        LD_LIBRARY_PATH=":".join(map(str, PEERS.glob("*/usr/lib/*-gnu*"))))
    yield from needs(done.returncode == 0 and "warning/" not in done.stdout and
                     "1 Service." in done.stdout, done.stdout)


def nagios(world, state):
    text = pieces("Nagios", "nagios")[0]
    line = re.search(r"command_line +(.*)", text)[1]
    name, ports = re.search(r"check_command +(\w+)!(\d+)", text).groups()
    yield from needs(re.search(rf"command_name +{name}$", text, re.M), name)
    yield from plugin_answers(world, state, replaced(line, "$ARG1$", ports))
    nrpe = pieces("Nagios", "nrpe")[0]
    yield from plugin_answers(
        world, state,
        re.fullmatch(r"command\[check_egress25\]=(.*)\n", nrpe)[1])


def nagios_takes_it(world):
    folder = world.folder / "nagios"
    folder.mkdir()
    (folder / "objects.cfg").write_text("""
define host {
    host_name localhost
    address 127.0.0.1
    max_check_attempts 3
    check_period 24x7
    notification_interval 60
    notification_period 24x7
    contact_groups admins
}
define timeperiod {
    timeperiod_name 24x7
    alias always
    monday 00:00-24:00
}
define command {
    command_name told
    command_line /bin/true
}
define contact {
    contact_name me
    host_notification_period 24x7
    service_notification_period 24x7
    host_notification_options d
    service_notification_options c
    host_notification_commands told
    service_notification_commands told
}
define contactgroup {
    contactgroup_name admins
    alias admins
    members me
}
""" + pieces("Nagios", "nagios")[0])
    (folder / "nagios.cfg").write_text(
        f"cfg_file={folder}/objects.cfg\nlog_file={folder}/log\n"
        f"check_result_path={folder}\ntemp_path={folder}\n"
        f"object_cache_file={folder}/cache\ncommand_file={folder}/commands\n"
        f"lock_file={folder}/lock\ntemp_file={folder}/temp\n"
        "nagios_user=root\nnagios_group=root\n")
    program = unpacked("nagios4-core", "usr/sbin/nagios4")
    done = world.run([program, "-v", folder / "nagios.cfg"])
    yield from needs(done.returncode == 0 and
                     "Checked 1 services" in done.stdout and
                     "Total Errors:   0" in done.stdout, done.stdout)


def prometheus(world):
    """Without an agent that runs, and after one has."""
    folder = world.folder / "textfile"
    folder.mkdir()
    line = replaced(pieces("Prometheus", "cron")[0].strip(),
                    "/var/lib/prometheus/node-exporter", folder)
    times, user, command = re.fullmatch(
        r"((?:\S+ ){4}\S+) (\w+) (.*)", line).groups()
    yield from needs((times, user) == ("*/5 * * * *", "root"), line)
    promtool = next((path for path in (
        PEERS / "prometheus/usr/bin/promtool",
        Path("/usr/bin/promtool")) if path.exists()), "promtool")
    done = world.shell(command)
    found = [path.name for path in folder.iterdir()]
    yield from needs(done.returncode == 0 and found == ["egress25.prom"],
                     f"{done} {found}")
    text = (folder / "egress25.prom").read_text()
    checked = subprocess.run([promtool, "check", "metrics"], input=text,
                             text=True, check=False, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    yield from needs("egress25_agent_up 0" in text and
                     checked.returncode == 0, text + checked.stdout)
    rules = world.folder / "rules.yml"
    rules.write_text(pieces("Prometheus", "yaml")[0])
    checked = world.run([promtool, "check", "rules", rules])
    yield from needs("SUCCESS: 2 rules found" in checked.stdout, checked)
    yield from alerts(world, promtool, rules)


def alerts(world, promtool, rules):
    """Each blocked state alerts, and an open port does not."""
    for state, told in (("open", False), ("filtered", True), ("local", True),
                        ("intercepted", True), ("unknown", False)):
        series = f'egress25_agent_port_state{{family="4",port="25",' \
                 f'state="{state}",instance="mx"}}'
        wanted = [{"exp_labels": {
            "family": "4", "port": "25", "state": state, "instance": "mx"},
            "exp_annotations": {
                "summary": "mx cannot send mail over IPv4"}}]
        (world.folder / "alerts.yml").write_text(json.dumps({
            "rule_files": [str(rules)], "evaluation_interval": "1m",
            "tests": [{
                "interval": "1m",
                "input_series": [{"series": series, "values": "1x90"}],
                "alert_rule_test": [{
                    "eval_time": "70m", "alertname": "Port25Blocked",
                    "exp_alerts": wanted if told else []}]}]}))
        done = world.run([promtool, "test", "rules", "alerts.yml"])
        yield from needs(done.returncode == 0, f"{state}: {done.stdout}")


# --- what is read from a collector ---

NETWORK = 64500


@contextmanager
def collector(folder):
    """One that knows the network of loopback, and has rows of it."""
    from serve_world import Collector, row, run
    folder.mkdir()
    (folder / "asn.csv").write_text(
        f'127.0.0.0,127.255.255.255,{NETWORK},"Example, net"\n')
    subprocess.run([TREE / "collector" / "geo" / "mkmmdb.pl", "asn",
                    folder / "asn.mmdb", folder / "asn.csv"], check=True,
                   stderr=subprocess.DEVNULL)
    with Collector(folder, f"[geo]\nasn = {folder}/asn.mmdb\n") as it:
        rows = ({**row(n), "asn": NETWORK, "endpoint": f"mx{n % 3}"}
                for n in range(60))
        run(it, "import", stdin="".join(f"{json.dumps(one)}\n"
                                        for one in rows))
        it.recounted()
        yield it


def whoami(world):
    home = yaml.safe_load(pieces("Home Assistant", "yaml")[0])["rest"][0]
    resource = replaced(home["resource"], "https://collector.example.net", "")
    sensors = {each["name"]: jinja2.Environment(
        undefined=jinja2.StrictUndefined).from_string(each["value_template"])
        for each in home["sensor"]}
    port, name = sensors["Port 25 of my network"], sensors["My network"]
    with collector(world.folder / "collector") as it:
        said = it.json(resource)
        state = it.json(f"/v1/networks/{NETWORK}")["items"][0]["state"]
        read = pieces("Home Assistant", "sh")[0]
        shown = subprocess.run(
            ["/bin/sh", "-c", replaced(
                read, "https://collector.example.net",
                f"http://127.0.0.1:{it.port}").replace(
                    "curl", "/usr/bin/curl")],
            text=True, stdout=subprocess.PIPE, timeout=30, check=False)
    yield from needs(port.render(value_json=said) == state, said)
    yield from needs(name.render(value_json=said) == said["name"] and
                     said["name"], said)
    yield from needs(shown.returncode == 0 and
                     shown.stdout.split()[0] == state, shown)
    for nothing in ({**said, "networks": None}, {**said, "networks": []}):
        yield from needs(port.render(value_json=nothing) == "unknown",
                         nothing)


IN_EACH_NETWORK = (
    ("a script goes on unless port 25 is blocked", script),
    ("Postfix starts unless port 25 is blocked", postfix),
    ("an Ansible play stops only where port 25 is blocked", ansible),
    ("a machine tells cloud-init's console and us", cloud_init),
    ("a CI job runs its mail tests where they can pass", ci_job),
    ("Icinga's command answers", icinga),
    ("the commands of Nagios and NRPE answer", nagios),
)
ONCE = (
    ("systemd takes the drop-in of Postfix", unit),
    ("the user data are as cloud-init's schema says", cloud_init_schema),
    ("Icinga takes its file", icinga_takes_it),
    ("Nagios takes its file", nagios_takes_it),
    ("node_exporter's file is whole, and its alerts ring", prometheus),
    ("Home Assistant and curl read a collector", whoami),
)


def main():
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable,
                              *sys.argv])
    ip("link", "set", "lo", "up")
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="egress25-") as name:
        world = World(Path(name))
        for state in EXIT:
            with world.network(state):
                for sentence, check in IN_EACH_NETWORK:
                    tap.run(f"{state}: {sentence}",
                            lambda: check(world, state))
        for sentence, check in ONCE:
            tap.run(sentence, lambda: check(world))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
