"""Gradient conventions at kinks, ties and edges (section 12 of the semantics)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from conformance._snippet import facts, values

if TYPE_CHECKING:
    from collections.abc import Callable

INF, NAN = math.inf, math.nan


def _grad(torch: Any, f: Callable[[Any], Any], *data: float) -> Any:
    x = torch.tensor(data, dtype=torch.float64, requires_grad=True)
    f(x).sum().backward()
    return values(x.grad)


def _grads(torch: Any, f: Callable[..., Any], *columns: tuple[float, ...]) -> Any:
    xs = [torch.tensor(c, dtype=torch.float64, requires_grad=True) for c in columns]
    f(*xs).sum().backward()
    return [values(x.grad) for x in xs]


def _unary(name: str, *data: float) -> Callable[[Any], Any]:
    return lambda torch: _grad(torch, lambda x: getattr(torch, name)(x), *data)


def _function(name: str, *data: float, **options: Any) -> Callable[[Any], Any]:
    return lambda torch: _grad(
        torch, lambda x: getattr(torch.nn.functional, name)(x, **options), *data
    )


def _binary(name: str, a: tuple[float, ...], b: tuple[float, ...]) -> Any:
    return lambda torch: _grads(torch, lambda x, y: getattr(torch, name)(x, y), a, b)


_KINK = (-1.0, -0.0, 0.0, 1.0, INF, -INF, NAN)
_A = (0.0, 1.0, -1.0, 0.0, 2.0, INF, INF, NAN, 1.0, -2.0)
_B = (0.0, 1.0, 1.0, -0.0, 3.0, INF, -INF, 1.0, NAN, -2.0)

CASES: dict[str, Callable[[Any], Any]] = {
    f"kink_{name}": _unary(name, *_KINK)
    for name in [
        "abs",
        "relu",
        "sign",
        "sqrt",
        "rsqrt",
        "square",
        "reciprocal",
        "log",
        "log1p",
        "log2",
        "log10",
        "exp",
        "expm1",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sigmoid",
        "atan",
        "asin",
        "acos",
        "asinh",
        "erf",
        "erfc",
        "round",
        "floor",
        "ceil",
        "trunc",
        "frac",
        "sinh",
        "cosh",
        "exp2",
        "nan_to_num",
        "neg",
        "positive",
    ]
}
CASES |= {
    f"kink_{name}": _function(name, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, NAN)
    for name in [
        "relu6",
        "hardtanh",
        "hardsigmoid",
        "hardswish",
        "leaky_relu",
        "elu",
        "selu",
        "celu",
        "softsign",
        "tanhshrink",
        "softshrink",
        "hardshrink",
        "gelu",
        "silu",
        "mish",
        "softplus",
        "logsigmoid",
    ]
}
CASES |= {
    f"pair_{name}": _binary(name, _A, _B)
    for name in [
        "maximum",
        "minimum",
        "fmax",
        "fmin",
        "atan2",
        "hypot",
        "mul",
        "div",
        "add",
        "sub",
        "copysign",
        "remainder",
        "fmod",
        "logaddexp",
        "xlogy",
        "pow",
    ]
}


def case_clamp_bounds(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.clamp(-1, 1), -2.0, -1.0, 0.0, 1.0, 2.0, NAN),
        _grad(torch, lambda x: x.clamp(min=0), -1.0, 0.0, 1.0),
        _grad(torch, lambda x: x.clamp(max=0), -1.0, 0.0, 1.0),
    ]


def case_clamp_tensor_bounds(torch: Any) -> Any:
    return _grads(
        torch,
        lambda x, lo, hi: x.clamp(lo, hi),
        (-2.0, -1.0, 0.0, 1.0, 2.0),
        (-1.0,) * 5,
        (1.0,) * 5,
    )


def case_pow_scalar_exponents(torch: Any) -> Any:
    exponents = (0, 1, 2, 0.5, -1, 3.0, 0.0)
    return [_grad(torch, lambda x, e=e: x**e, -2.0, 0.0, 2.0) for e in exponents]


def case_scalar_base(torch: Any) -> Any:
    return [_grad(torch, lambda x, b=b: b**x, -1.0, 0.0, 2.0) for b in (0, 1, 2.5)]


def case_max_ties(torch: Any) -> Any:
    data = (1.0, 3.0, 3.0, 2.0, 3.0)
    return [
        _grad(torch, lambda x: x.max(), *data),
        _grad(torch, lambda x: x.min(), *data, 1.0),
        _grad(torch, lambda x: x.amax(0), *data),
        _grad(torch, lambda x: x.amin(0), *data, 1.0),
        _grad(torch, lambda x: x.max(0).values, *data),
        _grad(torch, lambda x: x.min(0)[0], *data, 1.0),
    ]


def case_median_ties(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.median(), 1.0, 2.0, 2.0, 2.0, 5.0),
        _grad(torch, lambda x: x.median(0).values, 1.0, 2.0, 2.0, 2.0, 5.0),
    ]


def case_max_with_nan(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.max(), 1.0, NAN, 3.0),
        _grad(torch, lambda x: x.amax(0), 1.0, NAN, 3.0),
    ]


def case_norm_at_zero(torch: Any) -> Any:
    return [
        _grad(torch, lambda x, p=p: x.norm(p), 0.0, 0.0)
        for p in (0, 0.5, 1, 1.5, 2, 3, INF, -INF)
    ]


def case_norm_elsewhere(torch: Any) -> Any:
    return [
        _grad(torch, lambda x, p=p: x.norm(p), 3.0, -4.0, 0.0)
        for p in (1, 2, 3, INF, -INF)
    ]


def case_prod_with_zeros(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.prod(), 2.0, 3.0, 4.0),
        _grad(torch, lambda x: x.prod(), 2.0, 0.0, 4.0),
        _grad(torch, lambda x: x.prod(), 0.0, 0.0, 4.0),
        _grad(torch, lambda x: x.prod(0), 0.0, 5.0, 4.0),
    ]


def case_std_at_constant(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.std(), 1.0, 1.0),
        _grad(torch, lambda x: x.var(), 1.0, 1.0),
        _grad(torch, lambda x: x.std(), 2.0),
    ]


def case_where_leaks_nan(torch: Any) -> Any:
    return _grad(
        torch, lambda x: torch.where(x > 0, x.sqrt(), torch.zeros_like(x)), 0.0, 4.0
    )


def case_masked_fill_blocks(torch: Any) -> Any:
    return _grad(torch, lambda x: x.log().masked_fill(x <= 0, 0.0), 0.0, 1.0)


def case_duplicate_indices(torch: Any) -> Any:
    index = torch.tensor([0, 0, 1])
    return [
        _grad(torch, lambda x: x[index], 1.0, 2.0, 3.0),
        _grad(torch, lambda x: x.index_select(0, index), 1.0, 2.0, 3.0),
        _grad(torch, lambda x: x.gather(0, index), 1.0, 2.0, 3.0),
        _grad(torch, lambda x: x.take(index), 1.0, 2.0, 3.0),
    ]


def case_expand_sums(torch: Any) -> Any:
    x = torch.ones(2, 1, requires_grad=True)
    (x.expand(3, 2, 4) * 2).sum().backward()
    return values(x.grad)


def case_non_differentiable_outputs(torch: Any) -> Any:
    x = torch.rand(4, requires_grad=True)
    outs = [x.argmax(), x.argsort(), x > 0, x.topk(2)[1], x.max(0)[1], x.isfinite()]
    return [facts(t) for t in outs]


def case_bernoulli_is_tracked(torch: Any) -> Any:
    x = torch.full((3,), 0.5, requires_grad=True)
    y = x.bernoulli()
    y.sum().backward()
    return [facts(y), values(x.grad)]


def case_incoming_nan_stays_where_it_is(torch: Any) -> Any:
    x = torch.tensor([1.0, -1.0, 2.0], requires_grad=True)
    x.relu().backward(torch.tensor([NAN, NAN, 1.0]))
    y = torch.tensor([1.0, 5.0], requires_grad=True)
    y.clamp(0, 2).backward(torch.tensor([1.0, NAN]))
    return [values(x.grad), values(y.grad)]


def case_abs_second_derivative(torch: Any) -> Any:
    x = torch.tensor([-1.0, 0.0, 2.0], dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad((x.abs() * x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return [values(g), values(h)]


def case_softmax_of_infinities(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.softmax(0)[0], 1.0, -INF, 2.0),
        _grad(torch, lambda x: x.logsumexp(0), -INF, 0.0, 1.0),
        _grad(torch, lambda x: x.log_softmax(0)[0], 1.0, 2.0, -INF),
    ]


def case_lerp(torch: Any) -> Any:
    return _grads(
        torch, lambda a, b, w: a.lerp(b, w), (0.0, 1.0), (2.0, 3.0), (0.2, 0.9)
    )


def case_cumulative(torch: Any) -> Any:
    return [
        _grad(torch, lambda x: x.cumsum(0), 1.0, 2.0, 3.0),
        _grad(torch, lambda x: x.cumprod(0), 1.0, 0.0, 3.0, 2.0),
        _grad(torch, lambda x: x.cummax(0).values, 1.0, 3.0, 3.0, 2.0),
    ]


def case_losses_at_kinks(torch: Any) -> Any:
    f = torch.nn.functional
    zero = torch.zeros(4, dtype=torch.float64)
    return [
        _grad(torch, lambda x: f.l1_loss(x, zero), -1.0, 0.0, 1.0, 2.0),
        _grad(torch, lambda x: f.smooth_l1_loss(x, zero), -1.0, 0.0, 1.0, 2.0),
        _grad(torch, lambda x: f.huber_loss(x, zero), -1.0, 0.0, 1.0, 2.0),
    ]


def case_sort_ties(torch: Any) -> Any:
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    return _grad(
        torch, lambda x: x.sort(stable=True).values * weights, 2.0, 1.0, 2.0, 1.0
    )


def case_integer_operands_have_no_gradient(torch: Any) -> Any:
    x = torch.ones(3, requires_grad=True)
    n = torch.tensor([1, 2, 3])
    (x * n + x**n).sum().backward()
    return values(x.grad)


def case_complex_gradients(torch: Any) -> Any:
    z = torch.tensor(1 + 2j, requires_grad=True)
    (z * z.conj()).real.backward()
    w = torch.tensor(1 + 2j, requires_grad=True)
    (w * w).real.backward()
    return [z.grad.item(), w.grad.item()]


def case_complex_root_is_refused(torch: Any) -> Any:
    from conformance._snippet import raised

    z = torch.tensor(1 + 2j, requires_grad=True)
    return raised(
        lambda: z.clone().backward(), "grad can be implicitly created only for"
    )
