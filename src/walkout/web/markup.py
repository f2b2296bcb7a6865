"""Elements of HTML and SVG as text in which nothing can be forgotten to be escaped."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of surrogate pairs: no XML may hold them, and the halves are no UTF-8."""

_EMPTY: Final = {"br", "meta", "path", "line", "rect", "circle", "img", "input"}


class Markup(str):
    """Text that is already HTML or SVG. Only this module makes it from parts."""

    __slots__ = ()


Child = str | Sequence["Child"] | None


def text(value: str) -> Markup:
    """Any text made safe, in an element or in an attribute; what cannot be shown becomes a replacement character."""
    return Markup(escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value), quote=True))


def el(tag: str, *children: Child, **attributes: str | float | None) -> Markup:
    """One element, valid both as HTML and as XML.

    Children that are no Markup are escaped; None is left out. An attribute loses a trailing _ and turns other _ into -;
    None leaves it out; numbers are written to two decimals.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value if isinstance(value, str) else number(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _EMPTY and not children:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{join(*children)}</{tag}>")


def join(*children: Child) -> Markup:
    """Parts one after the other, each escaped unless it is Markup."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(text(child))
        elif child is not None:
            parts.append(join(*child))
    return Markup("".join(parts))


def name(value: str) -> Markup:
    """A name from outside, set apart so that its writing direction leaves its neighbours alone."""
    return el("bdi", value)


def raw(value: str) -> Markup:
    """Text of this package that is HTML, SVG or CSS as it stands; never anything from outside."""
    return Markup(value)


def number(value: float) -> str:
    """A coordinate to two decimals at most, without a minus before zero."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written in {"-0", ""} else written
