"""Transforms that go forward: jvp, jacfwd, linearize, and hessian, which begins so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.forward import fits, history, leaf
from derivo._core.tensor import TensorBase
from derivo.func import _modes
from derivo.func._forward import make_dual, tangent_of, without
from derivo.utils._pytree import tree_flatten, tree_map, tree_unflatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["hessian", "jacfwd", "jvp", "linearize"]


def jvp(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """Value of a function, and its derivative along a direction, in one forward pass.

    Parameters
    ----------
    func : callable
        Takes tensors, or lists, tuples and dicts of them, and returns such.
    primals : tuple
        Where: the arguments of `func`, floating point or complex.
    tangents : tuple
        The direction: of the same structure and shapes as `primals`.
    strict : bool, optional
        Raise if an output does not depend on the inputs, instead of giving zeros.
    has_aux : bool, optional
        Whether `func` returns ``(output, aux)``, of which `aux` is handed on.

    Returns
    -------
    output, tangent
        Of the structure of `func`'s result; with `has_aux`, `aux` comes third.

    Raises
    ------
    RuntimeError
        Structures or shapes that do not fit; outputs that are not tensors.
    ValueError
        Integer primals or tangents.

    Notes
    -----
    **Derivative.** Exact, of every operation, at about the cost of the function itself.
    Nested, each jvp follows its own direction. ``no_grad`` does not switch it off.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.func.jvp(lambda x: x**2, (x,), (derivo.tensor([1.0, 0.5]),))
    (tensor([1., 4.]), tensor([2., 2.]))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "[jvp] jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it "
            f"should be valid to call f(*primals). Got {type(primals).__name__}."
        )
    flat, rebuild = _flatten_pair(primals, tangents)
    level = _modes.begin()
    try:
        made = func(*rebuild([make_dual(p, t, level) for p, t in flat]))
        aux = None
        if has_aux:
            made, aux = _pair(made, "jvp(f, primals, tangents)")
        if isinstance(made, TensorBase) and not has_aux:
            return _take_apart(made, level, strict)
        outs, out_spec = tree_flatten(made)
        values, slopes = [], []
        for out in outs:
            value, slope = _take_apart(out, level, strict)
            values.append(value)
            slopes.append(slope)
        results = tree_unflatten(values, out_spec), tree_unflatten(slopes, out_spec)
        if not has_aux:
            return results
        return *results, tree_map(lambda t: _bare(t, level), aux)
    finally:
        _modes.end(level)


def _flatten_pair(primals: Any, tangents: Any) -> tuple[list[Any], Any]:
    """Pairs of a primal and a tangent, and what puts arguments together again."""
    if (
        isinstance(tangents, tuple)
        and len(primals) == len(tangents) > 0
        and all(isinstance(t, TensorBase) for t in (*primals, *tangents))
    ):
        flat, directions = list(primals), list(tangents)
        rebuild: Any = tuple
    else:
        flat, spec = tree_flatten(primals)
        directions, other = tree_flatten(tangents)
        if spec != other:
            raise RuntimeError(
                "[jvp] jvp(f, primals, tangents): Expected primals and tangents to "
                "have the same python structure. For example, if primals is a tuple of "
                f"3 tensors, tangents also must be. Got primals with structure {spec} "
                f"and tangents with structure {other}."
            )
        _check_tensors(flat, "primals")
        _check_tensors(directions, "tangents")
        rebuild = spec.unflatten
    for p, t in zip(flat, directions, strict=True):
        if not fits(p, t):
            _floating(p, "primal")
            _floating(t, "tangent")
    return [*zip(flat, directions, strict=True)], rebuild


def _bare(t: Any, level: int) -> Any:
    return without(t, level) if tangent_of(t, level) is not None else t


def _take_apart(out: Any, level: int, strict: bool) -> tuple[Any, Any]:
    if not isinstance(out, TensorBase):
        raise RuntimeError(
            "[jvp] jvp(f, primals, tangents): expected f(*primals) to return only "
            f"tensors, got unsupported type {type(out)}. Return other values as aux."
        )
    slope = tangent_of(out, level)
    value = _bare(out, level)
    if slope is None:
        from derivo.ops.creation import zeros_like

        if strict:
            raise RuntimeError(
                "[jvp] jvp(f, primals, tangents, strict=True): The output of f is "
                "independent of the inputs. This is not allowed with strict=True."
            )
        slope = zeros_like(value)
    return value, slope


