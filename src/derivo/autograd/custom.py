"""Functions with a derivative rule of their own: `custom_vjp` and `custom_jvp`.

Both wrap a function of any Python values in which tensors may be nested (tuples, lists,
dicts). What they record is one node of an `autograd.Function`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, _modes_active
from derivo.autograd._engine import grad
from derivo.autograd.function import Function
from derivo.autograd.grad_mode import enable_grad
from derivo.utils._pytree import tree_flatten

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["custom_jvp", "custom_vjp"]


def _is_tensor(value: object) -> bool:
    return isinstance(value, TensorBase)


class _Tree:
    """A tree taken apart into its tensors and what puts it together again."""

    def __init__(self, tree: Any) -> None:
        leaves, self.spec = tree_flatten(tree)
        self.leaves = list(leaves)
        self.places = [i for i, leaf in enumerate(leaves) if _is_tensor(leaf)]

    @property
    def tensors(self) -> list[Any]:
        """The tensors, in order."""
        return [self.leaves[i] for i in self.places]

    def empty(self) -> _Tree:
        """Forget the tensors, so that the tree keeps none alive."""
        for i in self.places:
            self.leaves[i] = None
        return self

    def filled(self, tensors: Sequence[Any]) -> Any:
        """Return the tree with other tensors in place of its own."""
        leaves = list(self.leaves)
        for i, t in zip(self.places, tensors, strict=True):
            leaves[i] = t
        return self.spec.unflatten(leaves)


def _zeros(t: Tensor) -> Tensor:
    from derivo import zeros_like

    return zeros_like(t)


def _is_float(t: Any) -> bool:
    return bool(t.dtype.is_floating_point or t.dtype.is_complex)


class _Custom:
    """What both kinds have in common."""

    def __init__(self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] = ()):
        self.fun = fun
        if isinstance(nondiff_argnums, int):
            nondiff_argnums = (nondiff_argnums,)
        self.nondiff_argnums = tuple(sorted(nondiff_argnums))
        functools.update_wrapper(self, fun)
        self._name = getattr(fun, "__name__", type(fun).__name__)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; its node gets the stated derivative."""
        raise NotImplementedError

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an instance, as functions do."""
        if instance is None:
            return self
        return functools.partial(self, instance)

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        code = getattr(self.fun, "__code__", None)
        if kwargs or (code is not None and len(args) < code.co_argcount):
            import inspect

            bound = inspect.signature(self.fun).bind(*args, **kwargs)
            bound.apply_defaults()
            if bound.kwargs:
                raise TypeError(
                    f"[{self._name}] keyword-only arguments cannot be passed to a "
                    f"{type(self).__name__}: got {', '.join(bound.kwargs)}. Make them "
                    "positional."
                )
            return list(bound.args)
        return list(args)

    def _split(self, args: list[Any]) -> tuple[list[Any], list[Any]]:
        """Split into non-differentiable and differentiable arguments."""
        count = len(args)
        if self.nondiff_argnums and self.nondiff_argnums[-1] >= count:
            raise TypeError(
                f"[{self._name}] nondiff_argnums={self.nondiff_argnums}, but the "
                f"function was called with {count} arguments. Pass those by position."
            )
        chosen = [args[i] for i in self.nondiff_argnums]
        for position, value in zip(self.nondiff_argnums, chosen, strict=True):
            if any(t.requires_grad for t in _Tree(value).tensors):
                raise TypeError(
                    f"[{self._name}] argument {position} is in nondiff_argnums, but "
                    "holds a tensor that requires grad: it would get no gradient. "
                    "Detach it, or take it out of nondiff_argnums."
                )
        rest = [a for i, a in enumerate(args) if i not in self.nondiff_argnums]
        return chosen, rest

    def _join(self, chosen: Sequence[Any], rest: Sequence[Any]) -> list[Any]:
        given = dict(zip(self.nondiff_argnums, chosen, strict=True))
        others = iter(rest)
        count = len(chosen) + len(rest)
        return [given[i] if i in given else next(others) for i in range(count)]

    def _function(self, base: type[Function]) -> type[Function]:
        """Return a Function with the name of this one, which names the node."""
        made = type(self._name, (base,), {})
        return made


class custom_vjp(_Custom):
    """A function whose vector-Jacobian product you state.

    ``f = custom_vjp(fun)``, then ``f.defvjp(fwd, bwd)``.

    Parameters
    ----------
    fun : callable
        The function; its arguments and its result may nest tensors in tuples, lists
        and dicts.
    nondiff_argnums : sequence of int, default ()
        Positions of arguments that have no gradient; they come first in `bwd`.

    Notes
    -----
    **Derivative**: what `bwd` gives. It is differentiated through again by its own
    operations, and through those of `fwd` that made what it saved; so higher orders are
    right whatever was saved. In forward mode `bwd`, which is linear in `g`, is
    transposed. Under `vmap` the three functions are mapped over the examples.

    Examples
    --------
    >>> import derivo
    >>> @derivo.custom_vjp
    ... def clipped(x, limit):
    ...     return x.clone()
    >>> def fwd(x, limit):
    ...     return x.clone(), limit
    >>> def bwd(limit, g):
    ...     return g.clamp(-limit, limit), None
    >>> clipped.defvjp(fwd, bwd)
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> (clipped(x, 3.0) * derivo.tensor([2.0, 7.0])).sum().backward()
    >>> x.grad
    tensor([2., 3.])
    """

    fwd: Callable[..., Any] | None = None
    bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """State the derivative.

        Parameters
        ----------
        fwd : callable
            As the function, but returns ``(result, saved)``.
        bwd : callable
            ``bwd(*nondiff, saved, g)`` gives a tuple with the gradient of each
            differentiable argument, of its structure; None for no gradient. `g` has
            the structure of the result.
        """
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; if a gradient may be asked for, call `fwd`."""
        if self.fwd is None or self.bwd is None:
            raise AttributeError(
                f"[{self._name}] No VJP defined for this custom_vjp function: call "
                f"{self._name}.defvjp(fwd, bwd) first."
            )
        chosen, rest = self._split(self._arguments(args, kwargs))
        inputs = _Tree(rest)
        call = _VjpCall(self, chosen, inputs)
        tensors = inputs.tensors
        found = self._function(_Vjp).apply(call, *tensors)
        inputs.empty()
        assert call.outputs is not None
        return call.outputs.filled(found[: len(call.outputs.places)])


