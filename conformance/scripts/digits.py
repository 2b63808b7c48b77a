"""The handwritten digits as plain lists, for scripts that run on either library."""

from __future__ import annotations

import zlib
from pathlib import Path

_FILE = Path(__file__).resolve().parents[2] / "src" / "derivo" / "demo" / "digits.bin"
_COUNT, _PIXELS = 1797, 64


def load(count: int = _COUNT) -> tuple[list[list[int]], list[int]]:
    """Return the first images, 64 whole numbers from 0 to 16 each, and their labels."""
    columns = zlib.decompress(_FILE.read_bytes())
    assert len(columns) == _COUNT * (_PIXELS + 1)
    images = [[columns[p * _COUNT + i] for p in range(_PIXELS)] for i in range(count)]
    return images, list(columns[_PIXELS * _COUNT :][:count])
