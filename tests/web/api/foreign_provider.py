"""A provider of somebody else's for single sign-on: idpyoidc's (Apache-2.0), on a port of this machine. A program.

    python -m tests.web.api.foreign_provider PORT REDIRECT        in a folder of its own; prints "ready"

Discovery, requests, codes, PKCE, tokens, signatures and keys are idpyoidc's. Ours is the HTTP around it, and that its
one user is signed in without a page to type into: who that is stands in the file `who`, read at each request.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

USERS: dict[str, dict[str, Any]] = {
    "anna": {"preferred_username": "anna", "email": "anna@example.org", "email_verified": True, "groups": ["desk"]},
    "eve": {"preferred_username": "eve", "email": "eve@example.org", "email_verified": False, "groups": ["cleaning"]},
}
CLIENT, SECRET = "walkout", "secret-of-the-foreign-provider"
"""It compares the secret as it comes, where RFC 6749 (2.3.1) lets clients encode it: one without odd characters."""


def configuration(issuer: str) -> dict[str, Any]:
    """As its documentation has it, with what a shop needs: a confidential client, PKCE, groups in the ID token."""
    keys = [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]
    secret = {
        "kwargs": {"keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": k} for k in ("password", "salt")]}}
    }
    ways = ["client_secret_basic", "client_secret_post"]
    endpoints: dict[str, tuple[str, dict[str, Any]]] = {
        "provider_info": ("provider_config.ProviderConfiguration", {"client_authn_method": None}),
        "authorization": (
            "authorization.Authorization", {"client_authn_method": None, "response_types_supported": ["code"]},
        ),
        "token": ("token.Token", {"client_authn_method": ways}),
        "userinfo": ("userinfo.UserInfo", {}),
    }  # fmt: skip
    paths = {"provider_info": ".well-known/openid-configuration"}
    uses = {"supports_minting": ["access_token", "refresh_token", "id_token"], "max_usage": 1}
    grant = {"usage_rules": {"authorization_code": uses, "access_token": {}}, "expires_in": 43200}
    return {
        "issuer": issuer,
        "httpc_params": {"verify": False, "timeout": 4},
        "key_conf": {"key_defs": keys, "uri_path": "jwks.json"},
        "preference": {"subject_types_supported": ["public"], "scopes_supported": ["openid", "email", "profile"]},
        "authz": {"class": "idpyoidc.server.authz.AuthzHandling", "kwargs": {"grant_config": grant}},
        "authentication": {
            "anon": {
                "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
                "class": "idpyoidc.server.user_authn.user.NoAuthn",
                "kwargs": {"user": "anna"},
            }
        },
        "endpoint": {
            name: {"path": paths.get(name, name), "class": f"idpyoidc.server.oidc.{what}", "kwargs": more}
            for name, (what, more) in endpoints.items()
        },
        "add_on": {
            "pkce": {"function": "idpyoidc.server.oauth2.add_on.pkce.add_support", "kwargs": {"essential": True}}
        },
        "claims_interface": {"class": "idpyoidc.server.session.claims.ClaimsInterface", "kwargs": {}},
        "scopes_to_claims": {
            "openid": ["sub", "groups"], "email": ["email", "email_verified"], "profile": ["preferred_username"],
        },
        "token_handler_args": {
            "jwks_def": {"key_defs": [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": "code"}]},
            "code": {"kwargs": {"lifetime": 600}},
            "token": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
            "id_token": {
                "class": "idpyoidc.server.token.id_token.IDToken",
                "kwargs": {"add_claims_by_scope": True},
            },
        },
        "session_params": {"encrypter": secret},
        "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": USERS}},
    }  # fmt: skip


def main(port: int, redirect: str) -> None:
    """Serve until killed."""
    from idpyoidc.server import Server  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from idpyoidc.server.configure import OPConfiguration  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from idpyoidc.server.exception import ClientAuthenticationError  # type: ignore[import-not-found,import-untyped,unused-ignore]

    issuer = f"http://127.0.0.1:{port}"
    op = Server(OPConfiguration(configuration(issuer), base_path=str(Path.cwd())), cwd=str(Path.cwd()))

    op.get_context().cdb[CLIENT] = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [(redirect, {})],
        "response_types_supported": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "allowed_scopes": ["openid", "email", "profile"],
        "add_claims": {"always": {"id_token": ["groups", "email", "email_verified", "preferred_username"]}},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path)
            if at.path == "/jwks.json":
                return self._say(200, op.keyjar.export_jwks_as_json(issuer_id="").encode(), "application/json")
            return self._through(at.path, dict(parse_qsl(at.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self._through(urlsplit(self.path).path, dict(parse_qsl(body)))

        def _through(self, path: str, given: dict[str, str]) -> None:
            name = next((n for n, e in op.endpoint.items() if f"/{e.endpoint_path}" == path), "")
            if not name:
                return self._say(404, b"", "text/plain")
            op.get_context().authn_broker.db["anon"]["method"].user = Path("who").read_text("utf-8")
            endpoint = op.get_endpoint(name)
            headers = {key.lower(): value for key, value in self.headers.items()}
            about = {"headers": headers, "method": self.command, "url": issuer + self.path}
            try:
                asked = endpoint.parse_request(given, http_info=about)
            except ClientAuthenticationError as error:
                asked = {"error": "invalid_client", "error_description": str(error)}
            answer = {} if "error" in asked else endpoint.process_request(asked, http_info=about)
            if "error" in asked or "error" in answer:
                wrong = asked if "error" in asked else answer
                told = {"error": str(wrong["error"]), "error_description": str(wrong.get("error_description", ""))}
                return self._say(400, json.dumps(told).encode(), "application/json")
            made = endpoint.do_response(request=asked, **answer)
            if made.get("response_placement") == "url" or made["response"].startswith("http"):
                self.send_response(303)
                self.send_header("Location", made["response"])
                self.end_headers()
                return None
            return self._say(200, made["response"].encode(), "application/json")

        def _say(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
