"""`walkout cameras`: where a shop's cameras are and how their lenses see, and a picture that shows whether it fits.

Not `walkout calibrate`, which makes probabilities true.
"""

import csv
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import yaml
from numpy.typing import NDArray

from walkout.cli.console import Exit, Json, err, out, print_json, refuse, write_file
from walkout.recording.video import jpeg
from walkout.sensing.vision.boards import Board, Finder, Shown, on_floor
from walkout.sensing.vision.bundle import BundleError, bundle
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.mounting import PoseError, pose
from walkout.store.folder import load, pack
from walkout.store.layout import Camera
from walkout.store.problem import StoreError
from walkout.store.shop import Store
from walkout.web.markup import Markup, el, raw
from walkout.web.tokens import style_sheet
from walkout.web.views import View, camera_view

app = typer.Typer(help="Where cameras are, and how their lenses see.", no_args_is_help=True, add_completion=False)

Shop = Annotated[Path, typer.Argument(metavar="STORE", help="The store folder.")]
Save = Annotated[bool, typer.Option("--save", help="Write the cameras into the store folder; the old file is kept.")]
MARKS = ("camera", "x_m", "y_m", "z_m", "column", "row")
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
BAD_CM = 3.0
"""A camera that is off by more than this is said to fit badly."""


@app.command("boards")
def boards_command(
    store: Shop,
    sources: Annotated[
        list[str], typer.Argument(metavar="CAMERA=FILE...", help="A video or a folder of pictures of each camera.")
    ],
    *,
    floor: Annotated[
        list[str],
        typer.Option(
            "--floor",
            help="INSTANT=X,Y,YAW: then the board lay on the floor, its upper left corner there (metres, degrees). "
            "An instant is a picture's name without its ending, or whole seconds of the videos.",
        ),
    ],
    across: Annotated[int, typer.Option(help="Squares across the board.")] = 9,
    down: Annotated[int, typer.Option(help="Squares down the board.")] = 6,
    square: Annotated[float, typer.Option(help="A square's side, metres.")] = 0.1,
    marker: Annotated[float, typer.Option(help="A marker's side, metres.")] = 0.075,
    markers: Annotated[str, typer.Option(help="OpenCV's name of the set of markers.")] = "DICT_5X5_100",
    save: Save = False,
    json: Json = False,
) -> None:
    """Fit all cameras at once to pictures of a charuco board; one second of videos is one instant."""
    shop = _shop(store)
    board = Board(across, down, square, marker, markers)
    shown: list[Shown] = []
    sizes: dict[str, tuple[int, int]] = {}
    try:
        finder = Finder(board)
        for source in sources:
            camera, _, path = source.partition("=")
            if not path:
                refuse(f"found '{source}'; right is CAMERA=FILE, such as ceiling-1=board.mp4")
            for instant, rgb in _pictures(Path(path)):
                sizes[camera] = (rgb.shape[1], rgb.shape[0])
                one = finder.find(camera, instant, rgb)
                shown += [] if one is None else [one]
        rates = {camera.id: camera.rate_hz for camera in shop.cameras}
        fitted = bundle(shown, board, dict(map(_lay, floor)), sizes, rates)
    except (BundleError, ValueError, OSError) as error:
        refuse(error)
    rows = [
        {"camera": f.camera.id, "views": f.views, "rms_px": round(f.rms_px, 3), "rms_cm": round(f.rms_cm, 2)}
        for f in fitted
    ]
    _told(store, shop, [f.camera for f in fitted], rows, save=save, json=json)


@app.command("floor")
def floor_command(
    store: Shop,
    marks: Annotated[Path, typer.Argument(metavar="MARKS.csv", help=f"Rows of {', '.join(MARKS)} (pixels).")],
    *,
    size: Annotated[str, typer.Option(help="The pictures' size where the store does not name the camera.")] = "640x360",
    bend: Annotated[bool, typer.Option("--bend", help="Find the lens's distortion too; give many marks.")] = False,
    save: Save = False,
    json: Json = False,
) -> None:
    """Fit each camera alone to a few points whose places are known: marks on the floor, corners of fixtures."""
    shop = _shop(store)
    known = {camera.id: camera for camera in shop.cameras}
    cameras, rows = [], []
    try:
        wide, tall = (int(part) for part in size.split("x"))
        for name, points in _marks(marks).items():
            old = known.get(name)
            pixels_of = (wide, tall) if old is None else (old.width_px, old.height_px)
            rate_hz = 10.0 if old is None else old.rate_hz
            found = pose(name, points[:, :3], points[:, 3:], pixels_of, bend=bend, rate_hz=rate_hz)
            cameras.append(found.camera)
            row = {"camera": name, "views": len(points), "median_px": round(found.off_px, 2)}
            rows.append(row | {"worst_px": round(found.worst_px, 1), "median_cm": round(found.off_cm, 2)})
    except (PoseError, ValueError) as error:
        refuse(error)
    _told(store, shop, cameras, rows, save=save, json=json)


