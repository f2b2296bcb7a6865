"""Looks at real photographs: groceries that nothing was trained on, known from 1, 5 or 20 pictures each.

The pictures are phone photographs in shops (Klasson et al., WACV 2019, MIT): every class that has both a `train` and a
`test` folder counts; shots come from the one, queries from the other. Five classes at a time and all of them; and how
well something else is told from what is known (half of the classes are known, the other half is shown too). Beside it,
in the same episodes, a plain colour histogram. Intervals are over episodes, 95 %, not over classes. A minute.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from walkout.sensing.vision.looks import Measure, enrol, ratios
from walkout.sensing.vision.looks_model import LooksModel, square

SHOTS = (1, 5, 20)
EPISODES, ALL_EPISODES, OPEN_EPISODES = 400, 40, 100
WAY, QUERIES = 5, 10
BINS = (8, 4, 4)
"""Of hue, saturation and value."""

Floats = NDArray[np.float64]
Similar = Callable[[list[NDArray[np.int64]], NDArray[np.int64]], Floats]
"""Rows of the shots of each class, rows of the queries -> how like each class each query is, (queries, classes)."""


@dataclass(frozen=True, slots=True, eq=False)
class Photographs:
    """All pictures with what the methods see in them; row k belongs to class `of[k]`."""

    classes: tuple[str, ...]
    of: NDArray[np.int64]
    test: NDArray[np.bool_]
    coordinates: Floats
    across: Floats
    histograms: Floats


def run(*, json: bool, data: Path, seeds: range | None = None) -> dict[str, Any]:
    """Measure and print; `seeds`: the first one is used (default 1)."""
    seed = 1 if seeds is None else seeds[0]
    model = LooksModel.load()
    seen = photographs(data / "grocery-images", model)
    methods: Mapping[str, Similar] = {
        "looks": lambda shots, queries: by_looks(seen, model.measure, shots, queries),
        "colour histogram": lambda shots, queries: by_histogram(seen, shots, queries),
    }
    found: dict[str, Any] = {"classes": list(seen.classes), "pictures": len(seen.of), "origin": "real"}
    for shots in SHOTS:
        found[f"{shots}_shot"] = {
            f"{WAY}_way": accuracy(seen, methods, WAY, shots, EPISODES, QUERIES, seed),
            "all_way": accuracy(seen, methods, len(seen.classes), shots, ALL_EPISODES, 10_000, seed),
            "open_auroc": open_set(seen, methods, shots, seed),
        }
    found["said"] = said(seen, methods["looks"], seed)
    better = all(
        found[f"{k}_shot"][way]["looks"]["mean"] > found[f"{k}_shot"][way]["colour histogram"]["mean"]
        for k in SHOTS
        for way in (f"{WAY}_way", "all_way", "open_auroc")
    )
    found |= {"bars": {"better than a colour histogram everywhere": better}, "passed": better}
    if not json:
        show(found)
    return found


def photographs(folder: Path, model: LooksModel) -> Photographs:
    """Read and describe every picture; FileNotFoundError where the folder is not there."""
    train, test = folder / "train", folder / "test"
    if not train.is_dir() or not test.is_dir():
        raise FileNotFoundError(2, "no pictures", str(folder))
    classes = tuple(sorted(p.name for p in test.iterdir() if p.is_dir() and (train / p.name).is_dir()))
    pictures, of, asked = [], [], []
    for k, name in enumerate(classes):
        for part in (train, test):
            for path in sorted((part / name).iterdir()):
                picture = cv2.imread(str(path))
                if picture is not None:
                    pictures.append(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
                    of.append(k)
                    asked.append(part is test)
    across = np.array([min(p.shape[:2]) for p in pictures], np.float64)
    coordinates = model.coordinates(pictures)
    return Photographs(
        classes, np.array(of), np.array(asked), coordinates, across, np.stack([histogram(p) for p in pictures])
    )


def histogram(picture: NDArray[np.uint8]) -> Floats:
    """The square root of the joint histogram of hue, saturation and value, so that a product is a Bhattacharyya one."""
    hsv = cv2.cvtColor(square(picture), cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(BINS), [0, 180, 0, 256, 0, 256]).ravel().astype(np.float64)
    return np.asarray(np.sqrt(counts / counts.sum()), np.float64)


def by_looks(seen: Photographs, measure: Measure, shots: list[NDArray[np.int64]], queries: NDArray[np.int64]) -> Floats:
    """Log odds against something else."""
    known = [enrol(seen.coordinates[s], list(seen.across[s]), measure) for s in shots]
    return ratios(seen.coordinates[queries], list(seen.across[queries]), known, measure)


def by_histogram(seen: Photographs, shots: list[NDArray[np.int64]], queries: NDArray[np.int64]) -> Floats:
    """The Bhattacharyya coefficient with each class's mean histogram."""
    means = np.stack([seen.histograms[s].mean(axis=0) for s in shots])
    return np.asarray(seen.histograms[queries] @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T)