class _VjpCall:
    """One call of a `custom_vjp`: what its node needs besides tensors."""

    def __init__(self, custom: custom_vjp, chosen: list[Any], inputs: _Tree) -> None:
        self.custom = custom
        self.chosen = chosen
        self.inputs = inputs
        self.outputs: _Tree | None = None
        self.residuals: _Tree | None = None
        # For `func._stated`: run `fwd` in any case; what was saved, by place among
        # the inputs or results; what `fwd` gives, where that is known.
        self.always = False
        self.mapping: list[tuple[str, int]] = []
        self.provided: tuple[_Tree, _Tree] | None = None

    def run_fwd(self, tensors: Sequence[Any]) -> tuple[_Tree, _Tree]:
        if self.provided is not None:
            known, self.provided = self.provided, None
            return known
        custom = self.custom
        assert custom.fwd is not None
        made = custom.fwd(*custom._join(self.chosen, self.inputs.filled(tensors)))
        if not isinstance(made, tuple) or len(made) != 2:
            raise TypeError(
                f"[{custom._name}] fwd must return a pair (result, saved for bwd), got "
                f"{type(made).__name__}. Return the result and what bwd needs."
            )
        return _Tree(made[0]), _Tree(made[1])


class _Vjp(Function):
    # Its rules of transforms are in `func._stated`.
    _stated = True

    @staticmethod
    def forward(ctx: Any, call: _VjpCall, *tensors: Any) -> Any:
        ctx.call = call
        ctx.set_materialize_grads(False)
        custom = call.custom
        if not (call.always or any(ctx.needs_input_grad)):
            rest = call.inputs.filled(tensors)
            call.outputs = _Tree(custom.fun(*custom._join(call.chosen, rest)))
            plain = tuple(call.outputs.tensors)
            call.outputs.empty()
            return plain
        call.outputs, call.residuals = call.run_fwd(tensors)
        # What was saved is a result too: then the derivative's derivative sees how it
        # came about. An input that is saved is its own history.
        given = {id(t): i for i, t in enumerate(tensors)}
        results = [*call.outputs.tensors]
        known = {id(t): i for i, t in enumerate(results)}
        ctx.residuals = []
        for t in call.residuals.tensors:
            if id(t) in given:
                ctx.residuals.append(("in", given[id(t)]))
                continue
            if id(t) not in known:
                known[id(t)] = len(results)
                results.append(t)
            ctx.residuals.append(("out", known[id(t)]))
        call.mapping = ctx.residuals
        ctx.mark_non_differentiable(*[t for t in results if not _is_float(t)])
        ctx.n_inputs, ctx.n_outputs = len(tensors), len(call.outputs.places)
        ctx.like = [(tuple(t.shape), t.dtype) for t in results]
        ctx.save_for_backward(*tensors, *results)
        call.outputs.empty()
        call.residuals.empty()
        return tuple(results)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo import is_grad_enabled, zeros

        call, custom = ctx.call, ctx.call.custom
        saved = ctx.saved_tensors
        inputs, results = saved[: ctx.n_inputs], saved[ctx.n_inputs :]
        first, later = grads[: ctx.n_outputs], grads[ctx.n_outputs :]
        total: list[Any] = [None] * ctx.n_inputs
        if any(g is not None for g in first):
            filled = [
                zeros(shape, dtype=dtype) if g is None else g
                for g, (shape, dtype) in zip(first, ctx.like, strict=False)
            ]
            kept = [
                inputs[i] if kind == "in" else results[i] for kind, i in ctx.residuals
            ]
            given = custom.bwd(
                *call.chosen, call.residuals.filled(kept), call.outputs.filled(filled)
            )
            total = _gradients(custom, call.inputs, given, inputs)
        if any(g is not None for g in later):
            with enable_grad():
                fresh = _fresh(inputs, is_grad_enabled())
                made, residuals = call.run_fwd(fresh)
            tensors = _distinct(made.tensors, residuals.tensors, fresh)
            total = _add_through(tensors, later, fresh, total)
        return None, *total


