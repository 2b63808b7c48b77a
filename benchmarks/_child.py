"""What must be measured in a process of its own.

``import LIBRARY``: seconds to import.
``first LIBRARY ROW``: seconds of the first call after import.
``memory LIBRARY ROW``: peak resident memory of some steps.

Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

REPEATS = 5


def _status(field: str) -> float:
    """Return a field of /proc/self/status in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def _forget_peak() -> None:
    # Writing 5 sets the peak (VmHWM) to what is resident now.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main() -> None:
    """Measure one thing."""
    what, library = sys.argv[1:3]
    if what == "import":
        start = time.perf_counter()
        __import__(library)
        print(json.dumps({"seconds": time.perf_counter() - start}))
        return
    from benchmarks._libraries import load
    from benchmarks._rows import ROWS

    row = next(r for r in ROWS if r.name == sys.argv[3])
    start = time.perf_counter()
    torch = load(library)
    imported = time.perf_counter() - start
    if what == "first":
        step = row.build(torch, False)
        start = time.perf_counter()
        step()
        spent = time.perf_counter() - start
        print(json.dumps({"import": imported, "first": spent}))
        return
    # Libraries and kernels are in memory after the same thing on little data, so what
    # is measured then is the data: inputs, results, gradients, and what is cached.
    warm = row.build(torch, True)
    for _ in range(REPEATS):
        warm()
    del warm
    before = _status("VmRSS")
    _forget_peak()
    step = row.build(torch, False)
    for _ in range(REPEATS):
        step()
    peak = _status("VmHWM")
    print(json.dumps({"process": peak, "data": peak - before}))


if __name__ == "__main__":
    main()
