"""Draw docs/pictures/visit.svg: one visit of the simulated demo shop, as `walkout report` sees it.

Usage: .venv/bin/python scripts/visit_picture.py [OUT]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from walkout.live.replay import replay
from walkout.recording.reader import open_recording
from walkout.twin.record import demo_visit
from walkout.web.picture import visit_svg
from walkout.web.reaches import wrists

ROOT = Path(__file__).resolve().parent.parent


def draw() -> str:
    """The drawing of the visit that left with the most items, and of its first event."""
    with TemporaryDirectory() as folder:
        recording = open_recording(demo_visit(ROOT / "examples" / "sample-store", Path(folder) / "demo.mcap"))
        result = replay(recording)
        receipt = max(result.receipts, key=lambda receipt: sum(line.quantity for line in receipt.lines))
        shown = {event for line in receipt.lines for event in line.evidence}
        event = next(event.id for event in result.events if event.id in shown)
        hands = wrists(recording.observations(), result, (receipt.visit,))
        return visit_svg(result, result.store, receipt.visit, event, hands)


def main(arguments: list[str]) -> None:
    """Write the drawing."""
    out = Path(arguments[0]) if arguments else ROOT / "docs" / "pictures" / "visit.svg"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
