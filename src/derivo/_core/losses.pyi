# Stub of derivo._core.losses, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def backward(
    g: Any,
    target: Any,
    weight: Any,
    classes: Any,
    reduction: Any,
    ignore: Any,
    total: Any,
) -> Any:
    """Gradient ``[n, classes, inner]`` for the contiguous gradient of the loss."""

def forward(x: Any, target: Any, weight: Any, reduction: Any, ignore: Any) -> Any:
    """Loss and total weight.

    `x` is contiguous ``[n, classes, inner]`` float32 or float64, `target` contiguous
    int64 ``[n, inner]``, `weight` contiguous ``[classes]`` or None.
    """
