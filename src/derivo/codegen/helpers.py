"""Functions in LLVM text that kernels call where C has none, or only a slow one.

Each is internal to its module, works on whole vectors and is written once for every
dtype and width.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivo.codegen.emit import Module


def need(module: Module, name: str, dtype: str, lanes: int) -> str:
    """Make helper `name` part of `module` and return its symbol."""
    symbol = f"dv.{name}.{dtype}.{lanes}"
    if symbol not in module.functions:
        # Reserve the place first: helpers may need each other.
        module.functions[symbol] = ""
        template = _TEMPLATES[name](module, dtype, lanes)
        module.functions[symbol] = _fill(template, symbol, dtype, lanes)
    return symbol


def _fill(text: str, symbol: str, dtype: str, lanes: int) -> str:
    from derivo.codegen.emit import BITS, REGISTER

    scalar = REGISTER[dtype]
    names = {
        "F": f"@{symbol}",
        "S": scalar,
        "V": f"<{lanes} x {scalar}>",
        "M": f"<{lanes} x i1>",
        "N": str(lanes),
        "B": str(BITS[dtype]),
        "Z": "zeroinitializer",
    }
    return re.sub(r"\$([A-Z])", lambda m: names[m[1]], text).strip("\n")


def _integer_division(result: str) -> Callable[[Module, str, int], str]:
    def template(module: Module, dtype: str, lanes: int) -> str:
        from derivo.codegen.emit import BITS

        unsigned = dtype == "uint8"
        bits = BITS[dtype]
        if bits <= 32:
            # A float quotient of such integers, truncated, is exact; vectors of
            # integers would be divided one by one.
            real = "float" if bits <= 16 else "double"
            up = "uitofp" if unsigned else "sitofp"
            last = (
                "freeze <$N x i32> %iq" if bits == 32 else "trunc <$N x i32> %iq to $V"
            )
            quotient = f"""
  %fa = {up} $V %a to <$N x {real}>
  %fd = {up} $V %d to <$N x {real}>
  %fq = fdiv <$N x {real}> %fa, %fd
  %iq = fptosi <$N x {real}> %fq to <$N x i32>
  %q = {last}"""
        else:
            quotient = "\n  %q = sdiv $V %a, %d"
        if unsigned:
            special = "  %odd = freeze $M %none"
            fix = "  %fix = icmp ult $V %r, $Z"
        else:
            special = """  %minus = icmp eq $V %b, splat ($S -1)
  %odd = or $M %none, %minus"""
            fix = """  %x = xor $V %r, %d
  %differ = icmp slt $V %x, $Z
  %some = icmp ne $V %r, $Z
  %fix = and $M %differ, %some"""
        finish = {
            "floor_divide": """
  %less = sub $V %q, splat ($S 1)
  %floor = select $M %fix, $V %less, $V %q
"""
            + (
                "  %out0 = freeze $V %floor"
                if unsigned
                else """  %neg = sub $V $Z, %a
  %out0 = select $M %minus, $V %neg, $V %floor"""
            )
            + """
  %out = select $M %none, $V $Z, $V %out0""",
            "remainder": """
  %more = add $V %r, %d
  %out = select $M %fix, $V %more, $V %r""",
            "fmod": "\n  %out = freeze $V %r",
        }[result]
        # Zero and -1 as divisors trap or overflow: divide by one instead.
        return (
            f"""
define internal $V $F($V %a, $V %b) #0 {{
  %none = icmp eq $V %b, $Z
{special}
  %d = select $M %odd, $V splat ($S 1), $V %b{quotient}
  %p = mul $V %q, %d
  %r = sub $V %a, %p
{fix}"""
            + finish
            + """
  ret $V %out
}"""
        )

    return template


def _fmod(module: Module, dtype: str, lanes: int) -> str:
    from derivo.ir.dtypes import FLOATS

    if dtype not in FLOATS:
        return _integer_division("fmod")(module, dtype, lanes)
    from derivo.codegen.emit import float_text

    c = "fmodf" if dtype == "float32" else "fmod"
    module.external(c, "$S", "$S, $S")
    module.declarations[c] = _fill(module.declarations[c], c, dtype, lanes)
    slow = """
  br label %lane
