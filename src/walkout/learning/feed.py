"""Chunks of renders from several processes, in order, each drawn while the last ones are learned from."""

import multiprocessing
import queue
from collections.abc import Callable, Iterator
from typing import Any

import cv2

from walkout.learning.renders import Chunk, render_chunk

Drawn = Callable[[int, int], Chunk]
"""A seed and a number to a chunk; a function that a new process can import."""


def chunks(seed: int, count: int, workers: int, ahead: int = 2, draw: Drawn = render_chunk) -> Iterator[Chunk]:
    """Chunks 0 .. count - 1 of a seed, in order whatever the workers' pace; 0 workers: drawn here.

    At most `ahead` chunks a worker wait. Leaving the loop early stops the workers.
    """
    if workers == 0:
        for number in range(count):
            yield draw(seed, number)
        return
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(ahead) for _ in range(workers)]
    running = [
        context.Process(target=_draw, args=(draw, seed, range(k, count, workers), queues[k]), daemon=True)
        for k in range(workers)
    ]
    for process in running:
        process.start()
    try:
        for number in range(count):
            answer = _next(queues[number % workers], running[number % workers], number)
            if isinstance(answer, str):
                raise RuntimeError(f"the worker that draws chunk {number} failed: {answer}")
            yield Chunk(*answer)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()
        for waiting in queues:
            waiting.cancel_join_thread()
            waiting.close()


def _next(waiting: Any, worker: Any, number: int) -> Any:
    """A worker's next answer; RuntimeError if it died without one."""
    while True:
        try:
            return waiting.get(timeout=1.0)
        except queue.Empty:
            if not worker.is_alive() and waiting.empty():
                raise RuntimeError(f"the worker that draws chunk {number} died (status {worker.exitcode})") from None


def _draw(draw: Drawn, seed: int, numbers: range, answers: Any) -> None:
    cv2.setNumThreads(1)
    try:
        for number in numbers:
            made = draw(seed, number)
            answers.put((made.rgb, made.boxes, made.share, made.joints, made.sight, made.about))
    except Exception as error:  # noqa: BLE001 whatever it is, the trainer must hear of it
        answers.put(f"{type(error).__name__}: {error}")
