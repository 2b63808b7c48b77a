"""Tensors that a module owns: `Parameter` (learned) and `Buffer` (kept)."""

from __future__ import annotations

from typing import Any

from derivo._core.tensor import _make_subclass
from derivo._disabled import _disabled_torch_function_impl
from derivo.tensor import Tensor

__all__ = ["Buffer", "Parameter", "is_parameter"]


class Parameter(Tensor):
    """A tensor that a module learns: assigning it to a module registers it.

    Parameters
    ----------
    data : Tensor of any shape, optional
        The initial values, shared and not copied. Default: an empty tensor.
    requires_grad : bool, optional
        Whether gradients are recorded. Only floating dtypes may require them.

    Returns
    -------
    Parameter
        A leaf tensor of the same shape and dtype, sharing memory with `data`.

    Raises
    ------
    RuntimeError
        If `requires_grad` is true and `data` is of an integer or bool dtype.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.nn.Parameter(torch.ones(2))
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 2.])
    """

    __torch_function__ = _disabled_torch_function_impl  # type: ignore[assignment]

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Any:
        """Share the memory of `data` as a new leaf."""
        if data is None:
            import derivo

            data = derivo.empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(
                f"[{cls.__name__}] expected a Tensor as data, got "
                f"{type(data).__name__}. Convert it with derivo.tensor(...) first."
            )
        return _make_subclass(cls, data, requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) in memo:
            return memo[id(self)]
        copied = type(self)(self.data.clone(), self.requires_grad)
        copied.__dict__.update(_copied_attributes(self, memo))
        memo[id(self)] = copied
        return copied

    def __repr__(self) -> str:  # type: ignore[override]
        return "Parameter containing:\n" + Tensor.__repr__(self)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        state = dict(getattr(self, "__dict__", {}))
        return _rebuild, (type(self), self.data, self.requires_grad, state)


class Buffer(Tensor):
    """A tensor that belongs to a module's state and is not learned.

    Assigning it to a module registers it as a buffer.

    Parameters
    ----------
    data : Tensor of any shape, optional
        The values, shared and not copied. Default: an empty tensor.
    persistent : bool, optional
        Whether the buffer is part of the module's `state_dict`.

    Examples
    --------
    >>> import derivo as torch
    >>> m = torch.nn.Module()
    >>> m.count = torch.nn.Buffer(torch.zeros(1))
    >>> list(m.state_dict())
    ['count']
    """

    persistent: bool
    __torch_function__ = _disabled_torch_function_impl  # type: ignore[assignment]

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Any:
        """Share the memory of `data`."""
        if data is None:
            import derivo

            data = derivo.empty(0)
        made = _make_subclass(cls, data.detach(), data.requires_grad)
        made.persistent = persistent
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return "Buffer containing:\n" + Tensor.__repr__(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        if id(self) in memo:
            return memo[id(self)]
        copied = type(self)(self.data.clone(), persistent=self.persistent)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _rebuild_buffer, (type(self), self.data, self.persistent)


def is_parameter(value: object) -> bool:
    """Tell whether `value` is a `Parameter`."""
    return isinstance(value, Parameter)


def _copied_attributes(tensor: Any, memo: dict[int, Any]) -> dict[str, Any]:
    attributes = getattr(tensor, "__dict__", None)
    if not attributes:
        return {}
    from copy import deepcopy

    return {name: deepcopy(value, memo) for name, value in attributes.items()}


def _rebuild(
    cls: type[Parameter], data: Tensor, requires_grad: bool, state: dict[str, Any]
) -> Parameter:
    made = cls(data, requires_grad)
    if state:
        made.__dict__.update(state)
    return made


def _rebuild_buffer(cls: type[Buffer], data: Tensor, persistent: bool) -> Buffer:
    return cls(data, persistent=persistent)