lane:
  %k = phi i64 [ 0, %SLOW ], [ %k1, %lane ]
  %acc = phi $V [ poison, %SLOW ], [ %acc1, %lane ]
  %ak = extractelement $V %a, i64 %k
  %bk = extractelement $V %b, i64 %k
  %rk = call $S @CNAME($S %ak, $S %bk)
  %acc1 = insertelement $V %acc, $S %rk, i64 %k
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, $N
  br i1 %more, label %lane, label %done
done:
  ret $V %acc1
}""".replace("CNAME", c)
    if not module.target.fma or lanes == 1:
        return "define internal $V $F($V %a, $V %b) #0 {\nentry:" + slow.replace(
            "SLOW", "entry"
        )
    kind = "f32" if dtype == "float32" else "f64"
    for name, n in (("fma", 3), ("trunc", 1), ("fabs", 1), ("copysign", 2)):
        module.declare(
            f"llvm.{name}.v{lanes}{kind}",
            _fill("$V", "", dtype, lanes),
            ", ".join([_fill("$V", "", dtype, lanes)] * n),
        )
    limit = float_text(2.0 ** (22 if dtype == "float32" else 51), dtype)
    infinity = float_text(math.inf, dtype)
    # With a small quotient the remainder is one exact fma; the rounded quotient may
    # be one too many, which shows as a remainder of the wrong sign.
    return f"""
define internal $V $F($V %a, $V %b) #0 {{
entry:
  %q = fdiv $V %a, %b
  %w = call $V @llvm.trunc.v$N{kind}($V %q)
  %size = call $V @llvm.fabs.v$N{kind}($V %w)
  %small = fcmp olt $V %size, splat ($S {limit})
  %bsize = call $V @llvm.fabs.v$N{kind}($V %b)
  %finite = fcmp olt $V %bsize, splat ($S {infinity})
  %ok = and $M %small, %finite
  %bits = bitcast $M %ok to i$N
  %all = icmp eq i$N %bits, -1
  br i1 %all, label %fast, label %slow
fast:
  %m = fneg $V %w
  %r0 = call $V @llvm.fma.v$N{kind}($V %m, $V %b, $V %a)
  %asize = call $V @llvm.fabs.v$N{kind}($V %a)
  %sa = call $V @llvm.copysign.v$N{kind}($V splat ($S 0x3FF0000000000000), $V %a)
  %rs = fmul $V %r0, %sa
  %over = fcmp olt $V %rs, $Z
  %back = call $V @llvm.copysign.v$N{kind}($V %b, $V %a)
  %r1 = fadd $V %r0, %back
  %r2 = select $M %over, $V %r1, $V %r0
  %zero = fcmp oeq $V %r2, $Z
  %sz = call $V @llvm.copysign.v$N{kind}($V $Z, $V %a)
  %r3 = select $M %zero, $V %sz, $V %r2
  ret $V %r3
slow:""" + slow.replace("SLOW", "slow")


def _ipow(module: Module, dtype: str, lanes: int) -> str:
    below = "icmp ult $V %n, $Z" if dtype == "uint8" else "icmp slt $V %n, $Z"
    return f"""
define internal $V $F($V %a, $V %n) #0 {{
entry:
  %below = {below}
  %n0 = select $M %below, $V $Z, $V %n
  br label %loop
