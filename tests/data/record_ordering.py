"""Record in which order PyTorch's topk leaves equal elements.

For tests/unit/core/test_ordering.py. Run by hand with PyTorch installed:
``python -m tests.data.record_ordering``.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import torch

# (elements, different values, selected): heaps, selections, whole sorts
CASES = [
    (n, values, k)
    for n in (1, 2, 3, 4, 16, 17, 40, 100, 640, 1000)
    for values in (1, 2, 5, 50)
    for k in sorted({1, 2, n // 70, n // 10, n // 2, n - 1, n})
    if 1 <= k <= n
]


def numbers(n: int, values: int) -> list[int]:
    # Squares modulo a prime: neither sorted nor periodic with a short period.
    return [(i * i * 31 + 7 * i) % 1009 % values for i in range(n)]


def main() -> None:
    found = {}
    for n, values, k in CASES:
        x = torch.tensor(numbers(n, values))
        marks = []
        for largest in (True, False):
            for ordered in (True, False):
                places = torch.topk(x, k, largest=largest, sorted=ordered).indices
                marks.append(f"{zlib.crc32(places.numpy().tobytes()):08x}")
        found[f"{n} {values} {k}"] = " ".join(marks)
    path = Path(__file__).with_name("ordering.json")
    path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
