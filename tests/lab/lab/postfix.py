# SPDX-License-Identifier: Apache-2.0
"""Postfix as an endpoint."""

from .mta import Mta

MAIN_CF = """
compatibility_level = 3.6
myhostname = {host}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = all
maillog_file = /var/log/postfix.log
alias_maps =
alias_database =
smtpd_banner = $myhostname ESMTP
smtpd_recipient_restrictions = reject
smtpd_relay_restrictions = reject
smtpd_tls_cert_file = /etc/lab/certificate.pem
smtpd_tls_key_file = /etc/lab/key.pem
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtpd_tls_auth_only = yes
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
default_process_limit = 1000
smtpd_timeout = 100s
cyrus_sasl_config_path = /etc/postfix/sasl
"""

# The services of a mail server that takes mail and submissions. The control
# port greets in TLS like 465: a real server, and no web server needed.
SMTPD = {
    "25": "",
    "587": "-o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes",
    "465": "-o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes",
    "443": "-o smtpd_tls_wrappermode=yes",
}

MASTER_CF = """
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
error unix - - n - - error
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
postlog unix-dgram n - n - 1 postlogd
"""

ACCOUNTS = {
    "etc/passwd": "postfix:x:64925:64925::/var/spool/postfix:/bin/false\n",
    "etc/group": "postfix:x:64925:\npostdrop:x:64926:\n",
}


class Postfix(Mta):
    packages = ("postfix", "libsasl2-modules")

    def __init__(self, site, host, lab, ports=tuple(SMTPD), more="",
                 services=""):
        super().__init__(site, host, lab, ports)
        # As many as above: a box that resets a client leaves the server alone
        # with a connection, and hundreds of networks share these.
        services += "".join(f"{port} inet n - n - - smtpd {SMTPD[port]}\n"
                            for port in ports)
        self.accounts(ACCOUNTS)
        self.file("etc/postfix/main.cf", MAIN_CF.format(host=host) + more)
        self.file("etc/postfix/master.cf", services + MASTER_CF)
        self.file("etc/postfix/sasl/smtpd.conf",
                  "pwcheck_method: auxprop\nmech_list: PLAIN LOGIN\n")

    def start(self):
        # dpkg-deb did not know the owners of postdrop and of the queue.
        self.launch("postfix set-permissions >/dev/null 2>&1; "
                    "exec postfix start-fg")
        return self