loop:
  %r = phi $V [ splat ($S 1), %entry ], [ %r1, %loop ]
  %p = phi $V [ %a, %entry ], [ %p1, %loop ]
  %k = phi $V [ %n0, %entry ], [ %k1, %loop ]
  %b = and $V %k, splat ($S 1)
  %set = icmp ne $V %b, $Z
  %t = mul $V %r, %p
  %r1 = select $M %set, $V %t, $V %r
  %p1 = mul $V %p, %p
  %k1 = lshr $V %k, splat ($S 1)
  %rest = icmp ne $V %k1, $Z
  %bits = bitcast $M %rest to i$N
  %more = icmp ne i$N %bits, 0
  br i1 %more, label %loop, label %done
done:
  %one = icmp eq $V %a, splat ($S 1)
  %minus = icmp eq $V %a, splat ($S -1)
  %nodd = and $V %n, splat ($S 1)
  %odd = icmp ne $V %nodd, $Z
  %sgn = select $M %odd, $V splat ($S -1), $V splat ($S 1)
  %v0 = select $M %one, $V splat ($S 1), $V $Z
  %v1 = select $M %minus, $V %sgn, $V %v0
  %out = select $M %below, $V %v1, $V %r1
  ret $V %out
}}"""


def _absolute(dtype: str, name: str) -> str:
    if dtype == "uint8":
        return f"  %{name}0 = freeze $V %{name}"
    return f"""  %{name}m = icmp slt $V %{name}, $Z
  %{name}n = sub $V $Z, %{name}
  %{name}0 = select $M %{name}m, $V %{name}n, $V %{name}"""


def _gcd(module: Module, dtype: str, lanes: int) -> str:
    return f"""
define internal $V $F($V %a, $V %b) #0 {{
entry:
{_absolute(dtype, "a")}
{_absolute(dtype, "b")}
  br label %loop
loop:
  %x = phi $V [ %a0, %entry ], [ %x1, %loop ]
  %y = phi $V [ %b0, %entry ], [ %y1, %loop ]
  %end = icmp eq $V %y, $Z
  %d = select $M %end, $V splat ($S 1), $V %y
  %r = urem $V %x, %d
  %x1 = select $M %end, $V %x, $V %y
  %y1 = select $M %end, $V $Z, $V %r
  %rest = icmp ne $V %y1, $Z
  %bits = bitcast $M %rest to i$N
  %more = icmp ne i$N %bits, 0
  br i1 %more, label %loop, label %done
done:
  ret $V %x1
}}"""


def _lcm(module: Module, dtype: str, lanes: int) -> str:
    gcd = need(module, "gcd", dtype, lanes)
    divide = need(module, "floor_divide", dtype, lanes)
    return f"""
define internal $V $F($V %a, $V %b) #0 {{
  %g = call $V @{gcd}($V %a, $V %b)
  %q = call $V @{divide}($V %a, $V %g)
  %c = mul $V %q, %b
{_absolute(dtype, "c")}
  ret $V %c0
}}"""


def _bernoulli_ratios(count: int) -> list[float]:
    """Return B(2j) / (2j)! for j = 1 ... count, from the recurrence of B."""
    b = [Fraction(1)]
    for m in range(1, 2 * count + 1):
        below = sum((math.comb(m + 1, k) * b[k] for k in range(m)), Fraction(0))
        b.append(-below / (m + 1))
    return [float(b[2 * j] / math.factorial(2 * j)) for j in range(1, count + 1)]


def _zeta(module: Module, dtype: str, lanes: int) -> str:
    # Terms are summed until the argument passes 12; Euler and Maclaurin's formula
    # gives the rest.
    from derivo.codegen.emit import float_text

    def num(x: float) -> str:
        return float_text(x, "float64")

    module.external("pow", "double", "double, double")
    for name in ("floor", "fabs"):
        module.declare(f"llvm.{name}.f64", "double", "double")
    tail = []
    power, product = "%w0", "%s"
    for j, ratio in enumerate(_bernoulli_ratios(10), start=1):
        # power = a ** (-s - 2j + 1), product = s (s + 1) ... (s + 2j - 2)
        tail.append(f"  %w{j} = fdiv double {power}, {'%a2' if j > 1 else '%a1'}")
        if j > 1:
            for m in (2 * j - 3, 2 * j - 2):
                tail.append(f"  %f{m} = fadd double %s, {num(m)}")
                tail.append(f"  %p{m} = fmul double {product}, %f{m}")
                product = f"%p{m}"
        tail.append(f"  %x{j} = fmul double {product}, %w{j}")
        tail.append(f"  %y{j} = fmul double %x{j}, {num(ratio)}")
        tail.append(f"  %z{j} = fadd double %z{j - 1}, %y{j}")
        power = f"%w{j}"
    series = "\n".join(tail)
    return f"""
