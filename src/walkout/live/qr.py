"""A link as a QR code, drawn as SVG for pages and as PNG for letters."""

from io import BytesIO

import segno


def qr_svg(link: str) -> bytes:
    """The code of a link, black on white, with the quiet zone that readers need."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="svg", scale=6, light="#ffffff", xmldecl=False)
    return out.getvalue()


def qr_png(link: str) -> bytes:
    """The same as a picture that every reader of mail shows."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="png", scale=6)
    return out.getvalue()
