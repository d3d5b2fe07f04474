# SPDX-License-Identifier: Apache-2.0
"""A few certificates for many networks; making one takes time."""

import hashlib
import subprocess

NAMES = ("e1", "e2", "e3", "e4", "e5", "proxy")
# Names enough to make a certificate that no single packet holds.
MANY = [f"name-number-{number}.example.net" for number in range(80)]


class Keys:
    def __init__(self, authority):
        self.made = {}
        for name in NAMES:
            certificate, key = authority.issue(
                f"strangers-{name}", f"mx.{name}.example.net", MANY)
            self.made[name] = (certificate, key, self.spki(certificate))

    def of(self, name):
        """(certificate file, key file, SHA-256 of its SPKI in hex)."""
        return self.made[name if name in self.made else "proxy"]

    @staticmethod
    def spki(certificate):
        pem = subprocess.run(
            ["openssl", "x509", "-in", str(certificate), "-noout", "-pubkey"],
            check=True, stdout=subprocess.PIPE).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"],
                             input=pem, check=True,
                             stdout=subprocess.PIPE).stdout
        return hashlib.sha256(der).hexdigest()