def _fresh(inputs: Sequence[Any], recorded: bool) -> list[Any]:
    return [t.view_as(t) if t.requires_grad else t.detach() for t in inputs]


def _distinct(outputs: list[Any], residuals: list[Any], inputs: list[Any]) -> list[Any]:
    """Residuals in the order in which they are results of their own."""
    seen = {id(t) for t in (*outputs, *inputs)}
    found = []
    for t in residuals:
        if id(t) not in seen:
            seen.add(id(t))
            found.append(t)
    return found


def _add_through(
    tensors: list[Any], grads: Sequence[Any], inputs: list[Any], total: list[Any]
) -> list[Any]:
    pairs = [
        (t, g)
        for t, g in zip(tensors, grads, strict=True)
        if g is not None and t.requires_grad
    ]
    wanted = [i for i, t in enumerate(inputs) if t.requires_grad]
    if not pairs or not wanted:
        return total
    from derivo import is_grad_enabled

    found = grad(
        [t for t, _ in pairs],
        [inputs[i] for i in wanted],
        [g for _, g in pairs],
        create_graph=is_grad_enabled(),
        allow_unused=True,
    )
    total = list(total)
    for i, g in zip(wanted, found, strict=True):
        if g is not None:
            total[i] = g if total[i] is None else total[i] + g
    return total


