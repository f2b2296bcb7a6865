"""Verdicts made by hand or drawn, for the tests of what is worked out from them."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np

from walkout.evaluation.verdict import Verdict


def verdict(p: float = 0.99, *, right: bool = True, over: bool = False, **changes: object) -> Verdict:
    kept: dict[str, object] = {
        "recording": "r",
        "visit": "v",
        "method": "ours",
        "p_exact": p,
        "lines": ((p, right),),
        "taken": 2 if not right and not over else 1,
        "charged": 1,
        "right": 0 if over else 1,
        "taken_value": Decimal(2) if not right and not over else Decimal(1),
        "worth": ((Decimal(1), Decimal(0) if over else Decimal(1)),),
    }
    return Verdict(**(kept | changes))  # type: ignore[arg-type]


def drawn(count: int, seed: int, *, per: int = 50, sharper: float = 1.6, name: str = "r") -> Iterator[Verdict]:
    """Visits whose probabilities are too sure by `sharper` in the logit, a fifth of them without lines."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        empty = bool(rng.random() < 0.2)
        true = 0.99 if empty else float(np.clip(rng.beta(8.0, 0.4), 1e-6, 1 - 1e-6))
        raw = 1.0 if empty else float(1.0 / (1.0 + ((1.0 - true) / true) ** sharper))
        right = bool(rng.random() < true)
        over = bool(rng.random() < 0.5) and not empty
        made = verdict(
            raw, right=right, over=over and not right, recording=f"{name}{seed}-{k // per:03d}", visit=f"v{k}"
        )
        yield replace(made, lines=(), worth=(), charged=0, right=0, taken=int(not right)) if empty else made
