# Elementwise operations that users define: values, derivatives, calls, dtypes.
from __future__ import annotations

import copy
import inspect
import math
import pickle

import pytest

import derivo
import derivo as torch
import derivo.nn.functional as F
from derivo import elementwise
from derivo.autograd import gradcheck, gradgradcheck

D = derivo.float64


def points(*shape, low=0.2, high=1.7, grad=True):
    count = math.prod(shape)
    x = derivo.linspace(low, high, max(count, 1), dtype=D)[:count].reshape(shape)
    return x.detach().requires_grad_(grad)


@elementwise
def gelu_like(x, slope=1.5, *, shift=0.0):
    """Half of what comes in."""
    return x * 0.5 * (1 + math.tanh(slope * (x + shift)))


@elementwise
def swing(x, y):
    return derivo.sin(x) * math.exp(-y) + x / y


@elementwise
def both(x, y):
    r = derivo.sqrt(x * x + y * y)
    return r, derivo.atan2(y, x)


@elementwise
def safe_log(x):
    return derivo.where(x > 0, derivo.log(x), -x)


def helper(x):
    return math.cosh(x) - max(x, 0.5)


@elementwise
def through_helper(x):
    return helper(x) + helper(2 * x)


# Function, and what the same is in Python numbers.
CASES = {
    "math module": (lambda x: math.exp(x) + math.log(x, 2), None),
    "math constants": (lambda x: x * math.pi + math.e, None),
    "derivo": (lambda x: derivo.exp(x), math.exp),
    "alias": (lambda x: torch.tanh(x), math.tanh),
    "functional": (lambda x: F.softplus(x), lambda x: math.log1p(math.exp(x))),
    "method": (lambda x: x.sin().abs(), lambda x: abs(math.sin(x))),
    "powers": (lambda x: x**3 - 2.0**x + pow(x, 0.5), None),
    "min max": (lambda x: min(x, 1, 2 * x) + max(0.3, x), None),
    "abs": (lambda x: abs(-x) * -x, None),
    "rounding": (lambda x: math.floor(x) + math.ceil(x) + round(x), None),
    "modulo": (lambda x: x % 0.7 + x // 0.4, None),
    "divmod": (lambda x: sum(divmod(x, 0.7)), None),
    "hypot": (lambda x: math.hypot(x, 2, 3 * x), None),
    "erf": (lambda x: math.erf(x) * math.gamma(x), None),
    "atan2": (lambda x: math.atan2(x, 2) + math.degrees(x) - math.radians(x), None),
    "loop": (lambda x: sum(x**k / math.factorial(k) for k in range(1, 6)), None),
    "helper": (helper, None),
    "default": (lambda x, k=3, *, c=0.5: k * x + c, None),
    "closure": ((lambda c: lambda x: c * x)(1.25), None),
    "square": (lambda x: derivo.square(x), lambda x: x * x),
    "lerp": (lambda x: derivo.lerp(x, 2 * x, 0.25), lambda x: 1.25 * x),
    "clamp": (lambda x: derivo.clamp(x, 0.5, 1.0), lambda x: min(max(x, 0.5), 1.0)),
    "where": (
        lambda x: derivo.where((x > 0.5) & ~(x > 1), x, -x),
        lambda x: x if 0.5 < x <= 1 else -x,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_is_that_of_the_same_python_function(name):
    function, plain = CASES[name]
    x = points(7, grad=False)
    y = elementwise(function)(x)
    want = [(plain or function)(v) for v in x.tolist()]
    assert y.tolist() == pytest.approx(want, rel=1e-13)


SMOOTH = [n for n in CASES if n not in ("rounding", "modulo", "divmod")]


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_of_first_and_second_order_are_right(name):
    op = elementwise(CASES[name][0])
    x = points(5, low=0.23)
    assert gradcheck(op, (x,))
    assert gradgradcheck(op, (x,))


def test_third_order():
    op = elementwise(lambda x: math.sin(x) * x)
    x = points(3)
    g = op(x)
    for _ in range(3):
        (g,) = derivo.autograd.grad(g.sum(), x, create_graph=True)
    want = [-v * math.cos(v) - 3 * math.sin(v) for v in x.tolist()]
    assert g.tolist() == pytest.approx(want, rel=1e-12)


def test_each_derivative_is_one_node():
    x = points(4)
    y = gelu_like(x)
    assert y.grad_fn.name() == "gelu_likeBackward"
    assert type(y.grad_fn).__name__ == "gelu_likeBackward"
    (g,) = derivo.autograd.grad(
        y, x, derivo.ones(4, dtype=D).requires_grad_(), create_graph=True
    )
    assert g.grad_fn.name() == "gelu_likeBackwardBackward"
    assert [type(n).__name__ for n, _ in y.grad_fn.next_functions] == ["AccumulateGrad"]


def test_operands_broadcast_and_gradients_sum():
    x, y = points(4, 1), points(3, low=0.5)
    out = swing(x, y)
    assert out.shape == (4, 3)
    assert gradcheck(swing, (x, y))
    assert gradgradcheck(swing, (x, y))


@pytest.mark.parametrize(
    "layout",
    [
        lambda x: x.t(),
        lambda x: x[:, ::2],
        lambda x: x[1:, 1],
        lambda x: x[:0],
        lambda x: x[0, 0],
        lambda x: x[:1].expand(5, 4),
    ],
)
def test_layouts(layout):
    x = layout(points(3, 4))
    want = [[math.sin(v) for v in row] for row in x.reshape(1, -1).tolist()]
    y = elementwise(lambda x: math.sin(x))(x)
    assert y.shape == x.shape
    assert y.reshape(1, -1).tolist() == [pytest.approx(row) for row in want]


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_float_dtypes_stay(name):
    dtype = getattr(derivo, name)
    x = derivo.tensor([0.5, 1.0, 2.0], dtype=dtype, requires_grad=True)
    y = swing(x, x)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad.dtype == dtype
    want = [math.exp(-v) * (math.cos(v) - math.sin(v)) for v in (0.5, 1.0, 2.0)]
    tolerance = {"float16": 2e-3, "bfloat16": 2e-2}.get(name, 1e-6)
    assert x.grad.tolist() == pytest.approx(want, rel=tolerance, abs=tolerance)


def test_integers_promote_as_said():
    x = derivo.tensor([1, 2, 3])
    body = lambda x: x * x + 1  # noqa: E731
    assert elementwise(body)(x).dtype == derivo.float32
    assert elementwise(promote="same")(body)(x).dtype == derivo.int64
    assert elementwise(promote="same")(body)(x).tolist() == [2, 5, 10]
    mask = elementwise(promote="compare")(lambda x: x > 1)(x)
    assert mask.dtype == derivo.bool
    assert mask.tolist() == [False, True, True]


def test_mixed_dtypes_promote():
    x = derivo.ones(2, dtype=D, requires_grad=True)
    y = derivo.ones(2, dtype=derivo.float32, requires_grad=True)
    out = swing(x, y)
    assert out.dtype == D
    out.sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (D, derivo.float32)


def test_numbers_are_operands_too():
    x = points(3)
    assert swing(x, 2).tolist() == pytest.approx(
        [math.sin(v) * math.exp(-2) + v / 2 for v in x.tolist()]
    )
    assert swing(1.5, x).grad_fn is not None


def test_parameters_by_name_and_position():
    x = points(3)
    plain = gelu_like(x).tolist()
    assert gelu_like(x, 1.5).tolist() == plain
    assert gelu_like(x, slope=1.5, shift=0.0).tolist() == plain
    assert gelu_like(x=x, shift=0).tolist() == plain
    assert gelu_like(x, 2.0, shift=1.0).tolist() != plain
    assert gradcheck(lambda x: gelu_like(x, 0.3, shift=-1.0), (x,))


def test_a_parameter_changes_without_a_new_kernel():
    op = elementwise(lambda x, k=1.0: x * k)
    x = points(3)
    assert [op(x, k)[0].item() for k in (1.0, 2.0)] == pytest.approx(
        [x[0].item(), 2 * x[0].item()]
    )


def test_required_parameter():
    op = elementwise(lambda x, *, k: x * k)
    with pytest.raises(TypeError, match=r"missing arguments: k"):
        op(points(2))
    assert op(points(2), k=2.0).shape == (2,)


def test_several_results():
    x, y = points(4), points(4, low=0.5)
    out = both(x, y)
    assert isinstance(out, tuple)
    assert len(out) == 2
    assert out[0].grad_fn is out[1].grad_fn
    assert gradcheck(both, (x, y))
    assert gradgradcheck(both, (x, y))
    (g,) = derivo.autograd.grad(out[1].sum(), x)
    want = [-b / (a * a + b * b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    assert g.tolist() == pytest.approx(want)


def test_what_is_not_taken_does_not_leak():
    x = derivo.tensor([-1.0, 0.0, 2.0], dtype=D, requires_grad=True)
    y = safe_log(x)
    (g,) = derivo.autograd.grad(y.sum(), x, create_graph=True)
    assert g.tolist() == [-1.0, -1.0, 0.5]
    (h,) = derivo.autograd.grad(g.sum(), x)
    assert h.tolist() == [0.0, 0.0, -0.25]


@pytest.mark.parametrize(
    ("body", "x", "want"),
    [
        (lambda x: derivo.where(x > 0, derivo.sqrt(x), 0), 0.0, 0.0),
        (lambda x: derivo.where(x != 0, math.sin(x) / x, 1), 0.0, 0.0),
        (lambda x: derivo.where(x < 1, derivo.acos(x), 0), 1.0, 0.0),
        (lambda x: derivo.where(x > 5, 1 / (x - 5), x), 5.0, 1.0),
        (lambda x: derivo.where(x < 700, derivo.exp(x), 0) * 2, 1000.0, 0.0),
    ],
)
def test_singular_sides(body, x, want):
    t = derivo.tensor(x, dtype=D, requires_grad=True)
    elementwise(body)(t).backward()
    assert t.grad.item() == want


def test_a_stated_derivative_inside_is_used():
    # softplus by its formula overflows where its derivative does not.
    op = elementwise(lambda x: F.softplus(x) * 2)
    x = derivo.tensor([-900.0, 900.0], dtype=D, requires_grad=True)
    op(x).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0]


def test_operations_within_operations():
    op = elementwise(lambda x: gelu_like(x, slope=2.0) * safe_log(x))
    x = points(4)
    want = gelu_like(x, slope=2.0) * safe_log(x)
    assert op(x).tolist() == pytest.approx(want.tolist(), rel=1e-14)
    assert gradcheck(op, (x,))


def test_derivative_can_be_stated():
    @elementwise
    def step(x):
        return x > 0

    @step.derivative
    def _(g, x, out):
        return derivo.where(abs(x) < 1, g, 0)

    x = derivo.tensor([-2.0, -0.5, 0.5, 2.0], requires_grad=True)
    y = step(x)
    assert y.tolist() == [0, 0, 1, 1]
    y.sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 0]


def test_stated_derivative_sees_result_and_parameters_and_is_differentiated():
    @elementwise
    def power(x, y, *, k=2.0):
        return math.exp(k * x) * y

    @power.derivative
    def _(g, x, y, out, *, k):
        return g * k * out, g * math.exp(k * x)

    x, y = points(3), points(3, low=0.5)
    assert gradcheck(power, (x, y))
    assert gradgradcheck(power, (x, y))
    inner = elementwise(lambda x, y: power(x, y, k=0.5) + 1)
    assert gradcheck(inner, (x, y))


def test_stated_derivative_of_several_results():
    @elementwise
    def pair(x):
        return x * x, 3 * x

    @pair.derivative
    def _(g, h, x, first, second):
        return 2 * x * g + 3 * h

    assert gradcheck(pair, (points(3),))


def test_no_gradient_where_none_is_stated():
    @elementwise
    def half(x, y):
        return x * y

    @half.derivative
    def _(g, x, y, out):
        return g * y, None

    x, y = points(2), points(2)
    half(x, y).sum().backward()
    assert x.grad.tolist() == y.tolist()
    assert y.grad is None or y.grad.tolist() == [0, 0]


def test_a_derivative_is_stated_once():
    op = elementwise(lambda x: x)
    op.derivative(lambda g, x, out: g)
    with pytest.raises(ValueError, match="has a stated derivative already"):
        op.derivative(lambda g, x, out: g)


def test_wrong_count_of_stated_gradients():
    op = elementwise(lambda x, y: x * y)
    op.derivative(lambda g, x, y, out: g)
    with pytest.raises(TypeError, match="expected one for each of 2 operands"):
        op(points(2), points(2))


def test_out():
    x = points(3, grad=False)
    out = derivo.empty(3, dtype=D)
    assert gelu_like(x, out=out) is out
    assert out.tolist() == gelu_like(x).tolist()
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        gelu_like(points(3), out=out)


def test_inplace():
    x = points(3)
    y = x * 1
    assert gelu_like.inplace(y) is y
    y.sum().backward()
    assert y.tolist() == pytest.approx(gelu_like(x).tolist())
    assert x.grad.tolist() == pytest.approx(
        derivo.autograd.grad(gelu_like(x).sum(), x)[0].tolist()
    )
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        gelu_like.inplace(points(3))
    with pytest.raises(TypeError, match="2 results"):
        both.inplace(y, y)


def test_saved_operands_are_guarded():
    x = points(3)
    y = x * 1
    z = swing(y, y)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_as_many_operands_as_there_can_be():
    op = elementwise(
        lambda a, b, c, d, e, f, g, h, i: a * b * c * d * e * f * g * h * i
    )
    xs = tuple(points(2, low=0.5 + 0.1 * k) for k in range(9))
    assert gradcheck(op, xs)


def test_large_inputs_run_on_several_threads_and_agree():
    x = derivo.linspace(0.1, 2.0, 200_001, dtype=D)
    y = gelu_like(x)
    assert (y - x * 0.5 * (1 + derivo.tanh(1.5 * x))).abs().max().item() < 1e-15


def tangent_of(f, x):
    from derivo.autograd import forward_ad

    with forward_ad.dual_level():
        out = f(forward_ad.make_dual(x, derivo.ones_like(x)))
        outs = out if isinstance(out, tuple) else (out,)
        return [forward_ad.unpack_dual(t).tangent.tolist() for t in outs]


def test_forward_mode():
    x = derivo.tensor([0.0, 2.0], dtype=D)
    assert tangent_of(safe_log, x) == [[-1.0, 0.5]]
    squares = elementwise(lambda x: (math.sin(x), x * x))
    assert tangent_of(squares, x) == [
        pytest.approx([1.0, math.cos(2.0)]),
        [0.0, 4.0],
    ]
    stable = elementwise(lambda x: F.softplus(x) * 2)
    far = derivo.tensor([-1000.0, 1000.0], dtype=D)
    assert tangent_of(stable, far) == [[0.0, 2.0]]


def test_it_is_a_function_to_look_at():
    assert gelu_like.__name__ == "gelu_like"
    assert gelu_like.__doc__ == "Half of what comes in."
    assert gelu_like.__module__ == __name__
    assert str(inspect.signature(gelu_like)) == "(x, slope=1.5, *, shift=0.0, out=None)"
    assert repr(gelu_like) == "<elementwise gelu_like(x, slope, shift)>"
    assert "math.tanh" in inspect.getsource(gelu_like.__wrapped__)


def test_pickle_and_copy_are_by_name():
    assert pickle.loads(pickle.dumps(gelu_like)) is gelu_like
    assert copy.deepcopy(gelu_like) is gelu_like


class Net(derivo.nn.Module):
    act = gelu_like

    def __init__(self):
        super().__init__()
        self.line = derivo.nn.Linear(3, 2)
        self.other = swing

    def forward(self, x):
        return self.other(self.act(self.line(x)), 2.0)


def test_in_a_module():
    net = Net()
    net(derivo.ones(4, 3)).sum().backward()
    assert net.line.weight.grad.shape == (2, 3)
    again = copy.deepcopy(net)
    assert again(derivo.ones(4, 3)).tolist() == net(derivo.ones(4, 3)).tolist()


def test_name_and_node_can_be_given():
    op = elementwise(name="Mish", node="MishBackward7")(lambda x: x)
    assert op.__name__ == "Mish"
    x = points(2)
    op2 = elementwise(node="OwnBackward0")(lambda x: x * x)
    assert op2(x).grad_fn.name() == "OwnBackward0"


def test_constant_definitions():
    op = elementwise(lambda x: 2.5)
    x = points(3)
    y = op(x)
    assert y.tolist() == [2.5] * 3
    y.sum().backward()
    assert x.grad is None or x.grad.tolist() == [0.0] * 3


def test_reading_is_put_off_until_first_use():
    seen = []

    @elementwise
    def op(x):
        seen.append(1)
        return x

    assert not seen
    op(points(1))
    op(points(2))
    assert seen == [1]
