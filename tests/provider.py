"""A small OpenID Connect provider over real HTTP: authorization code with PKCE, discovery, keys, RS256.

It is right unless told otherwise: `twisted` goes over the claims, `signed` makes another token of them.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "kpi-portal", "a secret between the two"


@cache
def key(name="own"):
    """Return a key pair by name; the provider's public one is known as “1”, and a false one claims to be it."""
    return RSAKey.generate_key(2048, parameters={"kid": "1"})


def signed_right(claims):
    """Return the token as it should be."""
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key())


class Provider:
    """A provider that knows one person, `subject`; use it in a `with` statement."""

    def __init__(self):
        self.subject = "person-1"
        self.asks = False
        self.described, self.twisted, self.signed = {}, {}, signed_right
        self.codes, self.tokens = {}, []
        self.keys = self.right_keys()

    def __enter__(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.get(self, urlsplit(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.token(self, dict(parse_qsl(body)))

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(self, *_raised):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def get(self, handler, address):
        """Answer what is asked by GET."""
        match address.path:
            case "/.well-known/openid-configuration":
                answer(handler, self.description() | self.described)
            case "/keys":
                answer(handler, self.keys)
            case "/authorize":
                self.authorize(handler, {name: values[0] for name, values in parse_qs(address.query).items()})
            case _:
                handler.send_error(404)

    def right_keys(self):
        """Return the keys as they should be."""
        return {"keys": [key().as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}

    def description(self):
        """Return what the provider says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            # More than our portal may take.
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, handler, asked):
        """Send the browser back with a code; with `asks`, only once the person has clicked."""
        right = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256", "scope": "openid"}
        right["prompt"] = "login"
        if any(asked.get(name) != value for name, value in right.items()) or not asked.get("nonce"):
            handler.send_error(400)
            return
        if self.asks and "agreed" not in asked:
            again = html.escape("/authorize?" + urlencode(asked | {"agreed": "1"}))
            page(handler, f"<h1>ผู้ให้บริการตัวอย่าง</h1><a id='agree' href='{again}'>ยืนยันตัวตน</a>")
            return
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})
        handler.send_response(302)
        handler.send_header("Location", back)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def token(self, handler, given):
        """Give the identity token for a code: once, to our client, with the verifier of the challenge."""
        asked = self.codes.pop(given.get("code"), None)
        credentials = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = handler.headers.get("Authorization") == f"Basic {credentials}"
        if not (known and asked and asked["code_challenge"] == challenge):
            answer(handler, {"error": "invalid_grant"}, status=400)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300}
        claims = claims | {"nonce": asked["nonce"]} | self.twisted
        token = self.signed({name: value for name, value in claims.items() if value is not None})
        self.tokens.append(token)
        told = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        answer(handler, told | ({"id_token": token} if token else {}))


def answer(handler, told, *, status=200):
    """Answer in JSON."""
    send(handler, json.dumps(told).encode(), "application/json", status)


def page(handler, body):
    """Answer with a page."""
    text = f"<!doctype html><html lang='th'><title>OP</title><link rel='icon' href='data:,'><body>{body}</body></html>"
    send(handler, text.encode(), "text/html; charset=utf-8", 200)


def send(handler, content, kind, status):
    """Send `content`."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
