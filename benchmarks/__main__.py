"""The command: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import _functions, _report
from benchmarks._libraries import ROOT, load
from benchmarks._rows import ROWS, Row
from benchmarks._timing import compare

IMPORT_TARGET = 10.0
IMPORT_REPEATS = 7
# Peak memory is read in pages and includes the interpreter's own growth.
MEMORY_SLACK_MB = 1.0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time derivo and PyTorch beside each other in one process.",
    )
    p.add_argument("--rows", metavar="REGEX", default="", help="only rows that match")
    p.add_argument("--quick", action="store_true", help="shorter, no memory, no files")
    p.add_argument("--no-functions", action="store_true", help="only the main rows")
    p.add_argument("--only-functions", action="store_true")
    p.add_argument("--no-memory", action="store_true")
    p.add_argument("--threads", type=int, metavar="N", help="threads of both sides")
    p.add_argument("--self", action="store_true", help="PyTorch on both sides")
    p.add_argument("--output", metavar="FOLDER", help="default: benchmarks/results")
    return p.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the command; status 1 when a target is missed."""
    args = _parse(argv)
    load_now = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load_now > 0.5 * (os.cpu_count() or 1):
        print(
            f"this machine is busy (load {load_now:.1f}): threads that wait for a core "
            "distort the ratios"
        )
    rows: list[dict[str, Any]] = []
    if not args.only_functions:
        if re.search(args.rows, "import"):
            ours = "torch" if args.self else "derivo"
            rows.append(_import_row(ours, 3 if args.quick else IMPORT_REPEATS))
            print(_report.line(rows[-1]), flush=True)
        chosen = [r for r in ROWS if re.search(args.rows, r.name)]
        rows += _run_rows(chosen, args)
    functions: list[dict[str, Any]] = []
    if not args.no_functions:
        functions = _run_functions(args)
    if not args.quick and not args.rows and not args.self:
        _report.write(rows, functions, args.output)
    missed = [r["name"] for r in rows if not r["reached"]]
    over = [r["name"] for r in rows if r.get("memory_ok") is False]
    print(f"{len(rows) - len(missed)} of {len(rows)} targets reached")
    for name in missed:
        print(f"missed: {name}")
    for name in over:
        print(f"more memory than PyTorch: {name}")
    return 1 if missed or over else 0


def _libraries(args: argparse.Namespace) -> tuple[Any, Any]:
    torch, derivo = load("torch"), load("torch" if args.self else "derivo")
    if args.threads:
        torch.set_num_threads(args.threads)
        derivo.set_num_threads(args.threads)
    return torch, derivo


def _run_rows(chosen: list[Row], args: argparse.Namespace) -> list[dict[str, Any]]:
    torch, derivo = _libraries(args)
    results = []
    for row in chosen:
        try:
            timing = compare(
                row.build(torch, False),
                row.build(derivo, False),
                total_s=0.4 if args.quick else 2.0,
            )
        except Exception as e:
            result = {"name": row.name, "target": row.target, "reached": False}
            result["error"] = f"{type(e).__name__}: {e}"
        else:
            result = {
                "name": row.name,
                "target": row.target,
                "ratio": timing.ratio,
                "low": timing.low,
                "high": timing.high,
                "torch_s": timing.first_s,
                "derivo_s": timing.second_s,
                "blocks": timing.blocks,
                "reached": timing.ratio >= row.target,
            }
            if not args.quick and not args.no_memory:
                _measure_in_children(row, result, "torch" if args.self else "derivo")
        results.append(result)
        print(_report.line(result), flush=True)
    return results


def _measure_in_children(row: Row, result: dict[str, Any], ours_is: str) -> None:
    result["first_warm_s"] = _child("first", ours_is, row.name)["first"]
    with tempfile.TemporaryDirectory() as empty:
        result["first_cold_s"] = _child(
            "first", ours_is, row.name, DERIVO_CACHE_DIR=empty
        )["first"]
    result["torch_first_s"] = _child("first", "torch", row.name)["first"]
    ours, theirs = (_child("memory", n, row.name) for n in (ours_is, "torch"))
    result["memory"] = {"derivo": ours, "torch": theirs}
    result["memory_ok"] = all(
        ours[what] <= theirs[what] + MEMORY_SLACK_MB
        for what in ("process", "data")
        # On small data the difference of two readings says nothing.
        if what == "process" or row.large
    )


def _import_row(ours: str, repeats: int) -> dict[str, Any]:
    """Time the import in fresh processes, alternating; the files are in the cache.

    Both as installed, with byte code: pip has written PyTorch's; where the environment
    forbids Python to write ours, each import would compile every source again.
    """
    pairs = []
    for attempt in range(repeats + 1):
        pair = [
            _child("import", name, PYTHONDONTWRITEBYTECODE="")["seconds"]
            for name in ("torch", ours)
        ]
        if attempt:  # the first one may have read from disk
            pairs.append(pair)
    ratios = [a / b for a, b in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "name": "import",
        "target": IMPORT_TARGET,
        "ratio": middle,
        "low": low,
        "high": high,
        "torch_s": statistics.median(a for a, _ in pairs),
        "derivo_s": statistics.median(b for _, b in pairs),
        "blocks": len(pairs),
        "reached": middle >= IMPORT_TARGET,
    }


def _child(what: str, library: str, *rest: str, **env: str) -> dict[str, Any]:
    path = os.pathsep.join(
        p for p in (str(ROOT / "src"), os.environ.get("PYTHONPATH", "")) if p
    )
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._child", what, library, *rest],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _run_functions(args: argparse.Namespace) -> list[dict[str, Any]]:
    torch, derivo = _libraries(args)
    results = []
    for name in sorted(_functions.ENTRIES):
        if not re.search(args.rows, name):
            continue
        if None in (_functions.lookup(derivo, name), _functions.lookup(torch, name)):
            continue
        try:
            timing = compare(
                _functions.build(torch, name),
                _functions.build(derivo, name),
                total_s=0.03 if args.quick else 0.12,
                block_s=0.002 if args.quick else 0.005,
            )
        except Exception as e:
            result: dict[str, Any] = {"name": name, "error": f"{type(e).__name__}: {e}"}
        else:
            result = {
                "name": name,
                "ratio": timing.ratio,
                "low": timing.low,
                "high": timing.high,
                "torch_s": timing.first_s,
                "derivo_s": timing.second_s,
            }
        results.append(result)
        print(_report.line(result), flush=True)
    return results


if __name__ == "__main__":
    sys.exit(main())
