"""Results that an equation defines, differentiated through the equation.

A solver's steps say nothing about how its result depends on what the equation
contains; the implicit function theorem does. Tensors that the given functions close
over get their gradients: they are found by recording the function once. Tensor hooks on
them see those gradients as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from derivo._core.autograd import _edge
from derivo._core.function import _history
from derivo._core.history import AccumulateGrad
from derivo._core.tensor import TensorBase
from derivo.autograd._engine import grad
from derivo.autograd.function import Function, _BackwardNode
from derivo.autograd.grad_mode import enable_grad, no_grad
from derivo.utils._pytree import TreeSpec, tree_flatten

__all__ = ["custom_linear_solve", "custom_root", "fixed_point"]

Map = Callable[[Any], Any]
Solve = Callable[[Map, Any], Any]


def _flat(name: str, what: str, tree: Any) -> tuple[list[Any], TreeSpec]:
    leaves, spec = tree_flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, TensorBase) or not leaf.is_floating_point():
            kind = leaf.dtype if isinstance(leaf, TensorBase) else type(leaf).__name__
            raise TypeError(
                f"[{name}] {what} must consist of floating-point tensors, got {kind}. "
                "Pass tensors, nested in tuples, lists or dicts if there are several."
            )
    return list(leaves), spec


def _same(name: str, what: str, got: Any, like: Sequence[Any], spec: TreeSpec) -> Any:
    leaves, found = _flat(name, what, got)
    if found != spec or any(
        tuple(a.shape) != tuple(b.shape) for a, b in zip(leaves, like, strict=True)
    ):
        raise ValueError(
            f"[{name}] {what} must have the structure and shapes of its argument: "
            f"expected {[list(t.shape) for t in like]}, got "
            f"{[list(t.shape) for t in leaves]}."
        )
    return leaves


def _now() -> int:
    """Return a number that nodes recorded from now on are above."""
    from derivo import zeros

    with enable_grad():
        probe = zeros((), requires_grad=True).view(())
    return int(probe.grad_fn._sequence_nr())


def _captured(outputs: Sequence[Any], own: Sequence[Any], start: int) -> list[Any]:
    """Tensors from outside on which `outputs`, recorded since `start`, depend."""
    from derivo import empty

    mine = {id(t) for t in own}
    found: list[Any] = []
    seen: set[Any] = set()
    edges = [_edge(t) for t in outputs if t.requires_grad]
    while edges:
        node, nr = edges.pop()
        if node is None or (node, nr) in seen:
            continue
        seen.add((node, nr))
        if isinstance(node, AccumulateGrad):
            if id(node.variable) not in mine:
                found.append(node.variable)
        elif node._sequence_nr() <= start:
            # Only the place in the graph matters: no value stands behind it.
            found.append(_history(empty(0), node, nr))
        elif (node, None) not in seen:
            seen.add((node, None))
            edges += node.next_functions
    return found


class _Node(_BackwardNode):
    def _fitted(self, name: str, result: tuple[Any, ...]) -> tuple[Any, ...]:
        # Captured tensors are known by their place only, not by their shape.
        return tuple(result[i] for i in self._positions)


def _call_it(function: type[Function], name: str) -> None:
    """Give a Function's node the name of the public function."""
    function.__name__ = name
    function._backward_cls = type(f"{name}Backward", (_Node,), {"_function": function})


def _independent(tensors: Sequence[Any], recorded: bool) -> list[Any]:
    """Copies by which something is differentiated, with a history if recorded."""
    return [
        t.view_as(t) if recorded and t.requires_grad else t.detach().requires_grad_()
        for t in tensors
    ]


def _filled(grads: Sequence[Any], like: Sequence[Any]) -> list[Any]:
    from derivo import zeros_like

    return [zeros_like(t) if g is None else g for g, t in zip(grads, like, strict=True)]