def episode(
    seen: Photographs, chosen: NDArray[np.int64], shots: int, queries: int, rng: np.random.Generator
) -> tuple[list[NDArray[np.int64]], NDArray[np.int64], NDArray[np.int64]]:
    """Shots of each class (as many as there are, at most `shots`), query rows, and each query's place in `chosen`."""
    own = [rng.permutation(np.flatnonzero((seen.of == k) & ~seen.test))[:shots] for k in chosen]
    asked = [rng.permutation(np.flatnonzero((seen.of == k) & seen.test))[:queries] for k in chosen]
    return own, np.concatenate(asked), np.repeat(np.arange(len(chosen)), [len(a) for a in asked])


def accuracy(
    seen: Photographs, methods: Mapping[str, Similar], way: int, shots: int, episodes: int, queries: int, seed: int
) -> dict[str, dict[str, float]]:
    """The mean share of right answers over episodes with its interval, by method."""
    rng, right = np.random.default_rng((seed, way, shots)), dict[str, list[float]]()
    for _ in range(episodes):
        chosen = rng.permutation(len(seen.classes))[:way]
        own, asked, truth = episode(seen, chosen, shots, queries, rng)
        for name, like in methods.items():
            right.setdefault(name, []).append(float((like(own, asked).argmax(axis=1) == truth).mean()))
    return {name: interval(values) for name, values in right.items()}


def open_set(seen: Photographs, methods: Mapping[str, Similar], shots: int, seed: int) -> dict[str, dict[str, float]]:
    """How often a picture of a known class is more like the known ones than one of an unknown class is, by method."""
    rng, areas = np.random.default_rng((seed, 7, shots)), dict[str, list[float]]()
    for _ in range(OPEN_EPISODES):
        order = rng.permutation(len(seen.classes))
        half = len(order) // 2
        own, asked, _ = episode(seen, order[:half], shots, QUERIES, rng)
        strange = np.concatenate([np.flatnonzero((seen.of == k) & seen.test)[:QUERIES] for k in order[half:]])
        for name, like in methods.items():
            known, unknown = like(own, asked).max(axis=1), like(own, strange).max(axis=1)
            areas.setdefault(name, []).append(float((known[:, None] > unknown[None, :]).mean()))
    return {name: interval(values) for name, values in areas.items()}


def said(seen: Photographs, like: Similar, seed: int) -> dict[str, float]:
    """Whether its probabilities hold on real pictures: five classes, 5 shots; mean of the best one's, and its share."""
    rng = np.random.default_rng((seed, 11))
    sure, right = [], []
    for _ in range(EPISODES):
        own, asked, truth = episode(seen, rng.permutation(len(seen.classes))[:WAY], 5, QUERIES, rng)
        odds = like(own, asked)
        p = np.exp(odds - odds.max(axis=1, keepdims=True))
        sure += (p.max(axis=1) / p.sum(axis=1)).tolist()
        right += (odds.argmax(axis=1) == truth).tolist()
    return {"said": round(float(np.mean(sure)), 4), "right": round(float(np.mean(right)), 4)}


def interval(values: list[float]) -> dict[str, float]:
    """The mean and its 95 % interval over episodes."""
    mean, half = float(np.mean(values)), 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return {"mean": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}


def show(found: Mapping[str, Any]) -> None:
    """The table."""
    table = Table("shots", "of", "looks", "colour histogram", title="real photographs, unseen classes", box=None)
    for shots in SHOTS:
        for way, figures in found[f"{shots}_shot"].items():
            words = [f"{100 * f['mean']:.1f} ({100 * f['low']:.1f} to {100 * f['high']:.1f})" for f in figures.values()]
            table.add_row(str(shots), way.replace("_", " "), *words)
    console = Console(width=120, highlight=False)
    console.print(table)
    console.print(f"{len(found['classes'])} classes, {found['pictures']} pictures; 5 of 5 said {found['said']}")
