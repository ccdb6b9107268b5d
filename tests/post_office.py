"""A mail server on this machine that keeps what it is given; it speaks as much SMTP as Django asks for."""

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager


class Counter(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        self.say("220 localhost")
        while line := self.rfile.readline():
            verb = line.decode().strip().upper()
            if verb.startswith("DATA"):
                self.say("354 go on")
                self.keep()
            elif verb.startswith("RCPT") and self.server.refused in line.decode():
                self.say("550 nobody here")
                continue
            elif verb.startswith("QUIT"):
                self.say("221 bye")
                return
            self.say("250 ok") if not verb.startswith("DATA") else None

    def keep(self):
        """Take a letter, then be what the test makes of the server: a good one, or one that breaks off."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.letters.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        self.say("250 kept")

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def post_office(settings, refused="nobody@"):
    """Run the server, with Django's settings pointing to it; yield the letters it was given."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Counter) as server:
        server.letters, server.refused = [], refused
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.MAIL = True
        try:
            yield server.letters
        finally:
            server.shutdown()
