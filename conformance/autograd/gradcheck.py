"""gradcheck and gradgradcheck: every option, on right and on wrong functions."""

from __future__ import annotations

import warnings
from typing import Any

from conformance._snippet import raised


def _points(torch: Any, *shape: int, dtype: Any = None) -> Any:
    torch.manual_seed(1)
    made = torch.rand(shape, dtype=dtype or torch.float64) + 0.5
    return made.requires_grad_()


def _made(
    torch: Any,
    forward: Any = None,
    backward: Any = None,
    jvp: Any = None,
    materialize: bool = True,
) -> Any:
    """Make a function of one tensor with the given rules; those of the double else."""

    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(materialize)
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)
            return x * 2 if forward is None else forward(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2 if backward is None else backward(ctx, g)

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return t * 2 if jvp is None else jvp(ctx, t)

    return Made.apply


def _both(torch: Any, f: Any, inputs: Any, phrase: str, **options: Any) -> Any:
    """Outcome in slow and in fast mode, raising and not raising."""
    check = torch.autograd.gradcheck
    out = []
    for fast in (False, True):
        out.append(
            raised(lambda k=fast: check(f, inputs, fast_mode=k, **options), phrase)
        )
        if phrase:
            out.append(
                check(f, inputs, fast_mode=fast, raise_exception=False, **options)
            )
    return out


FORWARD = {"check_forward_ad": True, "check_backward_ad": False}


def case_right_functions(torch: Any) -> Any:
    return [
        _both(torch, f, _points(torch, 3, 3), "", check_forward_ad=True)
        for f in (
            torch.exp,
            lambda x: x @ x,
            lambda x: (x.sin(), x.t() * 2),
            lambda x: x.softmax(-1),
            lambda x: x.sort(0)[0].cumsum(1),
            lambda x: x[:0],
            lambda x: x,
        )
    ]


def case_wrong_backward(torch: Any) -> Any:
    f = _made(torch, None, lambda ctx, g: 2.1 * g)
    phrase = "Jacobian mismatch for output 0 with respect to input 0"
    return [_both(torch, f, _points(torch, 3), phrase)] + [
        _both(torch, f, _points(torch, 3), "", **options)
        for options in (FORWARD, {"rtol": 0.1}, {"atol": 0.2})
    ]


def case_wrong_forward(torch: Any) -> Any:
    f = _made(torch, None, None, lambda ctx, t: 2.1 * t)
    phrase = "Jacobian computed with forward mode mismatch for output 0"
    return [
        _both(torch, f, _points(torch, 3), phrase, check_forward_ad=True),
        _both(torch, f, _points(torch, 3), ""),
    ]


def case_fast_mode_follows_up(torch: Any) -> Any:
    f = _made(torch, None, lambda ctx, g: 3 * g)
    check = torch.autograd.gradcheck
    return [
        raised(lambda: check(f, _points(torch, 2), fast_mode=True), phrase)
        for phrase in ("(slow mode) is: 0.99999999", "The max per-element difference")
    ]


def case_fast_mode_that_slow_mode_would_pass(torch: Any) -> Any:
    def backward(ctx: Any, g: Any) -> Any:
        return g * (2.0 if (g != 0).sum() < g.numel() else 2.01)

    f, check = _made(torch, None, backward), torch.autograd.gradcheck
    options = {"atol": 1e-4, "rtol": 0}
    return [
        check(f, _points(torch, 20), **options),
        raised(
            lambda: check(f, _points(torch, 20), fast_mode=True, **options),
            "Fast gradcheck failed but element-wise differences are small",
        ),
    ]


def case_fast_mode_calls(torch: Any) -> Any:
    out = []
    for n in (3, 30):
        count = [0]

        def f(x: Any, count: list[int] = count) -> Any:
            count[0] += 1
            return x * x

        torch.autograd.gradcheck(f, _points(torch, n), fast_mode=True)
        out.append(count[0])
    return out[0] == out[1]


def case_complex(torch: Any) -> Any:
    def points() -> Any:
        return _points(torch, 2, 2, dtype=torch.complex128)

    return [
        _both(torch, f, points(), "", check_forward_ad=True)
        for f in (
            lambda z: z * z.exp(),
            lambda z: z.abs(),
            lambda z: z.conj() * z.real,
            lambda z: (z.real, z @ z),
        )
    ]


def case_complex_parts(torch: Any) -> Any:
    def phrase(part: str, whose: str) -> str:
        return f"While considering the {part} part of complex {whose} only, Jacobian"

    x, z = _points(torch, 2), _points(torch, 2, dtype=torch.complex128)

    def turn(t: Any) -> Any:
        return t * (1 + 2j)

    return [
        _both(
            torch,
            _made(torch, turn, lambda ctx, g: g.real),
            x,
            phrase("imaginary", "outputs"),
        ),
        _both(
            torch,
            _made(torch, turn, lambda ctx, g: 3 * g.real + 2 * g.imag),
            x,
            phrase("real", "outputs"),
        ),
        _both(
            torch,
            _made(torch, jvp=lambda ctx, t: 2 * t.real.to(t.dtype)),
            z,
            phrase("imaginary", "inputs"),
            **FORWARD,
        ),
        _both(
            torch,
            _made(torch, jvp=lambda ctx, t: 3 * t.real + 2j * t.imag),
            z,
            phrase("real", "inputs"),
            **FORWARD,
        ),
    ]


def case_lost_dependence(torch: Any) -> Any:
    phrase = "Numerical gradient for function expected to be zero"
    return [
        _both(torch, lambda x: x.detach() * 2, _points(torch, 2), phrase),
        _both(torch, lambda x: x.detach() * 2, _points(torch, 2), phrase, **FORWARD),
        _both(torch, lambda x: x.detach() * 0, _points(torch, 2), ""),
    ]


def case_not_multiplied(torch: Any) -> Any:
    f = _made(torch, None, lambda ctx, g: g * 2 + 1e-12 * (g.abs().sum() == 0))
    phrase = "backward not multiplied by grad_output"
    return [
        _both(torch, f, _points(torch, 2), phrase, check_undefined_grad=False),
        _both(torch, f, _points(torch, 2), "", check_undefined_grad=False, masked=True),
    ]


def case_undefined(torch: Any) -> Any:
    def refuse(ctx: Any, g: Any) -> Any:
        if g is None:
            raise RuntimeError("there is none")
        return g * 2

    def invent(ctx: Any, g: Any) -> Any:
        return ctx.saved_tensors[0] if g is None else g * 2

    out = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for backward, phrase in (
            (refuse, "Expected backward function to handle undefined output grads"),
            (invent, "Expected all input grads to be undefined or zero when all"),
        ):
            f = _made(torch, None, backward, materialize=False)
            out.append(_both(torch, f, _points(torch, 2), phrase))
            out.append(
                _both(torch, f, _points(torch, 2), "", check_undefined_grad=False)
            )
    return out


def case_undefined_tangents(torch: Any) -> Any:
    class Sum(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x + y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g, g

        @staticmethod
        def jvp(ctx: Any, s: Any, t: Any) -> Any:
            if s is None or t is None:
                return (s if t is None else t) * 2
            return s + t

    inputs = _points(torch, 2), _points(torch, 2)
    return [
        _both(
            torch,
            Sum.apply,
            inputs,
            "Mismatch in tangent values for output with index: ",
            check_forward_ad=True,
        ),
        _both(
            torch,
            Sum.apply,
            inputs,
            "",
            check_forward_ad=True,
            check_undefined_grad=False,
        ),
    ]


def case_dtypes_of_tangents(torch: Any) -> Any:
    f = _made(torch, jvp=lambda ctx, t: torch.complex(t * 2, t * 0))
    return _both(
        torch,
        f,
        _points(torch, 2),
        "Forward AD gradient has dtype mismatch",
        check_grad_dtypes=True,
        **FORWARD,
    )


def case_not_the_same_twice(torch: Any) -> Any:
    count = [0]

    def backward(ctx: Any, g: Any) -> Any:
        count[0] += 1
        return g * (2 + 1e-3 * (count[0] % 3))

    f = _made(torch, None, backward)
    return [
        _both(
            torch, f, _points(torch, 2), "Backward is not reentrant, i.e.,", atol=0.1
        ),
        _both(torch, f, _points(torch, 2), "", atol=0.1, nondet_tol=1e-2),
    ]


def case_outputs_that_change(torch: Any) -> Any:
    def f(x: Any) -> Any:
        return (x * 2)[:1] if (x.sum() > 2).item() else x * 2

    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    return _both(torch, f, x, "Expected `func` to return outputs with the same shape")[
        ::2
    ]


def case_batched(torch: Any) -> Any:
    def f(a: Any, b: Any) -> Any:
        return (a @ b).tanh(), a.cumsum(0)

    return _both(
        torch,
        f,
        (_points(torch, 3, 2), _points(torch, 2, 2)),
        "",
        check_batched_grad=True,
        check_forward_ad=True,
        check_batched_forward_grad=True,
    )


def case_refused_options(torch: Any) -> Any:
    check, second = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    x = _points(torch, 2)
    return [
        raised(lambda: check(torch.exp, x, check_backward_ad=False), "at least one of"),
        raised(
            lambda: check(torch.exp, x, check_batched_grad=True, **FORWARD),
            "check_batched_grad=True requires check_backward_ad",
        ),
        raised(
            lambda: check(torch.exp, x, check_batched_forward_grad=True),
            "check_batched_forward_grad=True requires check_forward_ad",
        ),
        raised(
            lambda: second(torch.exp, x, check_rev_over_rev=False), "at least one of"
        ),
        raised(
            lambda: second(
                torch.exp, x, check_rev_over_rev=False, check_fwd_over_rev=True
            ),
            "check_undefined_grad=True requires check_rev_over_rev",
        ),
        raised(
            lambda: second(
                torch.exp,
                x,
                check_rev_over_rev=False,
                check_fwd_over_rev=True,
                check_undefined_grad=False,
                check_batched_grad=True,
            ),
            "check_batched_grad=True requires check_rev_over_rev",
        ),
        raised(
            lambda: check(torch.exp, x.detach()),
            "expects at least one input tensor to require gradient",
        ),
        raised(
            lambda: check(torch.exp, x.detach()[:1].expand(3).requires_grad_()),
            "input has a dimension with stride 0",
        ),
    ]


def case_second_derivatives(torch: Any) -> Any:
    check = torch.autograd.gradgradcheck
    return [
        check(f, (_points(torch, 2, 2),), fast_mode=fast, **options)
        for f in (torch.exp, lambda x: x @ x, lambda x: x.softmax(-1), torch.abs)
        for fast in (False, True)
        for options in (
            {},
            {"gen_non_contig_grad_outputs": True, "masked": True},
            {"check_fwd_over_rev": True},
            {"check_batched_grad": True},
        )
    ]


def _cube(torch: Any, factor: Any) -> Any:
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return Slope.apply(ctx.saved_tensors[0], g)

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return 3 * ctx.saved_tensors[0] ** 2 * t

    class Slope(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, g: Any) -> Any:
            ctx.save_for_backward(x, g)
            ctx.save_for_forward(x, g)
            return 3 * x**2 * g

        @staticmethod
        def backward(ctx: Any, h: Any) -> Any:
            x, g = ctx.saved_tensors
            return factor(g) * 6 * x * g * h, 3 * x**2 * h

        @staticmethod
        def jvp(ctx: Any, s: Any, t: Any) -> Any:
            x, g = ctx.saved_tensors
            return factor(g) * 6 * x * g * s + 3 * x**2 * t

    return Cube.apply


def case_wrong_second_derivatives(torch: Any) -> Any:
    check = torch.autograd.gradgradcheck
    wrong = _cube(torch, lambda g: 1.5)
    by_memory = _cube(torch, lambda g: 1.0 if g.is_contiguous() else 1.5)
    out = []
    for fast in (False, True):
        for f, options, phrase in (
            (wrong, {}, "Jacobian mismatch"),
            (
                wrong,
                {
                    "check_fwd_over_rev": True,
                    "check_rev_over_rev": False,
                    "check_undefined_grad": False,
                },
                "Jacobian computed with forward mode mismatch",
            ),
            (by_memory, {}, ""),
            (by_memory, {"gen_non_contig_grad_outputs": True}, "Jacobian mismatch"),
        ):
            out.append(
                raised(
                    lambda f=f, options=options, fast=fast: check(
                        f, _points(torch, 3), fast_mode=fast, **options
                    ),
                    phrase,
                )
            )
    return out
