"""Training the looks network: two steps from seed to a file that loads."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch ('python -m pip install torch==2.13.0 onnx')")
pytest.importorskip("cv2", reason="training needs OpenCV ('./run extras')")

import torch

from walkout.learning import looks_data, looks_ship, looks_train
from walkout.learning.looks_net import LooksNet, colours, contrast
from walkout.learning.looks_ship import Recipe, ship
from walkout.sensing.vision.looks_model import LooksModel


def test_pictures_of_one_product_attract_each_other() -> None:
    vectors = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]]), dim=1)
    right, wrong = (contrast(vectors, torch.tensor(of), 10.0) for of in ([0, 0, 1, 1], [0, 1, 0, 1]))
    assert float(right) < 0.01 < 5.0 < float(wrong)


def test_the_histogram_does_not_see_how_bright_it_is() -> None:
    pictures = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(1)) * 0.5
    masks = torch.ones(2, 1, 12, 12)
    one, brighter = colours(pictures, masks), colours(1.7 * pictures, masks)
    assert one.shape == (2, 64)
    assert torch.allclose(one, brighter, atol=2e-3)
    assert torch.allclose((one**2).sum(1), torch.ones(2), atol=1e-3)


def test_two_steps_make_a_model_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks_data, "_BACKGROUNDS", 6)
    monkeypatch.setattr(looks_data, "FAMILIES", 12)
    monkeypatch.setattr(looks_ship, "HELD_OUT", {k: (s, 12, 4) for k, (s, _, _) in looks_ship.HELD_OUT.items()})
    told: list[int] = []
    out = tmp_path / "looks.onnx"
    card = ship(Recipe(3, 5, 2), out, tmp_path / "looks.pt", lambda at: told.append(at.step))
    assert told == [2]
    assert card["made_by"] == "walkout train looks --seed 3 --steps 5 --until 2"
    found = LooksModel.load(out)
    pictures = [np.full((50, 50, 3), value, np.uint8) for value in (20, 200)]
    assert np.isfinite(found.coordinates(pictures)).all()
    assert ship(Recipe(3, 5, 2), out, tmp_path / "looks.pt")["held_out"] == card["held_out"]  # goes on from the end
    assert isinstance(LooksNet(), torch.nn.Module)
    assert card["run"]["steps"] == 2
    assert card["run"]["hardware"] == "CPU"


def test_a_limit_of_minutes_ends_it_and_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks_data, "_BACKGROUNDS", 6)
    monkeypatch.setattr(looks_data, "FAMILIES", 12)
    told: list[int] = []
    looks_train.train(3, 500, 500, tmp_path / "looks.pt", lambda at: told.append(at.step), minutes=1e-6)
    assert told == [1]
    said = Recipe(3, 500, 500, minutes=0.5, workers=2, device="cuda").command
    assert said == "walkout train looks --seed 3 --steps 500 --until 500 --minutes 0.5 --workers 2 --device cuda"


@pytest.mark.slow
def test_workers_draw_goods_of_their_own_and_stop_with_the_loop() -> None:
    source = looks_data.batches(3, 2, 2, 2)
    (one, _), (other, drawn) = next(source), next(source)
    source.close()
    assert one.pictures.shape == other.pictures.shape == (12, 96, 96, 3)
    assert (one.pictures != other.pictures).any()
    assert drawn > 2 * looks_data.FAMILIES
