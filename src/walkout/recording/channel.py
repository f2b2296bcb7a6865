"""The channels of a recording: topics, schemas, and what a file of this format says about itself."""

from collections.abc import Mapping
from typing import Any, Final

from walkout.recording.camera import CameraFrame
from walkout.recording.camera_message import schema_of
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plate_message import SCHEMA_NAME
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit

FORMAT: Final = "1"
"""Version of the recording format; a reader refuses a newer one."""
METADATA: Final = "walkout"
NOTES: Final = "walkout.notes"
STORE_FOLDER: Final = "store/"
SOURCE_FOLDER: Final = "source/"

PLATES: Final = "/plates/"
"""Followed by the fixture's id."""
CAMERA: Final = "/camera/"
"""Followed by the camera's id."""
TOPICS: Final[Mapping[type, tuple[str, str]]] = {
    PeopleFrame: ("/people", "walkout.PeopleFrame"),
    GateEvent: ("/gate", "walkout.GateEvent"),
    Look: ("/looks", "walkout.Look"),
    TagFrame: ("/tags", "walkout.TagFrame"),
    Loss: ("/faults", "walkout.Loss"),
    TruthMove: ("/truth/moves", "walkout.TruthMove"),
    TruthVisit: ("/truth/visits", "walkout.TruthVisit"),
    TruthNote: ("/truth/notes", "walkout.TruthNote"),
}
SHELF_EVENTS: Final = ("/shelf_events", "walkout.ShelfEvent")

Observation = PlateBatch | PeopleFrame | GateEvent | Look | TagFrame
Written = Observation | CameraFrame | Loss | TruthMove | TruthVisit | TruthNote | Mapping[str, Any]
"""What a writer takes; a mapping is a shelf event in the form of `walkout.ShelfEvent`."""


def topic_of(observation: Written) -> tuple[str, str]:
    """The topic and the schema name of what is written.

    Raises:
        TypeError: nothing that a recording holds.
    """
    if isinstance(observation, PlateBatch):
        return PLATES + observation.fixture, SCHEMA_NAME
    if isinstance(observation, CameraFrame):
        return CAMERA + observation.camera, schema_of(observation)
    if isinstance(observation, Mapping):
        return SHELF_EVENTS
    found = TOPICS.get(type(observation))
    if found is None:
        raise TypeError(f"a recording holds no {type(observation).__name__}")
    return found