def _pull(
    outputs: Sequence[Any], inputs: Sequence[Any], grads: Sequence[Any], recorded: bool
) -> list[Any]:
    """Gradients of `inputs`, None where there is none."""
    pairs = [(t, g) for t, g in zip(outputs, grads, strict=True) if t.requires_grad]
    if not pairs or not inputs:
        return [None] * len(inputs)
    return list(
        grad(
            [t for t, _ in pairs],
            list(inputs),
            [g for _, g in pairs],
            create_graph=recorded,
            retain_graph=True,
            allow_unused=True,
        )
    )


def _stop(grads: tuple[Any, ...]) -> tuple[Any, ...]:
    return (None,) * len(grads)


def _pull_captured(
    outputs: Sequence[Any],
    captured: Sequence[Any],
    inputs: Sequence[Any],
    grads: Sequence[Any],
    recorded: bool,
) -> list[Any]:
    """Gradients of what is captured, with `inputs` and each other held constant.

    The pass goes no further back than the places where they enter: what lies behind
    those is the business of the pass around this one.
    """
    nodes = {t.grad_fn for t in (*captured, *inputs) if t.grad_fn is not None}
    handles = [node.register_prehook(_stop) for node in nodes]
    try:
        return _pull(outputs, captured, grads, recorded)
    finally:
        for handle in handles:
            handle.remove()


# ---------------------------------------------------------------- linear systems


def custom_linear_solve(
    matvec: Map,
    b: Any,
    solve: Solve | None = None,
    transpose_solve: Solve | None = None,
    symmetric: bool = False,
) -> Any:
    """Solve ``matvec(x) = b``, with derivatives of the equation instead of the solver.

    Parameters
    ----------
    matvec : callable
        Linear function of what `b` is; it may close over tensors.
    b : Tensor or tree of Tensor
        Right side, floating point, any shape.
    solve : callable, optional
        ``solve(matvec, b)`` gives `x`; it runs unrecorded and may do anything. Without
        it: a dense solution for up to 64 unknowns, else conjugate gradients for a
        symmetric system and GMRES for others.
    transpose_solve : callable, optional
        ``transpose_solve(vecmat, g)`` solves the transposed system; `solve`, if not
        given.
    symmetric : bool, default False
        Whether the system equals its transpose.

    Returns
    -------
    Tensor or tree of Tensor
        `x`, of the structure of `b`.

    Raises
    ------
    TypeError, ValueError
        If `b` holds something else than floating-point tensors, or `matvec` or `solve`
        change structure or shapes.

    Notes
    -----
    **Derivative**: with ``w`` the solution of the transposed system for `g`, that of
    `b` is ``w``, and tensors that `matvec` closes over get ``-w`` pulled back through
    ``matvec(x)``. The solutions are differentiable again.

    A solver that is written with Python loops over values is batched by the loop
    fallback of `vmap` only; forward mode follows the operations of the solver.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[3.0, 1.0], [1.0, 2.0]], requires_grad=True)
    >>> b = derivo.tensor([1.0, 1.0], requires_grad=True)
    >>> x = derivo.custom_linear_solve(lambda v: a @ v, b, symmetric=True)
    >>> x
    tensor([0.2000, 0.4000], grad_fn=<custom_linear_solveBackward>)
    >>> x.sum().backward()
    >>> b.grad
    tensor([0.2000, 0.4000])
    """
    return _linear(
        matvec, None, b, solve or _default(symmetric), transpose_solve, symmetric
    )


def _linear(
    matvec: Map,
    transposed: Map | None,
    b: Any,
    solve: Solve,
    transpose_solve: Solve | None,
    symmetric: bool,
) -> Any:
    name = "custom_linear_solve"
    leaves, spec = _flat(name, "b", b)
    with no_grad():
        x = _same(name, "the solution", solve(matvec, b), leaves, spec)
        x = [t.detach() for t in x]
    from derivo import is_grad_enabled

    if not is_grad_enabled():
        return spec.unflatten(x)
    start = _now()
    with enable_grad():
        fresh = [t.detach().requires_grad_() for t in x]
        y = _same(name, "matvec(x)", matvec(spec.unflatten(fresh)), leaves, spec)
    captured = _captured(y, fresh, start)
    system = _System(matvec, transposed, solve, transpose_solve, symmetric, spec)
    found = _LinearSolve.apply(system, len(leaves), x, *leaves, *captured)
    return spec.unflatten(found)


