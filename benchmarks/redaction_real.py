"""What the renderer of clips does with real footage that no tracker placed anybody in: it must not show anybody.

Four clips of one real visit (34 s, 640 x 360, 10 frames a second; no calibration fits them, so nobody has a place in
3D). Two ways in: the tracker is silent (everything must be withheld), and, harder, the tracker claims that nobody is
there, so that only what changed in the picture can give them away. The backdrop is each pixel's median over the clip.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from walkout.privacy.backdrop import Backdrop
from walkout.privacy.bodies import View
from walkout.privacy.redact import Marks, Redacted, marks, redact

CLIPS = ("cam1", "cam3", "cam5", "cam7")
FAR = (0.0, -1e3, 0.0)
"""A facing that no picture shows: nothing of it is kept."""


def run(json: bool, data: Path, keep: Path | None = None) -> dict[str, Any]:
    """Measure; with `keep`, every tenth picture that is shown goes there as a sheet, to be looked at."""
    by_clip: dict[str, Any] = {}
    sheets = []
    for name in CLIPS:
        path = data / "aifi-cps-test-01" / f"{name}.mp4"
        if not path.exists():
            raise FileNotFoundError(2, "not here", str(path))
        with import_module("av").open(str(path)) as container:  # MPEG-4, which no camera link would take
            taken = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        silent = _redacted(taken, told=False)
        claimed = _redacted(taken, told=True)
        shown = [(k, one) for k, one in enumerate(claimed) if not one.withheld]
        by_clip[name] = {
            "pictures": len(taken),
            "withheld_tracker_silent": sum(bool(one.withheld) for one in silent),
            "withheld_tracker_says_nobody": len(taken) - len(shown),
            "filled_share_of_shown": float(np.mean([one.filled.mean() for _, one in shown])) if shown else None,
        }
        sheets += [one.rgb for _, one in shown[::10]]
    figures: dict[str, Any] = {
        "clips": by_clip,
        "passed": all(row["withheld_tracker_silent"] == row["pictures"] for row in by_clip.values()),
    }
    if keep is not None and sheets:
        keep.mkdir(parents=True, exist_ok=True)
        _sheet(sheets, keep / "redaction-real.png")
    if not json:
        for name, row in by_clip.items():
            print(
                f"{name}: {row['pictures']} pictures; withheld: {row['withheld_tracker_silent']} when the tracker is "
                f"silent, {row['withheld_tracker_says_nobody']} when it says that nobody is there"
            )
    return figures


def _redacted(taken: list[np.ndarray], *, told: bool) -> list[Redacted]:
    rows, columns = taken[0].shape[:2]
    still = np.median(np.stack(taken[::4]), axis=0).astype(np.float32)
    backdrop = Backdrop(still, np.zeros((rows, columns), np.uint16))
    view = View(np.zeros(3), np.eye(3), 400.0, (columns / 2, rows / 2), 0, 0, columns, rows)
    found: list[Marks] = [marks(rgb, view, backdrop, () if told else None, "", FAR, 0.1) for rgb in taken]
    return redact(taken, found)


def _sheet(shown: list[np.ndarray], path: Path) -> None:
    cv2 = import_module("cv2")
    small = [cv2.resize(rgb, (320, 180)) for rgb in shown]
    small += [np.zeros_like(small[0])] * (-len(small) % 6)
    rows = [np.hstack(small[k : k + 6]) for k in range(0, len(small), 6)]
    cv2.imwrite(str(path), np.vstack(rows)[:, :, ::-1])
