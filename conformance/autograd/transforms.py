"""Transforms of functions and the modes that record: which level a mode reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _cube(x: Any) -> Any:
    return x**3


def _unrecorded(torch: Any, f: Callable[..., Any]) -> Callable[..., Any]:
    def g(*args: Any) -> Any:
        with torch.no_grad():
            return f(*args)

    return g


def _numbers(value: Any) -> Any:
    """Tensors as numbers; containers of them as lists."""
    if isinstance(value, (tuple, list)):
        return [_numbers(v) for v in value]
    return value.tolist()


def _at_two(build: Callable[[Any, Any], Callable[[Any], Any]]) -> Any:
    """Make a case of a function of (torch.func, no_grad around) that is called at 2."""

    def case(torch: Any) -> Any:
        def off(f: Callable[..., Any]) -> Callable[..., Any]:
            return _unrecorded(torch, f)

        return _numbers(build(torch.func, off)(torch.tensor(2.0)))

    return case


# `F` is torch.func, `off(f)` is f inside of no_grad.
CASES = {
    "off_inside": _at_two(lambda F, off: F.grad(lambda x: x**2 + off(_cube)(x))),
    "off_inside_both": _at_two(
        lambda F, off: F.grad(F.grad(lambda x: x**3 + x * off(_cube)(x)))
    ),
    "off_inside_all": _at_two(lambda F, off: F.grad(F.grad(off(_cube)))),
    "off_inside_three": _at_two(
        lambda F, off: F.grad(F.grad(F.grad(lambda x: x**4 + off(_cube)(x))))
    ),
    "off_between": _at_two(lambda F, off: F.grad(off(F.grad(_cube)))),
    "off_between_times": _at_two(
        lambda F, off: F.grad(lambda x: x * off(F.grad(_cube))(x))
    ),
    "off_between_three": _at_two(
        lambda F, off: F.grad(F.grad(lambda x: x**2 * off(F.grad(_cube))(x)))
    ),
    "off_outside": _at_two(lambda F, off: off(F.grad(_cube))),
    "off_outside_both": _at_two(lambda F, off: off(F.grad(F.grad(_cube)))),
    "off_of_the_outer_argument": _at_two(
        lambda F, off: F.grad(lambda x: F.grad(lambda y: y * off(_cube)(x) + y * x)(x))
    ),
    "off_of_both_arguments": _at_two(
        lambda F, off: F.grad(
            lambda x: F.grad(lambda y: off(lambda: x * y)() + y * x * x)(x)
        )
    ),
    "off_around_vjp": _at_two(
        lambda F, off: F.grad(lambda x: off(lambda: F.vjp(_cube, x)[0])() * x)
    ),
    "off_around_jacrev": _at_two(
        lambda F, off: F.grad(lambda x: off(F.jacrev(_cube))(x) * x)
    ),
    "off_around_jacfwd": _at_two(
        lambda F, off: F.grad(lambda x: off(F.jacfwd(_cube))(x) * x)
    ),
    "off_around_grad_and_value": _at_two(
        lambda F, off: F.grad(lambda x: sum(off(F.grad_and_value(_cube))(x)) * x)
    ),
    "off_inside_jvp": _at_two(lambda F, off: lambda x: F.jvp(off(_cube), (x,), (x,))),
    "off_inside_jvp_of_grad": _at_two(
        lambda F, off: (
            lambda x: F.jvp(F.grad(lambda y: y**2 + off(_cube)(y)), (x,), (x,))
        )
    ),
    "off_inside_vmap_of_grad": _at_two(
        lambda F, off: (
            lambda x: F.vmap(F.grad(lambda y: y**2 + off(_cube)(y)))(x.expand(2))
        )
    ),
    "off_inside_grad_of_vmap": _at_two(
        lambda F, off: F.grad(lambda x: F.vmap(off(_cube))(x.expand(2)).sum() + x**2)
    ),
    "off_around_vmap": _at_two(
        lambda F, off: F.grad(lambda x: off(F.vmap(_cube))(x.expand(2)).sum() + x**2)
    ),
    "off_inside_grad_of_vmap_of_grad": _at_two(
        lambda F, off: F.grad(
            lambda x: F.vmap(F.grad(lambda y: y**3 * x + off(_cube)(y) * x))(
                x.expand(2)
            ).sum()
        )
    ),
    "off_inside_vmap_of_two": _at_two(
        lambda F, off: (
            lambda x: F.vmap(F.grad(F.grad(lambda y: y**3 + y * off(_cube)(y))))(
                x.expand(2)
            )
        )
    ),
    "detached_inside_both": _at_two(
        lambda F, _: F.grad(F.grad(lambda x: x.detach() ** 2 * x))
    ),
}


def case_on_inside_off(torch: Any) -> Any:
    f = _unrecorded(torch, torch.enable_grad()(_cube))
    return _numbers(torch.func.grad(torch.func.grad(f))(torch.tensor(2.0)))


def case_pull_back_in_no_grad(torch: Any) -> Any:
    one = torch.tensor(1.0)

    def f(x: Any) -> Any:
        _, pull = torch.func.vjp(_cube, x)
        with torch.no_grad():
            (g,) = pull(one)
        return g * x

    def h(x: Any) -> Any:
        with torch.no_grad():
            out, pull = torch.func.vjp(_cube, x)
        return pull(one)[0] * x + out * x

    at = torch.tensor(2.0)
    return [_numbers(torch.func.grad(f)(at)), _numbers(torch.func.grad(h)(at))]


def case_modes_seen_inside(torch: Any) -> Any:
    seen = []

    def f(x: Any) -> Any:
        seen.append(torch.is_grad_enabled())
        return x**2

    x, func = torch.tensor(2.0), torch.func
    func.grad(f)(x)
    _unrecorded(torch, func.grad(f))(x)
    func.grad(_unrecorded(torch, f))(x)
    func.vmap(func.grad(f))(x[None])
    _unrecorded(torch, func.vmap(f))(x[None])
    _unrecorded(torch, func.jvp)(f, (x,), (x,))
    _unrecorded(torch, func.vjp)(f, x)
    return seen


def case_mode_left_off(torch: Any) -> Any:
    def f(x: Any) -> Any:
        torch.set_grad_enabled(False)
        return x**3

    out = torch.func.grad(torch.func.grad(f))(torch.tensor(2.0))
    return [_numbers(out), torch.is_grad_enabled()]


def case_in_inference_mode(torch: Any) -> Any:
    with torch.inference_mode():
        out = torch.func.grad(_cube)(torch.tensor(2.0))
    return _numbers(out)


def case_leaf_outside(torch: Any) -> Any:
    w = torch.tensor(3.0, requires_grad=True)
    x = torch.tensor(2.0)
    func = torch.func

    def off(f: Callable[..., Any]) -> Callable[..., Any]:
        return _unrecorded(torch, f)

    def told(y: Any) -> Any:
        found = torch.autograd.grad(y, w) if y.requires_grad else ()
        return [y.tolist(), [g.tolist() for g in found]]

    return [
        told(func.grad(lambda x: x**2 * w)(x)),
        told(off(func.grad(lambda x: x**2 * w))(x)),
        told(func.grad(lambda x: x**2 * w + off(lambda x: x * w)(x))(x)),
        told(func.grad(lambda x: x**2 * off(lambda: w * w)())(x)),
        told(func.grad(lambda x: x**2 * off(lambda: w * w)() * w)(w)),
        told(func.grad(lambda x: x**2 * off(lambda: x * x)() * w)(w)),
        told(func.grad_and_value(lambda x: x**2 * off(lambda: x * x)() * w)(w)[1]),
        told(func.grad(lambda x: (x**2, off(lambda: x * w)()), has_aux=True)(w)[1]),
        told(func.grad(lambda x: (x**2, x * w), has_aux=True)(w)[1]),
        told(off(lambda: func.vjp(lambda x: x * w, w)[0])()),
        told(func.jvp(off(lambda x: x * w), (w,), (w,))[1]),
        told(func.vmap(off(lambda x: x * w))(torch.stack([w, w])).sum()),
    ]
