# Derivatives against complex steps where functions are analytic, differences elsewhere.
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivo.codegen import interpreter
from derivo.ir import derive, formula
from derivo.ir import scalar as S
from derivo.ir.expr import const, is_const, make, topological, variables
from derivo.ir.simplify import simplify
from derivo.ir.special import PREFIX

x, y, z, g, h = variables("x y z g h")


def value(e, **at):
    names = {"x": x, "y": y, "z": z, "g": g, "h": h}
    given = {names[k]: np.asarray(v, "f8") for k, v in at.items()}
    (found,) = interpreter.evaluate([e], given, "float64")
    return found


def complex_value(e, given):
    """Evaluate an analytic expression on complex numbers."""
    done = {}
    for n in topological([e]):
        if n.op == "var":
            done[n] = np.asarray(given[n], "c16")
        elif n.op == "const":
            done[n] = np.asarray(n.value, "c16")
        else:
            run = np.power if n.op == "pow" else interpreter._FUNCTIONS[n.op]
            done[n] = run(*(done[a] for a in n.args))
    return done[e]


def complex_step(e, wrt, given):
    step = 1e-30
    at = {k: v + (1j * step if k is wrt else 0) for k, v in given.items()}
    return complex_value(e, at).imag / step


# name: (low, high) for each argument
ANALYTIC = {
    "add": [(-3, 3), (-3, 3)],
    "sub": [(-3, 3), (-3, 3)],
    "mul": [(-3, 3), (-3, 3)],
    "div": [(-3, 3), (0.5, 3)],
    "neg": [(-3, 3)],
    "pow": [(0.2, 3), (-3, 3)],
    "exp": [(-3, 3)],
    "exp2": [(-3, 3)],
    "expm1": [(-3, 3)],
    "log": [(0.1, 5)],
    "log2": [(0.1, 5)],
    "log10": [(0.1, 5)],
    "log1p": [(-0.9, 5)],
    "sqrt": [(0.1, 5)],
    "rsqrt": [(0.1, 5)],
    "square": [(-3, 3)],
    "reciprocal": [(0.2, 3)],
    "sin": [(-4, 4)],
    "cos": [(-4, 4)],
    "tan": [(-1.4, 1.4)],
    "asin": [(-0.9, 0.9)],
    "acos": [(-0.9, 0.9)],
    "atan": [(-3, 3)],
    "sinh": [(-3, 3)],
    "cosh": [(-3, 3)],
    "tanh": [(-3, 3)],
    "asinh": [(-3, 3)],
    "acosh": [(1.1, 5)],
    "atanh": [(-0.9, 0.9)],
}
DIFFERENCE = {
    "abs": [(0.2, 3)],
    "remainder": [(3.1, 3.9), (0.9, 0.99)],
    "fmod": [(3.1, 3.9), (0.9, 0.99)],
    "copysign": [(0.2, 3), (-3, -0.2)],
    "minimum": [(-3, -0.1), (0.1, 3)],
    "maximum": [(-3, -0.1), (0.1, 3)],
    "fmin": [(-3, -0.1), (0.1, 3)],
    "fmax": [(-3, -0.1), (0.1, 3)],
    "atan2": [(0.2, 3), (-3, 3)],
    "hypot": [(0.2, 3), (-3, 3)],
    "erf": [(-2, 2)],
    "erfc": [(-2, 2)],
    "erfinv": [(-0.8, 0.8)],
    "lgamma": [(0.5, 6)],
    "digamma": [(0.5, 6)],
    "zeta": [(2.5, 2.5), (0.5, 6)],
    PREFIX + "i0": [(-3, 3)],
    PREFIX + "i1": [(0.3, 3)],
    PREFIX + "i0e": [(0.3, 3)],
    PREFIX + "i1e": [(0.3, 3)],
    PREFIX + "j0": [(0.3, 3)],
    PREFIX + "j1": [(0.3, 3)],
    PREFIX + "y0": [(0.5, 3)],
    PREFIX + "y1": [(0.5, 3)],
    PREFIX + "k0": [(0.5, 3)],
    PREFIX + "k1": [(0.5, 3)],
    PREFIX + "k0e": [(0.5, 3)],
    PREFIX + "k1e": [(0.5, 3)],
    PREFIX + "ndtr": [(-2, 2)],
    PREFIX + "ndtri": [(0.1, 0.9)],
    PREFIX + "log_ndtr": [(-3, 2)],
    PREFIX + "erfcx": [(-1, 3)],
    PREFIX + "gamma": [(0.5, 4)],
    PREFIX + "psi": [(0.5, 4)],
    PREFIX + "entr": [(0.1, 3)],
    PREFIX + "gammainc": [(2, 2), (0.3, 4)],
    PREFIX + "gammaincc": [(2, 2), (0.3, 4)],
}
ELSEWHERE = {"where", "cast"}
ELSEWHERE |= {"rounded"}  # the identity


