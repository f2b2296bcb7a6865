"""Work done on several processes, whose results come in the order of the work: any number of them gives the same."""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Items asked for beyond those in work, for each process: none waits for work, and results do not pile up."""


def in_order(make: Callable[[], Iterator[Item]], work: Callable[[Item], Result], workers: int = 1) -> Iterator[Result]:
    """What `work` makes of each item, in the items' order; with one worker all is done here.

    Items may hold functions, which cannot be sent: each process makes them all by itself, and works on some. So `make`
    and `work` themselves must be importable (functions of a module, or partials and bound methods of plain values).
    """
    if workers == 1:
        return map(work, make())
    return _on_processes(make, work, workers)


def _on_processes(make: Callable[[], Iterator[Item]], work: Callable[[Item], Result], workers: int) -> Iterator[Result]:
    # Spawned, not forked: a copy of a process that has threads of its own may hang.
    others = set(active_children())
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (make, work))
    try:
        with _ctrl_c_waits():
            waiting: deque[Future[tuple[Result] | None]] = deque(pool.submit(_do, k) for k in range(workers * AHEAD))
        asked = len(waiting)
        while (found := waiting.popleft().result()) is not None:
            with _ctrl_c_waits():
                waiting.append(pool.submit(_do, asked))
            asked += 1
            yield found[0]
    except BaseException:
        # Nobody waits for results any more (Ctrl-C, say): what is in work may take minutes.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """While processes begin, which inherit it: none dies of Ctrl-C, with a traceback, before it knows to ignore it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_walk: Iterator[tuple[int, Any]] = iter(())
"""A process's own walk through the items."""
_work: Callable[[Any], Any] = tuple


def _start(make: Callable[[], Iterator[Any]], work: Callable[[Any], Any]) -> None:
    global _walk, _work  # a process of the pool keeps its state nowhere else
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _walk, _work = enumerate(make()), work


def _do(number: int) -> tuple[Any] | None:
    """The result of the item of that number, None past the last; the pool asks each process in rising order."""
    for k, item in _walk:
        if k == number:
            return (_work(item),)
    return None
