"""Tables, grouped failures, and the committed baseline."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

BASELINE = Path(__file__).resolve().parent / "baseline.json"
_OP_CHECKS = (
    "forward",
    "integer",
    "bool",
    "backward",
    "double backward",
    "nodes",
    "forward-mode",
    "vmap",
    "errors",
    "methods",
    "in-place",
    "complex",
    "complex backward",
)


def print_summary(
    results: list[dict[str, Any]], candidate: str, args: argparse.Namespace
) -> None:
    """Print passed/total by family and check, then what failed if asked."""
    ops = [r for r in results if r["check"] in _OP_CHECKS]
    if ops:
        _print_table(ops)
        same, total = (sum(r.get("strides", (0, 0))[i] for r in ops) for i in (0, 1))
        hit, errors = (sum(r.get("phrases", (0, 0))[i] for r in ops) for i in (0, 1))
        print(f"strides equal: {same} of {total} tensors (reported, not judged)")
        print(f"messages sharing PyTorch's words: {hit} of {errors} (not judged)")
        absent = sum(r["check"] == "forward" and r["status"] == "missing" for r in ops)
        print(f"entries that {candidate} does not have: {absent}")
    sections: dict[str, Counter[str]] = defaultdict(Counter)
    for r in results:
        if r["check"] not in _OP_CHECKS:
            sections[r["check"]][r["status"]] += 1
    for name, counts in sections.items():
        total = sum(v for k, v in counts.items() if k != "n/a")
        print(f"{name}: {counts['pass']}/{total}")
    failed = [r for r in results if r["status"] not in {"pass", "n/a"}]
    if args.failures:
        for r in failed:
            if r["status"] != "missing" or args.ops:
                print(f"{r['status']:8} {r['key']} {r['check']}: {r['reason']}")
                for note in r.get("notes", [])[-1:]:
                    print(f"         {note}")
    if args.group:
        _print_groups(failed)


def _print_table(results: list[dict[str, Any]]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    families: list[str] = []
    for r in results:
        if r["family"] not in families:
            families.append(r["family"])
        for family in (r["family"], "all"):
            counts[family, r["check"]][r["status"]] += 1
    print(f"{'family':16}" + "".join(f"{c:>16}" for c in _OP_CHECKS))
    for family in [*sorted(families), "all"]:
        row = f"{family:16}"
        for check in _OP_CHECKS:
            c = counts[family, check]
            total = sum(n for status, n in c.items() if status != "n/a")
            cell = f"{c['pass']}/{total}"
            row += f"{cell:>16}"
        print(row)
    idle = sum(c["n/a"] for (family, _), c in counts.items() if family == "all")
    print(f"not applicable (PyTorch itself refuses every sample): {idle}")


def _print_groups(failed: list[dict[str, Any]]) -> None:
    groups: dict[str, list[str]] = defaultdict(list)
    for r in failed:
        if r["status"] == "missing":
            continue
        reason = re.sub(r"^sample \d+: ", "", r["reason"])
        reason = re.sub(r"'[^']*'|\[[^\]]*\]", "_", reason)
        reason = re.sub(r"-?\d[\w.+-]*", "#", reason)
        groups[f"{r['status']}: {reason[:110]}"].append(f"{r['key']}/{r['check']}")
    for reason, keys in sorted(groups.items(), key=lambda kv: -len(kv[1])):
        print(f"{len(keys):4}  {reason}")
        print(f"      {', '.join(keys[:6])}")


def write_results(results: list[dict[str, Any]], path: str) -> None:
    """Write every result as JSON."""
    Path(path).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _passed(results: list[dict[str, Any]]) -> dict[str, list[str]]:
    passed: dict[str, list[str]] = {}
    for r in results:
        keys = passed.setdefault(r["check"], [])
        if r["status"] == "pass":
            keys.append(r["key"])
    return {check: sorted(keys) for check, keys in passed.items()}


def write_baseline(results: list[dict[str, Any]]) -> None:
    """Record what passes now."""
    import torch

    passed = _passed(results)
    totals: Counter[str] = Counter(r["check"] for r in results if r["status"] != "n/a")
    document = {
        "torch": torch.__version__.partition("+")[0],
        "counts": {c: [len(k), totals[c]] for c, k in passed.items()},
        "passed": passed,
    }
    text = json.dumps(document, indent=1)
    BASELINE.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {BASELINE.name}")


def check_baseline(results: list[dict[str, Any]], *, complete: bool) -> int:
    """Return 1 when something that the baseline passed no longer does."""
    if not BASELINE.exists():
        print("no baseline: run with --update first")
        return 1
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    now = {(r["key"], r["check"]): r for r in results}
    lost = []
    for check, keys in baseline["passed"].items():
        for key in keys:
            r = now.get((key, check))
            if r is None:
                if complete:
                    lost.append(f"{key} {check}: no longer run")
            elif r["status"] != "pass":
                lost.append(f"{key} {check}: {r['status']}: {r['reason']}")
    if complete:
        passed = _passed(results)
        for check, (count, _) in baseline["counts"].items():
            if len(passed.get(check, [])) < count:
                lost.append(f"{check}: {len(passed.get(check, []))} pass, was {count}")
    for line in lost:
        print(f"regressed: {line}")
    return 1 if lost else 0