def test_every_rule_is_tested():
    with_rule = {n for n, f in S.FUNCTIONS.items() if f.rule is not None}
    # Operations that others call have the derivative that their record states.
    with_rule -= {n for n in with_rule if n.startswith("call:")}
    special = {n for n in with_rule if n.startswith(PREFIX)}
    # A name asked for by another test, without a rule of its own.
    known = ANALYTIC.keys() | DIFFERENCE.keys() | ELSEWHERE
    assert with_rule - special <= known
    assert {n for n in special if "_unknown" not in repr(S.FUNCTIONS[n].rule)} <= known


def draw(ranges, n=40):
    rng = np.random.default_rng(0)
    return [rng.uniform(low, high, n) for low, high in ranges]


@pytest.mark.parametrize("name", sorted(ANALYTIC))
def test_complex_step(name):
    ranges = ANALYTIC[name]
    args = (x, y)[: len(ranges)]
    at = dict(zip(args, draw(ranges), strict=True))
    e = make(name, *args)
    named = {v.name: at[v] for v in args}
    for wrt in args:
        d = derive.gradient(e, wrt)
        want = complex_step(e, wrt, at)
        np.testing.assert_allclose(value(d, **named), want, rtol=1e-12, atol=1e-12)
        # Twice: the derivative of the derivative.
        dd = derive.gradient(d, wrt)
        if not any(n.op in ("where", "sign") for n in topological([d, dd])):
            want = complex_step(d, wrt, at)
            np.testing.assert_allclose(
                value(dd, **named) + 0 * want, want, rtol=1e-10, atol=1e-10
            )


@pytest.mark.parametrize("name", sorted(DIFFERENCE))
def test_difference(name):
    ranges = DIFFERENCE[name]
    args = (x, y)[: len(ranges)]
    at = {v.name: a for v, a in zip(args, draw(ranges), strict=True)}
    e = make(name, *args)
    for k, wrt in enumerate(args):
        if ranges[k][0] == ranges[k][1]:
            with pytest.raises(NotImplementedError, match="is not implemented"):
                derive.gradient(e, wrt)
            continue
        d = derive.gradient(e, wrt)
        for first, second in ((e, d), (d, derive.gradient(d, wrt))):
            step = 1e-5
            up = value(first, **(at | {wrt.name: at[wrt.name] + step}))
            down = value(first, **(at | {wrt.name: at[wrt.name] - step}))
            want = (up - down) / (2 * step)
            np.testing.assert_allclose(
                value(second, **at) + 0 * want, want, rtol=2e-6, atol=2e-6
            )


# --- values at kinks ------------------------------------------------------------


def at_point(e, wrt, **at):
    return float(value(derive.gradient(e, wrt), **at))


def test_conventions():
    assert at_point(abs(x), x, x=0.0) == 0
    assert at_point(S.maximum(x, y), x, x=2.0, y=2.0) == 0.5
    assert at_point(S.maximum(x, y), y, x=2.0, y=2.0) == 0.5
    assert at_point(S.minimum(x, y), x, x=2.0, y=2.0) == 0.5
    assert at_point(S.maximum(x, 0), x, x=0.0) == 0
    assert at_point(S.minimum(3, x), x, x=3.0) == 0
    assert at_point(S.maximum(x, y), x, x=math.nan, y=1.0) == 1
    assert at_point(S.sqrt(x), x, x=0.0) == math.inf
    assert at_point(x**y, x, x=0.0, y=0.0) == 0
    assert at_point(x**y, y, x=0.0, y=2.0) == 0
    assert at_point(x**0, x, x=0.0) == 0
    assert at_point(S.atan2(x, y), x, x=0.0, y=0.0) == 0
    assert at_point(S.hypot(x, y), x, x=0.0, y=0.0) == 0
    assert at_point(S.copysign(x, y), x, x=0.0, y=-1.0) == 0
    assert at_point(S.xlogy(x, y), x, x=0.0, y=0.0) == 0
    assert at_point(S.special("i1", x), x, x=0.0) == 0.5
    for step in (S.round, S.floor, S.ceil, S.trunc, S.sign):
        assert is_const(derive.gradient(step(x), x), 0)
    assert is_const(derive.gradient(S.nextafter(x, y), x), 0)
    assert is_const(derive.gradient(S.cast(x, "int32") * y, x), 0)
    assert derive.gradient(S.cast(x, "float32") * 3, x) is const(3)


@pytest.mark.parametrize(
    ("e", "at"),
    [
        (S.where(x > 0, S.log(x), 0), 0.0),
        (S.where(x > 0, S.sqrt(x), x), 0.0),
        (S.where(x == 0, 1, S.sin(x) / x), 0.0),
        (S.where(x > 20, x, S.log(1 + S.exp(x))), 1000.0),
        (S.where(x > 0, S.log(x), 0) + S.where(x > 1, S.log(x) * 2, 0), 0.0),
        (S.exp(S.where(x > 0, S.log(x), -x)), 0.0),
        (S.where(x > 0, S.where(x > 1, S.log(x), S.sqrt(x)), 0), 0.0),
    ],
)
def test_the_side_not_taken_does_not_leak(e, at):
    for d in (derive.gradient(e, x), derive.jvp([e], [x], [1])[0]):
        assert np.isfinite(value(d, x=at))
    second = derive.gradient(derive.gradient(e, x), x)
    assert np.isfinite(value(second, x=at))


