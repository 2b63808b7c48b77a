"""1,797 real handwritten digits, small enough to ship (source: DIGITS.md)."""

from __future__ import annotations

import zlib
from importlib import resources
from typing import TYPE_CHECKING

import derivo

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["load_digits"]

_COUNT, _SIDE = 1797, 8


def load_digits() -> tuple[Tensor, Tensor]:
    """Load the UCI test set of handwritten digits.

    Returns
    -------
    images : Tensor
        Shape ``(1797, 8, 8)``, dtype float32: whole numbers from 0 (paper) to 16 (ink).
    labels : Tensor
        Shape ``(1797,)``, dtype int64: the digit, 0 to 9.

    Examples
    --------
    >>> from derivo.demo import load_digits
    >>> images, labels = load_digits()
    >>> images.shape, labels[:5]
    (torch.Size([1797, 8, 8]), tensor([0, 1, 2, 3, 4]))
    """
    packed = resources.files("derivo.demo").joinpath("digits.bin").read_bytes()
    values = derivo.tensor(list(zlib.decompress(packed)), dtype=derivo.float32)
    columns = values.reshape(-1, _COUNT)  # one row a pixel, and the labels
    images = columns[:-1].t().reshape(_COUNT, _SIDE, _SIDE).contiguous()
    return images, columns[-1].to(derivo.int64)
