"""How hard the simulated shop is: every multiplier in one place, with three named settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Multipliers of the measured numbers in `constants`; 1.0 is as measured."""

    name: str = "default"
    rest_noise: float = 1.0
    ringing: float = 1.0
    wander: float = 1.0
    gain_error: float = 1.0
    leak: float = 1.0
    mass_spread: float = 1.0
    hand_load: float = 1.0
    joint_noise: float = 1.0
    missing_joints: float = 1.0
    identity_swaps: float = 1.0
    lost_people: float = 1.0
    pose_lag: float = 1.0
    behaviours: float = 1.0
    """How often shoppers do what is hard to follow, against plain takes."""
    looks_confusion: float | None = None
    """How much noise is in looks at hands (0: they are certain; see `looks`); None: there are none."""
    tag_read: float = 0.95
    """A tag that is carried out past a reader is heard; a shop without readers or tags has none of it. Chosen."""
    tag_stray: float = 0.1
    """Tags on shelves that are heard at an exit, on average. Chosen."""


DEFAULT = Settings()
MILDER = Settings(
    "milder",
    rest_noise=0.7,
    ringing=0.5,
    wander=0.5,
    gain_error=0.3,
    leak=0.5,
    mass_spread=0.5,
    joint_noise=0.6,
    missing_joints=0.3,
    identity_swaps=0.0,
    lost_people=0.0,
    behaviours=0.4,
)
HARDER = Settings(
    "harder",
    rest_noise=1.5,
    ringing=1.8,
    wander=2.0,
    gain_error=1.5,
    leak=1.5,
    mass_spread=2.0,
    hand_load=1.5,
    joint_noise=1.8,
    missing_joints=3.0,
    identity_swaps=3.0,
    lost_people=3.0,
    pose_lag=1.3,
    behaviours=2.0,
)
SETTINGS = {settings.name: settings for settings in (MILDER, DEFAULT, HARDER)}
SILENT = Settings(
    "silent",
    rest_noise=0.0,
    ringing=0.0,
    wander=0.0,
    gain_error=0.0,
    leak=0.0,
    hand_load=0.0,
    joint_noise=0.0,
    missing_joints=0.0,
    identity_swaps=0.0,
    lost_people=0.0,
)
"""Perfect sensors: for tests of the truth itself."""
