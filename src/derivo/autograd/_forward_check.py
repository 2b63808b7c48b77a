"""Checking forward mode against differences: gradcheck's ``check_forward_ad``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor

__all__ = ["check_forward"]


def _pushed(
    func: Callable[..., Any], inputs: Sequence[Any], x: Tensor
) -> list[list[Any]]:
    """Tangents of the outputs along each element of `x`: ``[element][output]``."""
    from derivo import zeros_like
    from derivo.autograd import forward_ad
    from derivo.autograd.gradcheck import _counts, _reals, _tuple

    rows: list[list[Any]] = []
    for j in range(x.numel()):
        slopes: list[Any] = []
        # As differences are taken: of a complex number along both axes.
        for turn in (1.0, 1j) if x.is_complex() else (1.0,):
            direction = zeros_like(x).detach().contiguous()
            direction.view(-1)[j] = turn
            with forward_ad.dual_level():
                dual = forward_ad.make_dual(x, direction)
                outs = _tuple(func(*(dual if t is x else t for t in inputs)))
                found = []
                for out in outs:
                    if not _counts(out):
                        continue
                    primal, tangent = forward_ad.unpack_dual(out)
                    found.append(
                        _reals(zeros_like(primal) if tangent is None else tangent)
                    )
            if turn == 1.0:
                slopes = found
            else:
                slopes = [s + turn * f for s, f in zip(slopes, found, strict=True)]
        rows.append(slopes)
    return rows


def check_forward(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    *,
    eps: float,
    atol: float,
    rtol: float,
    fast: bool,
) -> None:
    """Compare tangents with central differences; GradcheckError if they differ."""
    import numpy as np

    from derivo.autograd.gradcheck import GradcheckError, _check_inputs, _numerical

    for i, x in enumerate(_check_inputs(inputs)):
        numerical = _numerical(func, inputs, x, eps)
        rows = _pushed(func, inputs, x)
        for k, expected in enumerate(numerical):
            made = np.stack([row[k] for row in rows])
            if fast:
                direction = np.random.default_rng(0).standard_normal(expected.shape)
                a, n = (made * direction).sum(), (expected * direction).sum()
                agrees = np.allclose(a, n, rtol, atol * direction.size**0.5)
            else:
                agrees = np.allclose(made, expected, rtol, atol)
            if not agrees:
                raise GradcheckError(
                    "[gradcheck] Jacobian computed with forward mode mismatch for "
                    f"output {k} with respect to input {i},\nnumerical:{expected}\n"
                    f"analytical:{made}\n"
                )
