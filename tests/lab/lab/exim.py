# SPDX-License-Identifier: Apache-2.0
"""Exim as an endpoint."""

from .mta import Mta

CONFIG = """
primary_hostname = {host}
smtp_banner = {host} ESMTP
daemon_smtp_ports = {ports}
tls_on_connect_ports = 465 : 443
tls_advertise_hosts = {starttls}
tls_certificate = /etc/lab/certificate.pem
tls_privatekey = /etc/lab/key.pem
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = nobody
auth_advertise_hosts = ${{if and {{{{def:tls_in_cipher}}\
    {{!eq{{$received_port}}{{25}}}}}}{{*}}{{}}}}
{uses}

begin acl

special:
  {verb}

nobody:
  deny message = no mail is taken here

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = false
"""

USER = "Debian-exim"
ACCOUNTS = {
    "etc/passwd": f"{USER}:x:64927:64927::/var/spool/exim4:/bin/false\n",
    "etc/group": f"{USER}:x:64927:\n",
}


class Exim(Mta):
    packages = ("exim4-daemon-light",)

    def __init__(self, site, host, lab, ports=("25", "587", "465", "443"),
                 acl=("", "accept"), starttls="*"):
        """`acl`: when it is asked, and what it says; `starttls`: to whom it
        is offered."""
        super().__init__(site, host, lab, ports)
        uses, verb = acl
        self.accounts(ACCOUNTS)
        self.file("etc/exim4/exim4.conf", CONFIG.format(
            host=host, ports=" : ".join(ports), verb=verb, starttls=starttls,
            uses=f"{uses} = special" if uses else ""))

    def start(self):
        self.launch(
            f"chown {USER} /etc/lab/key.pem && "
            f"install -d -o {USER} -g {USER} /var/spool/exim4 /var/log/exim4 "
            "&& exec exim4 -bdf")
        return self
