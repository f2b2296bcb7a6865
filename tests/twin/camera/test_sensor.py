import numpy as np
import pytest

from walkout.twin.camera.pack import linear_of
from walkout.twin.camera.sensor import SENSORS, Sensor, chip, expose, light_at, of_camera

STEADY = Sensor(vignetting=0.0, softness=0.0, drift=0.0, tint=0.0, flicker=0.0, dips_an_hour=0.0)


def flat(level: int, width_px: int = 200, height_px: int = 160) -> np.ndarray:
    return np.full((height_px, width_px, 3), level, np.uint8)


def test_a_frame_can_be_made_again_alone() -> None:
    through = chip(SENSORS["default"], 200, 160)
    first = [expose(flat(120), through, t).tobytes() for t in (0, 100, 200)]
    assert expose(flat(120), through, 200).tobytes() == first[2]
    assert len(set(first)) == 3


def test_two_cameras_have_noise_of_their_own() -> None:
    ours = [of_camera(STEADY, 1, name) for name in ("a", "b")]
    a, b = (expose(flat(120), chip(sensor, 200, 160), 0).astype(float) for sensor in ours)
    assert abs(np.corrcoef((a - a.mean()).ravel(), (b - b.mean()).ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("level", [40, 120, 200])
def test_noise_is_that_of_the_electrons(level: int) -> None:
    made = linear_of(expose(flat(level), chip(STEADY, 200, 160), 0) / 255.0)
    electrons = float(linear_of(np.array(level / 255.0))) * STEADY.full_well_e
    wanted = np.sqrt(electrons + STEADY.read_noise_e**2) / STEADY.full_well_e
    assert made.mean() == pytest.approx(electrons / STEADY.full_well_e, rel=0.02)
    assert made.std() == pytest.approx(wanted, rel=0.06)


def test_noise_has_no_pattern_from_pixel_to_pixel() -> None:
    noise = expose(flat(120), chip(STEADY, 200, 160), 0).astype(float)
    noise -= noise.mean()
    for moved in (noise[:, 1:] * noise[:, :-1], noise[1:] * noise[:-1], noise[:, :, 1:] * noise[:, :, :-1]):
        assert abs(moved.mean()) < 0.03 * noise.var()


def test_corners_are_darker_by_the_vignetting() -> None:
    through = chip(Sensor(vignetting=0.4, softness=0.0, drift=0.0, tint=0.0, flicker=0.0, dips_an_hour=0.0), 201, 161)
    assert through.shade[80, 100] == pytest.approx(1.0, abs=1e-4)
    assert through.shade[0, 0] == pytest.approx(0.6, abs=0.01)


def test_a_soft_lens_keeps_light_and_spreads_points() -> None:
    point = flat(0, 40, 40)
    point[20, 20] = 255
    clear = Sensor(full_well_e=1e9, read_noise_e=0.0, vignetting=0.0, softness=1.0, drift=0.0, tint=0.0, flicker=0.0)
    made = expose(point, chip(clear, 40, 40), 0)[:, :, 0].astype(int)
    np.testing.assert_allclose(made[19:22, 19:22], [[16, 32, 16], [32, 64, 32], [16, 32, 16]], atol=3)
    assert made.sum() == pytest.approx(255, abs=12)


def test_light_drifts_within_its_bounds() -> None:
    levels = np.array([light_at(SENSORS["default"], second * 1_000_000_000) for second in range(0, 7200, 7)])
    assert 0.6 < levels.min() < 0.9
    assert levels.max() < 1.12
    assert levels[:, 0].std() > 0.01


@pytest.mark.parametrize(
    ("sensor", "message"),
    [
        pytest.param(Sensor(full_well_e=0.0), "full_well_e must be above 0", id="no well"),
        pytest.param(Sensor(vignetting=1.5), "vignetting is a share from 0 to 1, found 1.5", id="share"),
    ],
)
def test_a_wrong_sensor_is_refused(sensor: Sensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chip(sensor, 20, 20)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"this chip is \(200, 160\) pixels wide and high, the picture \(40, 30\)"):
        expose(flat(1, 40, 30), chip(STEADY, 200, 160), 0)
