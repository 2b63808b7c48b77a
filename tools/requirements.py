#!/usr/bin/env python3
"""Print what some extras need, one a line, without what they share with the package.

``pip install ".[dev]"`` would build the package again; CI has it already.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def requirements(extra: str) -> list[str]:
    """List the requirements of an extra, those of the extras that it names included."""
    extras = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    found = []
    for line in extras[extra]:
        nested = re.fullmatch(r"derivo\[(.*)\]", line)
        if nested:
            for name in nested[1].split(","):
                found += requirements(name)
        else:
            found.append(line)
    return found


if __name__ == "__main__":
    print("\n".join(r for extra in sys.argv[1:] for r in requirements(extra)))
