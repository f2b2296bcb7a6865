"""Training the second look; needs PyTorch, which the developers' tools do not install."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch (python -m pip install torch)")
pytest.importorskip("onnx", reason="training needs ONNX (a developers' tool)")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

import torch

from walkout.learning import refine_data, train_refine
from walkout.learning.augment import augmented
from walkout.learning.refine_data import Crops, crops_of
from walkout.learning.refine_loss import loss
from walkout.learning.refine_net import RefineNet, first_look
from walkout.learning.refine_release import release
from walkout.learning.renders import Chunk, large_chunk
from walkout.learning.train_pose import Recipe, as_batch
from walkout.sensing.vision import pose
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.refine import CELLS, CROP_PX, K, Refiner, placed, squares_of
from walkout.sensing.vision.two_looks import TwoLooks


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return large_chunk(77, 1, 10)


@pytest.fixture(scope="module")
def crops(chunk: Chunk) -> Crops:
    first = first_look(pose.packaged())
    return crops_of(as_batch(chunk, "cpu"), first, torch.Generator().manual_seed(1), 8)


def test_the_packaged_pose_network_says_the_same_in_pytorch() -> None:
    net = first_look(pose.packaged())
    net.ready = True
    x = torch.rand((1, 3, 192, 320), generator=torch.Generator().manual_seed(3)) * 255
    with torch.no_grad():
        made = net(x)
    for mine, theirs in zip(made, OwnPose().raw(x.numpy()), strict=True):
        assert mine.numpy() == pytest.approx(theirs, abs=1e-3)


def test_who_is_learned_from_is_found_as_in_use_and_cut_out_alike(chunk: Chunk) -> None:
    """Joints on their hills, boxes and crops are those that the two looks would take in a shop."""
    large = augmented(as_batch(chunk, "cpu"), torch.Generator().manual_seed(1), refine_data.LARGE_HEIGHT_PX, 0.6)
    image, _, places, boxes = refine_data._first(large, first_look(pose.packaged()))
    model, same = OwnPose(), 0
    for k, number in enumerate(image.tolist()):
        rgb = large.picture[number].permute(1, 2, 0).round().clamp(0, 255).byte().numpy()
        found = model(rgb)
        off = np.abs(found.keypoints[:, :, :2] - places[k].numpy()).max(axis=2)
        if not len(found) or not np.isfinite(off).any():
            continue
        n = int(np.nanargmin(np.nanmean(off, axis=1)))
        mine = refine_data._squares(places[k : k + 1], boxes[k : k + 1])[0].numpy()
        theirs = squares_of(found.keypoints[n : n + 1, :, :2], found.boxes[n : n + 1])[0]
        same += float(np.nanmean(off[n])) < 0.5 and np.abs(mine - theirs).max() < 2.0
    assert same >= 0.7 * len(image)


@pytest.mark.parametrize("side", [60.0, 128.0, 300.0])
def test_a_dot_is_where_its_crop_says(side: float) -> None:
    pictures = torch.zeros(2, 3, 384, 640)
    pictures[1, :, 198:203, 298:303] = 255.0  # its middle is (300.5, 200.5)
    made = refine_data._cut(pictures, torch.tensor([1]), torch.tensor([[260.0, 170.0, side]]))[0, 0] - 114.0
    y, x = torch.meshgrid(*(torch.arange(CROP_PX) + 0.5,) * 2, indexing="ij")
    bright = (made > 0.0) * made
    at = torch.stack([(bright * x).sum(), (bright * y).sum()]) / bright.sum() * side / CROP_PX
    assert at.tolist() == pytest.approx([40.5, 30.5], abs=side / 256)


def test_truth_moves_with_the_crop(crops: Crops) -> None:
    assert crops.picture.shape[1:] == (3 + K, CROP_PX, CROP_PX)
    near = ((crops.joints >= 0) & (crops.joints < CROP_PX)).all(-1)
    assert float(near[crops.sight == 0].float().mean()) > 0.8


def test_a_right_answer_costs_less_than_left_for_right(crops: Crops) -> None:
    def told(joints: torch.Tensor) -> float:
        maps, whole = torch.zeros(len(joints), 4 * K, CELLS, CELLS), torch.zeros(len(joints), 2 * K)
        at = joints / 4.0
        cell = at.floor().long().clamp(0, CELLS - 1)
        inside = ((at >= 0) & (at < CELLS)).all(-1)
        n, k = torch.meshgrid(torch.arange(len(joints)), torch.arange(K), indexing="ij")
        maps[n, k, cell[..., 1], cell[..., 0]] = 20.0 * inside
        whole[:, :K] = 20.0 * ~inside
        return float(loss((maps, whole), crops)[1]["cells"])

    right, mirrored = told(crops.joints), told(crops.joints[:, [0, 1, 3, 2, 5, 4, 7, 6]])
    assert right < 0.7 * mirrored


def test_a_network_that_learns_gets_better_and_its_answers_can_be_read(crops: Crops) -> None:
    torch.manual_seed(1)
    net = RefineNet()
    steps = torch.optim.AdamW(net.parameters(), lr=3e-3)
    first = train_refine._step(net, steps, crops, False)
    for _ in range(8):
        last = train_refine._step(net, steps, crops, False)
    assert float(last["cells"]) < float(first["cells"])
    with torch.no_grad():
        maps, whole = net(crops.picture)
    n = len(crops.joints)
    square = np.tile(np.array([[0.0, 0.0, CROP_PX]], np.float32), (n, 1))
    blank = np.full((n, K, 3), np.nan, np.float32)
    joints, spreads = placed(maps.numpy(), whole.numpy(), square, blank, blank[..., 0], 1.0)
    assert joints.shape == (n, K, 3)
    assert (np.isfinite(spreads) == np.isfinite(joints[..., 0])).all()


def test_what_is_released_runs_and_carries_its_card(chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_refine, "chunks", lambda *_, **__: iter([chunk] * 2))
    monkeypatch.setattr(train_refine, "LARGE_FRAMES", 10)
    first = pose.packaged()
    made = train_refine.train(Recipe(renders=20, seed=1, batch=5, store=20, workers=0), first)
    assert made.figures["renders"] == 20
    assert made.figures["steps"] == 4
    done = release(made.net, made.figures, first, [chunk, chunk], "walkout train pose-refine --out here")
    assert len(done.onnx) < 2_000_000
    assert "walkout train pose-refine --out here" in done.card
    TwoLooks(OwnPose(), Refiner(done.onnx))(chunk.rgb[0])
