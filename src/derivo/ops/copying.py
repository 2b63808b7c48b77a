"""Pickling and copying of tensors, as Python objects are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import convert
from derivo._core.copies import _clone, _contiguous
from derivo._core.tensor import _empty, _make_subclass
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor, dtype


def _rebuild(
    cls: Any, raw: bytes, dtype: dtype, shape: tuple[int, ...], requires_grad: bool
) -> Tensor:
    made = _empty(shape, dtype)
    if raw:
        import ctypes

        ctypes.memmove(made.data_ptr(), raw, len(raw))
    from derivo import Tensor

    if cls is not Tensor:
        return _make_subclass(cls, made, requires_grad)
    if requires_grad:
        made.requires_grad_()
    return made


@public("Tensor.__reduce_ex__")
def _reduce_ex(self: Tensor, protocol: int) -> Any:
    """Pickle values, dtype, shape and requires_grad; history stays behind."""
    raw = convert.bytes_of(_contiguous(self))
    arguments = (type(self), raw, self.dtype, tuple(self.shape), self.requires_grad)
    return _rebuild, arguments, (self.__dict__ or None)


@public("Tensor.__deepcopy__")
def _deepcopy(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """Copy a leaf with its gradient; `memo` keeps shared tensors shared."""
    if id(self) in memo:
        found: Tensor = memo[id(self)]
        return found
    if not self.is_leaf:
        raise RuntimeError(
            "[deepcopy] Only Tensors created explicitly by the user (graph leaves) "
            "support the deepcopy protocol at the moment. Use detach() first."
        )
    import copy

    made = _clone(self)
    from derivo import Tensor

    if type(self) is not Tensor:
        made = _make_subclass(type(self), made, self.requires_grad)
    elif self.requires_grad:
        made.requires_grad_()
    memo[id(self)] = made
    if self.grad is not None:
        made.grad = self.grad.__deepcopy__(memo)
    for name, value in self.__dict__.items():
        setattr(made, name, copy.deepcopy(value, memo))
    return made


@public("Tensor.__copy__")
def _copy(self: Tensor) -> Tensor:
    """Shallow copy: the same storage."""
    made = _make_subclass(type(self), self, False)
    if self.requires_grad and self.is_leaf:
        made.requires_grad_()
    made.__dict__.update(self.__dict__)
    return made


@public("Tensor.as_subclass")
def as_subclass(self: Tensor, cls: Any) -> Any:
    """Return the tensor as an object of a subclass; gradients flow back to it.

    Parameters
    ----------
    cls : type
        A subclass of `Tensor`.

    Returns
    -------
    Tensor
        Of class `cls`, over the same memory.

    Raises
    ------
    TypeError
        If `cls` is no subclass of `Tensor`.

    Examples
    --------
    >>> import derivo
    >>> class Mine(derivo.Tensor):
    ...     pass
    >>> type(derivo.ones(2).as_subclass(Mine) + 1).__name__
    'Mine'
    """
    from derivo._core.overrides import as_class
    from derivo._core.views import alias_of

    _check_subclass("as_subclass", cls)
    return as_class(cls, alias_of(self))


def _make_subclass_of(cls: Any, data: Tensor, require_grad: bool = False) -> Any:
    """Make an object of a subclass over a tensor's memory, a leaf of the graph."""
    _check_subclass("_make_subclass", cls)
    return _make_subclass(cls, data.detach(), require_grad)


def _check_subclass(name: str, cls: Any) -> None:
    from derivo import Tensor

    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise TypeError(
            f"[{name}] cls must be a type that inherits from Tensor, got {cls!r}."
        )
