"""Solvers of linear systems that are given as functions: for `autograd.implicit`.

Systems of several examples at once have batch dimensions in front, and an example's
equations contain its own unknowns only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from derivo.utils._pytree import tree_flatten

__all__ = ["Default"]

Map = Callable[[Any], Any]

# Unknowns of an example up to which its system is solved densely.
_DENSE = 64


class Default:
    """What solves a system if the user says nothing.

    Parameters
    ----------
    symmetric : bool
        Whether the system equals its transpose.
    batch : int
        Number of batch dimensions.
    """

    def __init__(self, symmetric: bool, batch: int = 0) -> None:
        self.symmetric = symmetric
        self.batch = batch

    def batched(self) -> Default:
        """Return a solver for one batch dimension more."""
        return Default(self.symmetric, self.batch + 1)

    def __call__(self, matvec: Map, b: Any) -> Any:
        """Solve ``matvec(x) = b``."""
        leaves, spec = tree_flatten(b)
        shape = tuple(leaves[0].shape[: self.batch]) if leaves else ()
        size = 1
        for n in shape:
            size *= n
        counts = [t.numel() // size if size else 0 for t in leaves]
        count = sum(counts)

        def apart(v: Any) -> Any:
            parts, at = [], 0
            for t, n in zip(leaves, counts, strict=True):
                part = v[:, at : at + n]
                parts.append(part.reshape(t.shape).to(t.dtype))
                at += n
            return spec.unflatten(parts)

        def product(v: Any) -> Any:
            return _join(tree_flatten(matvec(apart(v)))[0], size)

        right = _join(leaves, size)
        if not right.numel():
            return b
        if count <= _DENSE:
            x = _dense(product, right)
        elif self.symmetric:
            x = _conjugate_gradients(product, right)
        else:
            x = _gmres(product, right)
        return apart(x)


def _join(leaves: Sequence[Any], size: int) -> Any:
    from derivo import cat

    flat = [t.reshape(size, -1) for t in leaves]
    return flat[0] if len(flat) == 1 else cat(flat, 1)


def _dense(product: Map, b: Any) -> Any:
    import numpy as np

    from derivo import eye, from_numpy, stack

    size, n = b.shape
    basis = eye(n, dtype=b.dtype)
    columns = stack([product(basis[i].expand(size, n)).detach() for i in range(n)], 2)
    wide = np.linalg.solve(
        columns.double().numpy(), b.detach().double().numpy()[:, :, None]
    )
    return from_numpy(wide[:, :, 0].copy()).to(b.dtype)


def _unsolved(name: str, left: float) -> None:
    warnings.warn(
        f"[custom_linear_solve] {name} did not converge: relative residual {left:.1e}. "
        "The system may be singular; pass a solver for it.",
        UserWarning,
        stacklevel=2,
    )


def _conjugate_gradients(product: Map, b: Any) -> Any:
    from derivo import finfo, zeros_like

    x, r = zeros_like(b), b.clone()
    p = r.clone()
    rr = float((r * r).sum())
    target = max(rr, 1e-300) * (10 * finfo(b.dtype).eps) ** 2
    for _ in range(10 * b.numel()):
        if rr <= target:
            return x
        q = product(p)
        alpha = rr / float((p * q).sum())
        x = x + alpha * p
        r = r - alpha * q
        new = float((r * r).sum())
        p = r + (new / rr) * p
        rr = new
    if rr > target * 1e4:
        _unsolved("conjugate gradients", (rr / float((b * b).sum())) ** 0.5)
    return x


def _gmres(product: Map, b: Any, restart: int = 50, rounds: int = 40) -> Any:
    import numpy as np

    from derivo import finfo, tensor, zeros_like
    from derivo import stack as stacked

    x = zeros_like(b)
    size = float((b * b).sum()) ** 0.5
    target = size * 10 * finfo(b.dtype).eps
    left = size
    for _ in range(rounds):
        r = b - product(x)
        before, left = left, float((r * r).sum()) ** 0.5
        if left <= target or (left >= before and left < size):
            break
        space = [r / left]
        h = np.zeros((restart + 1, restart))
        columns = 0
        for k in range(restart):
            v = product(space[k])
            for j, u in enumerate(space):
                h[j, k] = float((u * v).sum())
                v = v - h[j, k] * u
            h[k + 1, k] = float((v * v).sum()) ** 0.5
            columns = k + 1
            if h[k + 1, k] <= 1e-14 * left:
                break
            space.append(v / h[k + 1, k])
        right = np.zeros(columns + 1)
        right[0] = left
        y = np.linalg.lstsq(h[: columns + 1, :columns], right, rcond=None)[0]
        step = tensor(y.tolist(), dtype=b.dtype)
        x = x + (stacked(space[:columns]) * step.reshape(-1, 1, 1)).sum(0)
    if left > max(target * 1e4, 0.0):
        _unsolved("GMRES", left / size)
    return x
