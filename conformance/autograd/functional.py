"""autograd.functional (section 9 of the semantics)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import raised, values


def _x(torch: Any, *numbers: float) -> Any:
    return torch.tensor(numbers or (0.5, -1.0, 2.0), dtype=torch.float64)


def _deep(item: Any) -> Any:
    if isinstance(item, (tuple, list)):
        return [_deep(each) for each in item]
    return values(item)


def case_jacobian(torch: Any) -> Any:
    f = torch.autograd.functional.jacobian
    x = _x(torch)
    return [
        _deep(f(lambda t: t.exp() * t.sum(), x)),
        _deep(f(lambda t: t.sum(), x)),
        _deep(f(lambda t: t.outer(t), x)),
    ]


def case_jacobian_of_several(torch: Any) -> Any:
    f = torch.autograd.functional.jacobian
    a, b = _x(torch), _x(torch, 3.0, 4.0)
    return [
        _deep(f(lambda s, t: s.sum() * t, (a, b))),
        _deep(f(lambda s, t: (s * 2, t.sum() * s), (a, b))),
    ]


def case_jacobian_strategies(torch: Any) -> Any:
    f = torch.autograd.functional.jacobian
    a, b = _x(torch), _x(torch, 3.0)
    return [
        _deep(f(lambda s, t: (s.sin() * t, s.sum()), (a, b), **kwargs))
        for kwargs in (
            {"vectorize": True},
            {"vectorize": True, "strategy": "forward-mode"},
            {"vectorize": True, "strategy": "reverse-mode"},
        )
    ]


def case_jacobian_with_graph(torch: Any) -> Any:
    x = _x(torch).requires_grad_()
    j = torch.autograd.functional.jacobian(lambda t: t**3, x, create_graph=True)
    j.sum().backward()
    return [j.requires_grad, values(x.grad)]


def case_jacobian_of_a_constant(torch: Any) -> Any:
    f = torch.autograd.functional.jacobian
    x = _x(torch)
    return [
        _deep(f(lambda t: torch.ones(2, dtype=torch.float64), x)),
        raised(lambda: f(lambda t: torch.ones(2), x, strict=True), "strict mode"),
    ]


def case_jacobian_refusals(torch: Any) -> Any:
    f = torch.autograd.functional.jacobian
    x = _x(torch)
    return [
        raised(lambda: f(lambda t: 3, x), "must be either a Tensor or a tuple"),
        raised(lambda: f(lambda t: t, 3), "must be either a Tensor or a tuple"),
        raised(lambda: f(lambda t: t, x, strategy="forward-mode"), "vectorize"),
        raised(lambda: f(lambda t: t, x, strategy="other"), "strategy"),
        raised(lambda: f(lambda t: t, x, strict=True, vectorize=True), "strict"),
    ]


def case_hessian(torch: Any) -> Any:
    f = torch.autograd.functional.hessian
    a, b = _x(torch), _x(torch, 3.0)
    return [
        _deep(f(lambda t: (t**3).sum() * t[0], a)),
        _deep(f(lambda s, t: (s * s * t).sum(), (a, b))),
        _deep(f(lambda t: t.sum(), a)),
    ]


def case_hessian_strategies(torch: Any) -> Any:
    f = torch.autograd.functional.hessian
    a = _x(torch)
    return [
        _deep(f(lambda t: (t**3).prod(), a, **kwargs))
        for kwargs in (
            {"vectorize": True},
            {"vectorize": True, "outer_jacobian_strategy": "forward-mode"},
        )
    ]


def case_hessian_refusals(torch: Any) -> Any:
    f = torch.autograd.functional.hessian
    x = _x(torch)
    return [
        raised(lambda: f(lambda t: t, x), "single element"),
        raised(lambda: f(lambda t: (t.sum(), t.sum()), x), "single Tensor"),
        raised(lambda: f(lambda t: t.sum(), x, strict=True), "independent"),
    ]


def case_vjp(torch: Any) -> Any:
    f = torch.autograd.functional.vjp
    a, b = _x(torch), _x(torch, 3.0)
    v = _x(torch, 1.0, 2.0, 3.0)
    return [
        _deep(f(lambda t: t.exp(), a, v)),
        _deep(f(lambda t: t.exp().sum(), a)),
        _deep(f(lambda s, t: s * t, (a, b), v)),
        raised(lambda: f(lambda t: t.exp(), a), "vector v can only be None"),
        raised(lambda: f(lambda t: t.exp(), a, b), "has invalid size"),
        raised(lambda: f(lambda t: t.detach(), a, v, strict=True), "strict mode"),
    ]


def case_jvp(torch: Any) -> Any:
    f = torch.autograd.functional.jvp
    a, b = _x(torch), _x(torch, 3.0)
    v = _x(torch, 1.0, 2.0, 3.0)
    return [
        _deep(f(lambda t: t.exp(), a, v)),
        _deep(f(lambda s, t: s * t, (a, b), (v, _x(torch, 2.0)))),
        _deep(f(lambda t: t * t, b)),
        raised(lambda: f(lambda t: t.exp(), a), "vector v can only be None"),
        raised(lambda: f(lambda t: t.detach(), a, v, strict=True), "strict mode"),
    ]


def case_jvp_with_graph(torch: Any) -> Any:
    x = _x(torch).requires_grad_()
    v = _x(torch, 1.0, 2.0, 3.0)
    out, j = torch.autograd.functional.jvp(lambda t: t**3, x, v, create_graph=True)
    j.sum().backward()
    return [out.requires_grad, values(x.grad)]


def case_hvp(torch: Any) -> Any:
    functional = torch.autograd.functional
    a, b = _x(torch), _x(torch, 3.0)
    v, w = _x(torch, 1.0, 2.0, 3.0), _x(torch, 2.0)
    out = []
    for f in (functional.hvp, functional.vhp):
        out += [
            _deep(f(lambda t: (t**3).sum(), a, v)),
            _deep(f(lambda s, t: (s * s * t * t).sum(), (a, b), (v, w))),
            _deep(f(lambda t: (t**3).sum(), b)),
            raised(lambda f=f: f(lambda t: (t**3).sum(), a), "vector v can only be"),
            raised(lambda f=f: f(lambda t: t**3, a, v), "single element"),
            raised(lambda f=f: f(lambda t: t.sum(), a, v, strict=True), "independent"),
            _deep(f(lambda t: t.sum(), a, v)),
        ]
    return out


def case_no_gradient_is_left(torch: Any) -> Any:
    x = _x(torch).requires_grad_()
    functional = torch.autograd.functional
    functional.jacobian(lambda t: t**2, x)
    functional.hessian(lambda t: (t**2).sum(), x)
    j = functional.jacobian(lambda t: t**2, x)
    return [x.grad is None, j.requires_grad]
