# The language itself: sharing, folding, refusals.
from __future__ import annotations

import copy
import gc
import math
import pickle
import threading

import numpy as np
import pytest

from derivo.ir import expr as E
from derivo.ir import scalar as S
from derivo.ir.expr import Expr, canonical, const, substitute, topological, variables

x, y, beta = variables("x y beta")


def test_the_same_expression_is_the_same_object():
    assert x * beta + 1 is x * beta + 1
    assert S.exp(x) is S.exp(x)
    assert x + y is not y + x
    assert 2 * x is x * 2
    assert const(1) is not const(1.0)
    assert const(1) is not const(True)
    assert const(0.0) is not const(-0.0)
    assert const(math.nan) is const(float("nan"))
    assert S.cast(x, "float32") is not S.cast(x, "float64")


def test_sharing_across_threads():
    made = []

    def work():
        e = x
        for k in range(300):
            e = S.sin(e) * (k + 2) + y
        made.append(e)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(e is made[0] for e in made)


def test_unused_expressions_are_freed():
    gc.collect()
    before = len(E._table)
    e = x
    for k in range(100):
        e = S.sin(e) + k + 1000
    assert len(E._table) > before + 100
    del e
    gc.collect()
    assert len(E._table) <= before + 5


def test_long_chains_do_not_recurse():
    e = x
    for _ in range(20_000):
        e = S.sin(e)
    assert len(topological([e])) == 20_001
    assert canonical([e]).count("sin") == 20_000
    (d,) = substitute([e], {x: y})
    assert len(topological([d])) == 20_001


@pytest.mark.parametrize(
    "use",
    [
        lambda: x if x > 0 else -x,
        lambda: x > 0 and y > 0,
        lambda: 0 < x < 1,
        lambda: not x,
        lambda: max(x, y),
        lambda: x in [y],
    ],
)
def test_no_truth_value(use):
    with pytest.raises(
        TypeError, match=r"has no truth value.*where\(condition, a, b\)"
    ):
        use()


@pytest.mark.parametrize("convert", [float, int, list, len, range, math.exp])
def test_not_a_number(convert):
    with pytest.raises(TypeError, match="a scalar expression has no"):
        convert(x)


def test_immutable():
    with pytest.raises(AttributeError, match="nodes are immutable"):
        x.name = "z"
    with pytest.raises(TypeError, match="expressions are built by operators"):
        Expr()


def test_foreign_operands():
    with pytest.raises(TypeError, match="operands are expressions and real numbers"):
        x + "1"
    with pytest.raises(TypeError, match="operands are expressions and real numbers"):
        S.exp(1j)
    with pytest.raises(TypeError, match=r"unsupported operand|does not support ufuncs"):
        x + np.ones(3)
    with pytest.raises(TypeError, match="from 0 on"):
        E.var(-1)


def test_numpy_numbers():
    assert np.float64(2) * x is 2.0 * x
    assert np.float32(0.5) * x is 0.5 * x
    assert x + np.int64(3) is x + 3


def test_folding():
    assert S.exp(0.0) is const(1.0)
    assert const(7) // 2 is const(3)
    assert const(-7) % 3 is const(2)
    assert S.where(const(2) > 1, x, y) is x
    # Left to the kernel, which has infinities and NaN.
    assert S.log(const(-1.0)).op == "log"
    assert (const(1) / 0).op == "div"
    assert (const(10.0) ** 400).op == "pow"


def test_identities_that_hold_bit_for_bit():
    assert x * 1 is x
    assert x - 0 is x
    minus = -x
    assert -minus is x
    assert x**1 is x
    assert abs(-x) is abs(x)
    assert S.where(x > 0, y, y) is y
    assert S.where(S.logical_not(x > 0), x, y) is S.where(x > 0, y, x)
    # -0.0 + 0 is 0, infinity times 0 is NaN
    assert x + 0 is not x
    assert (x * 0).op == "mul"


def test_copies_and_pickles():
    e = S.where(x > 0, S.cast(x, "float64") * math.inf, beta - 0.1)
    assert pickle.loads(pickle.dumps(e)) is e
    assert copy.deepcopy(e) is e


def test_canonical_forgets_names():
    a, b = variables("a b")
    assert canonical([a * b + a]) == canonical([x * y + x])
    assert canonical([x * y]) != canonical([y * x])
    assert canonical([x + 1]) != canonical([x + 1.0])
    assert canonical([S.cast(x, "int8")]) != canonical([S.cast(x, "int16")])


def test_polygamma_refuses():
    with pytest.raises(ValueError, match="non-negative integer"):
        S.polygamma(-1, x)
    assert S.polygamma(0, x) is S.digamma(x)


def test_special_checks_its_operands():
    with pytest.raises(TypeError, match="wrong number of operands: expected 1, got 2"):
        S.special("i0", x, y)
