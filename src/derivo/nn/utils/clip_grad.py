"""Bounding gradients before an optimizer's step."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import derivo
from derivo.tensor import Tensor

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
]


def _as_list(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    return [parameters] if isinstance(parameters, Tensor) else list(parameters)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Norm of several tensors as if they were one vector.

    Parameters
    ----------
    tensors : Tensor or iterable of Tensor
        Of any shapes.
    norm_type : float, optional
        The p of the norm.
    error_if_nonfinite : bool, optional
        Raise if the result is infinite or NaN.
    foreach : bool, optional
        Accepted; one implementation serves all.

    Returns
    -------
    Tensor of shape ()
        The norm.

    Raises
    ------
    RuntimeError
        If asked to, for a result that is not finite.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.utils.get_total_norm([torch.tensor([3.0]), torch.tensor([4.0])])
    tensor(5.)
    """
    tensors = _as_list(tensors)
    norm_type = float(norm_type)
    if not tensors:
        return derivo.tensor(0.0)
    norms = [t.norm(norm_type) for t in tensors]
    total = derivo.stack(norms).norm(norm_type)
    if error_if_nonfinite and not bool(derivo.isfinite(total)):
        raise RuntimeError(
            f"[clip_grad_norm_] The total norm of order {norm_type} for gradients from "
            "`parameters` is non-finite, so it cannot be clipped. To disable this "
            "error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Scale gradients in place by ``max_norm / total_norm``, unless that is above 1.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those with a gradient are changed.
    max_norm : float
        The bound.
    total_norm : Tensor of shape ()
        As `get_total_norm` returns it.
    foreach : bool, optional
        Accepted; one implementation serves all.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.zeros(1, requires_grad=True)
    >>> p.grad = torch.tensor([4.0])
    >>> torch.nn.utils.clip_grads_with_norm_(p, 1.0, torch.tensor(4.0))
    >>> p.grad
    tensor([1.0000])
    """
    grads = [p.grad for p in _as_list(parameters) if p.grad is not None]
    if not grads:
        return
    with derivo.no_grad():
        # The bound instead of a branch: the result is the same, also for NaN.
        factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
        for grad in grads:
            grad.mul_(factor)


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale gradients in place so that their common norm is at most `max_norm`.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those with a gradient are changed.
    max_norm : float
        The bound.
    norm_type : float, optional
        The p of the norm.
    error_if_nonfinite : bool, optional
        Raise if the norm is infinite or NaN.
    foreach : bool, optional
        Accepted; one implementation serves all.

    Returns
    -------
    Tensor of shape ()
        The norm before.

    Raises
    ------
    RuntimeError
        If asked to, for a norm that is not finite.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.zeros(2, requires_grad=True)
    >>> p.grad = torch.tensor([3.0, 4.0])
    >>> torch.nn.utils.clip_grad_norm_([p], 1.0)
    tensor(5.)
    >>> p.grad
    tensor([0.6000, 0.8000])
    """
    if not isinstance(parameters, Tensor):
        made_list = not isinstance(parameters, (list, tuple))
        parameters = list(parameters)
        if made_list and not parameters:
            warnings.warn(
                "`parameters` is an empty generator, no gradient clipping will occur.",
                stacklevel=2,
            )
    chosen = _as_list(parameters)
    with derivo.no_grad():
        grads = [p.grad for p in chosen if p.grad is not None]
        total = get_total_norm(grads, norm_type, error_if_nonfinite, foreach)
        clip_grads_with_norm_(chosen, max_norm, total, foreach)
    return total


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Old name of `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of "
        "`torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor],
    clip_value: float,
    foreach: bool | None = None,
) -> None:
    """Clamp each element of the gradients to ±clip_value, in place.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those with a gradient are changed.
    clip_value : float
        The bound.
    foreach : bool, optional
        Accepted; one implementation serves all.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.zeros(2, requires_grad=True)
    >>> p.grad = torch.tensor([-3.0, 0.5])
    >>> torch.nn.utils.clip_grad_value_([p], 1.0)
    >>> p.grad
    tensor([-1.0000,  0.5000])
    """
    bound = float(clip_value)
    with derivo.no_grad():
        for param in _as_list(parameters):
            if param.grad is not None:
                param.grad.clamp_(min=-bound, max=bound)
