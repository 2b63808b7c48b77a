"""Pack the UCI test set of handwritten digits into src/derivo/demo/digits.bin.

Usage: python tools/pack_digits.py optdigits.tes

The input is the original file (or the digits.csv that scikit-learn ships, unpacked):
1,797 lines of 64 pixels between 0 and 16 and a label. Written is one byte a value,
pixel by pixel instead of image by image (neighbouring bytes are more alike that way),
compressed by zlib.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "derivo" / "demo" / "digits.bin"


def main(source: str) -> None:
    rows = [
        [int(float(value)) for value in line.split(",")]
        for line in Path(source).read_text().split()
    ]
    assert {len(row) for row in rows} == {65}, "64 pixels and a label in each line"
    columns = bytes(value for column in zip(*rows, strict=True) for value in column)
    TARGET.write_bytes(zlib.compress(columns, 9))
    print(f"{TARGET}: {len(rows)} images, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
