"""TLS: whom to trust at a broker, why one is not trusted in plain words, and whether the shop's own certificate fits.

A certificate is refused by OpenSSL's own checks (chain, validity, host name); here is only said what was found in it
and what would be right, since "certificate verify failed" sends nobody to the right file.
"""

import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

PROBE_S: Final = 5.0
HOST, ADDRESS = 62, 64
"""Codes of OpenSSL's: another host's name, another address."""
EARLY, LATE = 9, 10


class TlsError(ValueError):
    """Files that cannot be used for TLS; the words say what was found and what would be right."""


def trusting(ca: Path | None) -> ssl.SSLContext:
    """Trust the authorities of this file alone; None: the machine's own list, or that of SSL_CERT_FILE.

    Raises:
        TlsError: there is no such file, or no certificate in it.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"found no certificate in {ca}, right: a PEM file of the authority's certificate") from error


def why(host: str, port: int, context: ssl.SSLContext, trusted: str) -> str:
    """Why a server is not trusted, by a handshake made for that; "": it is, or there is no server.

    Args:
        host: Its name, which its certificate must hold.
        port: Where it listens.
        context: Whom we trust.
        trusted: Where that stands, in words.
    """
    where = f"{host}:{port}"
    try:
        link = socket.create_connection((host, port), PROBE_S)
    except OSError:
        return ""
    try:
        with link, context.wrap_socket(link, server_hostname=host):
            return ""
    except ssl.SSLCertVerificationError as error:
        return _distrusted(where, error, host, found_at(host, port), trusted)
    except OSError as error:  # it hangs up on a handshake, or waits for something else
        words = str(getattr(error, "reason", None) or error.strerror or error)
        return f"found no TLS at {where} ({words}), right: the port of a listener with a certificate, or mqtt://"


def found_at(host: str, port: int) -> x509.Certificate | None:
    """The certificate that a server shows, trusted or not; None: it shows none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only to read it: nothing is said to this server
    try:
        with (
            socket.create_connection((host, port), PROBE_S) as link,
            context.wrap_socket(link, server_hostname=host) as safe,
        ):
            data = safe.getpeercert(binary_form=True)
        return None if data is None else x509.load_der_x509_certificate(data)
    except (OSError, ValueError):
        return None


def _distrusted(
    where: str, error: ssl.SSLCertVerificationError, host: str, found: x509.Certificate | None, trusted: str
) -> str:
    if found is None:
        return f"found a certificate at {where} that is not trusted ({error.verify_message})"
    now = datetime.now(UTC)
    if error.verify_code in (HOST, ADDRESS):
        names = ", ".join(names_of(found)) or "no name"
        return f"found a certificate at {where} for {names}, right: one for {host}, or the broker's URL with its name"
    if error.verify_code in (EARLY, LATE):
        ended = found.not_valid_after_utc < now
        words = f"ended on {_day(found.not_valid_after_utc)}" if ended else f"begins {_day(found.not_valid_before_utc)}"
        return f"found a certificate at {where} that {words}, right: one that is valid today, {_day(now)}"
    return (
        f"found a certificate at {where} issued by {_issuer(found)} ({error.verify_message}), "
        f"right: one of an authority in {trusted}"
    )


def check_own(certificate: Path, key: Path) -> str:
    """Whether these files can be the shop's own certificate and key; gives a warning, or "".

    Raises:
        TlsError: not PEM, not of each other, or the key has a password, which nobody could type in.
    """

    def asked() -> str:
        raise TlsError(f"found a key with a password in {key}, right: one without (openssl pkey -in KEY -out PLAIN)")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, asked)
        found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsError(f"found a key in {key} of another certificate, right: that of {certificate}") from error
        raise TlsError(
            f"found no certificate and key in {certificate} and {key} ({error.reason or error}), right: PEM files"
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, TlsError):
            raise
        raise TlsError(f"found {certificate} and {key} unreadable ({error}), right: PEM files") from error
    if found.not_valid_after_utc < datetime.now(UTC):
        return f"the certificate in {certificate} ended on {_day(found.not_valid_after_utc)}: browsers will refuse it"
    return ""


def names_of(found: x509.Certificate) -> tuple[str, ...]:
    """The hosts and addresses that a certificate is for."""
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(one) for one in names.get_values_for_type(x509.IPAddress)))


def _issuer(found: x509.Certificate) -> str:
    return _name(found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)) or found.issuer.rfc4514_string() or "nobody"


def _name(attributes: Iterable[x509.NameAttribute[str | bytes]]) -> str:
    return ", ".join(str(one.value) for one in attributes)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
