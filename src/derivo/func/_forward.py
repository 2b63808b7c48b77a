"""Forward mode: the rule by which tangents pass through every operation.

`_modes.handle` calls `rule` for the innermost level among the operands. Whatever the
operation, the rule is the same in outline: take this level's tangents off the operands,
carry out the operation, compute the tangent with ordinary operations on what is left
(which records them, batches them and lets outer levels follow them), and attach it.

- elementwise: one fused kernel, derived from the expression (`ops._tangents`);
- views and sums: the same of the tangent; products: of one factor's tangent, and the
  other's;
- primitives: what their record states (``linear``, ``jvp``), or else the derivative of
  the vjp: it is linear in the incoming gradient, and its transpose is the jvp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import forward, products, tensor, views
from derivo._core.forward import attach, derivative, history, hold, release, tangents
from derivo._core.inplace import _needs_grad
from derivo._core.tensor import TensorBase
from derivo.func import _modes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo import Tensor

__all__ = ["bare_view", "make_dual", "rule", "tangent_of", "without"]


def rule(kind: str, op: Any, args: tuple[Any, ...], level: int) -> Any:
    """Carry out an operation some of whose operands have tangents of `level`."""
    if kind == "elementwise":
        return forward.elementwise(op, args, level)
    return _KINDS[kind](op, args, level)


# ------------------------------------------------------------------ tangents of tensors


def tangent_of(t: Any, level: int) -> Any:
    """Tangent of a tensor at a level, or None."""
    if not isinstance(t, TensorBase):
        return None
    return tangents(t).get(level)


def _layout_like(t: Any, like: Any) -> Any:
    """`t` itself if it lies in memory as `like`, else a copy that does."""
    if forward.same_layout(t, like) and t.dtype is like.dtype:
        return t
    if like.numel() == 0 or forward.overlapping(like):
        return t
    if t._batch is not None or like._batch is not None:
        return t
    from derivo.ops.creation import empty_strided

    made = empty_strided(like.shape, like.stride(), dtype=t.dtype)
    made.copy_(t)
    return made


def _storage_like(t: Any, like: Any) -> Any:
    """`t` in a storage of the size of `like`'s, and at the same place in it."""
    size = len(like.untyped_storage()) // like.element_size()
    if size == t.numel() and forward.same_layout(t, like) and t.storage_offset() == 0:
        return t
    from derivo.ops.creation import zeros

    whole = zeros(size, dtype=t.dtype)
    made = whole.as_strided(like.shape, like.stride(), like.storage_offset())
    made.copy_(t)
    return made


def _view_like(tangent: Any, base: Any, view: Any) -> Any:
    """Tangent of a view from that of its base (both lie in memory as their primals)."""
    offset = forward.offset_between(base, view)
    return tangent.as_strided(view.shape, view.stride(), offset)


