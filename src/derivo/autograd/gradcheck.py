"""Checking derivatives against differences."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.autograd._engine import grad
from derivo.autograd.grad_mode import enable_grad

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """A derivative does not agree with differences."""


def _tuple(value: Any) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    return (value,)


def _differentiable(inputs: Sequence[Any]) -> list[Tensor]:
    return [t for t in inputs if isinstance(t, TensorBase) and t.requires_grad]


def _check_inputs(inputs: Sequence[Any]) -> list[Tensor]:
    chosen = _differentiable(inputs)
    if not chosen:
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
    return chosen


def _numerical(
    fn: Callable[..., Any], inputs: Sequence[Any], x: Tensor, eps: float
) -> list[Any]:
    """D output / d x by central differences: for each output, [x.numel, out.numel]."""
    import numpy as np

    from derivo.autograd.grad_mode import no_grad

    columns: list[list[Any]] = []
    data = x.data
    flat = data.reshape(-1) if data.is_contiguous() else None
    places: list[Any] = [None] if flat is not None else _places(data)
    count = x.numel()
    for j in range(count):
        cell = flat[j : j + 1] if flat is not None else places[j]
        old = cell.clone()
        slopes: list[Any] = []
        # Of a complex number along both axes: the gradient is dL/dx + i dL/dy.
        for turn in (1.0, 1j) if x.is_complex() else (1.0,):
            with no_grad():
                cell.copy_(old + eps * turn)
                high = [_reals(o) for o in _tuple(fn(*inputs)) if _counts(o)]
                cell.copy_(old - eps * turn)
                low = [_reals(o) for o in _tuple(fn(*inputs)) if _counts(o)]
                cell.copy_(old)
            for k, (h, lo) in enumerate(zip(high, low, strict=True)):
                slope = turn * (h - lo) / (2 * eps)
                if turn == 1.0:
                    slopes.append(slope)
                else:
                    slopes[k] = slopes[k] + slope
        columns.append(slopes)
    if not columns:
        return []
    return [np.stack([c[k] for c in columns]) for k in range(len(columns[0]))]


def _places(data: Tensor) -> list[Any]:
    return [data[index] for index in itertools.product(*(range(n) for n in data.shape))]


def _counts(out: Any) -> bool:
    return isinstance(out, TensorBase) and (
        out.dtype.is_floating_point or out.dtype.is_complex
    )


def _reals(out: Tensor) -> Any:
    """Values of an output; of a complex one the real parts, then the imaginary ones."""
    import numpy as np

    made = _array(out)
    return np.concatenate([made.real, made.imag]) if out.is_complex() else made


def _array(out: Tensor) -> Any:
    return out.detach().contiguous().reshape(-1).clone().numpy()


def _analytical(output: Tensor, x: Tensor, nondet_tol: float) -> tuple[Any, bool]:
    """D output / d x by backward passes, and whether a second pass agreed."""
    import numpy as np

    from derivo import zeros_like

    rows: list[Any] = []
    again: list[Any] = []
    # A seed of i picks the imaginary part.
    turns = (1.0, 1j) if output.is_complex() else (1.0,)
    for turn, k in itertools.product(turns, range(output.numel())):
        seed = zeros_like(output).contiguous()
        seed.reshape(-1)[k] = turn
        for sink in (rows, again):
            (g,) = grad(output, x, seed, retain_graph=True, allow_unused=True)
            if g is None:
                sink.append(np.zeros(x.numel()))
                continue
            if g.shape != x.shape:
                raise GradcheckError(
                    "[gradcheck] backward returned a gradient of shape "
                    f"{list(g.shape)} for an input of shape {list(x.shape)}."
                )
            if g.dtype != x.dtype:
                raise GradcheckError(
                    f"[gradcheck] backward returned a gradient of dtype {g.dtype} for "
                    f"an input of dtype {x.dtype}."
                )
            sink.append(_array(g))
    if not rows:
        return np.zeros((x.numel(), 0)), True
    first, second = np.stack(rows, 1), np.stack(again, 1)
    same = np.allclose(first, second, rtol=0.0, atol=nondet_tol, equal_nan=True)
    return first, bool(same)


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
        Whether a missing incoming gradient must be treated as zero.
    check_batched_grad, check_batched_forward_grad : bool, default False
        Whether gradients of several vectors at once (by `vmap`) are those one by one.
    check_forward_ad, check_backward_ad : bool
        Which modes to check, forward (False by default) and backward.
    fast_mode : bool, default False
        Compare along one random direction instead of element by element.

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
    arguments = _tuple(inputs)
    try:
        if check_backward_ad:
            _run(
                func,
                arguments,
                eps,
                atol,
                rtol,
                nondet_tol,
                check_undefined_grad,
                fast_mode,
            )
        if check_forward_ad:
            from derivo.autograd._forward_check import check_forward

            check_forward(
                func, arguments, eps=eps, atol=atol, rtol=rtol, fast=fast_mode
            )
        _run_batched(func, arguments, check_batched_grad, check_batched_forward_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _run(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    nondet_tol: float,
    undefined: bool,
    fast: bool,
) -> None:
    import numpy as np

    chosen = _check_inputs(inputs)
    everything = _tuple(func(*inputs))
    outputs = [o for o in everything if _counts(o) and o.requires_grad]
    if not outputs:
        for x in chosen:
            for part in _numerical(func, inputs, x, eps):
                if np.abs(part).max(initial=0.0) > atol:
                    raise GradcheckError(
                        "[gradcheck] Numerical gradient for function expected to be "
                        "zero: none of the outputs require gradients."
                    )
        return
    positions = [
        k for k, o in enumerate(o for o in everything if _counts(o)) if o.requires_grad
    ]
    for i, x in enumerate(chosen):
        numerical = _numerical(func, inputs, x, eps)
        for k, output in zip(positions, outputs, strict=True):
            analytical, same = _analytical(output, x, nondet_tol)
            if not same:
                raise GradcheckError(
                    "[gradcheck] Backward is not reentrant, i.e., running backward "
                    "with same input and grad_output multiple times gives different "
                    "values, although analytical gradient matches numerical gradient."
                )
            if not numerical:
                continue
            expected = numerical[k]
            if fast:
                direction = np.random.default_rng(0).standard_normal(expected.shape)
                a, n = (analytical * direction).sum(), (expected * direction).sum()
                agrees = np.allclose(a, n, rtol, atol * direction.size**0.5)
            else:
                agrees = np.allclose(analytical, expected, rtol, atol)
            if not agrees:
                raise GradcheckError(
                    f"[gradcheck] Jacobian mismatch for output {k} with respect to "
                    f"input {i},\nnumerical:{expected}\nanalytical:{analytical}\n"
                )
    if undefined:
        _check_undefined(func, inputs, chosen)


def _run_batched(
    func: Callable[..., Any], inputs: tuple[Any, ...], backward: bool, forward: bool
) -> None:
    if not (backward or forward):
        return
    from derivo.autograd import _batched_check as batched

    chosen = _differentiable(inputs)
    failed = batched.check_batched_backward(func, inputs, chosen) if backward else ""
    if forward and not failed:
        failed = batched.check_batched_forward(func, inputs, chosen)
    if failed:
        raise GradcheckError(f"[gradcheck] gradcheck or gradgradcheck {failed}")


def _check_undefined(
    func: Callable[..., Any], inputs: tuple[Any, ...], chosen: list[Tensor]
) -> None:
    """Outputs that nothing depends on contribute nothing, and break nothing."""
    outputs = [o for o in _tuple(func(*inputs)) if _counts(o) and o.requires_grad]
    if len(outputs) < 2:
        return
    from derivo import zeros_like

    for output in outputs:
        grads = grad(
            [output], chosen, [zeros_like(output)], retain_graph=True, allow_unused=True
        )
        for g in grads:
            if g is not None and bool((g != 0).any()):
                raise GradcheckError(
                    "[gradcheck] Expected all input grads to be undefined or zero when "
                    "all output grads are undefined or zero."
                )


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
    arguments = _tuple(inputs)
    if grad_outputs is None:
        from derivo import randn

        outputs = [
            o for o in _tuple(func(*arguments)) if _counts(o) and o.requires_grad
        ]
        seeds = []
        for o in outputs:
            seed = randn(o.shape, dtype=o.dtype)
            if gen_non_contig_grad_outputs and seed.dim():
                seed = seed.unsqueeze(-1).repeat(*[1] * seed.dim(), 2)[..., 0]
            seeds.append(seed.requires_grad_())
    else:
        seeds = list(_tuple(grad_outputs))
    count = len(seeds)

    def gradients(*both: Any) -> tuple[Any, ...]:
        values, vectors = both[:-count], both[-count:]
        with enable_grad():
            made = [o for o in _tuple(func(*values)) if _counts(o) and o.requires_grad]
            wanted = _differentiable(values)
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
    )