class _System:
    def __init__(
        self,
        matvec: Map,
        transposed: Map | None,
        solve: Solve,
        transpose_solve: Solve | None,
        symmetric: bool,
        spec: TreeSpec,
    ) -> None:
        self.matvec = matvec
        self.solve = solve
        self.transpose_solve = transpose_solve
        self.symmetric = symmetric
        self.spec = spec
        self.transposed = transposed

    def transpose(self, like: Sequence[Any]) -> Map:
        if self.symmetric:
            return self.matvec
        if self.transposed is not None:
            return self.transposed
        matvec, spec = self.matvec, self.spec
        shapes = [t.detach() for t in like]

        def vecmat(v: Any) -> Any:
            from derivo import is_grad_enabled

            recorded = is_grad_enabled()
            with enable_grad():
                # Linear: where it is differentiated does not matter.
                at = [t.clone().requires_grad_() for t in shapes]
                y = tree_flatten(matvec(spec.unflatten(at)))[0]
            grads = _pull(y, at, tree_flatten(v)[0], recorded)
            return spec.unflatten(_filled(grads, at))

        return vecmat

    def solve_transposed(self, g: list[Any], like: Sequence[Any]) -> list[Any]:
        solution = _linear(
            self.transpose(like),
            self.matvec,
            self.spec.unflatten(g),
            self.transpose_solve or self.solve,
            self.solve,
            self.symmetric,
        )
        return list(tree_flatten(solution)[0])


