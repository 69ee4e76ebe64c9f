#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A mail server on this machine: STARTTLS on one port, TLS on another, AUTH
(user "dog", password "bone-bone-bone") on both; stores messages.

	smtp.py DIR     (DIR/cert.pem and cert.key are there)

Writes "PORT_STARTTLS PORT_TLS" to DIR/smtp and each message to DIR/mail-N.
Recipients that begin with "later" get 451, "never" 550.
"""
import os, ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

DIR = sys.argv[1]
count = 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later"):
            return "451 try again later"
        if address.startswith("never"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        with open(DIR + "/mail-%d" % count, "wb") as f:
            f.write(envelope.original_content)
        return "250 OK stored"


def authenticate(server, session, envelope, mechanism, data):
    good = getattr(data, "login", b"") == b"dog" and getattr(data, "password", b"") == b"bone-bone-bone"
    return AuthResult(success=good, handled=False) if not good else AuthResult(success=True)


ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(DIR + "/cert.pem", DIR + "/cert.key")


class StartTLS(Controller):
    def factory(self):
        return SMTP(self.handler, tls_context=ctx, require_starttls=True, authenticator=authenticate,
                    auth_required=True, hostname="localhost")


class TLS(Controller):
    def factory(self):
        return SMTP(self.handler, authenticator=authenticate, auth_required=True,
                    auth_require_tls=False, hostname="localhost")


def start(kind, **kw):
    import socket
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    kind(Handler(), hostname="127.0.0.1", port=port, **kw).start()
    return port


a, b = start(StartTLS), start(TLS, ssl_context=ctx)
with open(DIR + "/smtp.new", "w") as f:
    f.write("%d %d\n" % (a, b))
os.rename(DIR + "/smtp.new", DIR + "/smtp")
while True:
    time.sleep(3600)
