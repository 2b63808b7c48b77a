"""The command: ``python -m conformance``."""

from __future__ import annotations

import argparse
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from conformance import _report
from conformance._pool import run_jobs

if TYPE_CHECKING:
    from conformance._pool import Job

PARTS = ("ops", "autograd", "printing", "random", "scripts")


def _parse(argv: list[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Compare derivo with PyTorch: its operator database, snippets "
        "of autograd behaviour, printing, random numbers, seeded scripts.",
    )
    p.add_argument("--ops", metavar="REGEX", help="only entries or cases that match")
    p.add_argument("--checks", metavar="REGEX", help="only checks that match")
    p.add_argument("--part", choices=PARTS, action="append", help="only these parts")
    p.add_argument("--check", action="store_true", help="fail on what baseline passed")
    p.add_argument("--update", action="store_true", help="rewrite the baseline")
    p.add_argument("--failures", action="store_true", help="print every failure")
    p.add_argument("--group", action="store_true", help="group failures by reason")
    p.add_argument("--json", metavar="FILE", help="write all results")
    p.add_argument("--self", action="store_true", help="PyTorch as the candidate")
    p.add_argument("--timeout", type=float, default=90.0, metavar="S", help="per job")
    p.add_argument("-j", type=int, default=2, metavar="N", help="workers (2)")
    return p.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    args = _parse(argv)
    parts = args.part or list(PARTS)
    candidate = "torch" if args.self else "derivo"
    if args.update and (args.ops or args.checks or args.part or args.self):
        print("--update rewrites the whole baseline: run it without a selection")
        return 2
    start = time.monotonic()
    results = _run(args, parts, candidate)
    if "scripts" in parts:
        from conformance import _scripts

        results += _scripts.run_all(candidate, args.ops)
    _report.print_summary(results, candidate, args)
    if args.json:
        _report.write_results(results, args.json)
    status = 0
    if args.update:
        _report.write_baseline(results)
    if args.check:
        chosen = args.ops or args.checks or args.part
        status = _report.check_baseline(results, complete=not chosen)
    passed = sum(r["status"] == "pass" for r in results)
    failed = sum(r["status"] not in {"pass", "n/a"} for r in results)
    print(f"{passed} passed, {failed} failed in {time.monotonic() - start:.1f}s")
    if args.self and failed:
        return 1
    return status


def _run(
    args: argparse.Namespace, parts: list[str], candidate: str
) -> list[dict[str, Any]]:
    pattern = re.compile(args.ops or "")
    only = re.compile(args.checks or "")
    jobs: list[Job] = []
    known: dict[Job, dict[str, Any]] = {}
    if "ops" in parts:
        from conformance._entries import CHECKS, entries

        for entry in entries():
            for check in CHECKS:
                job = ("op", entry.index, check)
                chosen = pattern.search(entry.key) and only.search(check)
                if chosen and entry.applies(check):
                    jobs.append(job)
                    known[job] = {
                        "key": entry.key,
                        "check": check,
                        "family": entry.family,
                    }
    from conformance import _cases

    for module in _cases.modules():
        section = _cases.section(module)
        if section not in parts:
            continue
        for name in _cases.cases(module):
            key = f"{module}.{name}"
            if pattern.search(key):
                job = ("case", module, name)
                jobs.append(job)
                known[job] = {"key": key, "check": section, "family": section}
    results: list[dict[str, Any]] = []

    def collect(job: Job, answer: dict[str, Any]) -> None:
        results.append({**answer, **known[job]})
        if sys.stderr.isatty():
            print(f"\r{len(results)}/{len(jobs)}", end="", file=sys.stderr)

    run_jobs(jobs, candidate, workers=args.j, limit_s=args.timeout, on_answer=collect)
    order = {job: i for i, job in enumerate(jobs)}
    place = {(k["key"], k["check"]): order[j] for j, k in known.items()}
    results.sort(key=lambda r: place[r["key"], r["check"]])
    return results


if __name__ == "__main__":
    sys.exit(main())
