"""Reverse mode as transforms of functions: `grad`, `vjp`, `jacrev`.

A transform differentiates with respect to fresh leaves over its arguments, runs the
engine between them and the results, and cuts what it returns off from those leaves.
The graph is the one of `backward`; what tells an inner transform from an outer one is
only at which tensors the engine stops. The ``grad`` of no tensor changes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _edge, _reaches_others, run_backward
from derivo._core.forward import history, leaf
from derivo._core.saved import _set_flag
from derivo._core.tensor import (
    TensorBase,
    _needs_grad,
    _set_grad_enabled,
    _set_inference,
    is_grad_enabled,
)
from derivo.func._batch import Frame, current, wrap
from derivo.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["grad", "grad_and_value", "jacrev", "vjp"]

_PACKS_SAVED = 1  # as in `_core.tensor`


class _Recording:
    """Record operations, whatever the mode outside; and remember that one.

    Inside the innermost vmap; or, of a rule that works on what an inner level wraps,
    inside that of the given tensors.
    """

    __slots__ = ("frame", "inference", "mode", "owner")

    def __init__(self, tensors: Iterable[Any] | None = None) -> None:
        self.frame: Frame | None = current() if tensors is None else _frame(tensors)

    def __enter__(self) -> _Recording:
        self.inference = _set_inference(False)
        self.mode = _set_grad_enabled(True)
        self.owner = self.frame is not None and self.frame.outer is None
        if self.owner:
            self.frame.outer = self.mode  # type: ignore[union-attr]
        return self

    def __exit__(self, *exc: object) -> None:
        if self.owner:
            self.frame.outer = None  # type: ignore[union-attr]
        _set_grad_enabled(self.mode)
        _set_inference(self.inference)


class _Transposing(_Recording):
    """Record operations that are differentiated at once, to have a tangent.

    Pack hooks are not asked: they would have to unpack before their region has ended,
    which a checkpoint cannot.
    """

    __slots__ = ("packs",)

    def __enter__(self) -> _Transposing:
        super().__enter__()
        self.packs = _set_flag(_PACKS_SAVED, False)
        return self

    def __exit__(self, *exc: object) -> None:
        _set_flag(_PACKS_SAVED, self.packs)
        super().__exit__(*exc)


def _frame(tensors: Iterable[Any]) -> Frame | None:
    """The innermost vmap that some tensor belongs to."""
    found = None
    for t in tensors:
        if isinstance(t, TensorBase) and t._batch is not None:
            b = t._batch
            if found is None or b.level > found.level:
                found = b.frame
    return found


def _start(x: Any, frame: Frame | None) -> Any:
    """Where the engine stops: a fresh tensor over `x`, inside the innermost vmap."""
    if not isinstance(x, TensorBase):
        raise ValueError(
            "[grad] Thing passed to transform API must be Tensor, got "
            f"{type(x)}: give argnums those arguments that are tensors."
        )
    if not (x.is_floating_point() or x.is_complex()):
        raise RuntimeError(
            "[grad] only Tensors of floating point and complex dtype can require "
            f"gradients, got {x.dtype}."
        )
    if frame is not None:
        b = x._batch
        if b is None or b.level != frame.level:
            # Told from what all examples share by belonging to the level.
            # Tangents of transforms inside the level stay outside of what is wrapped.
            known = x._tangents
            inner = known and {k: t for k, t in known.items() if k > frame.level}
            if not inner:
                return leaf(wrap(x, frame, False), True)
            bare = history(x)
            bare._tangents = {k: t for k, t in x._tangents.items() if k not in inner}
            start = leaf(wrap(bare, frame, False), True)
            start._tangents = {**(start._tangents or {}), **inner}
            return start
    if _needs_grad(x):
        return x.view_as(x)
    return leaf(x, True)


def _pull(
    outputs: list[Any], inputs: list[Any], seeds: list[Any], keep: bool, create: bool
) -> list[Any]:
    """Gradients of outputs with respect to starts; zeros where there are none."""
    roots, given = [], []
    for t, g in zip(outputs, seeds, strict=True):
        if _needs_grad(t):
            roots.append(_edge(t))
            given.append(g)
    if not roots:
        return [_zeros_like(x) for x in inputs]
    ends = [_edge(x) for x in inputs]
    found = run_backward(roots, given, keep, create, ends, False)
    return [
        _zeros_like(x) if g is None else g for x, g in zip(inputs, found, strict=True)
    ]


def _zeros_like(x: Any) -> Any:
    from derivo.ops.creation import zeros_like

    return zeros_like(x)


def _release(t: Any, starts: list[Any], mode: bool) -> Any:
    """What leaves the transform: without history that only leads to its starts."""
    if not isinstance(t, TensorBase) or not _needs_grad(t):
        return t
    if mode and _reaches_others([t], starts):
        return t
    # Without history at its own level; that of outer levels stays.
    return leaf(t, False)


def _end(starts: list[Any]) -> None:
    # A graph that outlives the transform must not add to leaves that nobody has.
    for x in starts:
        if x.is_leaf:
            x.requires_grad_(False)


def _argnums(argnums: Any, n: int) -> tuple[int, ...]:
    """Positions of the differentiated arguments, checked."""
    if not isinstance(argnums, (int, tuple)) or isinstance(argnums, bool):
        raise RuntimeError(
            f"[grad] argnums must be int or Tuple[int, ...], got: {type(argnums)}."
        )
    found = []
    for k in (argnums,) if isinstance(argnums, int) else argnums:
        if not isinstance(k, int):
            raise RuntimeError(f"[grad] argnum must be int, got: {type(k)}.")
        if not -n <= k < n:
            raise RuntimeError(
                f"[grad] Got argnum={k}, but only {n} positional inputs."
            )
        found.append(k % n)
    if not found:
        raise RuntimeError("[grad] argnums must be non-empty.")
    if len(set(found)) != len(found):
        raise RuntimeError(f"[grad] argnums elements must be unique, got {argnums}.")
    return tuple(found)


def _started(
    args: tuple[Any, ...], argnums: Any, frame: Frame | None
) -> tuple[list[Any], Any, list[Any], Any]:
    """Arguments with fresh starts in place of the differentiated ones.

    Returns the arguments, the differentiated part, its leaves and its structure.
    """
    places = _argnums(argnums, len(args))
    single = isinstance(argnums, int)
    new = list(args)
    part = args[places[0]] if single else tuple(args[k] for k in places)
    leaves, spec = tree_flatten(part)
    starts = [_start(x, frame) for x in leaves]
    part = tree_unflatten(starts, spec)
    for k, value in zip(places, (part,) if single else part, strict=True):
        new[k] = value
    return new, part, starts, spec


def grad_and_value(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the gradient of `func`, and its value.

    Parameters
    ----------
    func : callable
        Returns a 0-d tensor (a pair of it and anything, with `has_aux`).
    argnums : int or tuple of int, default 0
        Positions of the arguments to differentiate; each may be a container.
    has_aux : bool, default False
        Whether `func` returns ``(output, aux)``.

    Returns
    -------
    callable
        Gives ``(gradient, value)``, or ``(gradient, (value, aux))``. For an int the
        gradient has the structure of that argument, for a tuple it is a tuple.

    Raises
    ------
    RuntimeError
        If `func` does not return a 0-d tensor, or `argnums` do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.func.grad_and_value(lambda x: x * x)(derivo.tensor(3.0))
    (tensor(6.), tensor(9.))
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with _Recording() as state:
            new, _, starts, spec = _started(args, argnums, state.frame)
            output = func(*new, **kwargs)
            aux = None
            if has_aux:
                if not (isinstance(output, tuple) and len(output) == 2):
                    raise RuntimeError(
                        "[grad] grad_and_value(f)(*args): output of function f should "
                        "be a tuple: (output, aux) if has_aux is True."
                    )
                output, aux = output
            _check_scalar(output)
            mode = state.mode or state.frame is not None
            create = mode and _reaches_others([output], starts)
            found = _pull([output], starts, [_ones(output)], create, create)
            found = [_release(g, starts, create) for g in found]
            value = _release(output, starts, create)
            if has_aux:
                aux = tree_map(lambda t: _release(t, starts, mode), aux)
            _end(starts)
        gradient = tree_unflatten(found, spec)
        return gradient, ((value, aux) if has_aux else value)

    return wrapper


def _ones(t: Any) -> Any:
    """The seed of a whole result: the same for all examples."""
    from derivo.ops.creation import _filled

    return _filled(t.shape, 1, t.dtype)


def _check_scalar(output: Any) -> None:
    if not isinstance(output, TensorBase):
        raise RuntimeError(
            "[grad] grad_and_value(f)(*args): Expected f(*args) to return a Tensor, "
            f"got {type(output)}."
        )
    if output.dim() != 0:
        raise RuntimeError(
            "[grad] grad_and_value(f)(*args): Expected f(*args) to return a scalar "
            f"Tensor, got tensor with {output.dim()} dims. Maybe you wanted to use the "
            "vjp or jacrev APIs instead?"
        )


def grad(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the gradient of `func`.

    Parameters
    ----------
    func : callable
        Returns a 0-d tensor (a pair of it and anything, with `has_aux`).
    argnums : int or tuple of int, default 0
        Positions of the arguments to differentiate; each may be a container.
    has_aux : bool, default False
        Whether `func` returns ``(output, aux)``; the result is then
        ``(gradient, aux)``.

    Returns
    -------
    callable
        Takes the arguments of `func`.

    Raises
    ------
    RuntimeError
        If `func` does not return a 0-d tensor, or `argnums` do not fit.

    Notes
    -----
    A ``no_grad()`` outside is ignored, one inside `func` is honoured. The result has a
    graph only if it depends on tensors that require a gradient outside.

    Examples
    --------
    >>> import derivo
    >>> from derivo.func import grad
    >>> grad(grad(lambda x: x**3))(derivo.tensor(2.0))
    tensor(12.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Value of a function, and the function of its vector-Jacobian products.

    Parameters
    ----------
    func : callable
        Returns tensors, or containers of them.
    *primals : Tensor or container of Tensor
        Where; all are differentiated.
    has_aux : bool, default False
        Whether `func` returns ``(output, aux)``.

    Returns
    -------
    output : Tensor or container
    vjp_fn : callable
        Takes cotangents of the structure of `output`; gives a tuple with one entry
        per primal. It may be called many times.
    aux : object
        Only with `has_aux`.

    Raises
    ------
    RuntimeError
        If results are not floating point tensors, or cotangents do not match them.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> output, vjp_fn = derivo.func.vjp(lambda x: x * x, x)
    >>> vjp_fn(derivo.ones(2))
    (tensor([2., 4.]),)
    """
    return _vjp(func, primals, None, has_aux)


