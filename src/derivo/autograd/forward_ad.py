"""Forward mode: values that carry their derivative along a direction.

Inside a `dual_level`, `make_dual` joins a tensor (the primal) with a tangent; every
operation computes the tangent of its result beside the result, and `unpack_dual` takes
the two apart again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.tensor import TensorBase, _forward_enabled, _set_forward_enabled
from derivo.autograd.grad_mode import _Mode

if TYPE_CHECKING:
    from types import TracebackType

    from derivo import Tensor

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]

# The one level that is open, by PyTorch's count (it has one at most), and by ours.
_current_level = -1
_level = 0


class UnpackedDualTensor(NamedTuple):
    """What `unpack_dual` gives: a tensor's primal and its tangent (or None)."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Open a level of forward mode.

    Returns
    -------
    int
        Its number, for `make_dual`, `unpack_dual` and `exit_dual_level`.

    Raises
    ------
    RuntimeError
        If a level is open: they do not nest. Nest `derivo.func.jvp` instead.

    Examples
    --------
    >>> import derivo
    >>> from derivo.autograd import forward_ad
    >>> level = forward_ad.enter_dual_level()
    >>> d = forward_ad.make_dual(derivo.tensor(3.0), derivo.tensor(1.0))
    >>> forward_ad.unpack_dual(d * d).tangent
    tensor(6.)
    >>> forward_ad.exit_dual_level(level=level)
    """
    global _current_level, _level
    if _current_level >= 0:
        raise RuntimeError(
            "[enter_dual_level] Nested forward mode AD is not supported at the moment: "
            "a level is open already. Nest derivo.func.jvp instead."
        )
    # Not loaded by `import derivo`; the package sets the rule.
    from derivo.func import _modes

    _level = _modes.begin()
    _current_level = 0
    return _current_level


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the level; tensors that still carry tangents of it lose them.

    Parameters
    ----------
    level : int, optional
        Which; the last, if not given.

    Raises
    ------
    RuntimeError
        If it is not the last that was opened.

    Examples
    --------
    >>> from derivo.autograd import forward_ad
    >>> _ = forward_ad.enter_dual_level()
    >>> forward_ad.exit_dual_level()
    """
    global _current_level, _level
    if level is None:
        level = _current_level
    if level < 0:
        raise RuntimeError(
            "[exit_dual_level] Dual level must be a positive number: no level is open. "
            "Use `with dual_level():`, which closes what it opens."
        )
    if level != _current_level:
        raise RuntimeError(
            "[exit_dual_level] Trying to exit a forward AD level that was not the last "
            f"one that was created: expected {_current_level}, got {level=}. This is "
            "not supported."
        )
    from derivo.func import _modes

    _modes.end(_level)
    _current_level = -1
    _level = 0


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """Join a tensor and a tangent: a view of the tensor that carries the tangent.

    Parameters
    ----------
    tensor : Tensor
        The primal: any shape, floating point or complex.
    tangent : Tensor
        Of the same shape, floating point or complex. It is used as it is, not copied,
        if it lies in memory as `tensor` does.
    level : int, optional
        The level that `enter_dual_level` gave.

    Returns
    -------
    Tensor
        A view of `tensor`, in the same place of the graph.

    Raises
    ------
    RuntimeError
        If no level is open, the shapes differ, or `tensor` has a tangent already.
    ValueError
        If either is neither floating point nor complex.

    Notes
    -----
    **Derivative.** Of what is computed from the dual tensor, along `tangent`; backward
    passes go through it as through any view.

    Examples
    --------
    >>> import derivo
    >>> from derivo.autograd import forward_ad
    >>> x = derivo.tensor([1.0, 2.0])
    >>> with forward_ad.dual_level():
    ...     d = forward_ad.make_dual(x, derivo.tensor([1.0, 0.0]))
    ...     forward_ad.unpack_dual(d**2).tangent
    tensor([2., 0.])
    """
    if level is None:
        level = _current_level
    if level < 0:
        raise RuntimeError(
            "[make_dual] Trying to create a dual Tensor for forward AD but no level "
            "exists, make sure to enter_dual_level() first."
        )
    _check_floating("primal", tensor)
    _check_floating("tangent", tangent)
    from derivo.func._forward import make_dual as make

    made: Tensor = make(tensor, tangent, _level)
    return made


def _check_floating(word: str, t: Tensor) -> None:
    if not isinstance(t, TensorBase):
        raise AttributeError(
            f"[make_dual] expected {word} to be a Tensor: '{type(t).__name__}' object "
            "has no attribute 'is_floating_point'."
        )
    if not (t.dtype.is_floating_point or t.dtype.is_complex):
        raise ValueError(
            f"[make_dual] Expected {word} to be floating point or complex, but got: "
            f"{t.dtype}. Convert it with .to(dtype)."
        )


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Take a tensor and its tangent apart.

    Parameters
    ----------
    tensor : Tensor
        Any.
    level : int, optional
        The level that `enter_dual_level` gave.

    Returns
    -------
    UnpackedDualTensor
        ``primal``: an alias of the tensor without tangent, in the same place of the
        graph; ``tangent``: None if there is none, or no level is open.

    Examples
    --------
    >>> import derivo
    >>> from derivo.autograd import forward_ad
    >>> with forward_ad.dual_level():
    ...     primal, tangent = forward_ad.unpack_dual(derivo.ones(2))
    >>> tangent is None
    True
    """
    if level is None:
        level = _current_level
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, TensorBase):
        raise TypeError(
            "[unpack_dual] _unpack_dual(): argument 'dual' (position 1) must be "
            f"Tensor, not {type(tensor).__name__}."
        )
    from derivo._core.forward import tangents
    from derivo.func._forward import bare_view, tangent_of

    tangent = tangent_of(tensor, _level) if _forward_enabled() else None
    if tangent is None and not tangents(tensor):
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(bare_view(tensor, _level), tangent)


class dual_level(_Mode):
    """Context in which tensors may carry tangents.

    Levels do not nest; `derivo.func.jvp` does. What still carries a tangent when the
    level closes loses it.

    Examples
    --------
    >>> import derivo
    >>> from derivo.autograd import forward_ad
    >>> with forward_ad.dual_level():
    ...     d = forward_ad.make_dual(derivo.tensor(0.5), derivo.tensor(1.0))
    ...     forward_ad.unpack_dual(d.sin()).tangent
    tensor(0.8776)
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        exit_dual_level()


class _set_fwd_grad_enabled(_Mode):
    """Context in which operations give no tangents, or give them again."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.prev = _set_forward_enabled(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        _set_forward_enabled(self.prev)

    def clone(self) -> _set_fwd_grad_enabled:
        return type(self)(self.mode)
