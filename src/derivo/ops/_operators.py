"""Python's operators on tensors: which operation each of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derivo.ops import elementwise  # noqa: F401 - fills the registry
from derivo.ops._elementwise import REGISTRY
from derivo.ops._surface import FUNCTIONS
from derivo.ops.elementwise.powers import power

if TYPE_CHECKING:
    from derivo import Tensor

    Number = bool | int | float

__all__ = ["METHODS", "install"]


_square = REGISTRY["square"]


def _pow(base: Any, exponent: Any) -> Tensor:
    # The most common power by the shortest way.
    if type(exponent) is int and exponent == 2 and base.dtype.is_floating_point:
        return _square.core(base)
    op, operands = power(base, exponent)
    return op(*operands)


def _rsub(self: Tensor, other: Tensor | Number) -> Tensor:
    return REGISTRY["rsub"].overload(other)(self, other)


def _rtruediv(self: Tensor, other: Tensor | Number) -> Tensor:
    # Two nodes and two roundings, as in PyTorch.
    return REGISTRY["mul"].core(REGISTRY["reciprocal"].core(self), other)


# PyTorch's own code gives numbers to forms that programs do not reach: other nodes.
METHODS: dict[str, Callable[..., Any]] = {
    "__rdiv__": _rtruediv,
    "__neg__": FUNCTIONS["Tensor.neg"],
    "__pos__": FUNCTIONS["Tensor.positive"],
    "__abs__": FUNCTIONS["Tensor.abs"],
    "__invert__": FUNCTIONS["Tensor.bitwise_not"],
    "__iadd__": FUNCTIONS["Tensor.add_"],
    "__isub__": FUNCTIONS["Tensor.sub_"],
    "__imul__": FUNCTIONS["Tensor.mul_"],
    "__itruediv__": FUNCTIONS["Tensor.div_"],
    "__ifloordiv__": FUNCTIONS["Tensor.floor_divide_"],
    "__imod__": FUNCTIONS["Tensor.remainder_"],
    "__ipow__": FUNCTIONS["Tensor.pow_"],
    "__iand__": FUNCTIONS["Tensor.bitwise_and_"],
    "__ior__": FUNCTIONS["Tensor.bitwise_or_"],
    "__ixor__": FUNCTIONS["Tensor.bitwise_xor_"],
    "__ilshift__": FUNCTIONS["Tensor.bitwise_left_shift_"],
    "__irshift__": FUNCTIONS["Tensor.bitwise_right_shift_"],
}
"""Special methods of Tensor that the core leaves to Python."""


def install() -> None:
    """Hand the core the operations of its operator slots, in the core's order."""
    from derivo._core import dispatch, tensor

    core = {name: REGISTRY[name].core for name in _SLOTS if name in REGISTRY}
    core |= {
        "floor_divide": FUNCTIONS["floor_divide"],
        "remainder": FUNCTIONS["remainder"],
        "pow": _pow,
    }
    dispatch.set_operators([core[name] for name in _SLOTS])
    tensor.set_slots(rsub=_rsub, rtruediv=_rtruediv)


_SLOTS = (
    *("add", "sub", "mul", "div", "floor_divide", "remainder", "pow"),
    *("bitwise_and", "bitwise_or", "bitwise_xor"),
    *("bitwise_left_shift", "bitwise_right_shift"),
    *("lt", "le", "gt", "ge", "eq", "ne"),
)
