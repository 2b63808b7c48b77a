"""Checking derivatives against differences."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.autograd._checking import (
    GradcheckError,
    Settings,
    as_tuple,
    counts,
    differentiable,
)
from derivo.autograd._engine import grad
from derivo.autograd.grad_mode import enable_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def _check_inputs(inputs: Sequence[Any]) -> None:
    if not differentiable(inputs):
        raise ValueError(
            "[gradcheck] gradcheck expects at least one input tensor to require "
            "gradient, but none of them have requires_grad=True."
        )
    for i, t in enumerate(inputs):
        if not isinstance(t, TensorBase) or not t.requires_grad:
            continue
        if t.dtype.name not in ("float64", "complex128"):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating "
                "point or complex. This check will likely fail if all the inputs are "
                "not of double precision floating point or complex.",
                UserWarning,
                stacklevel=4,
            )
        if any(s == 0 and n > 1 for s, n in zip(t.stride(), t.shape, strict=True)):
            raise RuntimeError(
                f"[gradcheck] The {i}th input has a dimension with stride 0: several "
                "of its elements are one place, so that none can be changed alone to "
                "take a difference. Pass a contiguous() copy."
            )


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Check gradients against central differences.

    Parameters
    ----------
    func : callable
        Takes the inputs, returns a tensor or a tuple of tensors.
    inputs : Tensor or tuple
        Those that require gradients are checked; float64, or the differences are too
        rough.
    eps : float, default 1e-6
        Size of the step.
    atol, rtol : float
        Tolerances of the comparison.
    raise_exception : bool, default True
        Raise `GradcheckError` instead of returning False.
    nondet_tol : float, default 0.0
        How far two backward passes may differ.
    check_undefined_grad : bool, default True
        Whether a missing incoming gradient (in forward mode: a missing tangent) must
        be treated as zero.
    check_grad_dtypes : bool, default False
        Whether gradients must have the dtype of their input, and tangents be complex
        where their output is.
    check_batched_grad, check_batched_forward_grad : bool, default False
        Whether gradients of several vectors at once (by `vmap`) are those one by one.
    check_forward_ad, check_backward_ad : bool
        Which modes to check, forward (False by default) and backward.
    fast_mode : bool, default False
        Compare along one random direction instead of element by element: `func` is
        called a few times, however many elements there are.
    masked : bool, optional
        Whether gradients of zero need to give zero up to a tolerance only. (In PyTorch
        also: whether what a sparse tensor leaves out is ignored.)

    Returns
    -------
    bool
        True if all agree.

    Raises
    ------
    GradcheckError
        If some do not, and `raise_exception`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.rand(3, dtype=derivo.float64, requires_grad=True)
    >>> derivo.autograd.gradcheck(derivo.exp, (x,))
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError(
            "[gradcheck] Expected at least one of check_forward_ad or "
            "check_backward_ad to be True."
        )
    if check_batched_grad and not check_backward_ad:
        raise AssertionError(
            "[gradcheck] Setting check_batched_grad=True requires check_backward_ad to "
            "be True."
        )
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError(
            "[gradcheck] Setting check_batched_forward_grad=True requires "
            "check_forward_ad to be True."
        )
    arguments = as_tuple(inputs)
    settings = Settings(
        eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode, bool(masked)
    )
    _check_inputs(arguments)
    try:
        if check_backward_ad:
            from derivo.autograd._backward_check import check_backward

            check_backward(func, arguments, settings)
        if check_forward_ad:
            from derivo.autograd._forward_check import check_forward

            check_forward(func, arguments, settings, check_undefined_grad)
        _check_batched(func, arguments, check_batched_grad, check_batched_forward_grad)
        if check_backward_ad:
            _check_nothing(func, arguments, settings, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_batched(
    func: Callable[..., Any], inputs: tuple[Any, ...], backward: bool, forward: bool
) -> None:
    if not (backward or forward):
        return
    from derivo.autograd import _batched_check as batched

    failed = batched.check_batched_forward(func, inputs) if forward else ""
    if backward and not failed:
        failed = batched.check_batched_backward(func, inputs, differentiable(inputs))
    if failed:
        raise GradcheckError(f"[gradcheck] gradcheck or gradgradcheck {failed}")


def _check_nothing(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    settings: Settings,
    undefined: bool,
) -> None:
    """Check that from nothing comes nothing."""
    from derivo.autograd._backward_check import check_undefined, check_zero_seeds

    check_zero_seeds(func, inputs, settings)
    if undefined:
        check_undefined(func, inputs)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Check gradients of gradients against central differences.

    Parameters
    ----------
    func : callable
        Takes the inputs, returns a tensor or a tuple of tensors.
    inputs : Tensor or tuple
        As in `gradcheck`.
    grad_outputs : Tensor or tuple, optional
        Incoming gradients; random ones if not given. Checked as inputs as well.
    eps, atol, rtol, raise_exception, nondet_tol
        As in `gradcheck`.
    gen_non_contig_grad_outputs : bool, default False
        Whether the random gradients are not contiguous.
    check_undefined_grad, check_grad_dtypes, check_batched_grad, fast_mode, masked
        As in `gradcheck`.
    check_fwd_over_rev, check_rev_over_rev : bool
        How the gradients are differentiated: forward (not by default), backward.

    Returns
    -------
    bool
        True if all agree.

    Raises
    ------
    GradcheckError
        If some do not, and `raise_exception`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.rand(3, dtype=derivo.float64, requires_grad=True)
    >>> derivo.autograd.gradgradcheck(derivo.exp, (x,))
    True
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError(
            "[gradgradcheck] Expected at least one of check_fwd_over_rev or "
            "check_rev_over_rev to be True."
        )
    for name, value in (
        ("check_undefined_grad", check_undefined_grad),
        ("check_batched_grad", check_batched_grad),
    ):
        if value and not check_rev_over_rev:
            raise AssertionError(
                f"[gradgradcheck] Setting {name}=True requires check_rev_over_rev to "
                f"be True. Pass {name}=False."
            )
    arguments = as_tuple(inputs)
    if grad_outputs is None:
        seeds = _seeds(func(*arguments), gen_non_contig_grad_outputs)
    else:
        seeds = as_tuple(grad_outputs)

    def gradients(*both: Any) -> tuple[Any, ...]:
        values, vectors = both[: len(arguments)], both[len(arguments) :]
        with enable_grad():
            made = [o for o in as_tuple(func(*values)) if _recorded(o)]
            wanted = differentiable(values)
            found = grad(made, wanted, vectors, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradients,
        (*arguments, *seeds),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


def _recorded(value: Any) -> bool:
    return counts(value) and value.requires_grad


def _seeds(made: Any, noncontiguous: bool) -> tuple[Tensor, ...]:
    """Random gradients of what a function returned."""
    from derivo.testing import make_tensor

    return tuple(
        make_tensor(
            o.shape,
            dtype=o.dtype,
            low=-1,
            high=1,
            requires_grad=True,
            noncontiguous=noncontiguous,
        )
        for o in as_tuple(made)
        if _recorded(o)
    )
