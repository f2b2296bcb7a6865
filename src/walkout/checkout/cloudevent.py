"""What happens in the shop as CloudEvents 1.0, in structured JSON: the envelope that other programs know.

The attributes are those of the CloudEvents specification 1.0.2, section 3 (Apache-2.0); `type` carries the version of
the data, so that a listener of version 1 never meets another form under the same name.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import orjson

from walkout.checkout.feed import Entry

VERSION = 1
"""Of the data of all events; a change that a listener would stumble over makes it 2."""
MEDIA_TYPE = "application/cloudevents+json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def envelope(entry: Entry, store: str) -> dict[str, Any]:
    """One entry of the feed; `source` and `id` together are never used for another one."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(entry.id),
        "source": f"urn:walkout:store:{quote(store, safe='')}",
        "type": f"org.walkout.{re.sub('[^a-z0-9.]', '-', entry.kind)}.v{VERSION}",
        "time": instant(entry.t_ns),
        "datacontenttype": "application/json",
        "dataschema": f"urn:walkout:schema:event:{VERSION}",
        "data": dict(entry.body),
    }
    if entry.visit:
        event["subject"] = entry.visit
    return event


def instant(t_ns: int) -> str:
    """UTC nanoseconds as RFC 3339 to the microsecond, cut."""
    return (_EPOCH + timedelta(microseconds=t_ns // 1000)).isoformat(timespec="microseconds").replace("+00:00", "Z")


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of the envelope and of the data of each kind."""
    read = orjson.loads(files("walkout.checkout").joinpath("schemas/event.schema.json").read_bytes())
    assert isinstance(read, dict)  # noqa: S101 - a file of this package
    return read
