"""Truth in, truth out, and never half of it."""

from io import BytesIO

import pytest
from mcap.writer import Writer

from tests.recording.make import plates, recorded, truth
from walkout.recording.error import RecordingError
from walkout.recording.reader import read_bytes
from walkout.recording.truth_reader import truth_of


def test_truth_comes_back() -> None:
    assert list(truth_of(read_bytes(recorded([plates(), *truth()])))) == list(truth())


def test_truth_is_no_observation() -> None:
    assert len(list(read_bytes(recorded([plates(), *truth()])).observations())) == 1


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        pytest.param("/truth/moves", b"{}", id="an empty move"),
        pytest.param("/truth/visits", b'{"visit":"v","party":"p","shoppers":[1]}', id="a shopper that is no text"),
        pytest.param("/truth/notes", b'{"name":"seed","value":7}', id="a note that is no text"),
        pytest.param("/truth/other", b"{}", id="an unknown kind"),
    ],
)
def test_half_a_truth_is_refused(topic: str, data: bytes) -> None:
    stream = BytesIO()
    writer = Writer(stream)
    writer.start()
    writer.add_metadata("walkout", {"format": "1", "origin": "simulated"})
    channel = writer.register_channel(topic, "json", 0)
    writer.add_message(channel, 1, data, 1)
    writer.finish()  # type: ignore[no-untyped-call]
    with pytest.raises(RecordingError, match=topic):
        list(truth_of(read_bytes(stream.getvalue())))
