"""Seeded PyTorch scripts, run on both libraries; what they print must agree."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
RELATIVE = 1e-5
LIMIT_S = 180
_WORD = re.compile(r"[\s,\[\]()]+")
HELPERS = {"digits.py"}


def run_all(candidate: str, pattern: str | None = None) -> list[dict[str, Any]]:
    """Run every script on both sides and compare line by line."""
    results = []
    for script in sorted((_HERE / "scripts").glob("*.py")):
        key = f"scripts.{script.stem}"
        if script.name in HELPERS or not re.search(pattern or "", key):
            continue
        start = time.monotonic()
        reason = _compare(_run("torch", script), _run(candidate, script))
        results.append(
            {
                "key": key,
                "check": "scripts",
                "family": "scripts",
                "status": "fail" if reason else "pass",
                "reason": reason,
                "seconds": round(time.monotonic() - start, 3),
            }
        )
    return results


def _run(library: str, script: Path) -> tuple[list[str], str]:
    """Return the lines printed, and what went wrong."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "conformance._run_script", library, str(script)],
            cwd=_HERE.parent,
            env=dict(os.environ, OMP_NUM_THREADS="1"),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [], f"{library}: no end in {LIMIT_S} s"
    last = done.stderr.strip().splitlines()[-1:]
    wrong = f"{library}: {''.join(last)[:300]}" if done.returncode else ""
    return done.stdout.splitlines(), wrong


def _compare(want: tuple[list[str], str], got: tuple[list[str], str]) -> str:
    if want[1] or got[1]:
        return want[1] or got[1]
    if len(want[0]) != len(got[0]):
        return f"{len(got[0])} lines, expected {len(want[0])}"
    for number, (a, b) in enumerate(zip(want[0], got[0], strict=True), 1):
        words, others = _WORD.split(a), _WORD.split(b)
        if len(words) != len(others) or not all(map(_same, words, others)):
            return f"line {number}: {b!r}, expected {a!r}"
    return ""


def _same(want: str, got: str) -> bool:
    if want == got:
        return True
    try:
        a, b = float(want), float(got)
    except ValueError:
        return False
    # Whole numbers (steps, counts) must be equal.
    return "." in want and math.isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-7)