def _check_tensors(flat: Sequence[Any], word: str) -> None:
    if not flat:
        raise RuntimeError(
            f"[jvp] jvp(f, primals, tangents): Expected {word} to contain at least one "
            "Tensor."
        )
    for t in flat:
        if not isinstance(t, TensorBase):
            raise RuntimeError(
                f"[jvp] jvp(f, primals, tangents): Expected {word} to only contain "
                f"Tensors, got {type(t)}. Close over what is not differentiated."
            )


def _floating(t: Any, word: str) -> Any:
    if not (t.dtype.is_floating_point or t.dtype.is_complex):
        raise ValueError(
            f"[jvp] Expected {word} to be floating point or complex, but got: "
            f"{t.dtype}. Convert it with .to(dtype)."
        )
    return t


def _pair(made: Any, where: str) -> tuple[Any, Any]:
    if not (isinstance(made, tuple) and len(made) == 2):
        raise RuntimeError(
            f"[jvp] {where}: output of function f should be a tuple: (output, aux) if "
            f"has_aux is True, got {type(made).__name__}."
        )
    return made


# ------------------------------------------------------------------ jacfwd


def jacfwd(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    randomness: str = "error",
) -> Callable[..., Any]:
    """Make a function that computes the Jacobian, column by column, forward.

    Parameters
    ----------
    func : callable
        Of tensors (or trees of them), returning tensors (or trees).
    argnums : int or tuple of int, optional
        By which arguments.
    has_aux : bool, optional
        Whether `func` returns ``(output, aux)``; the new function then does so, too.
    randomness : {"error", "different", "same"}, optional
        What random operations do in the columns; see `vmap`.

    Returns
    -------
    callable
        For an output of shape ``(*o)`` and an argument of shape ``(*i)`` it gives a
        tensor of shape ``(*o, *i)``, in the structure of the output, and in each of
        its places in that of the argument (a tuple, if `argnums` is one).

    Raises
    ------
    RuntimeError
        Argument numbers that do not exist or are repeated.

    Notes
    -----
    **Derivative.** All directions at once: `vmap` of `jvp`. Cheaper than `jacrev` where
    there are fewer inputs than outputs.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.func.jacfwd(lambda x: x**2)(x)
    tensor([[2., 0.],
            [0., 4.]])
    """

    def jacobian(*args: Any) -> Any:
        vmap = _of_func("vmap")

        places = _places(argnums, len(args))
        chosen = args[places[0]] if isinstance(argnums, int) else _pick(args, places)
        flat, spec = tree_flatten(chosen)
        _check_tensors(flat, "primals")
        for t in flat:
            _floating(t, "primal")

        def column(*directions: Any) -> Any:
            def inner(*values: Any) -> Any:
                every = list(args)
                filled = tree_unflatten(list(values), spec)
                if isinstance(argnums, int):
                    every[places[0]] = filled
                else:
                    for place, value in zip(places, filled, strict=True):
                        every[place] = value
                return func(*every)

            found = jvp(inner, tuple(flat), directions, has_aux=has_aux)
            return (found[1], found[2]) if has_aux else (found[1], ())

        columns, aux = vmap(column, randomness=randomness)(*_directions(flat))
        outs, out_spec = tree_flatten(columns)
        sizes = [t.numel() for t in flat]
        result = []
        for out in outs:
            last = out.movedim(0, -1)
            parts = last.split(sizes, -1) if len(flat) > 1 else (last,)
            shaped = [
                part.reshape(*part.shape[:-1], *t.shape)
                for part, t in zip(parts, flat, strict=True)
            ]
            result.append(tree_unflatten(shaped, spec))
        made = tree_unflatten(result, out_spec)
        return (made, _first(aux)) if has_aux else made

    return jacobian


def _of_func(name: str) -> Any:
    """Another transform, by name: this module is a part of the package it is in."""
    from derivo import func

    return getattr(func, name)


def _first(aux: Any) -> Any:
    """Of a value that is the same in all columns, one."""
    return tree_map(lambda t: t[0] if isinstance(t, TensorBase) else t, aux)


def _directions(flat: Sequence[Any]) -> list[Any]:
    """Unit vectors of all inputs together: for each input, one row a direction."""
    from derivo.ops.creation import zeros

    total = sum(t.numel() for t in flat)
    made = []
    start = 0
    for t in flat:
        rows = zeros(total, t.numel(), dtype=t.dtype)
        rows.diagonal(-start).fill_(1)
        made.append(rows.view(total, *t.shape))
        start += t.numel()
    return made


