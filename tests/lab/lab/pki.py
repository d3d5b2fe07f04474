# SPDX-License-Identifier: Apache-2.0
"""The lab's own certificate authority, made anew for every lab."""

import hashlib
import subprocess

EC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def openssl(*argv, **options):
    subprocess.run(("openssl",) + argv, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


class Authority:
    def __init__(self, directory):
        self.directory = directory / "pki"
        self.directory.mkdir()
        self.certificate = self.directory / "ca.pem"
        self.key = self.directory / "ca.key"
        openssl("req", "-x509", "-newkey", *EC, "-nodes", "-days", "30",
                "-subj", "/CN=egress25 lab authority",
                "-keyout", str(self.key), "-out", str(self.certificate))

    def issue(self, name, host, more=()):
        """(certificate, key) files for a host name, and `more` of them."""
        request, key, certificate, extensions = (
            self.directory / f"{name}.{end}"
            for end in ("csr", "key", "pem", "ext"))
        extensions.write_text("subjectAltName=" + ",".join(
            f"DNS:{each}" for each in (host, *more)) + "\n")
        openssl("req", "-newkey", *EC, "-nodes", "-subj", f"/CN={host}",
                "-keyout", str(key), "-out", str(request))
        openssl("x509", "-req", "-in", str(request), "-days", "30",
                "-CA", str(self.certificate), "-CAkey", str(self.key),
                "-CAcreateserial", "-extfile", str(extensions),
                "-out", str(certificate))
        return certificate, key

    def spki(self, name):
        """SHA-256 of the public key that was issued for a name, in hex."""
        key = subprocess.run(
            ("openssl", "pkey", "-in", self.directory / f"{name}.key",
             "-pubout", "-outform", "DER"), check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        return hashlib.sha256(key.stdout).hexdigest()
