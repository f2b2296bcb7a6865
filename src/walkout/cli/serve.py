"""`walkout serve`: open a shop."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from walkout.checkout.storage import StorageError
from walkout.cli.console import err, out, print_json, refuse
from walkout.live.camera_watch import links
from walkout.live.cashier import SECOND_NS
from walkout.live.eye_keeper import looking_at
from walkout.live.inbox import FPS
from walkout.live.mail import MailError, mail_at
from walkout.live.source import broker_at
from walkout.live.till import Wishes
from walkout.live.tls import check_own
from walkout.recording.error import RecordingError
from walkout.recording.video import VideoMissingError
from walkout.store.folder import load
from walkout.store.problem import StoreError
from walkout.store.shop import Store
from walkout.web.api.context import Context
from walkout.web.api.provider import Oidc
from walkout.web.api.roles import rules
from walkout.web.serve import Serving, data_folder, serve

SMTP_PASSWORD = "WALKOUT_SMTP_PASSWORD"  # noqa: S105 - where it stands, not what it is
"""The variable with the mail server's password: a command line can be read by everybody on the machine."""


OIDC_SECRET = "oidc-client-secret"  # noqa: S105 - the name of a file
"""In the folder of secrets; not there: a client without a secret."""


def serve_command(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="The store folder.")],
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the pages and the API.")] = 8000,
    host: Annotated[
        str, typer.Option(help="The address to listen on; put a TLS proxy before any other.")
    ] = "127.0.0.1",
    broker: Annotated[
        str | None, typer.Option(metavar="URL", help="An MQTT broker, mqtt://host:port; else one is embedded.")
    ] = None,
    broker_ca: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Whose certificate an mqtts:// broker may show (PEM)."),
    ] = None,
    broker_port: Annotated[int, typer.Option(min=1, max=65535, help="Of the embedded broker.")] = 1883,
    database: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="postgresql://...; else SQLite in the data folder.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Journal, ledger and secrets; else under ~/.local/share/walkout.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A certificate (PEM): speak HTTPS.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its key (PEM).")] = None,
    base_url: Annotated[str | None, typer.Option(help="How shoppers reach the shop, for their links.")] = None,
    twin: Annotated[float, typer.Option(min=0, max=600, help="Let so many simulated shoppers an hour come.")] = 0,
    speed: Annotated[float, typer.Option(min=0.1, max=50, help="Of the twin: simulated seconds a second.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the twin.")] = 1,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Named trips may be made over the API; of a simulated store only.")
    ] = False,
    any_card: Annotated[bool, typer.Option("--any-card", help="Let in cards that nobody registered.")] = False,
    answer_within: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Then only what is shown is charged.")
    ] = 4 * 3600.0,
    camera: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=URL", help="A camera's RTSP stream, or lines in DATA/secrets/cameras."),
    ] = None,
    eyes: Annotated[
        bool, typer.Option("--eyes", help="See people through these cameras, in a process beside this one.")
    ] = False,
    eyes_fps: Annotated[float, typer.Option(min=1, max=30, help="Pictures a second of each camera, at most.")] = FPS,
    eyes_model: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Other networks than the package's two: own-pose-once, a fetched one, or a file."
        ),
    ] = "",
    smtp: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="WALKOUT_SMTP", help="Receipts by e-mail: smtp://host or smtps://name@host."
        ),
    ] = None,
    mail_from: Annotated[str, typer.Option(help="Whom receipts by e-mail are from.")] = "receipts@localhost",
    hold: Annotated[str, typer.Option(help="What is held on a card at entry.")] = "20.00",
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Settle nothing alone: ask two people blindly about every visit.")
    ] = False,
    settle_at: Annotated[
        float | None, typer.Option(min=0, max=1, help="Of a simulated shop: settle alone from here up, uncertified.")
    ] = None,
    cap: Annotated[str, typer.Option(help="The most that one visit may cost.")] = "200.00",
    pay_at_exit: Annotated[
        bool, typer.Option(help="Who shows nothing comes in, and pays by a tap at the exit.")
    ] = False,
    own_auth: Annotated[
        str, typer.Option(metavar="URL", help="Ask this server about cards and codes that nobody registered.")
    ] = "",
    oidc: Annotated[
        str, typer.Option(metavar="ISSUER", help="Single sign-on at this OpenID Connect issuer, https://...")
    ] = "",
    oidc_client: Annotated[
        str, typer.Option(metavar="ID", help="The shop's client id there; its secret: DATA/secrets/oidc-client-secret.")
    ] = "",
    oidc_role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=CLAIM=VALUE",
            help="Who gets which role (the first that fits); or lines in DATA/secrets/oidc-roles.",
        ),
    ] = None,
    oidc_name: Annotated[str, typer.Option(metavar="WORDS", help="How people call it; else its host.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Say where the shop is as one line of JSON.")] = False,
) -> None:
    """Open a shop: hear its devices, decide, charge, and show it; Ctrl-C closes it and loses nothing."""
    try:
        store = load(folder)
        wishes = Wishes(any_card=any_card or bool(twin), answer_within_ns=round(answer_within * SECOND_NS))
        wishes = replace(wishes, hold=Decimal(hold), cap=Decimal(cap), shadow=shadow, settle_at=settle_at)
        mail = None if smtp is None else mail_at(smtp, mail_from, os.environ.get(SMTP_PASSWORD, ""))
        key, webhook = (os.environ.get(f"WALKOUT_STRIPE_{name}", "") for name in ("KEY", "WEBHOOK"))
        wishes = replace(wishes, stripe_key=key, stripe_webhook=webhook, pay_at_exit=pay_at_exit, own_auth=own_auth)
    except (StoreError, InvalidOperation, MailError, ValueError) as error:
        refuse(error)
    _fit(store, twin=bool(twin), sandbox=sandbox, settle_at=settle_at)
    tls = _tls(tls_cert, tls_key, broker, broker_ca)
    if twin and eyes:
        refuse("The twin tells who is there itself, and --eyes would too: right is one of both.")
    wishes = replace(wishes, sandbox=sandbox)
    at = data if data is not None else data_folder(store)
    if at.resolve() == folder.resolve() or folder.resolve() in at.resolve().parents:
        refuse(f"{at} lies in the store folder, which travels inside recordings: keep secrets elsewhere.")
    try:
        watched = links(store, camera or (), at / "secrets")
        sign_on = _oidc(oidc, oidc_client, oidc_role or (), oidc_name, at / "secrets")
        looking = looking_at(folder, watched, fps=eyes_fps, model=eyes_model) if eyes else None
    except (ValueError, OSError, VideoMissingError) as error:
        refuse(error)

    def opened(context: Context, first_run: str) -> None:
        if json:
            print_json(
                {"url": context.base_url, "first_run": first_run or None, "data": str(at), "origin": store.origin}
            )
            return
        mark = " (simulated)" if store.origin == "simulated" else ""
        out.print(f"{store.name}{mark} is open at {context.base_url}. Ctrl-C closes the shop.", markup=False)
        out.print(f"Devices' passwords, and files for Mosquitto: {at / 'secrets'}", markup=False)
        if first_run:
            out.print(f"Make the first admin, once: {first_run}", markup=False)

    how = Serving(
        store, at, port, host, broker, broker_port, database, wishes, base_url, twin_per_hour=twin, speed=speed,
        seed=seed, mail=mail, cameras=watched, eyes=looking, folder=folder, oidc=sign_on, broker_ca=broker_ca,
        tls=tls,
    )  # fmt: skip
    try:
        asyncio.run(serve(how, opened))
    except (OSError, RecordingError, StorageError, ValueError) as error:
        refuse(error)
    except KeyboardInterrupt:
        pass
    err.print("closed; everything is kept")


