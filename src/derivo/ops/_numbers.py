"""Arithmetic with numbers inside of operations that are made of others.

PyTorch's own code hands a number on as it is, where an operator in Python makes a
tensor of it; the node's name tells: AddBackward1 instead of AddBackward0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.ops._elementwise import REGISTRY

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["from_number", "minus", "over", "plus", "times"]


def plus(t: Tensor, number: float) -> Tensor:
    """Sum of a tensor and a number."""
    made: Tensor = REGISTRY["add"].core_named("AddBackward1", 1)(t, number)
    return made


def minus(t: Tensor, number: float) -> Tensor:
    """Difference of a tensor and a number."""
    made: Tensor = REGISTRY["sub"].core_named("SubBackward1", 1)(t, number)
    return made


def from_number(number: float, t: Tensor) -> Tensor:
    """Difference of a number and a tensor, where the number becomes a tensor."""
    made: Tensor = REGISTRY["sub"].core(number, t)
    return made


def times(t: Tensor, number: float) -> Tensor:
    """Product of a tensor and a number."""
    made: Tensor = REGISTRY["mul"].core_named("MulBackward1", 1)(t, number)
    return made


def over(t: Tensor, number: float) -> Tensor:
    """Quotient of a tensor and a number."""
    made: Tensor = REGISTRY["div"].core_named("DivBackward1", 1)(t, number)
    return made
