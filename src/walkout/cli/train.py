"""`walkout train pose|pose-refine|looks`: make the package's own networks again, or better ones."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Exit, err, out, print_json, refuse

app = typer.Typer(help="Train the shop's own models.", no_args_is_help=True, add_completion=False)


@app.command("pose")
def pose_command(
    *,
    to: Annotated[Path, typer.Option("--out", help="The folder for model, card and figures.")],
    renders: Annotated[int, typer.Option(min=128, help="So many pictures are drawn.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other pictures.")] = 1,
    passes: Annotated[float, typer.Option(min=0.1, help="How often each picture is learned from, on average.")] = 1.0,
    batch: Annotated[int, typer.Option(min=1, help="Pictures in one step.")] = 32,
    minutes: Annotated[float, typer.Option(min=0.0, help="Stop after so many minutes; 0: never.")] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw; 0: draw between the steps.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads that learn, on a processor.")] = 1,
    device: Annotated[str, typer.Option(help="Where to learn: cpu, or cuda for a graphics card.")] = "cpu",
    check_chunks: Annotated[int, typer.Option(min=2, help="So many times 128 unseen pictures judge it.")] = 8,
    start: Annotated[Path | None, typer.Option(help="Weights of an earlier run (its pose.pt) to start from.")] = None,
    rate: Annotated[float, typer.Option(min=1e-6, max=0.1, help="The largest step size.")] = 2e-3,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Draw people in made-up shops, train the pose network on them, export it, judge it, write its card."""
    if find_spec("torch") is None:
        refuse("Training needs PyTorch, which Walkout does not install: python -m pip install torch==2.13.0")
    if to.exists() and not to.is_dir():
        refuse(f"{to} is not a folder.")
    import torch  # noqa: PLC0415 an optional package of 700 MB

    from walkout.learning.pose_release import make, write  # noqa: PLC0415
    from walkout.learning.train_pose import Recipe  # noqa: PLC0415

    if device != "cpu" and not torch.cuda.is_available():
        refuse(f"There is no graphics card that PyTorch can use for '{device}': use --device cpu.")
    torch.set_num_threads(threads)
    to.mkdir(parents=True, exist_ok=True)
    store = 6400 if device == "cpu" else 131_072
    if start is not None and not start.is_file():
        refuse(f"There are no weights at {start}.")
    begun = "" if start is None else str(start)
    recipe = Recipe(renders, seed, passes, batch, store, rate, minutes, workers, device, check_chunks, begun)
    command = "walkout " + " ".join(arg for arg in sys.argv[1:])
    made = make(recipe, to / "pose.pt", command, lambda line: err.print(line, markup=False))
    write(made, to)
    if json:
        print_json(made.figures)
    else:
        out.print(made.card, markup=False)
    if made.figures["run"]["steps"] == 0:
        raise typer.Exit(Exit.FAILED)