class _LinearSolve(Function):
    @staticmethod
    def forward(
        ctx: Any, system: _System, count: int, x: list[Any], *tensors: Any
    ) -> Any:
        ctx.system, ctx.count = system, count
        ctx.captured = tensors[count:]
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*x)
        return tuple(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo import is_grad_enabled

        count, captured = ctx.count, ctx.captured
        nothing = (None, None, None)
        if all(g is None for g in grads):
            return (*nothing, *([None] * (count + len(captured))))
        x = ctx.saved_tensors
        recorded = is_grad_enabled()
        w = ctx.system.solve_transposed(_filled(grads, x), x)
        of_captured: list[Any] = []
        if captured:
            with enable_grad():
                at = _independent(x, recorded)
                y = tree_flatten(ctx.system.matvec(ctx.system.spec.unflatten(at)))[0]
            of_captured = _pull_captured(y, captured, at, [-t for t in w], recorded)
        return (*nothing, *w, *of_captured)


_call_it(_LinearSolve, "custom_linear_solve")


# ---------------------------------------------------------------- roots


def custom_root(
    f: Map,
    initial_guess: Any,
    solve: Solve,
    tangent_solve: Solve | None = None,
) -> Any:
    """Find ``x`` with ``f(x) = 0``, differentiated by the implicit function theorem.

    Parameters
    ----------
    f : callable
        Function of what `initial_guess` is, giving the same structure and shapes; it
        may close over tensors, which get gradients.
    initial_guess : Tensor or tree of Tensor
        Where `solve` starts; it gets no gradient, as the root does not depend on it.
    solve : callable
        ``solve(f, initial_guess)`` gives the root; it runs unrecorded and may do
        anything.
    tangent_solve : callable, optional
        ``tangent_solve(map, g)`` solves ``map(w) = g``, where `map` is linear: the
        transposed Jacobian of `f`. Without it as in `custom_linear_solve`.

    Returns
    -------
    Tensor or tree of Tensor
        The root.

    Raises
    ------
    TypeError, ValueError
        If something else than floating-point tensors is given, or `f` changes structure
        or shapes.

    Notes
    -----
    **Derivative**: ``-w`` pulled back through `f` to what it closes over, where ``w``
    solves the transposed Jacobian's system for the incoming gradient. It is
    differentiable again.

    Loops of a solver are batched by the loop fallback of `vmap` only; forward mode
    follows the operations of the solver.

    Examples
    --------
    >>> import derivo
    >>> def newton(f, x):
    ...     for _ in range(20):
    ...         x = x.detach().requires_grad_()
    ...         with derivo.enable_grad():
    ...             y = f(x)
    ...         x = x - y / derivo.autograd.grad(y, x)[0]
    ...     return x
    >>> a = derivo.tensor(2.0, requires_grad=True)
    >>> x = derivo.custom_root(lambda x: x * x - a, derivo.tensor(1.0), newton)
    >>> x.backward()
    >>> x.item(), a.grad.item()
    (1.4142135381698608, 0.3535533845424652)
    """
    name = "custom_root"
    leaves, spec = _flat(name, "initial_guess", initial_guess)
    with no_grad():
        x = _same(name, "the root", solve(f, initial_guess), leaves, spec)
        x = [t.detach() for t in x]
    return _rooted(name, f, x, spec, tangent_solve)


def _rooted(
    name: str, f: Map, x: list[Any], spec: TreeSpec, tangent_solve: Solve | None
) -> Any:
    from derivo import is_grad_enabled

    if not is_grad_enabled():
        return spec.unflatten(x)
    start = _now()
    with enable_grad():
        fresh = [t.detach().requires_grad_() for t in x]
        y = _same(name, "f(x)", f(spec.unflatten(fresh)), x, spec)
    captured = _captured(y, fresh, start)
    kind = _FixedPoint if name == "fixed_point" else _Root
    found = kind.apply(f, spec, tangent_solve or _default(False), x, *captured)
    return spec.unflatten(found)


class _Root(Function):
    @staticmethod
    def forward(
        ctx: Any, f: Map, spec: TreeSpec, solve: Solve, x: list[Any], *captured: Any
    ) -> Any:
        ctx.f, ctx.spec, ctx.solve, ctx.captured = f, spec, solve, captured
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*x)
        return tuple(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo import is_grad_enabled

        captured, spec = ctx.captured, ctx.spec
        nothing = (None,) * 4
        if all(g is None for g in grads):
            return (*nothing, *([None] * len(captured)))
        x = ctx.saved_tensors
        recorded = is_grad_enabled()
        with enable_grad():
            at = _independent(x, recorded)
            y = tree_flatten(ctx.f(spec.unflatten(at)))[0]

        def transposed(v: Any) -> Any:
            pulled = _pull(y, at, tree_flatten(v)[0], is_grad_enabled())
            return spec.unflatten(_filled(pulled, x))

        g = spec.unflatten(_filled(grads, x))
        w = tree_flatten(_linear(transposed, None, g, ctx.solve, None, False))[0]
        found = _pull_captured(y, captured, at, [-t for t in w], recorded)
        return (*nothing, *found)


_call_it(_Root, "custom_root")


class _FixedPoint(_Root):
    pass


_call_it(_FixedPoint, "fixed_point")


def fixed_point(
    f: Map,
    x0: Any,
    *,
    solve: Solve | None = None,
    linear_solve: Solve | None = None,
    tol: float | None = None,
    max_iter: int = 1000,
) -> Any:
    """Find ``x`` with ``f(x) = x``, differentiated by the implicit function theorem.

    Parameters
    ----------
    f : callable
        Function of what `x0` is, giving the same structure and shapes; it may close
        over tensors, which get gradients.
    x0 : Tensor or tree of Tensor
        Where the iteration starts; it gets no gradient.
    solve : callable, optional
        ``solve(f, x0)`` gives the fixed point. Without it ``x = f(x)`` is repeated.
    linear_solve : callable, optional
        Solves the linear system of the derivative, as `tangent_solve` of `custom_root`.
    tol : float, optional
        Repeat until no element changes by more than ``tol * (1 + |x|)``; without it 10
        units of the dtype's precision.
    max_iter : int, default 1000
        Repeat at most so often, then warn.

    Returns
    -------
    Tensor or tree of Tensor
        The fixed point.

    Raises
    ------
    TypeError, ValueError
        As `custom_root`.

    Notes
    -----
    **Derivative**: as `custom_root` of ``x - f(x)``. The memory that it takes does not
    depend on the number of iterations.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor(0.5, dtype=derivo.float64, requires_grad=True)
    >>> x = derivo.fixed_point(lambda x: derivo.cos(a * x), derivo.zeros_like(a))
    >>> x.backward()
    >>> round(x.item(), 6), round(a.grad.item(), 6)
    (0.900367, -0.321771)
    """
    leaves, spec = _flat("fixed_point", "x0", x0)
    with no_grad():
        if solve is not None:
            x = solve(f, x0)
        else:
            x = _iterate(f, leaves, spec, tol, max_iter)
        found = _same("fixed_point", "the fixed point", x, leaves, spec)
        found = [t.detach() for t in found]

    def residual(x: Any) -> Any:
        y = _same("fixed_point", "f(x)", f(x), found, spec)
        return spec.unflatten(
            [a - b for a, b in zip(tree_flatten(x)[0], y, strict=True)]
        )

    return _rooted("fixed_point", residual, found, spec, linear_solve)


def _iterate(
    f: Map, x: list[Any], spec: TreeSpec, tol: float | None, max_iter: int
) -> Any:
    from derivo import finfo

    bounds = [10 * finfo(t.dtype).eps if tol is None else tol for t in x]
    for _ in range(max_iter):
        new = _same("fixed_point", "f(x)", f(spec.unflatten(x)), x, spec)
        moved = any(
            bool(((a - b).abs() > bound * (1 + b.abs())).any())
            for a, b, bound in zip(new, x, bounds, strict=True)
        )
        x = new
        if not moved:
            return spec.unflatten(x)
    warnings.warn(
        f"[fixed_point] no fixed point after {max_iter} iterations: the result and its "
        "gradient are approximate. Raise max_iter or tol, or pass solve=.",
        UserWarning,
        stacklevel=4,
    )
    return spec.unflatten(x)


# ---------------------------------------------------------------- default solvers

_DENSE = 64


def _default(symmetric: bool) -> Solve:
    def solve(matvec: Map, b: Any) -> Any:
        leaves, spec = tree_flatten(b)
        sizes = [t.numel() for t in leaves]
        count = sum(sizes)

        def product(v: Any) -> Any:
            parts, at = [], 0
            for t, size in zip(leaves, sizes, strict=True):
                parts.append(v[at : at + size].reshape(t.shape).to(t.dtype))
                at += size
            return _join(tree_flatten(matvec(spec.unflatten(parts)))[0])

        right = _join(leaves)
        if count <= _DENSE:
            x = _dense(product, right)
        elif symmetric:
            x = _conjugate_gradients(product, right)
        else:
            x = _gmres(product, right)
        found, at = [], 0
        for t, size in zip(leaves, sizes, strict=True):
            found.append(x[at : at + size].reshape(t.shape).to(t.dtype))
            at += size
        return spec.unflatten(found)

    return solve


def _join(leaves: Sequence[Any]) -> Any:
    from derivo import cat

    flat = [t.reshape(-1) for t in leaves]
    return flat[0] if len(flat) == 1 else cat(flat)


def _dense(product: Map, b: Any) -> Any:
    import numpy as np

    from derivo import eye, from_numpy, stack

    n = b.numel()
    if not n:
        return b
    basis = eye(n, dtype=b.dtype)
    columns = stack([product(basis[i]).detach() for i in range(n)], 1)
    wide = np.linalg.solve(
        columns.double().numpy(), b.detach().double().numpy().reshape(n, 1)
    )
    return from_numpy(wide[:, 0].copy()).to(b.dtype)


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
        x = x + step @ stacked(space[:columns])
    if left > max(target * 1e4, 0.0):
        _unsolved("GMRES", left / size)
    return x