def _places(argnums: Any, n: int) -> tuple[int, ...]:
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(
            "[jacfwd] argnums must be int or Tuple[int, ...], got: "
            f"{type(argnums)}. Give the numbers of arguments."
        )
    several = (argnums,) if isinstance(argnums, int) else argnums
    if not several:
        raise RuntimeError("[jacfwd] argnums must be non-empty: name an argument.")
    for k in several:
        if not -n <= k < n:
            raise RuntimeError(
                f"[jacfwd] Got argnum={k}, but only {n} positional inputs. Count from "
                "0, or from -1 backwards."
            )
    places = tuple(k % n for k in several)
    if len(set(places)) < len(places):
        raise RuntimeError(
            f"[jacfwd] argnums elements must be unique, got {argnums}. Name each once."
        )
    return places


def _pick(args: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
    return tuple(args[k] for k in places)


def hessian(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., Any]:
    """Make a function that computes second derivatives, forward over reverse.

    Parameters
    ----------
    func : callable
        Of tensors, returning a tensor (or trees of them).
    argnums : int or tuple of int, optional
        By which arguments.

    Returns
    -------
    callable
        Gives ``jacfwd(jacrev(func))``: for an output of shape ``(*o)`` and an argument
        of shape ``(*i)`` a tensor of shape ``(*o, *i, *i)``.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.func.hessian(lambda x: (x**3).sum())(x)
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    jacrev = _of_func("jacrev")
    made: Callable[..., Any] = jacfwd(jacrev(func, argnums), argnums)
    return made


# ------------------------------------------------------------------ linearize


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Any]:
    """Value of a function, and the function that is linear in the direction there.

    Parameters
    ----------
    func : callable
        Of tensors (or trees of them), returning tensors (or trees).
    *primals : Tensor or tree
        Where: the arguments.

    Returns
    -------
    output
        ``func(*primals)``.
    jvp_fn : callable
        ``jvp_fn(*tangents)`` gives the derivative along a direction, without running
        `func` again.

    Raises
    ------
    RuntimeError
        By `jvp_fn`: structures, shapes or dtypes that differ from the primals'.

    Notes
    -----
    **Derivative.** `func` runs once, recorded; the map backward is linear in the
    gradient that comes in, and its transpose is the map forward. For one direction
    `jvp` is cheaper.

    Examples
    --------
    >>> import derivo
    >>> y, along = derivo.func.linearize(derivo.sin, derivo.tensor(0.0))
    >>> along(derivo.tensor(2.0))
    tensor(2.)
    """
    from derivo.autograd import enable_grad, grad
    from derivo.ops.creation import ones_like, zeros_like

    flat, spec = tree_flatten(primals)
    _check_tensors(flat, "primals")
    with enable_grad():
        inputs = [leaf(_floating(p, "primal"), True) for p in flat]
        made = func(*tree_unflatten(inputs, spec))
        outs, out_spec = tree_flatten(made)
        for out in outs:
            if not isinstance(out, TensorBase):
                raise RuntimeError(
                    "[linearize] expected the function to return only tensors, got "
                    f"unsupported type {type(out)}."
                )
        live = [out for out in outs if out.requires_grad]
        seeds = [leaf(ones_like(history(out).detach()), True) for out in live]
        pulled = (
            grad(live, inputs, seeds, create_graph=True, allow_unused=True)
            if live
            else ()
        )
    values = tree_unflatten([out.detach() for out in outs], out_spec)

    def jvp_fn(*tangents: Any) -> Any:
        directions, other = tree_flatten(tangents)
        if other != spec:
            raise RuntimeError(
                f"[linearize] Expected the tangents {other} to have the same argspec "
                f"as the primals {spec}."
            )
        for i, (p, t) in enumerate(zip(flat, directions, strict=True)):
            for what in ("shape", "dtype"):
                if getattr(p, what) != getattr(t, what):
                    raise RuntimeError(
                        f"[linearize] tangent:{i} with {what} {getattr(t, what)} in "
                        f"flattened pytree doesn't match the {what} "
                        f"{getattr(p, what)} of the corresponding primal."
                    )
        pairs = [
            (v, t)
            for v, t in zip(pulled, directions, strict=False)
            if v is not None and v.requires_grad
        ]
        found: Any = [None] * len(live)
        if pairs:
            found = grad(
                [v for v, _ in pairs],
                seeds,
                [t for _, t in pairs],
                retain_graph=True,
                create_graph=False,
                allow_unused=True,
            )
        slopes = dict(zip(map(id, live), found, strict=True))
        results = [
            slope if (slope := slopes.get(id(out))) is not None else zeros_like(value)
            for out, value in zip(outs, tree_flatten(values)[0], strict=True)
        ]
        return tree_unflatten(results, out_spec)

    return values, jvp_fn