def test_a_nan_cotangent_does():
    (d,) = derive.vjp([S.where(x > 0, 2 * x, x)], [x], [g])
    assert np.isnan(value(d, x=1.0, g=math.nan))


# --- interface ------------------------------------------------------------------


def test_saved_outputs_are_used():
    (d,) = derive.vjp([S.tanh(x)], [x], [g], outs=[y])
    assert formula.text(d) == "g * (1 - y * y)"
    (d,) = derive.vjp([S.exp(x)], [x], [g], outs=[None])
    assert formula.text(d) == "g * exp(x)"


def test_several_outputs_and_inputs():
    d = derive.vjp([x * y, S.sin(x)], [x, y], [g, h])
    at = {"x": 0.3, "y": 0.7, "g": 2.0, "h": -1.0}
    assert value(d[0], **at) == pytest.approx(2 * 0.7 - math.cos(0.3), rel=1e-15)
    assert value(d[1], **at) == pytest.approx(0.6, rel=1e-15)
    assert derive.vjp([x * y], [x, y], [g], wrt=[1])[0] is g * x


def test_wrong_numbers_of_seeds():
    with pytest.raises(ValueError, match="one seed per output: expected 1, got 2"):
        derive.vjp([x], [x], [g, h])
    with pytest.raises(ValueError, match="one tangent per input: expected 1, got 0"):
        derive.jvp([x], [x], [])


def test_no_derivative_where_it_does_not_matter():
    # By the order of zeta there is none, but nobody asks for it.
    assert derive.gradient(S.zeta(2.0, x), x).op == "mul"
    with pytest.raises(NotImplementedError, match=r"\[zeta\] the derivative for"):
        derive.gradient(S.zeta(x, 2.0), x)


# --- properties -----------------------------------------------------------------

leaves = st.one_of(
    st.sampled_from([x, y, z]),
    st.floats(-2, 2).map(lambda v: const(float(f"{v:.3g}"))),
    st.sampled_from([const(0), const(1), const(-1), const(2)]),
)


def _grow(children):
    one = st.sampled_from(
        ["sin", "cos", "tanh", "atan", "neg", "square", "exp_", "log_"]
    )
    two = st.sampled_from(["add", "sub", "mul", "div_"])

    def unary(name, a):
        if name == "exp_":
            return S.exp(S.sin(a))
        if name == "log_":
            return S.log1p(S.square(a))
        return make(name, a)

    def binary(name, a, b):
        return a / (2 + S.sin(b)) if name == "div_" else make(name, a, b)

    return st.one_of(
        st.builds(unary, one, children), st.builds(binary, two, children, children)
    )


expressions = st.recursive(leaves, _grow, max_leaves=12)
points = st.tuples(*[st.floats(-1.5, 1.5)] * 3)


@settings(max_examples=150, deadline=None)
@given(expressions, points)
def test_any_expression(e, point):
    given = dict(zip((x, y, z), point, strict=True))
    named = {v.name: p for v, p in given.items()}
    with np.errstate(all="ignore"):
        size = abs(complex_value(e, given))
        back = derive.vjp([e], [x, y, z], [1.0])
        for wrt, d in zip((x, y, z), back, strict=True):
            want = complex_step(e, wrt, given)
            scale = max(1.0, abs(want), float(size))
            if not np.isfinite(scale) or scale > 1e6:
                return
            # atan of a complex step loses digits that its derivative has.
            assert abs(value(d, **named) - want) <= 1e-9 * scale
        # Forward is the transpose of backward.
        (t,) = derive.jvp([e], [x, y, z], [0.5, -2.0, 1.25])
        dot = sum(
            c * value(d, **named) for c, d in zip((0.5, -2.0, 1.25), back, strict=True)
        )
        assert abs(value(t, **named) - dot) <= 1e-9 * max(1.0, abs(dot), float(size))


@settings(max_examples=150, deadline=None)
@given(expressions, points)
def test_simplifying_keeps_the_value(e, point):
    named = dict(zip("xyz", point, strict=True))
    (simple,) = simplify(e)
    assert len(topological([simple])) <= len(topological([e])) + 2
    want = value(e, **named)
    np.testing.assert_allclose(value(simple, **named), want, rtol=1e-9, atol=1e-9)


def test_simplify():
    cases = {
        -(-2 * x) * (g * 1) + 0: "2 * (x * g)",
        x * -y: "-(x * y)",
        x - (-2) * y: "x + 2 * y",
        0 + x * 1.0: "x",
        (x / 2) * 4: "2 * x",
        x * (1 / y): "x / y",
        x + x: "2 * x",
        -(x - y): "y - x",
    }
    for e, want in cases.items():
        assert formula.text(simplify(e)[0]) == want


def test_test_of_the_tests():
    # A wrong rule fails the checks above.
    wrong = S.exp(x) * 1.0001
    at = {x: np.array([0.5])}
    want = complex_step(S.exp(x), x, at)
    with pytest.raises(AssertionError, match="Not equal"):
        np.testing.assert_allclose(value(wrong, x=at[x]), want, rtol=1e-12)
