# SPDX-License-Identifier: Apache-2.0
"""A certificate for a collector, and its key."""

import subprocess


def make_certificate(folder, name):
    """cert.pem and key.pem in the folder."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days",
         "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, stderr=subprocess.DEVNULL)
