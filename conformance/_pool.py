"""A pool of workers in which a crash or a hang costs one job.

The parent hands out one job at a time; a worker that dies or says nothing for too
long is recorded as that job's failure and replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Job = tuple[Any, ...]
_ROOT = Path(__file__).resolve().parent.parent
START_LIMIT_S = 120.0


class _Worker:
    def __init__(self, candidate: str, kinds: set[str]) -> None:
        env = dict(os.environ, PYTHONFAULTHANDLER="0", OMP_NUM_THREADS="1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "conformance._worker", candidate, *kinds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            env=env,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.buffer = b""
        self.tail = b""
        self.job: Job | None = None
        self.ready = False
        self.deadline = time.monotonic() + START_LIMIT_S

    def send(self, job: Job, limit_s: float) -> None:
        assert self.process.stdin is not None
        self.job = job
        self.tail = b""
        self.deadline = time.monotonic() + limit_s
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()

    def read(self) -> tuple[list[Any], bool]:
        """Return the answers that have arrived, and whether the worker is gone."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        gone = False
        with contextlib.suppress(BlockingIOError):
            # Unread messages would fill the pipe and stop the worker.
            self.tail = (self.tail + (os.read(self.process.stderr.fileno(), 1 << 16)))[
                -4000:
            ]
        try:
            chunk = os.read(self.process.stdout.fileno(), 1 << 20)
            gone = chunk == b""
            self.buffer += chunk
        except BlockingIOError:
            pass
        *lines, self.buffer = self.buffer.split(b"\n")
        return [json.loads(line) for line in lines], gone

    def stop(self, *, gone: bool = False) -> int:
        if gone:
            # It has closed its output and is on its way out, with a message for us.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)
            self.read()
        if self.process.poll() is None:
            self.process.kill()
        code = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        return code


def run_jobs(
    jobs: Iterable[Job],
    candidate: str,
    *,
    workers: int,
    limit_s: float,
    on_answer: Callable[[Job, dict[str, Any]], None],
) -> None:
    """Run all jobs; `on_answer(job, answer)` is called as each one ends.

    A job whose worker died is answered ``{"status": "crash", ...}``, one that took
    longer than `limit_s` ``{"status": "timeout", ...}``.
    """
    queue = deque(jobs)
    kinds = {job[0] for job in queue}
    crew: list[_Worker] = []
    failures_to_start = 0
    try:
        while queue or any(w.job for w in crew):
            while len(crew) < min(workers, len(queue) + sum(1 for w in crew if w.job)):
                crew.append(_Worker(candidate, kinds))
            _wait(crew, work_left=bool(queue))
            for worker in list(crew):
                answers, gone = worker.read()
                for answer in answers:
                    if not worker.ready:
                        worker.ready = True
                        failures_to_start = 0
                    elif worker.job is not None:
                        job, worker.job = worker.job, None
                        on_answer(job, answer)
                late = time.monotonic() > worker.deadline
                if gone or (late and (worker.job or not worker.ready)):
                    crew.remove(worker)
                    code = worker.stop(gone=gone)
                    if worker.job is not None:
                        on_answer(worker.job, _obituary(worker, code, limit_s, gone))
                    elif not worker.ready:
                        failures_to_start += 1
                        if failures_to_start > 2:
                            message = worker.tail.decode(errors="replace")
                            raise RuntimeError(f"a worker cannot start:\n{message}")
                elif worker.ready and worker.job is None and queue:
                    worker.send(queue.popleft(), limit_s)
    finally:
        for worker in crew:
            worker.stop()


def _wait(crew: list[_Worker], *, work_left: bool) -> None:
    with selectors.DefaultSelector() as selector:
        for worker in crew:
            selector.register(worker.process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            selector.register(worker.process.stderr, selectors.EVENT_READ)  # type: ignore[arg-type]
        idle = work_left and any(w.ready and w.job is None for w in crew)
        selector.select(0 if idle else 0.5)


def _obituary(worker: _Worker, code: int, limit_s: float, gone: bool) -> dict[str, Any]:
    if not gone:
        return {"status": "timeout", "reason": f"no answer in {limit_s:.0f} s"}
    if code < 0:
        with contextlib.suppress(ValueError):
            return {"status": "crash", "reason": signal.Signals(-code).name}
    last = worker.tail.decode(errors="replace").strip().splitlines()[-1:]
    return {"status": "crash", "reason": f"exit {code}: {''.join(last)}"}
