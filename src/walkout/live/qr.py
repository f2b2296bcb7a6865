"""A link as a QR code, drawn as SVG."""

from io import BytesIO

import segno


def qr_svg(link: str) -> bytes:
    """The code of a link, black on white, with the quiet zone that readers need."""
    out = BytesIO()
    segno.make(link, error="m").save(out, kind="svg", scale=6, light="#ffffff", xmldecl=False)
    return out.getvalue()
