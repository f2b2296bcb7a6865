"""The training itself; needs PyTorch, which the developers' tools do not install."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch (python -m pip install torch)")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

import torch

from walkout.learning import augment, pose_loss, train_pose
from walkout.learning.augment import MIRROR, Batch, augmented, letterboxed
from walkout.learning.pose_loss import loss, people_of
from walkout.learning.pose_net import PoseNet
from walkout.learning.pose_release import release
from walkout.learning.renders import Chunk, render_chunk
from walkout.recording.people import JOINTS
from walkout.sensing.vision.pose import OwnPose


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return render_chunk(3, 3, 6)


def first(batch: Batch, count: int) -> Batch:
    parts = (batch.picture, batch.boxes, batch.share, batch.joints, batch.sight)
    return Batch(*(part[:count] for part in parts))


def test_a_mirror_swaps_left_and_right() -> None:
    swapped = [JOINTS[k] for k in MIRROR]
    assert swapped == [name.replace("l_", "x_").replace("r_", "l_").replace("x_", "r_") for name in JOINTS]


def test_truth_moves_with_the_picture() -> None:
    """A white dot under every joint of one person is still under it after the picture was bent."""
    chunk = Chunk.empty(8)
    spots = [(60 + 25 * k, 60 + 8 * k) for k in range(8)]
    chunk.share[:, 0], chunk.boxes[:, 0], chunk.sight[:, 0] = 1.0, (50, 50, 260, 140), 0
    for k, (x, y) in enumerate(spots):
        chunk.rgb[:, y - 2 : y + 2, x - 2 : x + 2] = 255
        chunk.joints[:, 0, k] = (x, y)
    bent = augment._bent(train_pose.as_batch(chunk, "cpu"), torch.Generator().manual_seed(2), 192, 0.42)
    bright = []
    for n in range(8):
        for k in range(8):
            x, y = bent.joints[n, 0, k].tolist()
            if 2 < x < 317 and 2 < y < 189:
                bright.append(float(bent.picture[n, :, int(y), int(x)].mean()))
    assert len(bright) > 20
    assert np.mean(np.array(bright) > 150) > 0.9


def test_a_network_that_learns_gets_better_and_boxes_have_a_slope(chunk: Chunk) -> None:
    torch.manual_seed(1)
    batch = first(augmented(train_pose.as_batch(chunk, "cpu"), torch.Generator().manual_seed(1)), 4)
    net = PoseNet()
    steps = torch.optim.AdamW(net.parameters(), lr=2e-3)
    before = loss(net(batch.picture), batch)[1]
    for _ in range(8):
        train_pose._step(net, steps, batch, False)
    after = loss(net(batch.picture), batch)[1]
    for part in ("centres", "boxes", "joints", "heat"):
        assert float(after[part]) < float(before[part]), part


def test_left_for_right_is_wrong_however_sure_the_network_is_and_right_is_not() -> None:
    """One person whose joints are right, mirrored, and all in one place; the scale of the errors plays no part."""
    joints = torch.tensor([(50.0, 20), (50, 40), (40, 42), (60, 42), (35, 60), (65, 60), (30, 80), (70, 80)])
    true, each, high = joints.expand(1, 1, 8, 2), torch.ones(1, 1, 9, 8), torch.full((1, 1, 1), 100.0)

    def told(made: torch.Tensor) -> float:
        return float(pose_loss._sides((made - joints).expand(1, 1, 9, 8, 2), true, each, high)) / 9

    assert told(joints) == pytest.approx(0.0, abs=0.06)
    assert told(joints[list(MIRROR)]) == pytest.approx(2.0, abs=0.06)
    assert told(joints.mean(0).expand(8, 2)) == pytest.approx(1.0, abs=0.06)


def test_who_is_asked_for_has_a_centre_in_the_picture(chunk: Chunk) -> None:
    batch = letterboxed(train_pose.as_batch(chunk, "cpu"))
    centre, boxes, asked, passed = people_of(batch)
    assert int(asked.sum()) > 3
    assert not bool((asked & passed).any())
    assert float(centre[asked].min()) >= 0.5
    assert float((boxes[asked][:, 2:] - boxes[asked][:, :2]).min()) > 2.0


def test_what_is_released_runs_and_carries_its_card(chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_pose, "chunks", lambda _seed, count, _workers: iter([chunk] * count))
    monkeypatch.setattr(train_pose, "FRAMES", 6)
    made = train_pose.train(train_pose.Recipe(renders=12, seed=1, batch=4, store=12, workers=0))
    assert made.figures["renders"] == 12
    done = release(made.net, made.figures, [chunk, chunk], "walkout train pose --out here")
    assert len(done.onnx) < 5_000_000
    assert "walkout train pose --out here" in done.card
    OwnPose(done.onnx)(chunk.rgb[0])