define internal double @dv.zeta1(double %s, double %q) #0 {{
entry:
  %one = fcmp oeq double %s, {num(1.0)}
  %low = fcmp olt double %s, {num(1.0)}
  %qf = call double @llvm.floor.f64(double %q)
  %sf = call double @llvm.floor.f64(double %s)
  %qneg = fcmp ole double %q, {num(0.0)}
  %qint = fcmp oeq double %q, %qf
  %pole = and i1 %qneg, %qint
  %snot = fcmp une double %s, %sf
  %cut = and i1 %qneg, %snot
  %far = fcmp olt double %q, {num(-1e6)}
  %bad0 = or i1 %low, %cut
  %bad = or i1 %bad0, %far
  %inf0 = or i1 %one, %pole
  %value = select i1 %inf0, double {num(math.inf)}, double {num(math.nan)}
  %stop = or i1 %bad, %inf0
  br i1 %stop, label %out, label %sum
out:
  ret double %value
sum:
  %t = phi double [ {num(0.0)}, %entry ], [ %t1, %sum ]
  %a = phi double [ %q, %entry ], [ %a1, %sum ]
  %n = phi i64 [ 0, %entry ], [ %n1, %sum ]
  %ns = fneg double %s
  %term = call double @pow(double %a, double %ns)
  %t1 = fadd double %t, %term
  %a1 = fadd double %a, {num(1.0)}
  %n1 = add i64 %n, 1
  %near = fcmp ole double %a1, {num(12.0)}
  %few = icmp ult i64 %n1, 3
  %again = or i1 %near, %few
  br i1 %again, label %sum, label %rest
rest:
  %w0 = call double @pow(double %a1, double %ns)
  %a2 = fmul double %a1, %a1
  %s1 = fsub double %s, {num(1.0)}
  %i0 = fmul double %w0, %a1
  %i1 = fdiv double %i0, %s1
  %h = fmul double %w0, {num(0.5)}
  %ih = fadd double %i1, %h
  %z0 = fadd double %t1, %ih
{series}
  ; at an infinite argument the series is 0 times infinity
  %big = call double @llvm.fabs.f64(double %q)
  %isinf = fcmp oeq double %big, {num(math.inf)}
  %z = select i1 %isinf, double {num(0.0)}, double %z10
  ret double %z
}}
define internal $V $F($V %s, $V %q) #0 {{
entry:
  br label %lane
lane:
  %k = phi i64 [ 0, %entry ], [ %k1, %lane ]
  %acc = phi $V [ poison, %entry ], [ %acc1, %lane ]
  %sk = extractelement $V %s, i64 %k
  %qk = extractelement $V %q, i64 %k
  %rk = call double @dv.zeta1(double %sk, double %qk)
  %acc1 = insertelement $V %acc, double %rk, i64 %k
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, $N
  br i1 %more, label %lane, label %done
done:
  ret $V %acc1
}}"""


_TEMPLATES: dict[str, Callable[[Module, str, int], str]] = {
    "floor_divide": _integer_division("floor_divide"),
    "remainder": _integer_division("remainder"),
    "fmod": _fmod,
    "ipow": _ipow,
    "gcd": _gcd,
    "lcm": _lcm,
    "zeta": _zeta,
}