def _vjp(
    func: Callable[..., Any], primals: tuple[Any, ...], argnums: Any, has_aux: bool
) -> Any:
    with _Recording() as state:
        if argnums is None:
            new = [tree_map(lambda x: _start(x, state.frame), p) for p in primals]
            starts, spec = tree_flatten(tuple(new))
        else:
            new, _, starts, spec = _started(primals, argnums, state.frame)
        output = func(*new)
        aux = None
        mode = state.mode or state.frame is not None
        if has_aux:
            if not (isinstance(output, tuple) and len(output) == 2):
                raise RuntimeError(
                    "[vjp] vjp(f, *primals): output of function f should be a tuple: "
                    "(output, aux) if has_aux is True."
                )
            output, aux = output
            aux = tree_map(lambda t: _release(t, starts, mode), aux)
        outputs, out_spec = tree_flatten(output)
        _check_outputs(outputs)
        others = _reaches_others(outputs, starts)
        results = tree_unflatten(
            [_release(t, starts, mode and others) for t in outputs], out_spec
        )

    def vjp_fn(
        cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None
    ) -> Any:
        """Return the vector-Jacobian products of the primals."""
        seeds, found_spec = tree_flatten(cotangents)
        if found_spec != out_spec:
            raise RuntimeError(
                "[vjp] Expected pytree structure of cotangents to be the same as "
                f"pytree structure of outputs to the function. cotangents: "
                f"{found_spec}, primal output: {out_spec}."
            )
        for t, g in zip(outputs, seeds, strict=True):
            if t.shape != g.shape:
                raise RuntimeError(
                    "[vjp] Mismatch in shape: a cotangent has shape "
                    f"{list(g.shape)} and its output has shape {list(t.shape)}."
                )
        create = is_grad_enabled() if create_graph is None else create_graph
        create = create and (others or any(_needs_grad(g) for g in seeds))
        found = _pull(outputs, starts, seeds, retain_graph, create)
        return tree_unflatten([_release(g, starts, create) for g in found], spec)

    return (results, vjp_fn, aux) if has_aux else (results, vjp_fn)