def _gradients(
    custom: _Custom, inputs: _Tree, given: Any, tensors: Sequence[Any]
) -> list[Any]:
    """Gradients that a rule gave for its arguments, one for each tensor in them."""
    children = inputs.spec.children_specs
    if not isinstance(given, (tuple, list)):
        given = (given,)
    if len(given) != len(children):
        raise TypeError(
            f"[{custom._name}] Custom VJP bwd rule must produce one gradient for each "
            f"differentiable argument: expected {len(children)}, got {len(given)}. "
            "Return None where there is none."
        )
    leaves: list[Any] = []
    for position, (spec, value) in enumerate(zip(children, given, strict=True)):
        if value is None:
            leaves += [None] * spec.num_leaves
            continue
        try:
            leaves += spec.flatten_up_to(value)
        except ValueError as error:
            raise TypeError(
                f"[{custom._name}] gradient {position} of the bwd rule has another "
                f"structure than argument {position}: {error} Return a gradient for "
                "each tensor, in the containers of the argument."
            ) from None
    found = [leaves[i] for i in inputs.places]
    for position, (g, t) in enumerate(zip(found, tensors, strict=True)):
        if g is not None and tuple(g.shape) != tuple(t.shape):
            raise ValueError(
                f"[{custom._name}] the bwd rule gave a gradient of the wrong shape for "
                f"tensor {position}: expected {list(t.shape)}, got {list(g.shape)}."
            )
    return found


class custom_jvp(_Custom):
    """A function whose Jacobian-vector product you state.

    ``f = custom_jvp(fun)``, then ``f.defjvp(rule)`` or ``f.defjvps(...)``.

    Parameters
    ----------
    fun : callable
        The function; its arguments and its result may nest tensors.
    nondiff_argnums : sequence of int, default ()
        Positions of arguments that have no tangent; they come first in the rule.

    Notes
    -----
    **Derivative**: the rule, which must be linear in the tangents. Reverse mode
    transposes it: the gradient of its result by the tangents is asked of the graph that
    it records, which is right because it is linear. Higher orders go through the rule's
    own operations. Under `vmap` function and rule are mapped over the examples.

    Examples
    --------
    >>> import derivo
    >>> @derivo.custom_jvp
    ... def log1pexp(x):
    ...     return derivo.log1p(derivo.exp(x))
    >>> @log1pexp.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (t,) = primals, tangents
    ...     return log1pexp(x), t * derivo.sigmoid(x)
    >>> x = derivo.tensor(100.0, requires_grad=True)
    >>> log1pexp(x).backward()
    >>> x.grad
    tensor(1.)
    """

    rule: Callable[..., Any] | None = None

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """State the derivative.

        Parameters
        ----------
        rule : callable
            ``rule(*nondiff, primals, tangents)`` gives ``(result, tangent of the
            result)``. `tangents` has a tangent for each tensor in `primals`, zero where
            there is none.

        Returns
        -------
        callable
            `rule`, so that this is a decorator.
        """
        self.rule = rule
        return rule

    def defjvps(self, *rules: Callable[..., Any] | None) -> None:
        """State the derivative argument by argument.

        Parameters
        ----------
        *rules : callable or None
            For each argument ``rule(tangent, result, *primals)``, which gives its
            contribution to the tangent of the result; None for none.
        """
        if self.nondiff_argnums:
            raise TypeError(
                f"[{self._name}] Can't use defjvps with nondiff_argnums: state one "
                "rule with defjvp."
            )

        def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
            if len(rules) != len(primals):
                raise TypeError(
                    f"[{self._name}] defjvps got {len(rules)} rules for "
                    f"{len(primals)} arguments. Pass None for those without tangent."
                )
            result = self(*primals)
            parts = [
                one(t, result, *primals)
                for one, t in zip(rules, tangents, strict=True)
                if one is not None
            ]
            total = parts[0] if parts else result * 0
            for part in parts[1:]:
                total = total + part
            return result, total

        self.rule = rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        if self.rule is None:
            raise AttributeError(
                f"[{self._name}] No JVP defined for this custom_jvp function: call "
                f"{self._name}.defjvp(rule) first."
            )
        chosen, rest = self._split(self._arguments(args, kwargs))
        inputs = _Tree(rest)
        call = _JvpCall(self, chosen, inputs)
        tensors = inputs.tensors
        found = self._function(_Jvp).apply(call, *tensors)
        inputs.empty()
        assert call.outputs is not None
        return call.outputs.filled(found)


