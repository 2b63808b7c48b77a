"""A loop for profilers: ``valgrind --tool=callgrind python -m benchmarks.overhead``.

Runs one of the small rows many times and nothing else, so that instruction counts
(which, unlike times, do not depend on what else the machine does) can be compared
between two versions::

    python -m benchmarks.overhead "a * b" --count 2000
    valgrind --tool=callgrind --instr-atstart=no
        python -m benchmarks.overhead "a * b" --count 2000 --control

With ``--control`` instrumentation is switched on by ``callgrind_control`` for the loop
only. ``--library torch`` runs the same loop on PyTorch.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess

from benchmarks._libraries import load
from benchmarks._rows import ROWS
from benchmarks._timing import block


def main() -> None:
    """Run the loop."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.overhead")
    p.add_argument("row", nargs="?", default="a * b", help="the start of a row's name")
    p.add_argument("--count", type=int, default=10_000)
    p.add_argument("--library", default="derivo")
    p.add_argument("--control", action="store_true")
    args = p.parse_args()
    row = next((r for r in ROWS if r.name.startswith(args.row)), None)
    if row is None:
        names = "\n  ".join(r.name for r in ROWS)
        raise SystemExit(f"no row starts with {args.row!r}; there are\n  {names}")
    step = row.build(load(args.library), False)
    for _ in range(50):
        step()
    gc.disable()
    if args.control:
        subprocess.run(["callgrind_control", "-i", "on", str(os.getpid())], check=True)
    spent = block(step, args.count)
    if args.control:
        subprocess.run(["callgrind_control", "-i", "off", str(os.getpid())], check=True)
    print(f"{row.name}: {spent * 1e6:.3f} µs a call")


if __name__ == "__main__":
    main()
