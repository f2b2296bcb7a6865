"""The methods that benches compare, each from a recording to receipts in the published JSON form.

All are plain functions of a module, so that processes can be sent to work with them; `ours` takes a changed model.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from walkout.evaluation import winner
from walkout.evaluation.greedy import greedy_receipts
from walkout.inference.model import Model
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import Recording

Receipts = Sequence[Mapping[str, Any]]
Method = Callable[[Recording], Receipts]


def ours(recording: Recording, model: Model | None = None) -> Receipts:
    """The engine as it ships, or with another model."""
    found: Receipts = orjson.loads(replay_json(replay(recording, model=model)))["receipts"]
    return found


def greedy(recording: Recording) -> Receipts:
    """Each event explained as it comes, by the best explanation that the one past allows; nothing is revised."""
    result = replay(recording, model=Model(beam=1))
    return greedy_receipts(result.explanations, [belief.visit for belief in result.beliefs])


def winners(recording: Recording) -> Receipts:
    """The competition's winner."""
    return winner.receipts(recording)


METHODS: Mapping[str, Method] = {"ours": ours, "greedy": greedy, "winner": winners}


def with_model(**changes: Any) -> Method:
    """Ours with some fields of the model changed; TypeError for a field that it has not."""
    return partial(ours, model=Model(**changes))