@app.command("pose-refine")
def refine_command(
    *,
    to: Annotated[Path, typer.Option("--out", help="The folder for model, card and figures.")],
    behind: Annotated[
        Path | None, typer.Option(help="The pose network it will stand behind (.onnx); default: the package's.")
    ] = None,
    renders: Annotated[int, typer.Option(min=128, help="So many pictures are drawn.")] = 50_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other pictures.")] = 1,
    passes: Annotated[float, typer.Option(min=0.1, help="How often each picture is learned from, on average.")] = 2.0,
    batch: Annotated[int, typer.Option(min=1, help="Pictures in one step.")] = 24,
    minutes: Annotated[float, typer.Option(min=0.0, help="Stop after so many minutes; 0: never.")] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw; 0: draw between the steps.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads that learn, on a processor.")] = 1,
    device: Annotated[str, typer.Option(help="Where to learn: cpu, or cuda for a graphics card.")] = "cpu",
    check_chunks: Annotated[int, typer.Option(min=2, help="So many times 160 unseen pictures judge it.")] = 4,
    start: Annotated[Path | None, typer.Option(help="Weights of an earlier run (its refine.pt).")] = None,
    rate: Annotated[float, typer.Option(min=1e-6, max=0.1, help="The largest step size.")] = 2e-3,
    store: Annotated[int, typer.Option(min=0, help="Pictures kept to learn from; 0: as suits the device.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train the second look, which places joints in crops around people that the pose network found."""
    missing = [name for name in ("torch", "onnx") if find_spec(name) is None]
    if missing:
        refuse(
            f"Training needs {' and '.join(missing)}, which Walkout does not install: "
            "python -m pip install torch==2.13.0 onnx"
        )
    if to.exists() and not to.is_dir():
        refuse(f"{to} is not a folder.")
    for path in (behind, start):
        if path is not None and not path.is_file():
            refuse(f"There is no file {path}.")
    import torch  # noqa: PLC0415 an optional package of 700 MB

    from walkout.learning.refine_release import make, write  # noqa: PLC0415
    from walkout.learning.train_pose import Recipe  # noqa: PLC0415

    if device != "cpu" and not torch.cuda.is_available():
        refuse(f"There is no graphics card that PyTorch can use for '{device}': use --device cpu.")
    torch.set_num_threads(threads)
    to.mkdir(parents=True, exist_ok=True)
    kept = store or (3200 if device == "cpu" else 40_000)
    begun = "" if start is None else str(start)
    recipe = Recipe(renders, seed, passes, batch, kept, rate, minutes, workers, device, check_chunks, begun)
    command = "walkout " + " ".join(arg for arg in sys.argv[1:])
    first = None if behind is None else behind.read_bytes()
    made = make(recipe, first, to / "refine.pt", command, lambda line: err.print(line, markup=False))
    write(made, to)
    if json:
        print_json(made.figures)
    else:
        out.print(made.card, markup=False)
    if made.figures["run"]["steps"] == 0:
        raise typer.Exit(Exit.FAILED)


@app.command("looks")
def looks_command(
    *,
    to: Annotated[Path, typer.Option("--out", help="The folder for looks.onnx and its card.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed invents other goods.")] = 1,
    steps: Annotated[int, typer.Option(min=1, help="Batches of 132 pictures; the rate falls toward the last.")] = 700,
    until: Annotated[int | None, typer.Option(min=1, help="Stop after so many of them; default: all.")] = None,
    minutes: Annotated[float, typer.Option(min=0.0, help="End after so many minutes at the latest; 0: never.")] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw; 0: draw between the steps.")] = 0,
    device: Annotated[str, typer.Option(help="Where to learn: cpu, or cuda for a graphics card.")] = "cpu",
    json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Invent goods, train the looks network on pictures of them alone, measure it on others, export it with its card.

    A run that was stopped goes on from OUT/looks.pt.
    """
    missing = [name for name in ("torch", "cv2", "onnx") if find_spec(name) is None]
    if missing:
        refuse(
            f"Training needs {' and '.join(missing)}: ./run extras brings OpenCV, "
            "python -m pip install torch==2.13.0 onnx the others."
        )
    if to.exists() and not to.is_dir():
        refuse(f"{to} is not a folder.")
    import torch  # noqa: PLC0415 an optional package of 700 MB

    from walkout.learning.looks_ship import Recipe, ship  # noqa: PLC0415 needs PyTorch
    from walkout.learning.looks_train import Progress  # noqa: PLC0415

    if device != "cpu" and not torch.cuda.is_available():
        refuse(f"There is no graphics card that PyTorch can use for '{device}': use --device cpu.")

    def tell(at: Progress) -> None:
        err.print(f"step {at.step} of {at.steps}: loss {at.loss:.3f}, {at.seconds:.0f} s", markup=False)

    to.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(seed, steps, until or steps, minutes, workers, device)
    card = ship(recipe, to / "looks.onnx", to / "looks.pt", tell)
    if json:
        print_json(card)
    else:
        out.print(f"{to / 'looks.onnx'}: {card['bytes']} bytes; on unseen goods {card['held_out']}", markup=False)
