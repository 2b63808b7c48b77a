"""What each function of the scalar language is in LLVM vector instructions."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from derivo.codegen.circular import sin_cos
from derivo.ir.dtypes import FLOATS
from derivo.ir.expr import Expr
from derivo.ir.special import PREFIX

if TYPE_CHECKING:
    from derivo.codegen.emit import Evaluator

Value = tuple[str, str]

# C functions with the same name and meaning.
_C = frozenset(
    {"exp2", "expm1", "log", "log2", "log10", "log1p", "tan"}
    | {"asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"}
    | {"erf", "erfc", "atan2", "hypot"}
)
_C_SCALAR = {"lgamma": "lgamma", "nextafter": "nextafter"}
_FLOAT_COMPARE = {
    "lt": "olt",
    "le": "ole",
    "gt": "ogt",
    "ge": "oge",
    "eq": "oeq",
    "ne": "une",
}
_ORDER = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge"}
_ROUND = {"floor": "floor", "ceil": "ceil", "trunc": "trunc", "round": "roundeven"}
_SPECIAL = {"erfinv": "erfinv", "digamma": "psi"}


def lower(ev: Evaluator, e: Expr) -> Value:
    """Write the code of one node and return (value, dtype)."""
    op = e.op
    rule = _RULES.get(op)
    if rule is not None:
        return rule(ev, e)
    block = ev.block
    t = ev.types.args[e]
    if op in _C:
        args = [ev.get(a, t) for a in e.args]
        return block.call(op, t, *args), t
    if op in _C_SCALAR:
        name = _C_SCALAR[op] + ("f" if t == "float32" else "")
        return block.per_lane(name, t, tuple(ev.get(a, t) for a in e.args)), t
    if op in _SPECIAL:
        return _special(ev, e, _SPECIAL[op])
    if op.startswith(PREFIX):
        return _special(ev, e, op.removeprefix(PREFIX))
    if op == "var":
        raise KeyError(f"[codegen] operand {e.name!r} of the expression is not bound")
    raise TypeError(f"[codegen] no machine code for {op=}")


def _special(ev: Evaluator, e: Expr, name: str) -> Value:
    from derivo.codegen.special import signature

    block = ev.block
    nargs, flag = signature(name)
    if nargs != len(e.args):
        raise TypeError(
            f"[{name}] wrong number of operands: expected {nargs}, got {len(e.args)}"
        )
    t = ev.types.args[e]
    args = tuple(block.convert(ev.get(a, t), t, "float64") for a in e.args)
    if name == "psi":
        # SciPy has no signed pole at 0.
        value = block.per_lane("dv_special_psi", "float64", args, "i32 0")
        zero = block.new(f"fcmp oeq {block.vec('float64')} {args[0]}, zeroinitializer")
        minus = block.new(f"fneg {block.vec('float64')} {args[0]}")
        pole = block.intrinsic(
            "copysign", "float64", block.const(math.inf, "float64"), minus
        )
        value = block.select(zero, "float64", pole, value)
    else:
        extra = "i32 0" if flag else ""
        value = block.per_lane(f"dv_special_{name}", "float64", args, extra)
    return block.convert(value, "float64", t), t


def _arith(fop: str, iop: str) -> Callable[[Evaluator, Expr], Value]:
    # A truth value adds as `or` and multiplies as `and`, as in PyTorch.
    truth = {"add": "or", "mul": "and", "sub": "xor"}

    def rule(ev: Evaluator, e: Expr) -> Value:
        t = ev.types.args[e]
        a, b = (ev.get(x, t) for x in e.args)
        if t in FLOATS:
            return ev.block.op(f"{fop} contract", t, a, b), t
        return ev.block.op(truth[iop] if t == "bool" else iop, t, a, b), t

    return rule


def _div(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a, b = (ev.get(x, t) for x in e.args)
    return ev.block.op("fdiv", t, a, b), t


def _neg(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    block = ev.block
    if t in FLOATS:
        return block.new(f"fneg {block.vec(t)} {a}"), t
    if t == "bool":
        return a, t
    return block.op("sub", t, "zeroinitializer", a), t


def _abs(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    if t in FLOATS:
        return ev.block.intrinsic("fabs", t, a), t
    if t in ("bool", "uint8"):
        return a, t
    return ev.block.intrinsic("abs", t, a, extra="i1 false"), t


def _sign(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    block = ev.block
    if t == "bool":
        return a, t
    v = block.vec(t)
    if t in FLOATS:
        up = block.new(f"fcmp ogt {v} {a}, zeroinitializer")
        down = block.new(f"fcmp olt {v} {a}, zeroinitializer")
    else:
        up = block.new(
            f"icmp {'ugt' if t == 'uint8' else 'sgt'} {v} {a}, zeroinitializer"
        )
        if t == "uint8":
            return block.select(up, t, block.const(1, t), "zeroinitializer"), t
        down = block.new(f"icmp slt {v} {a}, zeroinitializer")
    low = block.select(down, t, block.const(-1, t), "zeroinitializer")
    return block.select(up, t, block.const(1, t), low), t


def _divmod(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a, b = (ev.get(x, t) for x in e.args)
    block = ev.block
    if t in FLOATS:
        mod = block.helper("fmod", t, a, b)
        if e.op == "fmod":
            return mod, t
        return (_float_floor if e.op == "floor_divide" else _float_rem)(
            ev, t, a, b, mod
        ), t
    if t == "bool":
        # Over true, the quotient is the dividend; over false, 0. No remainder.
        if e.op == "floor_divide":
            return block.op("and", t, a, b), t
        return block.op("and", t, a, "zeroinitializer"), t
    return block.helper(e.op, t, a, b), t


def _float_rem(ev: Evaluator, t: str, a: str, b: str, mod: str) -> str:
    block = ev.block
    v = block.vec(t)
    some = block.new(f"fcmp une {v} {mod}, zeroinitializer")
    below = block.new(f"fcmp olt {v} {b}, zeroinitializer")
    mod_below = block.new(f"fcmp olt {v} {mod}, zeroinitializer")
    differ = block.op("xor", "bool", below, mod_below)
    fix = block.op("and", "bool", some, differ)
    fixed = block.op("fadd", t, mod, b)
    return block.select(fix, t, fixed, mod)


def _float_floor(ev: Evaluator, t: str, a: str, b: str, mod: str) -> str:
    # The quotient of what is exactly divisible, then the nearest whole number: plain
    # floor(a / b) is off by one where a / b rounds up to a whole number.
    block = ev.block
    v = block.vec(t)
    one = block.const(1.0, t)
    ratio = block.op("fdiv", t, a, b)
    div = block.op("fdiv", t, block.op("fsub", t, a, mod), b)
    some = block.new(f"fcmp une {v} {mod}, zeroinitializer")
    below = block.new(f"fcmp olt {v} {b}, zeroinitializer")
    mod_below = block.new(f"fcmp olt {v} {mod}, zeroinitializer")
    differ = block.op("xor", "bool", below, mod_below)
    fix = block.op("and", "bool", some, differ)
    div = block.select(fix, t, block.op("fsub", t, div, one), div)
    whole = block.intrinsic("floor", t, div)
    gap = block.op("fsub", t, div, whole)
    far = block.new(f"fcmp ogt {v} {gap}, {block.const(0.5, t)}")
    whole = block.select(far, t, block.op("fadd", t, whole, one), whole)
    zero = block.new(f"fcmp oeq {v} {div}, zeroinitializer")
    signed = block.intrinsic("copysign", t, "zeroinitializer", ratio)
    whole = block.select(zero, t, signed, whole)
    by_zero = block.new(f"fcmp oeq {v} {b}, zeroinitializer")
    return block.select(by_zero, t, ratio, whole)


def _pow(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    block = ev.block
    base, exponent = e.args
    if t == "bool":
        a, b = ev.get(base, t), ev.get(exponent, t)
        flipped = block.op("xor", t, b, block.const(True, t))
        return block.op("or", t, a, flipped), t
    fixed = exponent.value if exponent.op == "const" else None
    if fixed is not None:
        found = _pow_fixed(ev, t, ev.get(base, t), float(fixed))
        if found is not None:
            return found, t
    a, b = ev.get(base, t), ev.get(exponent, t)
    if t in FLOATS:
        return block.call("pow", t, a, b), t
    return block.helper("ipow", t, a, b), t


def _pow_fixed(ev: Evaluator, t: str, a: str, n: float) -> str | None:
    block = ev.block
    mul = "fmul" if t in FLOATS else "mul"
    if n == 0:
        return block.const(1, t)
    if n == 1:
        return a
    if n in (2, 3, 4) or (t not in FLOATS and n.is_integer() and 0 < n <= 64):
        k, power, result = int(n), a, None
        while k:
            if k & 1:
                result = power if result is None else block.op(mul, t, result, power)
            k >>= 1
            if k:
                power = block.op(mul, t, power, power)
        return result
    if t not in FLOATS:
        return None
    one = block.const(1.0, t)
    if n == 0.5:
        return block.intrinsic("sqrt", t, a)
    if n == -0.5:
        return block.op("fdiv", t, one, block.intrinsic("sqrt", t, a))
    if n == -1:
        return block.op("fdiv", t, one, a)
    if n == -2:
        return block.op("fdiv", t, one, block.op("fmul", t, a, a))
    return None


def _compare(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a, b = (ev.get(x, t) for x in e.args)
    block = ev.block
    if t in FLOATS:
        return block.new(f"fcmp {_FLOAT_COMPARE[e.op]} {block.vec(t)} {a}, {b}"), "bool"
    sign = "u" if t in ("bool", "uint8") else "s"
    word = sign + e.op if e.op in _ORDER else e.op
    return block.new(f"icmp {word} {block.vec(t)} {a}, {b}"), "bool"


def _logical(word: str) -> Callable[[Evaluator, Expr], Value]:
    def rule(ev: Evaluator, e: Expr) -> Value:
        a, b = (ev.mask(x) for x in e.args)
        return ev.block.op(word, "bool", a, b), "bool"

    return rule


def _logical_not(ev: Evaluator, e: Expr) -> Value:
    block = ev.block
    a = ev.mask(e.args[0])
    return block.op("xor", "bool", a, block.const(True, "bool")), "bool"


def _bitwise(word: str) -> Callable[[Evaluator, Expr], Value]:
    def rule(ev: Evaluator, e: Expr) -> Value:
        t = ev.types.args[e]
        a, b = (ev.get(x, t) for x in e.args)
        return ev.block.op(word, t, a, b), t

    return rule


def _bitwise_not(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    ones = ev.block.const(True if t == "bool" else -1, t)
    return ev.block.op("xor", t, a, ones), t


def _shift(ev: Evaluator, e: Expr) -> Value:
    from derivo.codegen.emit import BITS

    t = ev.types.args[e]
    block = ev.block
    a, n = (ev.get(x, t) for x in e.args)
    if t == "bool":
        t = "uint8"
        a, n = (block.convert(x, "bool", t) for x in (a, n))
    bits = BITS[t]
    # Unsigned comparison catches negative counts too.
    inside = block.new(f"icmp ult {block.vec(t)} {n}, {block.const(bits, t)}")
    safe = block.select(inside, t, n, "zeroinitializer")
    if e.op == "shift_left":
        moved = block.op("shl", t, a, safe)
        return block.select(inside, t, moved, "zeroinitializer"), t
    if t == "uint8":
        moved = block.op("lshr", t, a, safe)
        return block.select(inside, t, moved, "zeroinitializer"), t
    most = block.select(inside, t, n, block.const(bits - 1, t))
    return block.op("ashr", t, a, most), t


def _integer_helper(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a, b = (ev.get(x, t) for x in e.args)
    if t == "bool":
        word = "or" if e.op == "gcd" else "and"
        return ev.block.op(word, t, a, b), t
    return ev.block.helper(e.op, t, a, b), t


def _zeta(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    block = ev.block
    a, b = (block.convert(ev.get(x, t), t, "float64") for x in e.args)
    return block.convert(block.helper("zeta", "float64", a, b), "float64", t), t


def _predicate(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    block = ev.block
    a = ev.get(e.args[0], t)
    v = block.vec(t)
    if t not in FLOATS:
        if e.op == "signbit" and t not in ("bool", "uint8"):
            return block.new(f"icmp slt {v} {a}, zeroinitializer"), "bool"
        return block.const(e.op == "isfinite", "bool"), "bool"
    if e.op == "isnan":
        return block.new(f"fcmp uno {v} {a}, {a}"), "bool"
    if e.op == "signbit":
        bits = "i32" if t == "float32" else "i64"
        raw = block.bits(t, a, bits)
        return block.new(
            f"icmp slt <{block.lanes} x {bits}> {raw}, zeroinitializer"
        ), "bool"
    size = block.intrinsic("fabs", t, a)
    word = "oeq" if e.op == "isinf" else "olt"
    return block.new(f"fcmp {word} {v} {size}, {block.const(math.inf, t)}"), "bool"


def _round(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    if t not in FLOATS:
        return a, t
    return ev.block.intrinsic(_ROUND[e.op], t, a), t


def _copysign(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a, b = (ev.get(x, t) for x in e.args)
    return ev.block.intrinsic("copysign", t, a, b), t


def _extreme(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    block = ev.block
    a, b = (ev.get(x, t) for x in e.args)
    return extreme(block, e.op, t, a, b), t


def extreme(block: object, op: str, t: str, a: str, b: str) -> str:
    """Write minimum, maximum, fmin or fmax of two registers."""
    from derivo.codegen.emit import Block

    assert isinstance(block, Block)
    v = block.vec(t)
    small = op in ("minimum", "fmin")
    if t == "bool":
        return block.op("and" if small else "or", t, a, b)
    if t not in FLOATS:
        sign = "u" if t == "uint8" else "s"
        first = block.new(f"icmp {sign}{'lt' if small else 'gt'} {v} {a}, {b}")
        return block.select(first, t, a, b)
    first = block.new(f"fcmp {'olt' if small else 'ogt'} {v} {a}, {b}")
    best = block.select(first, t, a, b)
    # An unordered comparison chose b: right for minimum unless a is the NaN, wrong
    # for fmin if b is.
    if op in ("minimum", "maximum"):
        nan = block.new(f"fcmp uno {v} {a}, {a}")
    else:
        nan = block.new(f"fcmp uno {v} {b}, {b}")
    return block.select(nan, t, a, best)


def _where(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.of[e]
    mask = ev.mask(e.args[0])
    return ev.block.select(mask, t, ev.get(e.args[1], t), ev.get(e.args[2], t)), t


def _cast(ev: Evaluator, e: Expr) -> Value:
    source = ev.types.args[e]
    a = ev.get(e.args[0], source)
    if e.value in ("float16", "bfloat16"):
        return ev.block.round_to(e.value, a, source), "float32"
    return ev.block.convert(a, source, e.value), e.value


def _sqrt(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    root = ev.block.intrinsic("sqrt", t, ev.get(e.args[0], t))
    if e.op == "sqrt":
        return root, t
    return ev.block.op("fdiv", t, ev.block.const(1.0, t), root), t


# (exp(r) - 1 - r) / r**2 for abs(r) <= log(2) / 2: the relative error of the whole is
# 4e-9, a sixteenth of a unit in the last place, before rounding.
_EXP = (
    0.4999999403953552,
    0.1666652113199234,
    0.04166838899254799,
    0.00836874544620514,
    0.001381453825160861,
)
_LOG2_E = 1.4426950408889634
# log(2) in two parts; multiples of the first are exact.
_LOG_2 = (0.693359375, -0.00021219444005471377)
# Adding it rounds to whole numbers, which are the last bits of the sum.
_ROUNDER = 12582912.0


def _exp(ev: Evaluator, e: Expr) -> Value:
    """Write exp: of float32 in place, where there are fused multiplications.

    A call would cost as much as the calculation, as all registers are saved around it.
    """
    t = ev.types.args[e]
    block = ev.block
    x = ev.get(e.args[0], t)
    if t != "float32" or not block.target.fma or block.lanes == 1:
        return block.call("exp", t, x), t
    v = block.vec(t)

    def const(value: float) -> str:
        return block.const(value, t)

    def fma(a: str, b: str, c: str) -> str:
        return block.intrinsic("fma", t, a, b, c)

    # Beyond these the result is 0 or infinite. A NaN stays what it is.
    for word, bound in (("olt", 90.0), ("ogt", -105.0)):
        inside = block.new(f"fcmp {word} {v} {const(bound)}, {x}")
        x = block.select(inside, t, const(bound), x)
    shifted = fma(x, const(_LOG2_E), const(_ROUNDER))
    n = block.op("fsub", t, shifted, const(_ROUNDER))
    r = x
    for part in _LOG_2:
        r = fma(n, const(-part), r)
    q = const(_EXP[-1])
    for c in _EXP[-2::-1]:
        q = fma(q, r, const(c))
    tail = fma(block.op("fmul", t, r, r), q, r)
    y = block.op("fadd", t, tail, const(1.0))
    if block.target.level == "avx512" and block.lanes == 16:
        name = "llvm.x86.avx512.mask.scalef.ps.512"
        block.module.declare(name, v, f"{v}, {v}, {v}, i16, i32 immarg")
        args = f"{v} {y}, {v} {n}, {v} {y}, i16 -1, i32 4"
        return block.new(f"call {v} @{name}({args})"), t
    # By two powers of 2: one would leave the range where the result is subnormal.
    i = f"<{block.lanes} x i32>"
    low = block.bits(t, shifted, "i32")
    base = struct.unpack("<i", struct.pack("<f", _ROUNDER))[0]
    whole = block.new(f"sub {i} {low}, splat (i32 {base})")
    half = block.new(f"ashr {i} {whole}, splat (i32 1)")
    for count in (half, block.new(f"sub {i} {whole}, {half}")):
        biased = block.new(f"add {i} {count}, splat (i32 127)")
        bits = block.new(f"shl {i} {biased}, splat (i32 23)")
        power = block.new(f"bitcast {i} {bits} to {v}")
        y = block.op("fmul", t, y, power)
    return y, t


def _rounded(ev: Evaluator, e: Expr) -> Value:
    # Without the fence, a product may be contracted with a sum around it.
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    return (ev.block.intrinsic("arithmetic.fence", t, a) if t in FLOATS else a), t


def _square(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    a = ev.get(e.args[0], t)
    word = "fmul contract" if t in FLOATS else "and" if t == "bool" else "mul"
    return ev.block.op(word, t, a, a), t


def _reciprocal(ev: Evaluator, e: Expr) -> Value:
    t = ev.types.args[e]
    return ev.block.op("fdiv", t, ev.block.const(1.0, t), ev.get(e.args[0], t)), t


_RULES: dict[str, Callable[[Evaluator, Expr], Value]] = {
    "add": _arith("fadd", "add"),
    "sub": _arith("fsub", "sub"),
    "mul": _arith("fmul", "mul"),
    "div": _div,
    "neg": _neg,
    "abs": _abs,
    "sign": _sign,
    "floor_divide": _divmod,
    "remainder": _divmod,
    "fmod": _divmod,
    "pow": _pow,
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), _compare),
    "logical_and": _logical("and"),
    "logical_or": _logical("or"),
    "logical_xor": _logical("xor"),
    "logical_not": _logical_not,
    "bitwise_and": _bitwise("and"),
    "bitwise_or": _bitwise("or"),
    "bitwise_xor": _bitwise("xor"),
    "bitwise_not": _bitwise_not,
    "shift_left": _shift,
    "shift_right": _shift,
    "gcd": _integer_helper,
    "lcm": _integer_helper,
    "zeta": _zeta,
    **dict.fromkeys(("isnan", "isinf", "isfinite", "signbit"), _predicate),
    **dict.fromkeys(_ROUND, _round),
    "copysign": _copysign,
    **dict.fromkeys(("minimum", "maximum", "fmin", "fmax"), _extreme),
    "where": _where,
    "cast": _cast,
    "exp": _exp,
    **dict.fromkeys(("sin", "cos"), sin_cos),
    "sqrt": _sqrt,
    "rsqrt": _sqrt,
    "rounded": _rounded,
    "square": _square,
    "reciprocal": _reciprocal,
}