@app.command("show")
def show_command(
    store: Shop,
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="The camera's id.")],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture of it, of an empty shop best.")],
    *,
    to: Annotated[Path, typer.Option("--out", help="The drawing to make (.svg).")] = Path("edges.svg"),
) -> None:
    """Draw the shop's edges over a camera's picture: where it fits, they lie on each other."""
    shop = _shop(store)
    mine = next((one for one in shop.cameras if one.id == camera), None)
    if mine is None:
        refuse(f"{shop.name} has no camera '{camera}'; it has {', '.join(c.id for c in shop.cameras) or 'none'}")
    _, rgb = next(_pictures(picture), ("", None))
    if rgb is None:
        refuse(f"{picture} shows no picture")
    if (rgb.shape[1], rgb.shape[0]) != (mine.width_px, mine.height_px):
        refuse(f"{picture} has {rgb.shape[1]} x {rgb.shape[0]} pixels; right is {mine.width_px} x {mine.height_px}")
    write_file(to, edges_svg(shop, mine, rgb).encode())
    out.print(f"wrote {to} ({to.stat().st_size / 1000:.0f} kB)", markup=False)


def edges_svg(shop: Store, camera: Camera, rgb: NDArray[np.uint8]) -> str:
    """The drawing of `show`, self-contained."""
    uri = f"data:image/jpeg;base64,{b64encode(jpeg(rgb, camera.width_px, camera.height_px)).decode()}"
    drawn = camera_view(shop, Lens.of(camera), View(camera.id, uri, None), None, {})
    start = drawn.index(">") + 1
    return Markup(drawn[:start]) + el("style", raw(style_sheet("see.css"))) + Markup(drawn[start:])


def _shop(folder: Path) -> Store:
    try:
        return load(folder)
    except StoreError as error:
        refuse(error)


def _pictures(path: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Pictures with their instants: of a folder or a file, by name; of a video, one a second."""
    if path.is_dir() or path.suffix.lower() in PICTURES:
        cv2 = import_module("cv2")
        files = [path] if path.is_file() else sorted(f for f in path.iterdir() if f.suffix.lower() in PICTURES)
        for file in files:
            bgr = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
            if bgr is None:
                raise ValueError(f"{file} is no picture that can be read")
            yield file.stem, np.ascontiguousarray(bgr[:, :, ::-1])
        return
    av: Any = import_module("av")
    try:
        with av.open(str(path)) as video:
            last = -1
            for frame in video.decode(video=0):
                second = int(frame.time or 0.0)
                if second != last:
                    last = second
                    yield str(second), frame.to_ndarray(format="rgb24")
    except av.error.FFmpegError as error:
        raise ValueError(f"{path} is no video that can be read: {error}") from error


def _lay(text: str) -> tuple[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    instant, _, place = text.partition("=")
    parts = place.split(",")
    if not instant or len(parts) != 3:
        raise ValueError(f"--floor: found '{text}'; right is INSTANT=X,Y,YAW, such as floor=1.2,0.8,90")
    x_m, y_m, yaw_deg = (float(part) for part in parts)
    return instant, on_floor(x_m, y_m, yaw_deg)


def _marks(path: Path) -> dict[str, NDArray[np.float64]]:
    found: dict[str, list[list[float]]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                if missing := [name for name in MARKS if name != "z_m" and not (row.get(name) or "").strip()]:
                    raise ValueError(f"{path}, line {number}: no {', '.join(missing)}; right are {', '.join(MARKS)}")
                numbers = [float(row.get(name) or 0.0) for name in MARKS[1:]]
                found.setdefault(str(row["camera"]), []).append(numbers)
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror or error}")
    if not found:
        raise ValueError(f"{path} has no marks; right are rows of {', '.join(MARKS)}")
    return {name: np.array(rows) for name, rows in sorted(found.items())}


def _told(
    folder: Path, shop: Store, cameras: Sequence[Camera], rows: Sequence[dict[str, Any]], *, save: bool, json: bool
) -> None:
    """Print what was found, and put it into the store folder where that is wanted."""
    new = {camera.id: camera for camera in cameras}
    kept = [new.pop(camera.id, camera) for camera in shop.cameras]
    whole = replace(shop, cameras=(*kept, *new.values()))
    text = pack(whole)["store.yaml"].decode()
    if save:
        file = folder / "store.yaml"
        write_file(file.with_suffix(".yaml.old"), file.read_bytes())
        write_file(file, text.encode())
    if json:
        print_json({"cameras": [asdict(camera) for camera in cameras], "fit": list(rows), "saved": save})
    else:
        for row in rows:
            out.print(", ".join(f"{key} {value}" for key, value in row.items()), markup=False)
        found = {camera.id for camera in cameras}
        plain = [one for one in yaml.safe_load(text)["cameras"] if one["id"] in found]
        out.print(yaml.safe_dump({"cameras": plain}, sort_keys=False, width=110), markup=False)
        if save:
            out.print(f"saved in {folder / 'store.yaml'}; the old one is beside it", markup=False)
    bad = [row["camera"] for row in rows if row.get("rms_cm", row.get("median_cm", 0.0)) > BAD_CM]
    if bad:
        err.print(f"fits badly (more than {BAD_CM:g} cm off): {', '.join(bad)}", markup=False)
        raise typer.Exit(Exit.FAILED)