def _oidc(issuer: str, client: str, given: Sequence[str], name: str, secrets: Path) -> Oidc | None:
    """The single sign-on that is asked for. ValueError: it is not whole, or not safe."""
    if not issuer:
        if client or given or name:
            raise ValueError("found options of single sign-on without an issuer, right: --oidc https://...")
        return None
    kept = secrets / OIDC_SECRET
    secret = kept.read_text("utf-8").strip() if kept.is_file() else ""
    return Oidc(issuer, client, rules(given, secrets), secret or None, name)


def _tls(
    certificate: Path | None, key: Path | None, broker: str | None, authority: Path | None
) -> tuple[Path, Path] | None:
    """The shop's own certificate and key; refuse files that do not fit before anything is opened."""
    if (certificate is None) != (key is None):
        refuse("TLS needs both --tls-cert and --tls-key.")
    own = None if certificate is None or key is None else (certificate, key)
    try:
        warning = "" if own is None else check_own(*own)
        if authority is not None:
            broker_at(broker or "mqtt://embedded", "", "", authority)
    except ValueError as error:
        refuse(error)
    if warning:
        err.print(warning, markup=False)
    return own


def _fit(store: Store, *, twin: bool, sandbox: bool, settle_at: float | None) -> None:
    """Refuse what only a simulated shop may have."""
    if store.origin == "simulated":
        return
    if settle_at is not None:
        refuse(f"{store.name} is a real shop: what settles alone there, only a certificate of its own labels says.")
    if twin:
        refuse(f"{store.name} is a real shop: the twin plays only where 'origin: simulated' stands in store.yaml.")
    if sandbox:
        refuse(f"{store.name} is a real shop: a sandbox needs 'origin: simulated' in store.yaml.")
