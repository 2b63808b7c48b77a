"""What expressions and programs mean, in NumPy.

The interpreter is the definition: generated machine code is tested against it. It is
written to be read, not to be fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derivo.ir.dtypes import FLOATS, compute_dtype
from derivo.ir.expr import Expr, topological
from derivo.ir.program import (
    COUNT,
    INDEX,
    Program,
    Reduce,
    is_result,
    passes,
    result,
    typed,
)
from derivo.ir.special import PREFIX
from derivo.ir.typing import Types

Array = NDArray[Any]

_quiet = np.errstate(all="ignore")


@_quiet
def round_half(x: Array, dtype: str) -> Array:
    """Round to float16 or bfloat16; the result is float32."""
    x = np.asarray(x, dtype=np.float32)
    if dtype == "float16":
        return x.astype(np.float16).astype(np.float32)
    bits = x.view(np.uint32)
    up = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), np.float32(math.nan), up.view(np.float32))


@_quiet
def convert(x: Array, dtype: str) -> Array:
    """Convert to a compute dtype as C does on common machines."""
    x = np.asarray(x)
    if dtype == "bool":
        return x != 0
    if x.dtype.kind == "f" and dtype not in FLOATS:
        # C converts to at least 32 bits and drops the upper ones.
        middle = np.int64 if dtype == "int64" else np.int32
        return x.astype(middle).astype(dtype)
    return x.astype(dtype)


def _shift(left: bool) -> Callable[..., Array]:
    def run(a: Array, n: Array) -> Array:
        if a.dtype == bool:
            a, n = a.astype(np.uint8), n.astype(np.uint8)
        bits = a.dtype.itemsize * 8
        inside = (n >= 0) & (n < bits)
        safe = np.where(inside, n, 0).astype(a.dtype)
        if left:
            return np.where(inside, a << safe, 0).astype(a.dtype)
        if a.dtype == np.uint8:
            return np.where(inside, a >> safe, 0).astype(a.dtype)
        most = np.where(inside, n, bits - 1).astype(a.dtype)
        return a >> most

    return run


def _floor_divide(a: Array, b: Array) -> Array:
    if a.dtype == bool:
        return a & b
    if a.dtype.kind == "f":
        q = np.floor_divide(a, b)
        return np.where(b == 0, a / b, q).astype(a.dtype)
    # NumPy gives 0 for division by zero too.
    return np.floor_divide(a, b)


def _remainder(a: Array, b: Array) -> Array:
    if a.dtype == bool:
        return np.zeros_like(a & b)
    if a.dtype.kind == "f":
        mod = np.fmod(a, b)
        return np.where((mod != 0) & ((b < 0) != (mod < 0)), mod + b, mod)
    return np.remainder(a, b)


def _fmod(a: Array, b: Array) -> Array:
    return np.zeros_like(a & b) if a.dtype == bool else np.fmod(a, b)


def _pow(a: Array, b: Array) -> Array:
    if a.dtype == bool:
        return a | ~b
    if a.dtype.kind == "f":
        return np.power(a, b)
    a, b = np.broadcast_arrays(a, b)
    good = np.power(a, np.where(b < 0, 0, b).astype(a.dtype))
    odd = (b & 1).astype(bool)
    minus = np.where(odd, a, -a) if a.dtype.kind == "i" else np.zeros_like(a)
    low = np.where(a == 1, a, np.where(a == a.dtype.type(0) - 1, minus, 0))
    return np.where(b < 0, low, good).astype(a.dtype)


def _sign(a: Array) -> Array:
    if a.dtype == bool:
        return a
    return (a > 0).astype(a.dtype) - (a < 0).astype(a.dtype)


def _add(a: Array, b: Array) -> Array:
    return a + b


def _sub(a: Array, b: Array) -> Array:
    return a ^ b if a.dtype == bool else a - b


def _rounding(name: str) -> Callable[[Array], Array]:
    function = getattr(np, name)
    return lambda a: function(a) if a.dtype.kind == "f" else a


def _predicate(name: str) -> Callable[[Array], Array]:
    function = getattr(np, name)

    def run(a: Array) -> Array:
        if a.dtype.kind == "f":
            return function(a)
        if name == "signbit":
            return a < 0 if a.dtype != bool else np.zeros_like(a)
        return np.full(a.shape, name == "isfinite")

    return run


def _scipy(name: str) -> Callable[..., Array]:
    def run(*args: Array) -> Array:
        import scipy.special

        dtype = args[0].dtype
        wide = [a.astype(np.float64) for a in args]
        if name == "psi":
            x = wide[0]
            pole = np.copysign(math.inf, -x)
            return np.where(x == 0, pole, scipy.special.psi(x)).astype(dtype)
        if name == "zeta":
            return _zeta(*wide).astype(dtype)
        found: Array = getattr(scipy.special, name)(*wide)
        return found.astype(dtype)

    return run


def _python(function: Callable[[float], float]) -> Callable[[Array], Array]:
    each = np.frompyfunc(function, 1, 1)
    return lambda a: np.asarray(each(a.astype(np.float64))).astype(a.dtype)


def _zeta(s: Array, q: Array) -> Array:
    import scipy.special

    # SciPy leaves negative arguments undefined: step up to positive ones.
    total = np.zeros(np.broadcast(s, q).shape)
    q = np.array(np.broadcast_to(q, total.shape))
    pole = (q <= 0) & (q == np.floor(q))
    valid = (q > 0) | ((s == np.floor(s)) & (q > -1e6))
    while True:
        below = (q < 0) & valid & ~pole
        if not below.any():
            break
        total = np.where(below, total + np.where(below, q, 1.0) ** -s, total)
        q = np.where(below, q + 1.0, q)
    found = total + scipy.special.zeta(s, np.where(pole | ~valid, 1.0, q))
    return np.where(pole, math.inf, np.where(valid, found, math.nan))


def _rsqrt(a: Array) -> Array:
    return a.dtype.type(1) / np.sqrt(a)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "sub": _sub,
    "mul": np.multiply,
    "div": np.divide,
    "neg": lambda a: a if a.dtype == bool else np.negative(a),
    "abs": np.abs,
    "sign": _sign,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "fmod": _fmod,
    "pow": _pow,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "logical_not": np.logical_not,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_not": np.invert,
    "shift_left": _shift(True),
    "shift_right": _shift(False),
    "gcd": lambda a, b: a | b if a.dtype == bool else np.gcd(a, b),
    "lcm": lambda a, b: a & b if a.dtype == bool else np.lcm(a, b),
    **{n: _predicate(n) for n in ("isnan", "isinf", "isfinite", "signbit")},
    **{n: _rounding(n) for n in ("floor", "ceil", "trunc")},
    "round": lambda a: np.round(a) if a.dtype.kind == "f" else a,
    "copysign": np.copysign,
    "nextafter": np.nextafter,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "fmin": np.fmin,
    "fmax": np.fmax,
    **{
        n: getattr(np, n)
        for n in (
            *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt"),
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot", "square"),
        )
    },
    "rounded": lambda a: a,
    "rsqrt": _rsqrt,
    "reciprocal": lambda a: a.dtype.type(1) / a,
    **{n: getattr(np, "arc" + n[1:]) for n in ("asin", "acos", "atan", "atan2")},
    **{n: getattr(np, "arc" + n[1:]) for n in ("asinh", "acosh", "atanh")},
    "erf": _python(math.erf),
    # SciPy's own is 31 units in the last place off at some arguments.
    "erfc": _python(math.erfc),
    "erfinv": _scipy("erfinv"),
    "lgamma": _scipy("gammaln"),
    "digamma": _scipy("psi"),
    "zeta": _scipy("zeta"),
    "where": lambda c, a, b: np.where(c, a, b),
}


def _const(value: Any, dtype: str) -> Array:
    if dtype not in FLOATS and dtype != "bool":
        # Two's complement, whatever the size of the Python number.
        size = np.dtype(dtype).itemsize
        wrapped = int(value) & ((1 << 8 * size) - 1)
        return np.frombuffer(wrapped.to_bytes(size, "little"), dtype)[0]
    return np.asarray(value).astype(dtype)[()]


@_quiet
def evaluate(
    exprs: Sequence[Expr],
    values: Mapping[Expr, Array],
    compute: str,
    variables: Mapping[Expr, str] | None = None,
) -> list[Array]:
    """Return the values of expressions, in the dtypes that they compute in.

    `values` gives the operands, already in compute dtypes; `variables` their dtypes,
    if not all are `compute`.
    """
    compute = compute_dtype(compute)
    operands = [e for e in topological(exprs) if e.op == "var"]
    types = Types(exprs, variables or dict.fromkeys(operands, compute), compute)
    done: dict[Expr, Array] = {}

    def get(e: Expr, dtype: str) -> Array:
        if e.op == "const":
            return _const(e.value, dtype)
        return convert(done[e], dtype)

    for e in types.order:
        if e.op == "const":
            continue
        if e.op == "var":
            done[e] = np.asarray(values[e])
            continue
        t = types.args[e]
        if e.op == "cast":
            x = get(e.args[0], t)
            half = e.value in ("float16", "bfloat16")
            done[e] = round_half(x, e.value) if half else convert(x, e.value)
        elif e.op == "where":
            c, a, b = e.args
            done[e] = np.where(get(c, "bool"), get(a, t), get(b, t))
        else:
            args = [get(a, t) for a in e.args]
            if e.op.startswith(PREFIX):
                done[e] = _scipy(e.op.removeprefix(PREFIX))(*args)
            else:
                done[e] = _FUNCTIONS[e.op](*args)
    return [np.asarray(get(e, types.strong(e))) for e in exprs]


@_quiet
def load(x: Array, dtype: str, compute: str) -> Array:
    """Return an operand in memory as the kernel reads it.

    bfloat16 arrives as uint16 bits.
    """
    if dtype == "bfloat16":
        x = (x.astype(np.uint32) << 16).view(np.float32)
    return convert(x, compute)


@_quiet
def store(x: Array, dtype: str) -> Array:
    """Return a result as it lies in memory."""
    if dtype == "bfloat16":
        rounded = round_half(convert(x, "float32"), dtype)
        return (rounded.view(np.uint32) >> 16).astype(np.uint16)
    if dtype == "float16":
        return convert(x, "float32").astype(np.float16)
    return convert(x, dtype)


def run_map(
    exprs: Sequence[Expr],
    in_dtypes: Sequence[str],
    out_dtypes: Sequence[str],
    compute: str,
    arrays: Sequence[Array],
) -> list[Array]:
    """Return what an elementwise kernel stores for these operands."""
    compute = compute_dtype(compute)
    values = {
        e: load(np.asarray(arrays[e.index]), in_dtypes[e.index], compute)
        for e in topological(exprs)
        if e.op == "var"
    }
    # A bool operand is a truth value where one is asked for: 0 and 1 convert back.
    found = evaluate(exprs, values, compute)
    shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
    return [
        store(np.broadcast_to(x, shape), d)
        for x, d in zip(found, out_dtypes, strict=True)
    ]


# --- programs -------------------------------------------------------------------


def _fold(s: Reduce, x: Array, index: Array, accumulator: str) -> tuple[Array, ...]:
    """Reduce the last axis."""
    combine = s.combine
    if combine in ("any", "all"):
        return (getattr(np, combine)(x, axis=-1),)
    if combine in ("min", "max"):
        if x.dtype == bool:
            return ((np.all if combine == "min" else np.any)(x, axis=-1),)
        return (getattr(np, combine)(x, axis=-1),)
    if combine in ("argmin", "argmax"):
        # NumPy too takes the first, and NaN before all.
        at = getattr(np, combine)(x, axis=-1)[..., None]
        best = np.take_along_axis(x, at, -1)[..., 0]
        return best, np.take_along_axis(index, at, -1)[..., 0]
    wide = convert(x, accumulator)
    if combine == "welford":
        mean = wide.mean(axis=-1, keepdims=True)
        return mean[..., 0], ((wide - mean) ** 2).sum(axis=-1)
    if combine == "mul":
        return (wide.prod(axis=-1, dtype=wide.dtype),)
    if wide.dtype == np.float64:
        # As if in unlimited precision.
        long = wide.astype(np.longdouble).sum(axis=-1)
        return (long.astype(np.float64),)
    return (wide.sum(axis=-1, dtype=wide.dtype),)


@_quiet
def run(program: Program, arrays: Sequence[Array]) -> None:
    """Run a program on arrays of shape (k1, k0, r1, r0), outputs first, in place.

    Operands of the kept space have the shape (k1, k0, 1, 1), totals (1, 1, r1, r0) and
    what is added to. Aliases have no array of
    their own; operands are read anew for every walk.
    """
    found = typed(program)
    compute = compute_dtype(program.compute)
    nout = len(program.outputs)
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    r1, r0 = shape[2:]
    flat = (*shape[:2], r1 * r0)
    values: dict[Expr, Array] = {}
    count = np.full((*shape[:2], 1), r1 * r0, dtype=np.int64)
    index = np.broadcast_to(np.arange(r1 * r0), flat)

    def read(e: Expr) -> Array:
        if e is COUNT:
            return count
        if e is INDEX:
            return index
        if is_result(e):
            return values[e]
        memory = program.inputs[e.index]
        x = arrays[nout + e.index if memory.alias is None else memory.alias]
        if memory.space == "r":
            x = np.broadcast_to(x, shape).reshape(flat)
        else:
            x = np.broadcast_to(x, (*shape[:2], 1, 1)).reshape(*shape[:2], 1)
        return load(x, memory.dtype, compute)

    for group in passes(program):
        exprs = [program.stages[k].expr for k in group]
        used = [e for e in topological(exprs) if e.op == "var"]
        now = {e: read(e) for e in used}
        stored = []
        for k in group:
            s = program.stages[k]
            t = found.types.strong(s.expr)
            (x,) = evaluate(
                [s.expr], now, compute, {e: found.types.of[e] for e in used}
            )
            x = convert(x, t)
            if isinstance(s, Reduce):
                x = np.broadcast_to(x, flat)
                parts = _fold(s, x, index, found.accumulators[k])
                for j, (part, to) in enumerate(
                    zip(parts, found.results[k], strict=True)
                ):
                    for e in _all_vars(program):
                        if is_result(e) and e is result(k, j, e.name):
                            values[e] = convert(part, to)[..., None]
            else:
                stored.append((s.output, x))
        for output, x in stored:
            memory = program.outputs[output]
            if memory.space == "t":
                each = np.broadcast_to(x, flat).reshape(shape)
                arrays[output][...] += each.sum(axis=(0, 1), keepdims=True)
                continue
            if memory.space == "r":
                whole = np.broadcast_to(x, flat).reshape(shape)
            else:
                whole = np.broadcast_to(x, (*shape[:2], 1)).reshape(*shape[:2], 1, 1)
            arrays[output][...] = store(whole, memory.dtype)


def _all_vars(program: Program) -> list[Expr]:
    exprs = [s.expr for s in program.stages]
    return [e for e in topological(exprs) if e.op == "var"]
