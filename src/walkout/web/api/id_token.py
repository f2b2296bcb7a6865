"""What an issuer says of somebody: an ID token, checked with the issuer's own published key and nothing else.

OpenID Connect Core 1.0, section 3.1.3.7. The token's header chooses neither the key (CVE-2026-27962: a key inside the
token was trusted) nor whether there is a signature (CVE-2026-28802: `alg: none`), and no algorithm comes through whose
hash is unknown (CVE-2026-28498: `at_hash` was then not checked).
"""

import hmac
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

ALGORITHMS: Final = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""Signatures that are taken, and the kind of key of each."""
LEEWAY_S: Final = 60
"""By how much the issuer's clock and ours may differ."""
LARGEST_TOKEN: Final = 64 * 1024
SMALLEST_RSA_BITS: Final = 2048


class TokenError(ValueError):
    """A token that is not taken; its words say what was found and what would be right."""


class KeyUnknownError(TokenError):
    """No key of the issuer fits; it may have new ones."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key by which an issuer signs, as its JWKS has it."""

    id: str | None
    algorithm: str | None
    key: RSAKey | ECKey


def published_keys(jwks: object) -> tuple[PublishedKey, ...]:
    """The keys of a JWKS (RFC 7517) that may sign ID tokens; all others, and what cannot be read, are left out."""
    rows = jwks.get("keys") if isinstance(jwks, dict) else None
    found = (_published(row) for row in rows or () if isinstance(row, dict))
    return tuple(key for key in found if key is not None)


def _published(row: dict[str, Any]) -> PublishedKey | None:
    if row.get("use", "sig") != "sig" or row.get("alg", "RS256") not in ALGORITHMS:
        return None
    try:
        key: RSAKey | ECKey
        if row.get("kty") == "RSA":
            key = RSAKey.import_key({name: row[name] for name in ("kty", "n", "e")})
            fits = key.public_key.key_size >= SMALLEST_RSA_BITS
        else:
            key = ECKey.import_key({name: row[name] for name in ("kty", "crv", "x", "y")})
            fits = key.curve_name == "P-256"
    except (JoseError, KeyError, ValueError, TypeError):
        return None
    id_, algorithm = row.get("kid"), row.get("alg")
    named = (isinstance(id_, str) or id_ is None) and (algorithm is None or ALGORITHMS[algorithm] == row.get("kty"))
    return PublishedKey(id_, algorithm, key) if fits and named else None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say to be the answer to our question."""

    issuer: str
    client: str
    nonce: str
    access_token: str | None = None


def claims_of(token: str, keys: Sequence[PublishedKey], expected: Expected, now_s: float) -> dict[str, Any]:
    """The claims of an ID token that is this issuer's, for us, for this one sign-in, and still good.

    Raises:
        KeyUnknownError: no key fits. TokenError: anything else is not right.
    """
    header = _header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenError(f"found the signature {str(algorithm)[:20]!r}, right: {', '.join(ALGORITHMS)}")
    key = _key(keys, algorithm, header.get("kid"))
    try:
        read = jwt.decode(token, key.key, algorithms=[algorithm])
    except (JoseError, ValueError) as error:
        raise TokenError("found a signature that is not by the issuer's key") from error
    claims = read.claims
    _finite(claims, ("exp", "iat", "nbf"))
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client, "access_token": expected.access_token}
    try:
        CodeIDToken(claims, read.header, options, params).validate(int(now_s), LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise TokenError(f"found a token that does not fit ({error})") from error
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise TokenError("found the answer to another sign-in (nonce)")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise TokenError("found no subject, right: 1 to 255 characters")
    return dict(claims)


def _header(token: str) -> dict[str, Any]:
    if len(token) > LARGEST_TOKEN:
        raise TokenError(f"found a token of {len(token)} characters, right: at most {LARGEST_TOKEN}")
    try:
        read = json.loads(urlsafe_b64decode(token.partition(".")[0].encode("ascii")))
    except ValueError as error:
        raise TokenError("found no token, right: a signed JWT") from error
    if not isinstance(read, dict) or token.count(".") != 2:
        raise TokenError("found no token, right: a signed JWT")
    return read


def _key(keys: Sequence[PublishedKey], algorithm: str, id_: object) -> PublishedKey:
    """The one published key that the token may be signed with; the token's own header only says which one."""
    kind = RSAKey if ALGORITHMS[algorithm] == "RSA" else ECKey
    fitting = [one for one in keys if isinstance(one.key, kind) and one.algorithm in (None, algorithm)]
    chosen = fitting if id_ is None else [one for one in fitting if one.id == id_]
    if len(chosen) != 1:
        raise KeyUnknownError(f"found {len(chosen)} keys of the issuer for this token, right: one")
    return chosen[0]


def _finite(claims: dict[str, Any], names: Iterable[str]) -> None:
    """JSON of this language has Infinity, and a boolean is a number: neither is an instant."""
    for name in names:
        value = claims.get(name)
        if value is not None and (isinstance(value, bool | str) or not math.isfinite(value)):
            raise TokenError(f"found {name} {value!r}, right: seconds since 1970")