def make_dual(primal: Any, tangent: Any, level: int) -> Any:
    """View of a tensor with a tangent at a level."""
    if forward.fits(primal, tangent):
        # The usual case, without the questions.
        dual = primal.view(primal.shape)
        attach(dual, level, tangent)
        return dual
    if forward.tangents(primal).get(level) is not None:
        raise RuntimeError(
            "[make_dual] Making a dual Tensor based on a Tensor that already has a "
            f"forward gradient at the same level {level} is not supported. Unpack it "
            "first."
        )
    if tangents(tangent).get(level) is not None:
        raise RuntimeError(
            "[make_dual] Setting a forward grad that itself has a forward gradient at "
            f"the same level {level} is not supported. Unpack it first."
        )
    if primal.shape != tangent.shape:
        raise RuntimeError(
            "[make_dual] Trying to set a forward gradient that has a different size "
            "than that of the original Tensor, this is not supported. Tensor is of "
            f"size {list(primal.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    dual = primal.view(primal.shape)
    forward.attach(dual, level, _layout_like(tangent, primal))
    return dual


def without(t: Any, level: int) -> Any:
    """Alias of a tensor that has no tangent at `level`, with the same history."""
    held = hold((t,), level)
    try:
        return history(t)
    finally:
        release(held, level)


def bare_view(t: Any, level: int) -> Any:
    """View of a tensor that has no tangent at `level`."""
    held = hold((t,), level)
    try:
        return t.view(t.shape)
    finally:
        release(held, level)


def _zeros_like(t: Any) -> Any:
    from derivo.ops.creation import plain_like

    # The same for all examples, which is enough here, and cheaper.
    return plain_like(history(t), 0)


def _recorded(*values: Any) -> bool:
    return tensor.is_grad_enabled() and any(
        isinstance(t, TensorBase) and _needs_grad(t) for t in _modes.tensors_of(values)
    )


# ------------------------------------------------------------------ in place


def _written(x: Any, old: Any, new: Any, level: int) -> Any:
    """Tangent of `x`, which was changed in place, with the new value.

    It is written to the memory of the old one, so that views' tangents follow. Where
    there was none, a view's base gets zeros, of which it becomes a view.
    """
    if old is not None:
        if forward.overlapping(old) or (old.requires_grad and old.is_leaf):
            return _layout_like(new, x)
        if new is not old:
            old = _by_example(old, new)
            old.copy_(new)
        return old
    base = x._base
    if base is None:
        return _layout_like(new, x)
    known = tangents(base).get(level)
    if known is None:
        whole = _layout_like(_zeros_like(base), base)
        if _differs(whole, new):
            from derivo.ops.creation import one_each

            whole = one_each(new, whole)
    else:
        whole = _by_example(known, new)
    if whole is not known:
        attach(base, level, whole)
    part = _view_like(whole, base, x)
    part.copy_(new)
    return part


def _differs(old: Any, new: Any) -> bool:
    """Whether `new` differs by example and `old` does not."""
    b, o = new._batch, old._batch
    return b is not None and b.batched and (o is None or not o.batched)


def _by_example(old: Any, new: Any) -> Any:
    """`old`, or a copy that differs by example if `new`, to be written to it, does."""
    if not _differs(old, new):
        return old
    apart = new.detach()
    # Zero for each example, whatever the values are.
    return old + (apart != apart).sum() * 0


def _inplace(op: Any, args: tuple[Any, ...], level: int) -> Any:
    x = args[0]
    given = [tangent_of(a, level) for a in args[: op.nin]]
    old = given[0]
    mask = sum(1 << i for i, t in enumerate(given) if t is not None)
    before = None
    made = None
    enabled = tensor._forward_enabled()
    held = hold(args, level)
    try:
        if mask and enabled and op.node_name is not None:
            made = derivative(op, args, given, mask, None, _recorded(given))
            if old is not None and _recorded(args):
                before = {level: old.clone()}
        op.inplace(*args)
        if made is None and old is not None and enabled:
            made = _zeros_like(x)
        if made is not None:
            made = _written(x, old, made, level)
    finally:
        release(held, level)
    if made is not None:
        attach(x, level, made, before)
    return x


def _out(op: Any, args: tuple[Any, ...], level: int) -> Any:
    raise NotImplementedError(
        f"[{op.name}] Trying to use forward AD with {op.name}_out that does not "
        "support it because it is an out= function. Use the result instead."
    )


# ------------------------------------------------------------------ primitives


def _primitive(op: Any, args: tuple[Any, ...], level: int) -> Any:
    tensors, *params = args
    given = [tangent_of(t, level) for t in tensors]
    if op.view and given[0] is not None:
        given[0] = _aligned(tensors[0], given[0], level)
    held = hold(args, level)
    try:
        if op.inplace:
            return _primitive_inplace(op, tensors, params, given, held, level)
        out = op(tensors, *params)
        made = _tangent(op, tensors, params, given, out)
    finally:
        release(held, level)
    if made is None:
        return out
    if not op.multi:
        attach(out, level, made)
        return out
    for o, t in zip(out, made, strict=True):
        if t is not None:
            attach(o, level, t)
    return out


def _tangent(
    op: Any, tensors: Sequence[Any], params: Sequence[Any], given: list[Any], out: Any
) -> Any:
    """Tangent of the result (or results) of a primitive."""
    if not tensor._forward_enabled() or all(t is None for t in given):
        return None
    first = out if not op.multi else next((o for o in out if _is_float(o)), None)
    if first is None or not _is_float(first):
        return None
    if op.linear:
        return op(_linear_operands(op, tensors, given), *params)
    if op.jvp is not None:
        plain = tuple(None if t is None else history(t) for t in tensors)
        result = tuple(history(o) for o in out) if op.multi else history(out)
        return op.jvp(given, plain, result, *params)
    if op.vjp is None:
        return None
    return _by_vjp(op, tensors, params, given)


def _is_float(t: Any) -> bool:
    return bool(t.dtype.is_floating_point or t.dtype.is_complex)


def _linear_operands(
    op: Any, tensors: Sequence[Any], given: Sequence[Any]
) -> tuple[Any, ...]:
    operands = []
    for i, (x, t) in enumerate(zip(tensors, given, strict=True)):
        if t is not None:
            operands.append(t)
        elif x is None:
            operands.append(None)
        elif op.linear is True or i in op.linear:
            operands.append(_zeros_like(x))
        else:
            operands.append(history(x))
    return tuple(operands)


def _by_vjp(
    op: Any, tensors: Sequence[Any], params: Sequence[Any], given: Sequence[Any]
) -> Any:
    """Tangents by transposing the vjp.

    ``vjp(g) = J' g`` is linear in `g`; the gradient of ``<J' g, t>`` by `g` is
    ``J t``. The value of `g` does not matter.
    """
    from derivo.func._reverse import _start, _Transposing

    recorded = _recorded(tensors, given)
    with _Transposing([*tensors, *given]) as state:
        sources: list[Any] = []
        operands: list[Any] = []
        for x, t in zip(tensors, given, strict=True):
            source = None
            if x is None:
                operand = None
            elif t is not None:
                # Of its own for each operand: the same tensor may be given twice.
                source = _start(x, state.frame)
                operand = source
            else:
                operand = history(x)
            if operand is not None and op.inplace and not operands:
                operand = operand.clone()
            sources.append(source)
            operands.append(operand)
        out = op(tuple(operands), *params)
        outs = list(out) if op.multi else [out]
        made = _transpose(outs, sources, given, recorded, state.frame)
    return tuple(made) if op.multi else made[0]


def _transposed(op: Any, args: tuple[Any, ...], given: list[Any], inplace: bool) -> Any:
    """Tangent of an elementwise operation, by its gradient."""
    from derivo.func._reverse import _start, _Transposing

    recorded = _recorded(args, given)
    sources: list[Any] = []
    operands: list[Any] = []
    with _Transposing([*args, *given]) as state:
        for k, x in enumerate(args):
            source = None
            operand = x
            if k < len(given) and given[k] is not None:
                # Of its own for each operand: the same tensor may be given twice.
                source = _start(x, state.frame)
                operand = source
            elif isinstance(x, TensorBase):
                operand = history(x)
            if inplace and k == 0:
                operand = operand.clone()
            sources.append(source)
            operands.append(operand)
        made = op.inplace(*operands) if inplace else op(*operands)
        several = made if type(made) is list else [made]
        found = _transpose(several, sources, given, recorded, state.frame)
    if type(made) is not list:
        return found[0]
    return [
        _zeros_like(o) if t is None else t for o, t in zip(made, found, strict=True)
    ]


def _transpose(
    outs: Sequence[Any],
    sources: Sequence[Any],
    given: Sequence[Any],
    recorded: bool,
    frame: Any,
) -> list[Any]:
    """Tangents of `outs`, by the vjp from `sources`: starts inside `frame`."""
    from derivo.autograd import enable_grad, grad
    from derivo.func._reverse import _start
    from derivo.ops.creation import ones_like

    with enable_grad():
        live = [k for k, o in enumerate(outs) if o.requires_grad]
        if not live:
            return [None] * len(outs)
        # Ones: some rules treat signs apart, and say nothing for zeros.
        ones = [forward.leaf(ones_like(history(outs[k])), False) for k in live]
        seeds = [_start(one, frame) for one in ones]
        wrt = [s for s in sources if s is not None]
        found = grad(
            [outs[k] for k in live], wrt, seeds, create_graph=True, allow_unused=True
        )
        pairs = [
            (v, t)
            for v, t in zip(found, (t for t in given if t is not None), strict=True)
            if v is not None and v.requires_grad
        ]
        made: list[Any] = [None] * len(seeds)
        if pairs:
            made = list(
                grad(
                    [v for v, _ in pairs],
                    seeds,
                    [t if t.dtype is v.dtype else t.to(v.dtype) for v, t in pairs],
                    create_graph=recorded,
                    allow_unused=True,
                )
            )
    results: list[Any] = [None] * len(outs)
    for k, t in zip(live, made, strict=True):
        if t is None:
            results[k] = _zeros_like(outs[k])
        else:
            # A tangent is changed with its tensor: no two have the same one.
            results[k] = t.clone() if forward.shares_memory(t, given) else t
    return results


def _primitive_inplace(
    op: Any,
    tensors: Sequence[Any],
    params: Sequence[Any],
    given: list[Any],
    held: list[Any],
    level: int,
) -> Any:
    x, old = tensors[0], given[0]
    if not tensor._forward_enabled():
        return op(tensors, *params)
    direct = op.linear or op.jvp is not None
    made = None
    if not direct and op.vjp is not None:
        made = _by_vjp(op, tensors, params, given)
    out = op(tensors, *params)
    if direct:
        # The tangent is changed as the tensor was.
        start = _zeros_like(x) if old is None else old
        for t in given[1:]:
            start = start if t is None else _by_example(start, t)
        base = _written(x, old, start, level)
        if op.linear:
            op(_linear_operands(op, tensors, [base, *given[1:]]), *params)
            made = base
        else:
            plain = tuple(None if t is None else history(t) for t in tensors)
            made = op.jvp([base, *given[1:]], plain, history(x), *params)
            made = base if made is None else made
    elif made is None:
        made = _zeros_like(x)
        made = _written(x, old, made, level)
    else:
        made = _written(x, old, made, level)
    # `held` is put back after this; let it put back the new tangent.
    held[:] = [entry for entry in held if entry[0] is not x]
    held.append((x, {level: made}))
    return out


# ------------------------------------------------------------------ core functions


def _aligned(x: Any, tangent: Any, level: int) -> Any:
    """The tangent of `x`, lying in memory as `x` does."""
    if forward.same_layout(tangent, x):
        return tangent
    made = _layout_like(tangent, x)
    if made is not tangent:
        attach(x, level, made)
    return made


def _function(op: Any, args: tuple[Any, ...], level: int) -> Any:
    return _FUNCTIONS[op](op, args, level)


def _multilinear(tangent: Callable[..., Any]) -> Callable[..., Any]:
    """Make a rule from ``tangent(op, args, given, out)``."""

    def apply(op: Any, args: tuple[Any, ...], level: int) -> Any:
        given = [tangent_of(a, level) for a in args]
        held = hold(args, level)
        try:
            out = op(*args)
            made = None
            if (
                tensor._forward_enabled()
                and _is_float(out)
                and any(t is not None for t in given)
            ):
                plain = [history(a) if isinstance(a, TensorBase) else a for a in args]
                made = tangent(op, plain, given, out)
        finally:
            release(held, level)
        if made is not None:
            attach(out, level, made)
        return out

    return apply


@_multilinear
def _product(op: Any, args: list[Any], given: list[Any], out: Any) -> Any:
    form, _, a, b, beta, alpha = args
    _, tc, ta, tb, _, _ = given
    # The forms are numbered in pairs: without and with an added operand.
    added = form in _ADDED
    plain, full = (form - 1, form) if added else (form, form + 1)
    if ta is None and tb is None:
        made = tc if beta == 1 else tc * beta
        return made.expand(out.shape).clone()
    made = None if tc is None else (tc, beta)
    for left, right in ((ta, b), (a, tb)):
        if left is None or right is None:
            continue
        if made is not None and added:
            made = (op(full, made[0], left, right, made[1], alpha), 1)
            continue
        part = op(plain, None, left, right, 0, 1)
        part = part if alpha == 1 else part * alpha
        made = (part if made is None else made[0] + part, 1)
    return made[0] if made is not None else None


_ADDED = (1, 3, 5)


def _matmul(op: Any, args: tuple[Any, ...], level: int) -> Any:
    # By its parts, each of which saves what has a tangent.
    from derivo.ops.products.matmul import _matmul as composed

    a, b = args
    return _BY_RANKS.get((a.dim(), b.dim()), composed)(a, b)


_BY_RANKS = {(2, 2): products.mm, (2, 1): products.mv, (1, 1): products.dot}


def _as_strided(op: Any, args: tuple[Any, ...], level: int) -> Any:
    # It reads the storage itself, so the tangent needs one of the same size.
    x, given = args[0], tangent_of(args[0], level)
    if given is not None:
        attach(x, level, _storage_like(given, x))
    return forward.view(op, args, level)


def _detach(op: Any, args: tuple[Any, ...], level: int) -> Any:
    held = hold(args, level)
    try:
        return op(*args)
    finally:
        release(held, level)


# Not in the stubs: made for these rules only.
_products: Any = products

_FUNCTIONS: dict[Any, Callable[[Any, tuple[Any, ...], int], Any]] = {
    views.as_strided: _as_strided,
    _products.again: _product,
    products.matmul: _matmul,
    tensor._detach: _detach,
    tensor._data: _detach,
}


def _custom(op: Any, args: tuple[Any, ...], level: int) -> Any:
    from derivo.func import _function

    return _function.custom(op, args, level)


_KINDS: dict[str, Callable[[Any, tuple[Any, ...], int], Any]] = {
    "custom": _custom,
    "inplace": _inplace,
    "out": _out,
    "primitive": _primitive,
    "function": _function,
}


def _install() -> None:
    from derivo.ops import _tangents
    from derivo.ops.conversion import cast
    from derivo.ops.creation import zeros_like

    def clone(t: Tensor) -> Tensor:
        return t.clone()

    forward.set_callbacks(
        plan=_tangents.plan,
        zeros_like=zeros_like,
        clone=clone,
        cast=cast,
        view_like=_view_like,
        transposed=_transposed,
        functions=_FUNCTIONS,
        aligned=_aligned,
    )
    _modes.set_rule("tangent", rule)


_install()
