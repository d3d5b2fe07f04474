#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_release.py TOP: what packaging/release refuses, and that the list of
parts holds together and names what the pages are built from. Prints TAP."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tap import Tap

TOP = Path(sys.argv[1]).resolve()
ENV = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@a.invalid",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@a.invalid"}


def git(tree, *words):
    subprocess.run(["git", "-C", tree, *words], check=True, env=ENV,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_tree(folder):
    """The files that a release reads, in a repository of their own."""
    for name in ("meson.build", "NEWS.md", "debian", "packaging",
                 "dashboards/web/package-lock.json"):
        source, target = TOP / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")


def release(tree, version):
    done = subprocess.run([tree / "packaging/release", version, tree / "out"],
                          env=ENV, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def refusals(tap, tree, version):
    def refuses(name, asked, words):
        status, said = release(tree, asked)
        tap.row(name + " is no release", [] if status == 2 and words in said
                else [f"{status}: {said}"])

    refuses("a word that is no version", "latest", "is no version")
    refuses("a version that meson.build has not", "98.0.0", "meson.build says")
    refuses("what NEWS.md calls not released yet", version,
            "not released yet")
    (tree / "NEWS.md").write_text(
        (TOP / "NEWS.md").read_text().replace("(not released yet)",
                                              "(2026-11-27)"))
    refuses("changes that are not committed", version, "not committed")
    git(tree, "commit", "-qam", "a date")
    changelog = tree / "debian/changelog"
    changelog.write_text(changelog.read_text().replace(version, "0.0.1", 1))
    git(tree, "commit", "-qam", "another version")
    refuses("a package with another version", version, "debian/changelog")


def parts(tap, tree, version):
    tarball = tree / "a.tar.gz"
    tarball.write_bytes(b"a tarball")

    def sbom():
        return subprocess.run([tree / "packaging/sbom", version, tarball],
                              check=True, stdout=subprocess.PIPE).stdout

    text = sbom()
    found = json.loads(text)
    ids = [p["SPDXID"] for p in found["packages"]]
    bad = [i for i in ids if ids.count(i) > 1 or
           not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", i)]
    tap.row("each part of a release has an id of its own", bad)
    ends = {r[end] for r in found["relationships"]
            for end in ("spdxElementId", "relatedSpdxElement")}
    tap.row("each part is related, and to parts alone",
            ends ^ {"SPDXRef-DOCUMENT", *ids})
    lock = json.loads((TOP / "dashboards/web/package-lock.json").read_text())
    npm = {k.removeprefix("node_modules/") for k, v in
           lock["packages"].items() if k and not v.get("dev")}
    tap.row("what is compiled into the pages is named",
            npm - {p["name"] for p in found["packages"]} or
            ([] if npm else ["no npm package in the lock file"]))
    tap.row("the same tarball has the same list",
            [] if text == sbom() else ["another text"])


def files_of(tree):
    """Those of which packages are made."""
    done = subprocess.run([tree / "packaging/tracked"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return set(filter(None, done.stdout.split("\0")))


def without_git(tap, tree):
    """As in a tarball, where somebody has built."""
    tracked = files_of(tree)
    (tree / ".git").rename(tree.with_name("git"))
    (tree / "build").mkdir()
    (tree / "build/made").touch()
    found = files_of(tree)
    shutil.rmtree(tree / "build")
    tree.with_name("git").rename(tree / ".git")
    tap.row("packages are made of the same files in a tarball",
            tracked ^ found or ([] if "meson.build" in found else ["none"]))


def main():
    tap = Tap()
    version = re.search(r"^  version: '(.*)',$",
                        (TOP / "meson.build").read_text(), re.M)[1]
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "tree"
        tree.mkdir()
        make_tree(tree)
        without_git(tap, tree)
        parts(tap, tree, version)
        refusals(tap, tree, version)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
