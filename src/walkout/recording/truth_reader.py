"""Read the truth of a recording. Only `evaluation` may import this."""

from collections.abc import Iterator

from walkout.recording.error import RecordingError
from walkout.recording.reader import Recording
from walkout.recording.truth_message import Truth, decode_truth
from walkout.recording.watch import Watch


def truth_of(recording: Recording) -> Iterator[Truth]:
    """Every TruthMove, TruthVisit and TruthNote, in the order in which they were recorded.

    Raises:
        RecordingError: a piece of truth cannot be read; half a truth would make wrong figures.
    """
    watch = Watch()
    for topic, message in recording.messages(watch):
        if topic.startswith("/truth/"):
            try:
                yield decode_truth(topic, message.data)
            except RecordingError as error:
                raise RecordingError(f"{recording.name}: {topic}: {error}") from error
