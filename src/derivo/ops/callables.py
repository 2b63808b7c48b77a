"""Python functions of numbers, applied to every element: slow, never recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derivo._core.convert import from_nested, tolist
from derivo._core.copies import _copy_into
from derivo._core.inplace import _check_inplace
from derivo._core.tensor import TensorBase, _bump
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor


def _write_results(
    name: str, t: Tensor, operands: tuple[Any, ...], function: Callable[..., Any]
) -> Tensor:
    """Write what `function` gives for the elements of `t` and of the operands."""
    for x in (t, *operands):
        if x.requires_grad:
            raise RuntimeError(
                f"[{name}] Can't call {name}() on Variable that requires grad. Use "
                f"var.detach().{name}() instead: derivo does not see what the function "
                "does."
            )
    if not callable(function):
        raise TypeError(
            f"[{name}] '{type(function).__name__}' object is not callable: expected a "
            "function of numbers."
        )
    _check_inplace(t, False)
    columns = [tolist(x.expand(t.shape).reshape(-1)) for x in (t, *operands)]
    values = [
        _number(name, function(*numbers)) for numbers in zip(*columns, strict=True)
    ]
    if values:
        _copy_into(t, from_nested(values, t.dtype, max).reshape(t.shape))
    _bump(t, name)
    return t


def _number(name: str, value: Any) -> Any:
    if not hasattr(value, "__float__") and not hasattr(value, "__complex__"):
        raise TypeError(
            f"[{name}] must be real number, not {type(value).__name__}: the function "
            "has to return one."
        )
    return value


def _check_operand(name: str, t: Tensor, operand: Any, label: str) -> None:
    if not isinstance(operand, TensorBase):
        raise TypeError(
            f"[{name}] argument '{label}' must be Tensor, not {type(operand).__name__}."
        )
    if operand.dtype != t.dtype:
        raise TypeError(
            f"[{name}] expected {t.dtype} for '{label}' (got {operand.dtype}). Convert "
            f"it with {label}.to({t.dtype})."
        )


@public("Tensor.apply_")
def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replace every element by what a Python function makes of it.

    Parameters
    ----------
    callable : function
        From one number to one number; called in row-major order.

    Returns
    -------
    Tensor
        The tensor itself. Integer tensors drop fractions of results.

    Raises
    ------
    RuntimeError
        If the tensor requires a gradient: what the function does is not seen.
    TypeError
        If the function gives something else than a number.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(3.0).apply_(lambda v: v * v + 1)
    tensor([1., 2., 5.])
    """
    return _write_results("apply_", self, (), callable)


@public("Tensor.map_")
def map_(self: Tensor, other: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Replace every element by a Python function of it and of another tensor's.

    Parameters
    ----------
    other : Tensor
        Of the same dtype; expands to the shape of this tensor.
    callable : function
        From two numbers to one; called in row-major order.

    Returns
    -------
    Tensor
        The tensor itself.

    Raises
    ------
    RuntimeError
        If a tensor requires a gradient, or `other` does not expand to the shape.
    TypeError
        If `other` has another dtype, or the function gives no number.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(3.0).map_(derivo.tensor(2.0), lambda a, b: a - b)
    tensor([-2., -1.,  0.])
    """
    _check_operand("map_", self, other, "other")
    return _write_results("map_", self, (other,), callable)


@public("Tensor.map2_")
def map2_(
    self: Tensor, x: Tensor, y: Tensor, callable: Callable[[Any, Any, Any], Any]
) -> Tensor:
    """Replace every element by a Python function of it and of two other tensors'.

    Parameters
    ----------
    x, y : Tensor
        Of the same dtype; expand to the shape of this tensor.
    callable : function
        From three numbers to one; called in row-major order.

    Returns
    -------
    Tensor
        The tensor itself.

    Raises
    ------
    RuntimeError
        If a tensor requires a gradient, or one does not expand to the shape.
    TypeError
        If one has another dtype, or the function gives no number.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2)
    >>> derivo.zeros(2).map2_(x, x + 1, lambda a, b, c: a + b * c)
    tensor([2., 2.])
    """
    _check_operand("map2_", self, x, "x")
    _check_operand("map2_", self, y, "y")
    return _write_results("map2_", self, (x, y), callable)