def _check_outputs(outputs: list[Any]) -> None:
    if not outputs:
        raise RuntimeError(
            "[vjp] vjp(f, *primals): Expected f to be a function that has non-empty "
            "output (got output = ())."
        )
    for t in outputs:
        if not isinstance(t, TensorBase):
            raise RuntimeError(
                "[vjp] vjp(f, *primals): expected f(*primals) to return only tensors, "
                f"got unsupported type {type(t)}."
            )
        if not (t.is_floating_point() or t.is_complex()):
            raise RuntimeError(
                "[vjp] vjp(f, ...): All outputs of f must be floating-point or complex "
                f"Tensors, got Tensor with dtype {t.dtype}."
            )


def jacrev(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """Return a function that gives the Jacobian of `func`, by reverse mode.

    Parameters
    ----------
    func : callable
        Returns tensors, or containers of them.
    argnums : int or tuple of int, default 0
        Positions of the arguments to differentiate; each may be a container.
    has_aux : bool, default False
        Whether `func` returns ``(output, aux)``; the result is then
        ``(jacobian, aux)``.
    chunk_size : int, optional
        How many rows are computed at a time; all by default. With 1 they are computed
        in a plain loop, where the restrictions of `vmap` do not hold. Nor do they for
        a result that has one element.

    Returns
    -------
    callable
        The Jacobian has the structure of the output, and in each place that of the
        argument; the shape is ``(*output.shape, *argument.shape)``.

    Raises
    ------
    ValueError
        If `chunk_size` is not positive.
    RuntimeError
        If results are not floating point tensors, or `argnums` do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.func.jacrev(lambda x: x**2)(derivo.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("[jacrev] jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args: Any) -> Any:
        for t in tree_leaves(args):
            if isinstance(t, TensorBase) and t.is_complex():
                raise RuntimeError(
                    "[jacrev] jacrev: Expected all inputs to be real but received "
                    f"complex tensor of dtype {t.dtype}."
                )
        made = _vjp(func, args, argnums, has_aux)
        output, pull = made[0], made[1]
        outputs, out_spec = tree_flatten(output)
        for t in outputs:
            if t.is_complex():
                raise RuntimeError(
                    "[jacrev] jacrev: Expected all outputs to be real but received "
                    f"complex tensor of dtype {t.dtype}."
                )
        if len(outputs) == 1 and outputs[0].numel() == 1:
            # One row: a gradient, without a level for the rows.
            seed = tree_unflatten([_ones(outputs[0])], out_spec)
            row, in_spec = tree_flatten(pull(seed))
            added = (1,) * outputs[0].dim()
            if added:
                row = [g.reshape(*added, *g.shape) for g in row]
            jacobian = tree_unflatten([tree_unflatten(row, in_spec)], out_spec)
            return (jacobian, made[2]) if has_aux else jacobian
        rows = _rows(outputs, out_spec, pull, chunk_size)
        leaves, in_spec = tree_flatten(rows)
        blocks = []
        begin = 0
        for t in outputs:
            n = t.numel()
            part = [
                g.narrow(0, begin, n).reshape(*t.shape, *g.shape[1:]) for g in leaves
            ]
            blocks.append(tree_unflatten(part, in_spec))
            begin += n
        jacobian = tree_unflatten(blocks, out_spec)
        return (jacobian, made[2]) if has_aux else jacobian

    return wrapper


def _rows(outputs: list[Any], out_spec: Any, pull: Any, chunk: int | None) -> Any:
    """Rows of the Jacobian: a vector-Jacobian product of each unit vector."""
    from derivo import cat, eye, stack, zeros
    from derivo.func._vmap import vmap

    count = sum(t.numel() for t in outputs)

    def units(begin: int, n: int) -> Any:
        """Unit vectors `begin` to ``begin + n``, in the structure of the output."""
        found = []
        at = 0
        for t in outputs:
            size = t.numel()
            if begin == 0 and n == count and size == count:
                block = eye(size, dtype=t.dtype)
            else:
                block = zeros((n, size), dtype=t.dtype)
                low, high = max(at, begin), min(at + size, begin + n)
                if low < high:
                    block[low - begin : high - begin, low - at : high - at] = eye(
                        high - low, dtype=t.dtype
                    )
            found.append(block.reshape(n, *t.shape))
            at += size
        return tree_unflatten(found, out_spec)

    if chunk == 1:
        each = []
        for i in range(count):
            seed = tree_map(lambda t: t.select(0, 0), units(i, 1))
            each.append(tree_flatten(pull(seed)))
        if not each:
            return vmap(pull)(units(0, 0))
        columns = zip(*(flat for flat, _ in each), strict=True)
        return tree_unflatten([stack(list(c)) for c in columns], each[0][1])
    step = count if chunk is None else min(chunk, count)
    if step == count:
        return vmap(pull)(units(0, count))
    parts = [
        tree_flatten(vmap(pull)(units(i, min(step, count - i))))
        for i in range(0, count, step)
    ]
    columns = zip(*(flat for flat, _ in parts), strict=True)
    return tree_unflatten([cat(list(c)) for c in columns], parts[0][1])
