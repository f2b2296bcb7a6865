"""A network by name or file, with the adapter that fits it."""

from pathlib import Path

from walkout.sensing.vision import registry
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.rtmo import Rtmo
from walkout.sensing.vision.two_looks import TwoLooks

OWN, ONCE = "own-pose", "own-pose-once"
"""The package's networks, and the first of them without the second look."""
RTMO_SIZES_PX = (640, 416)
_WITHOUT_JOINTS = ("yolox",)


def model_named(name: str = "", threads: int = 1) -> PersonModel:
    """A network that finds people with their joints: the package's own ("" or own-pose), a fetched one, or a file.

    own-pose-once is the package's own without the second look, as a file of a network of that kind is.

    Raises:
        ValueError: one that gives no joints, one that is not fetched, or none of that name.
        ModelFileError: a file that no adapter takes.
    """
    if name in ("", OWN):
        return TwoLooks.packaged(threads=threads)
    if name == ONCE:
        return OwnPose(threads=threads)
    path = Path(name)
    if not path.is_file():
        try:
            one = registry.entry(name)
        except KeyError as error:
            raise ValueError(f"found the model {name!r}, right: {OWN}, a fetched one, or a file (.onnx)") from error
        if one.adapter in _WITHOUT_JOINTS:
            raise ValueError(f"{name} gives boxes without joints; right: a network of poses, such as {OWN}")
        path = registry.place(one, registry.folder())
        if not registry.present(one, registry.folder()):
            raise ValueError(f"{name} is not here; 'walkout model fetch {name}' brings it")
    return _of_file(path, threads)


def _of_file(path: Path, threads: int) -> PersonModel:
    said = []
    try:
        return OwnPose(path, threads=threads)
    except ModelFileError as error:
        said.append(f"as {OWN}: {error}")
    for size_px in RTMO_SIZES_PX:
        try:
            return Rtmo(path, size_px, threads=threads)
        except ModelFileError as error:
            said.append(f"as rtmo of {size_px} px: {error}")
    raise ModelFileError(f"{path.name} fits no adapter: {'; '.join(said)}")
