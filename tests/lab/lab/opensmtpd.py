# SPDX-License-Identifier: Apache-2.0
"""OpenSMTPD as an endpoint that offers no STARTTLS.

Debian 12 has version 6.8.0p2, which cannot serve TLS with OpenSSL 3
(OpenSMTPD issue 1171): with `broken_tls` it offers STARTTLS, and the handshake
then fails, as in the field.
"""

from .mta import Mta

ACCOUNTS = {
    "etc/passwd": "opensmtpd:x:64928:64928::/run/opensmtpd:/bin/false\n"
                  "opensmtpq:x:64929:64929::/run/opensmtpd:/bin/false\n",
    "etc/group": "opensmtpd:x:64928:\nopensmtpq:x:64929:\n",
}


class Opensmtpd(Mta):
    packages = ("opensmtpd",)

    def __init__(self, site, host, lab, ports=("25", "587", "443"),
                 broken_tls=False):
        super().__init__(site, host, lab, ports)
        self.accounts(ACCOUNTS)
        tls = "tls pki lab" if broken_tls else ""
        listeners = "".join(
            f"listen on {address} port {port} {tls} hostname {host}\n"
            for port in ports for address in ("0.0.0.0", "::"))
        self.file("etc/smtpd.conf",
                  'pki lab cert "/etc/lab/certificate.pem"\n'
                  'pki lab key "/etc/lab/key.pem"\n'
                  f"{listeners}"
                  "action nowhere relay\n"
                  "match from any for any reject\n")

    def start(self):
        self.launch("install -d -m 711 /run/opensmtpd /var/spool/smtpd && "
                    "exec smtpd -d")
        return self
