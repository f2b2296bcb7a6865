"""Colours: readable on both papers, told apart by everybody, and the same as in the drawings of the store."""

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from walkout.store.svg import VARIABLES
from walkout.web.tokens import DARK, LIGHT, VISIT_COLOURS, contrast, css_variables, packaged

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]

# Machado, Oliveira, Fernandes 2009 (a physiologically-based model of color vision deficiency), severity 1.
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def oklab(colour: str, deficiency: str) -> NDArray[np.float64]:
    srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(DEFICIENCIES[deficiency]) @ linear, 0, 1)
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(lab @ np.cbrt(lms @ seen))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["ink", "muted", "person", "unsure", "wrong"])
@pytest.mark.parametrize("paper", ["paper", "goods"])
def test_text_can_be_read(theme: dict[str, str], ink: str, paper: str) -> None:
    assert contrast(theme[ink], theme[paper]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_paths_stand_out_from_the_paper(theme: dict[str, str]) -> None:
    for n in range(1, VISIT_COLOURS + 1):
        assert contrast(theme[f"v{n}"], theme["paper"]) >= 3


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", THEMES)
def test_eight_people_are_told_apart(theme: dict[str, str], deficiency: str) -> None:
    seen = [oklab(theme[f"v{n}"], deficiency) for n in range(1, VISIT_COLOURS + 1)]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) >= 0.11


def test_light_and_dark_have_the_same_names() -> None:
    assert list(LIGHT) == list(DARK)
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", packaged("report.css") + packaged("drawing.css")))
    assert used - {"font"} <= set(LIGHT)


def test_the_drawings_of_the_store_use_the_same_colours() -> None:
    light, dark = VARIABLES.split("@media", 1)
    for part, theme in ((light, LIGHT), (dark, DARK)):
        for name, value in re.findall(r"--([a-z]+): (#[0-9a-f]{6})", part):
            assert theme[name] == value


def test_dark_is_chosen_by_the_readers_system() -> None:
    assert "@media (prefers-color-scheme:dark)" in css_variables()
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
