"""What random functions do inside `vmap`: refuse, draw for each example, or once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import _empty
from derivo.func._batch import Frame, frames, wrap

if TYPE_CHECKING:
    from derivo import Tensor, dtype

__all__ = ["blank_in_vmap", "check_in_place"]


def _refuse(op: str) -> None:
    raise RuntimeError(
        f"[{op}] vmap: called random operation while in randomness error mode. Please "
        "either use the 'same' or 'different' randomness flags on vmap or perform the "
        "randomness operation out of vmap."
    )


def blank_in_vmap(shape: tuple[int, ...], dtype: dtype, op: str) -> Tensor:
    """A tensor to be filled: of each running vmap whose examples differ, a level."""
    different: list[Frame] = []
    for frame in frames():
        if frame.randomness == "error":
            _refuse(op)
        if frame.randomness == "different":
            different.append(frame)
    made: Tensor = _empty((*(f.size for f in different), *shape), dtype)
    for frame in different:
        made = wrap(made, frame)
    return made


def check_in_place(t: Any, op: str) -> None:
    """Refuse random changes in place that the levels of `t` do not fit."""
    levels = set()
    b = t._batch
    while b is not None:
        if b.batched:
            levels.add(b.level)
        b = b.tensor._batch
    for frame in frames():
        if frame.randomness == "error":
            _refuse(op)
        if frame.randomness == "different" and frame.level not in levels:
            raise RuntimeError(
                f"[{op}] vmap: Cannot ask for different inplace randomness on an "
                "unbatched tensor. This will appear like same randomness. Make it of a "
                "tensor that vmap follows, or use randomness='same'."
            )
        if frame.randomness == "same" and frame.level in levels:
            raise RuntimeError(
                f"[{op}] Vmap does not currently support same randomness with a "
                "batched tensor input. Draw into a new tensor, and copy that."
            )
