"""Real readings: the one-shopper cases of the public load-cell CSVs, from plates alone.

Anybody may download them (doi 10.5281/zenodo.4300738, CC BY 4.0), and say so: `walkout bench aifi-real DIR`. Until
somebody does, this is unmeasured: it was written and tested on the format only. The shop is that of the one public
case with a planogram (BENCHMARK-1, April 2020), as it stands there; the labels are human. What a case takes from where
the planogram has another product is counted against us. A file belongs to the case that its name begins with, such as
`BASELINE-7-weight.csv`. The shopper is told by a gate that this bench puts there: in at the first reading, out at the
last. Beside it what the competition's winner officially scored, with skeletons, on the same readings.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from rich.table import Table

from benchmarks._bench import bench, percent
from benchmarks._methods import METHODS
from benchmarks._suites import labels, real_shop
from walkout.evaluation.intervals import bootstrap_ratio
from walkout.evaluation.rows import facts, rows
from walkout.evaluation.tables import f1, figures
from walkout.evaluation.verdict import Verdict
from walkout.recording.aifi.readings import batches, is_readings
from walkout.recording.gate import GateEvent
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthNote, TruthVisit
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import load, pack
from walkout.store.layout import Gate
from walkout.store.shop import Store
from walkout.twin.labels import DOOR, Case, expected_receipts, load_labels

GATE = "door"
AFTER_NS = 5_000_000_000
"""The last events are told after the last reading is in."""


def run(*, json: bool, data: Path, folder: Path | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Measure and, unless `json`, print; ValueError where no folder is named, or it holds no labelled case."""
    if folder is None:
        raise ValueError("name the folder of CSVs: walkout bench aifi-real DIR (doi 10.5281/zenodo.4300738)")
    this = bench("aifi-real", json, None, 1, keep)
    official = orjson.loads((data / "aifi-scripts" / "winner-official-f1.json").read_bytes())["f1"]
    with real_shop(data) as shop:
        found = list(score_folder(folder, load(shop), load_labels(labels(data))))
    if not found:
        raise ValueError(f"{folder}: found no CSV of a labelled case with one shopper; right: such as BASELINE-1.csv")
    table = Table("case, real", "exactly right", "F1", "p_exact", "winner's official F1, with skeletons", box=None)
    for row in found:
        score = official.get(row.recording)
        told = "-" if score is None else f"{score:.3f}"
        table.add_row(row.recording, "yes" if row.exact else "no", f"{f1([row]):.3f}", f"{row.p_exact:.3f}", told)
    all_of = figures(found)
    values = [f1([row]) for row in found]
    this.show(table, f"exactly right: {percent(all_of['exact'])}; F1 {sum(values) / len(values):.3f}; real readings")
    return {
        "origin": "real",
        "cases": {
            row.recording: {"exact": row.exact, "f1": f1([row]), "official_winner": official.get(row.recording)}
            for row in found
        },
        "all": all_of,
        "f1_interval": list(bootstrap_ratio(values, [1.0] * len(values))),
    }


def score_folder(folder: Path, shop: Store, cases: dict[str, Case]) -> Iterator[Verdict]:
    """The verdicts of the folder's files that are of a consistent case with one shopper, in order of names."""
    for path in sorted(folder.rglob("*.csv")):
        name = case_of(path, list(cases))
        if name is None or not is_readings(path) or not cases[name].consistent or len(cases[name].receipts) != 1:
            continue
        with TemporaryDirectory(prefix="walkout-") as work:
            recording = open_recording(made(path, Path(work) / f"{name}.mcap", shop, cases[name]))
            yield from rows(recording, METHODS["ours"](recording), "ours", facts(recording))


def case_of(path: Path, names: Sequence[str]) -> str | None:
    """The case that a file's name begins with, the longest where several do; None: no labelled one."""
    fitting = [name for name in names if re.match(re.escape(name) + r"(?![0-9])", path.stem)]
    return max(fitting, key=len, default=None)


def made(path: Path, out: Path, shop: Store, case: Case) -> Path:
    """A recording of one file of readings with its labelled truth, and a gate that tells of the shopper."""
    gated = replace(shop, gates=(Gate(GATE, *DOOR, 1.0),))
    ((shopper, basket),) = expected_receipts(gated, case).items()
    with RecordingWriter(
        out, store_files=pack(gated), origin=shop.origin, store=gated.name, notes={"format": "AiFi, load cells as CSV"}
    ) as writer:
        first_ns = last_ns = 0
        for batch in batches(path, writer.write, lambda _: None):
            if not first_ns:
                first_ns = int(batch.t_ns[0])
                writer.write(GateEvent(first_ns, first_ns, GATE, "entry", case.name, shopper, shopper))
            last_ns = max(last_ns, int(batch.t_ns[-1]))
            writer.write(batch)
        writer.write(GateEvent(last_ns, last_ns + AFTER_NS, GATE, "exit", case.name, shopper, shopper))
        writer.write(TruthNote("case", case.name))
        writer.write(TruthVisit(case.name, shopper, (shopper,), first_ns, last_ns, basket))
    return out
