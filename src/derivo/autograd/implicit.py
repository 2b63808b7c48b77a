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
from derivo._core.forward import leaf
from derivo._core.function import _history
from derivo._core.history import AccumulateGrad
from derivo._core.tensor import TensorBase, _modes_active
from derivo.autograd._engine import grad
from derivo.autograd._linear_solvers import Default
from derivo.autograd.function import Function, _BackwardNode
from derivo.autograd.grad_mode import enable_grad, no_grad
from derivo.utils._pytree import TreeSpec, tree_flatten

__all__ = ["custom_linear_solve", "custom_root", "fixed_point"]

Map = Callable[[Any], Any]
Solve = Callable[[Map, Any], Any]


def _flat(name: str, what: str, tree: Any) -> tuple[list[Any], TreeSpec]:
    leaves, spec = tree_flatten(tree)
    for item in leaves:
        if not isinstance(item, TensorBase) or not item.is_floating_point():
            kind = item.dtype if isinstance(item, TensorBase) else type(item).__name__
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


def _recording() -> Any:
    """Context of a backward that records the function again."""
    if not _modes_active():
        return enable_grad()
    from derivo.func._implicit import Recording

    return Recording()


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
    if _modes_active():
        from derivo.func._implicit import starts

        return starts(tensors)
    return [
        t.view_as(t) if recorded and t.requires_grad else leaf(t, True) for t in tensors
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

    In forward mode the equation is differentiated as well. Under `vmap`, `solve` sees
    one example, in operations that are mapped over all: it cannot branch on values.

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
    leaves, spec = _flat("custom_linear_solve", "b", b)
    system = _System(
        matvec, None, solve or Default(symmetric), transpose_solve, symmetric, spec
    )
    return spec.unflatten(system.solution(leaves))


class _System:
    """A linear system but for its right side."""

    name = "custom_linear_solve"

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

    def solution(self, b: list[Any]) -> list[Any]:
        """Solve for a right side, differentiably."""
        if _modes_active():
            from derivo.func import _implicit

            found = _implicit.linear(self, b)
            if found is not None:
                return found
        name, spec = self.name, self.spec
        with no_grad():
            made = self.solve(self.matvec, spec.unflatten(b))
            x = [t.detach() for t in _same(name, "the solution", made, b, spec)]
        return self.recorded(x, b)

    def recorded(self, x: list[Any], b: list[Any]) -> list[Any]:
        """Hang the node on a solution that was found."""
        from derivo import is_grad_enabled

        if not is_grad_enabled():
            return x
        start = _now()
        with enable_grad():
            fresh = [t.detach().requires_grad_() for t in x]
            made = self.matvec(self.spec.unflatten(fresh))
            y = _same(self.name, "matvec(x)", made, b, self.spec)
        captured = _captured(y, fresh, start)
        args = (self, len(b), x, *b, *captured)
        return list(_LinearSolve._run(args)[1])

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
            with _recording():
                # Linear: where it is differentiated does not matter.
                at = _independent([t.clone() for t in shapes], False)
                y = tree_flatten(matvec(spec.unflatten(at)))[0]
            grads = _pull(y, at, tree_flatten(v)[0], recorded)
            return spec.unflatten(_filled(grads, at))

        return vecmat

    def solve_transposed(self, g: list[Any], like: Sequence[Any]) -> list[Any]:
        system = _System(
            self.transpose(like),
            self.matvec,
            self.transpose_solve or self.solve,
            self.solve,
            self.symmetric,
            self.spec,
        )
        return system.solution(g)


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
            with _recording():
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

    In forward mode the equation is differentiated as well. Under `vmap`, `solve` sees
    one example, in operations that are mapped over all: it cannot branch on values.

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
    leaves, spec = _flat("custom_root", "initial_guess", initial_guess)
    return spec.unflatten(
        _Equation(f, spec, solve, tangent_solve or Default(False)).root(leaves)
    )


class _Equation:
    """An equation that defines a root, and how to solve it."""

    name = "custom_root"
    found = "the root"

    def __init__(
        self, given: Map, spec: TreeSpec, solve: Solve, tangent_solve: Solve
    ) -> None:
        self.given = given
        self.spec = spec
        self.solve = solve
        self.tangent_solve = tangent_solve

    def residual(self, x: list[Any]) -> list[Any]:
        """What must be zero."""
        made: list[Any] = _same(
            self.name, "f(x)", self.given(self.spec.unflatten(x)), x, self.spec
        )
        return made

    def batched(self, given: Map, inside: Callable[[Solve], Solve]) -> _Equation:
        """Return the equation of all examples; `inside` gives solvers of them."""
        solve, tangent_solve = self.solve, self.tangent_solve
        return type(self)(
            given,
            self.spec,
            solve if isinstance(solve, _Iteration) else inside(solve),
            tangent_solve.batched()
            if isinstance(tangent_solve, Default)
            else inside(tangent_solve),
        )

    def root(self, guess: list[Any]) -> list[Any]:
        """Find the root, differentiably."""
        if _modes_active():
            from derivo.func import _implicit

            found = _implicit.root(self, guess)
            if found is not None:
                return found
        with no_grad():
            made = self.solve(self.given, self.spec.unflatten(guess))
            x = _same(self.name, self.found, made, guess, self.spec)
        return self.recorded([t.detach() for t in x])

    def recorded(self, x: list[Any]) -> list[Any]:
        """Hang the node on a root that was found."""
        from derivo import is_grad_enabled

        if not is_grad_enabled():
            return x
        start = _now()
        with enable_grad():
            fresh = [t.detach().requires_grad_() for t in x]
            y = self.residual(fresh)
        captured = _captured(y, fresh, start)
        return list(self.node()._run((self, x, *captured))[1])

    def node(self) -> type[_Root]:
        return _Root


class _Root(Function):
    @staticmethod
    def forward(ctx: Any, equation: _Equation, x: list[Any], *captured: Any) -> Any:
        ctx.equation, ctx.captured = equation, captured
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*x)
        return tuple(x)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo import is_grad_enabled

        captured, equation, spec = ctx.captured, ctx.equation, ctx.equation.spec
        nothing = (None, None)
        if all(g is None for g in grads):
            return (*nothing, *([None] * len(captured)))
        x = ctx.saved_tensors
        recorded = is_grad_enabled()
        with _recording():
            at = _independent(x, recorded)
            y = equation.residual(at)

        def transposed(v: Any) -> Any:
            pulled = _pull(y, at, tree_flatten(v)[0], is_grad_enabled())
            return spec.unflatten(_filled(pulled, x))

        solve = equation.tangent_solve
        system = _System(transposed, None, solve, None, False, spec)
        w = system.solution(_filled(grads, x))
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
    depend on the number of iterations. Under `vmap`, the iteration goes on until no
    example moves.

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
    equation = _FixedEquation(
        f,
        spec,
        solve or _Iteration(spec, tol, max_iter),
        linear_solve or Default(False),
    )
    return spec.unflatten(equation.root(leaves))


class _FixedEquation(_Equation):
    name = "fixed_point"
    found = "the fixed point"

    def residual(self, x: list[Any]) -> list[Any]:
        return [a - b for a, b in zip(x, super().residual(x), strict=True)]

    def node(self) -> type[_Root]:
        return _FixedPoint


class _Iteration:
    """Repeat ``x = f(x)``; of several examples at once, until none of them moves."""

    def __init__(self, spec: TreeSpec, tol: float | None, max_iter: int) -> None:
        self.spec, self.tol, self.max_iter = spec, tol, max_iter

    def __call__(self, f: Map, x: Any) -> Any:
        return _iterate(f, tree_flatten(x)[0], self.spec, self.tol, self.max_iter)


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