class _JvpCall:
    """One call of a `custom_jvp`."""

    def __init__(self, custom: custom_jvp, chosen: list[Any], inputs: _Tree) -> None:
        self.custom = custom
        self.chosen = chosen
        self.inputs = inputs
        self.outputs: _Tree | None = None
        # For `func._stated`: see `_VjpCall`.
        self.always = False
        self.provided: tuple[Any, ...] | None = None

    def tangent(self, primals: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """Tangents of the result's tensors, by the rule."""
        custom = self.custom
        assert custom.rule is not None
        assert self.outputs is not None
        made = custom.rule(
            *self.chosen,
            tuple(self.inputs.filled(primals)),
            tuple(self.inputs.filled(tangents)),
        )
        if not isinstance(made, tuple) or len(made) != 2:
            raise TypeError(
                f"[{custom._name}] Custom JVP rule must produce a pair (result, "
                f"tangent), got {type(made).__name__}."
            )
        found = _Tree(made[1]).tensors
        if len(found) != len(self.outputs.places):
            raise TypeError(
                f"[{custom._name}] Custom JVP rule must produce one tangent for each "
                f"tensor of the result: expected {len(self.outputs.places)}, got "
                f"{len(found)}."
            )
        return found


class _Jvp(Function):
    _stated = True

    @staticmethod
    def forward(ctx: Any, call: _JvpCall, *tensors: Any) -> Any:
        ctx.call = call
        ctx.set_materialize_grads(False)
        custom = call.custom
        if call.provided is None:
            rest = call.inputs.filled(tensors)
            call.outputs = _Tree(custom.fun(*custom._join(call.chosen, rest)))
            results = tuple(call.outputs.tensors)
        else:
            assert call.outputs is not None
            results, call.provided = call.provided, None
        ctx.mark_non_differentiable(*[t for t in results if not _is_float(t)])
        ctx.save_for_backward(*tensors)
        call.outputs.empty()
        return results

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        from derivo import is_grad_enabled

        primals = ctx.saved_tensors
        recorded = is_grad_enabled()
        asked = [i for i, n in enumerate(ctx.needs_input_grad[1:]) if n]
        total: list[Any] = [None] * len(primals)
        if _modes_active():
            from derivo.func._stated import transposed

            found = transposed(ctx.call, primals, asked, grads)
        else:
            found = _transposed(ctx.call, primals, asked, grads, recorded)
        for i, g in zip(asked, found, strict=True):
            total[i] = g
        return None, *total


def _transposed(
    call: _JvpCall,
    primals: Sequence[Any],
    asked: Sequence[int],
    grads: Sequence[Any],
    recorded: bool,
) -> Sequence[Any]:
    """Gradients of the arguments that are asked for: the transpose of the rule."""
    with enable_grad():
        if not recorded:
            primals = [t.detach() for t in primals]
        tangents = [_zeros(t).detach() for t in primals]
        for i in asked:
            tangents[i].requires_grad_()
        made = call.tangent(primals, tangents)
    pairs = [
        (t, g)
        for t, g in zip(made, grads, strict=True)
        if g is not None and t.requires_grad
    ]
    if not pairs:
        return [None] * len(asked)
    return grad(
        [t for t, _ in pairs],
        [tangents[i] for i in asked],
        [g for _, g in pairs],
        create_graph=recorded,
        allow_unused=True,
    )
