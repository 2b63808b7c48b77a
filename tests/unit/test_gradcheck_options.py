# Every option of gradcheck: a wrong function that it makes fail, a right one that
# passes, and what fails only because of it.
from __future__ import annotations

import sys
import warnings

import pytest

import derivo
from derivo.autograd import (
    Function,
    GradcheckError,
    _backward_check,
    forward_ad,
    gradcheck,
    gradgradcheck,
)

F64, C128 = derivo.float64, derivo.complex128


def points(*shape, dtype=F64):
    derivo.manual_seed(1)
    return (derivo.rand(shape, dtype=dtype) + 0.5).requires_grad_()


def made(forward=None, backward=None, jvp=None, materialize=True):
    # A function of one tensor with the rules that are given; those of the double else.
    class Made(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(materialize)
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)
            return x * 2 if forward is None else forward(x)

    if backward is not False:
        give = backward or (lambda ctx, g: g * 2)
        Made.backward = staticmethod(give)
    Made.jvp = staticmethod(jvp or (lambda ctx, t: t * 2))
    return Made.apply


def square_of(factor):
    return made(
        lambda x: x * x,
        lambda ctx, g: factor * 2 * ctx.saved_tensors[0] * g,
        lambda ctx, t: 2 * ctx.saved_tensors[0] * t,
    )


def test_of_what_is_right_everything_passes():
    f = square_of(1)
    for fast in (False, True):
        assert gradcheck(
            f,
            points(3),
            fast_mode=fast,
            check_forward_ad=True,
            check_grad_dtypes=True,
            masked=True,
        )


# ------------------------------------------------------------------ modes


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("dtype", [F64, C128])
def test_backward(fast, dtype):
    wrong = made(lambda x: x * x, lambda ctx, g: 2.1 * ctx.saved_tensors[0].conj() * g)
    right = made(lambda x: x * x, lambda ctx, g: 2 * ctx.saved_tensors[0].conj() * g)
    x = points(3, dtype=dtype)
    assert gradcheck(right, x, fast_mode=fast)
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with"):
        gradcheck(wrong, x, fast_mode=fast)
    # Its forward mode is right.
    wrong = made(None, lambda ctx, g: 3 * g)
    options = {"check_forward_ad": True, "check_backward_ad": False}
    assert gradcheck(wrong, x, fast_mode=fast, **options)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("dtype", [F64, C128])
def test_forward(fast, dtype):
    wrong = made(None, None, lambda ctx, t: 2.1 * t)
    x = points(3, dtype=dtype)
    assert gradcheck(wrong, x, fast_mode=fast)
    assert gradcheck(made(), x, fast_mode=fast, check_forward_ad=True)
    match = "Jacobian computed with forward mode mismatch for output 0 with respect to"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(wrong, x, fast_mode=fast, check_forward_ad=True)
    assert not gradcheck(
        wrong, x, fast_mode=fast, check_forward_ad=True, raise_exception=False
    )


def test_some_mode_is_needed():
    with pytest.raises(AssertionError, match="at least one of check_forward_ad or"):
        gradcheck(derivo.exp, points(2), check_backward_ad=False)
    match = "at least one of check_fwd_over_rev or"
    with pytest.raises(AssertionError, match=match):
        gradgradcheck(derivo.exp, points(2), check_rev_over_rev=False)
    for name in ("check_undefined_grad", "check_batched_grad"):
        options = {"check_undefined_grad": False, name: True}
        with pytest.raises(AssertionError, match=f"{name}=True requires check_rev_ov"):
            gradgradcheck(
                derivo.exp,
                points(2),
                check_fwd_over_rev=True,
                check_rev_over_rev=False,
                **options,
            )


@pytest.mark.parametrize("mode", ["backward", "forward"])
def test_which_input_and_output(mode):
    class Two(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            ctx.save_for_forward(x, y)
            return x + y, x * y

        @staticmethod
        def backward(ctx, a, b):
            x, y = ctx.saved_tensors
            return a + b * y, a + (1.5 if mode == "backward" else 1) * b * x

        @staticmethod
        def jvp(ctx, s, t):
            x, y = ctx.saved_tensors
            return s + t, (1.5 if mode == "forward" else 1) * x * t + s * y

    with pytest.raises(GradcheckError, match="output 1 with respect to input 1"):
        gradcheck(Two.apply, (points(2), points(2)), check_forward_ad=True)


# ------------------------------------------------------------------ complex numbers


@pytest.mark.parametrize("fast", [False, True])
def test_parts_of_complex_outputs(fast):
    # The gradient of the imaginary part is lost.
    wrong = made(lambda x: x * (1 + 2j), lambda ctx, g: g.real)
    with pytest.raises(
        GradcheckError, match="While considering the imaginary part of complex outputs"
    ):
        gradcheck(wrong, points(2), fast_mode=fast)
    # That of the real part is wrong.
    wrong = made(lambda x: x * (1 + 2j), lambda ctx, g: 3 * g.real + 2 * g.imag)
    with pytest.raises(
        GradcheckError, match="While considering the real part of complex outputs"
    ):
        gradcheck(wrong, points(2), fast_mode=fast)
    right = made(lambda x: x * (1 + 2j), lambda ctx, g: g.real + 2 * g.imag)
    assert gradcheck(right, points(2), fast_mode=fast)


@pytest.mark.parametrize("fast", [False, True])
def test_parts_of_complex_inputs(fast):
    options = {"check_forward_ad": True, "check_backward_ad": False, "fast_mode": fast}
    z = points(2, dtype=C128)
    for name, jvp in (
        ("imaginary", lambda ctx, t: 2 * t.real.to(C128)),
        ("real", lambda ctx, t: 3 * t.real + 2j * t.imag),
    ):
        with pytest.raises(
            GradcheckError, match=f"While considering the {name} part of complex inputs"
        ):
            gradcheck(made(jvp=jvp), z, **options)
    assert gradcheck(made(), z, **options)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda z: z * z.exp(),
        lambda z: z.abs(),
        lambda z: z.conj() * z.real,
        lambda z: (z.real, z @ z),
        lambda z: derivo.view_as_real(z),
    ],
)
def test_complex_functions(f, fast):
    assert gradcheck(f, points(2, 2, dtype=C128), fast_mode=fast, check_forward_ad=True)
    assert gradgradcheck(f, points(2, 2, dtype=C128), fast_mode=fast)


def test_real_and_complex_inputs_together():
    options = {"check_forward_ad": True}
    assert gradcheck(lambda a, z: a * z, (points(2), points(2, dtype=C128)), **options)
    assert gradgradcheck(
        lambda a, z: a * z,
        (points(2), points(2, dtype=C128)),
        check_fwd_over_rev=True,
    )


# ------------------------------------------------------------------ fast mode


@pytest.mark.parametrize("options", [{}, {"check_forward_ad": True}])
def test_fast_mode_calls_few_times(options):
    def calls(n, **more):
        count = [0, 0]

        def backward(ctx, g):
            count[1] += 1
            return g * 2

        def f(x):
            count[0] += 1
            return made(backward=backward)(x)

        gradcheck(f, points(n), **options, **more)
        return count

    assert calls(5, fast_mode=True) == calls(50, fast_mode=True)
    few, many = calls(50, fast_mode=True), calls(50)
    assert sum(few) <= 20
    assert many[0] >= 100
    assert many[1] >= 100


def test_fast_mode_of_second_derivatives_calls_few_times():
    def calls(n, fast):
        count = [0]

        def f(x):
            count[0] += 1
            return x**3

        gradgradcheck(f, points(n), fast_mode=fast)
        return count[0]

    assert calls(5, True) == calls(50, True) <= 20
    assert calls(50, False) >= 200


@pytest.mark.parametrize("forward", [False, True])
def test_fast_mode_says_what_slow_mode_would(forward):
    wrong = made(None, lambda ctx, g: 3 * g, lambda ctx, t: 3 * t)
    options = {"check_forward_ad": forward, "check_backward_ad": not forward}
    with pytest.raises(GradcheckError) as caught:
        gradcheck(wrong, points(2), fast_mode=True, **options)
    text = str(caught.value)
    assert "The max per-element difference (slow mode) is: 0.99999999" in text
    assert "[3., 0.]" in text
    assert "might've passed" not in text


def test_fast_mode_says_where_slow_mode_would_pass():
    # Right for the gradients that pick one element, wrong for all others.
    def backward(ctx, g):
        sign = 1 if g.numel() == (g != 0).sum() else 0
        return g * 2 + 1e-2 * sign * g

    wrong = made(None, backward)
    x = points(20)
    assert gradcheck(wrong, x, atol=1e-4, rtol=0, check_undefined_grad=False)
    with pytest.raises(GradcheckError, match=r"might've passed in slow_mode"):
        gradcheck(wrong, x, atol=1e-4, rtol=0, fast_mode=True)


def test_fast_mode_leaves_random_numbers_alone():
    derivo.manual_seed(3)
    before = derivo.get_rng_state().tolist()
    x = (derivo.arange(3.0, dtype=F64) + 1).requires_grad_()
    gradcheck(derivo.exp, x, fast_mode=True, check_forward_ad=True)
    assert derivo.get_rng_state().tolist() == before


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x,
        lambda x: x[:0],
        lambda x: x.sum(),
        lambda x: (x * 2, derivo.tensor([1, 2])),
        lambda x: (derivo.tensor([1, 2]), x * 2),
        lambda x: (x.detach() * 0 + 1, x * 3, None),
        lambda x: [x * 2, x.float().double()],
        lambda x: x.round(),
        lambda x: derivo.ones(2, dtype=F64),
    ],
)
def test_outputs_of_all_kinds(f, fast):
    options = {"fast_mode": fast, "atol": 1e-1} if fast else {"atol": 1e-1}
    assert gradcheck(f, points(4), check_forward_ad=True, **options)


# ------------------------------------------------------------------ nothing comes in


@pytest.mark.parametrize("fast", [False, True])
def test_lost_dependence(fast):
    match = "Numerical gradient for function expected to be zero"
    for options in ({}, {"check_forward_ad": True, "check_backward_ad": False}):
        with pytest.raises(GradcheckError, match=match):
            gradcheck(lambda x: x.detach() * 2, points(2), fast_mode=fast, **options)


def test_backward_must_multiply():
    # Right for every single element, wrong where nothing comes in.
    wrong = made(None, lambda ctx, g: g * 2 + 1e-12 * (g.abs().sum() == 0))
    with pytest.raises(GradcheckError, match="backward not multiplied by grad_output"):
        gradcheck(wrong, points(2))
    # `masked` lets it be zero up to a tolerance only.
    assert gradcheck(wrong, points(2), masked=True, check_undefined_grad=False)
    wrong = made(None, lambda ctx, g: g * 2 + 1.0 * (g.abs().sum() == 0))
    with pytest.raises(GradcheckError, match="backward not multiplied by grad_output"):
        gradcheck(wrong, points(2), masked=True)


def test_undefined_gradients_that_raise():
    def backward(ctx, g):
        if g is None:
            raise RuntimeError("there is none")
        return g * 2

    wrong = made(None, backward, materialize=False)
    with pytest.raises(GradcheckError, match="to handle undefined output grads"):
        gradcheck(wrong, points(2))
    assert gradcheck(wrong, points(2), check_undefined_grad=False)
    assert gradcheck(made(None, backward), points(2))


def test_undefined_gradients_that_are_not_zero():
    def backward(ctx, g):
        return ctx.saved_tensors[0] if g is None else g * 2

    wrong = made(None, backward, materialize=False)
    match = "all input grads to be undefined or zero when all output grads are"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(wrong, points(2))
    assert gradcheck(wrong, points(2), check_undefined_grad=False)


def test_one_of_several_gradients_is_undefined():
    class Two(Function):
        # What is wrong with it: a gradient of zero beside one that is missing.
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            if a is None and b is None:
                return None
            if b is None:
                return a * 2 + 1.0 * (a.abs().sum() == 0)
            return b * 3 if a is None else a * 2 + b * 3

    match = "all input grads to be undefined or zero when all output grads are"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(Two.apply, points(2))
    assert gradcheck(Two.apply, points(2), check_undefined_grad=False)


@pytest.mark.parametrize("fast", [False, True])
def test_undefined_tangents(fast):
    class Sum(Function):
        # What is wrong with it: a tangent that is missing doubles the other.
        @staticmethod
        def forward(ctx, x, y):
            ctx.set_materialize_grads(False)
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g, g

        @staticmethod
        def jvp(ctx, s, t):
            if s is None or t is None:
                return (s if t is None else t) * 2
            return s + t

    inputs = points(2), points(2)
    options = {"check_forward_ad": True, "fast_mode": fast}
    match = "Mismatch in tangent values for output with index: 0 when input 0 has an un"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(Sum.apply, inputs, **options)
    assert gradcheck(Sum.apply, inputs, check_undefined_grad=False, **options)


# ------------------------------------------------------------------ dtypes and sizes


def test_dtypes_of_gradients(monkeypatch):
    # The engine casts what backward gives, so a wrong dtype takes an engine that does
    # not.
    right = _backward_check.grad

    def single(*args, **kwargs):
        return tuple(g.float() for g in right(*args, **kwargs))

    monkeypatch.setattr(_backward_check, "grad", single)
    with pytest.raises(GradcheckError, match="Gradient has dtype mismatch"):
        gradcheck(made(), points(2), check_grad_dtypes=True)
    with pytest.raises(GradcheckError, match="grad is incorrect type"):
        gradcheck(made(), points(2))
    monkeypatch.setattr(_backward_check, "grad", right)
    assert gradcheck(made(), points(2), check_grad_dtypes=True)


def test_sizes_of_gradients(monkeypatch):
    right = _backward_check.grad
    monkeypatch.setattr(
        _backward_check, "grad", lambda *a, **k: tuple(g[:1] for g in right(*a, **k))
    )
    with pytest.raises(GradcheckError, match="Analytical gradient has incorrect size"):
        gradcheck(made(), points(2))


@pytest.mark.parametrize("fast", [False, True])
def test_dtypes_of_tangents(fast):
    wrong = made(jvp=lambda ctx, t: derivo.complex(t * 2, t * 0))
    options = {"check_forward_ad": True, "check_backward_ad": False, "fast_mode": fast}
    with pytest.raises(GradcheckError, match="Forward AD gradient has dtype mismatch"):
        gradcheck(wrong, points(2), check_grad_dtypes=True, **options)
    assert gradcheck(wrong, points(2), **options)


# ------------------------------------------------------------------ run to run


@pytest.mark.parametrize("fast", [False, True])
def test_backward_that_is_not_the_same_twice(fast):
    count = [0]

    def backward(ctx, g):
        count[0] += 1
        return g * (2 + 1e-3 * (count[0] % 2))

    wrong = made(None, backward)
    options = {"atol": 1e-1, "fast_mode": fast}
    match = r"Backward is not reentrant.*tolerance for nondeterminism was 0\.0"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(wrong, points(2), **options)
    with pytest.raises(GradcheckError, match="Backward is not reentrant"):
        gradcheck(wrong, points(2), nondet_tol=1e-4, **options)
    assert gradcheck(wrong, points(2), nondet_tol=1e-2, **options)


@pytest.mark.parametrize("what", ["shape", "dtype"])
def test_outputs_that_change_with_the_input(what):
    first = [True]

    def f(x):
        y = x * 2
        if (x.sum() > 2).item():
            return y[:1] if what == "shape" else y.float()
        first[0] = False
        return y

    x = derivo.tensor([1.0, 1.0], dtype=F64, requires_grad=True)
    match = rf"with the same {what} when inputs are perturbed on index \(0,\) by"
    with pytest.raises(AssertionError, match=match):
        gradcheck(f, x)
    match = f"with the same {what} when inputs are perturbed by"
    with pytest.raises(AssertionError, match=match):
        gradcheck(f, x, fast_mode=True)


def test_the_input_is_put_back_after_an_error():
    def f(x):
        if (x.sum() > 2).item():
            raise KeyError("mine")
        return x * 2

    x = derivo.tensor([1.0, 1.0], dtype=F64, requires_grad=True)
    with pytest.raises(KeyError, match="mine"):
        gradcheck(f, x, raise_exception=False)
    assert x.tolist() == [1.0, 1.0]


# ------------------------------------------------------------------ tolerances


@pytest.mark.parametrize("fast", [False, True])
def test_tolerances(fast):
    wrong = made(None, lambda ctx, g: g * 2.02, lambda ctx, t: t * 2.02)
    x = points(3)
    for check in ({}, {"check_forward_ad": True, "check_backward_ad": False}):
        options = {"fast_mode": fast, **check}
        assert not gradcheck(wrong, x, raise_exception=False, **options)
        assert gradcheck(wrong, x, rtol=0.02, **options)
        assert gradcheck(wrong, x, atol=0.05, **options)


def test_the_step():
    # Of |x|, a long step goes over the kink.
    x = derivo.tensor([0.1], dtype=F64, requires_grad=True)
    assert gradcheck(derivo.abs, x)
    with pytest.raises(GradcheckError, match="Jacobian mismatch"):
        gradcheck(derivo.abs, x, eps=0.5)


# ------------------------------------------------------------------ batches


def vmapped(rule, forward=False):
    class Vmapped(Function):
        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, g):
            return g * 2 if forward else Vmapped.apply(g)

        @staticmethod
        def jvp(ctx, t):
            return Vmapped.apply(t)

        @staticmethod
        def vmap(info, in_dims, x):
            return Vmapped.apply(rule(x)), in_dims[0]

    return Vmapped.apply


@pytest.mark.parametrize("fast", [False, True])
def test_batched_forward_gradients(fast):
    options = {"check_forward_ad": True, "fast_mode": fast}
    wrong, right = vmapped(lambda x: x.flip(0), True), vmapped(lambda x: x, True)
    assert gradcheck(wrong, points(3), **options)
    assert gradcheck(right, points(3), check_batched_forward_grad=True, **options)
    with pytest.raises(GradcheckError, match="batched gradient computation with forw"):
        gradcheck(wrong, points(3), check_batched_forward_grad=True, **options)


@pytest.mark.parametrize("fast", [False, True])
def test_batched_gradients(fast):
    wrong, right = vmapped(lambda x: x.flip(0)), vmapped(lambda x: x)
    assert gradcheck(wrong, points(3), fast_mode=fast)
    assert gradcheck(right, points(3), check_batched_grad=True, fast_mode=fast)
    with pytest.raises(GradcheckError, match="while testing batched gradient compu"):
        gradcheck(wrong, points(3), check_batched_grad=True, fast_mode=fast)


def test_a_rule_that_raises_under_vmap():
    def rule(x):
        raise RuntimeError("no batches")

    match = "While computing batched gradients, got: no batches"
    with pytest.raises(GradcheckError, match=match):
        gradcheck(vmapped(rule), points(3), check_batched_grad=True)
    with pytest.raises(GradcheckError, match=match):
        gradcheck(
            vmapped(rule),
            points(3),
            check_forward_ad=True,
            check_batched_forward_grad=True,
        )


# ------------------------------------------------------------------ second derivatives


class Cube(Function):
    # Its first derivative is right; that of the derivative is made wrong below.
    wrong = 1.0
    seeds_contiguous: list[bool] = []  # noqa: RUF012

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x**3

    @staticmethod
    def jvp(ctx, t):
        return 3 * ctx.saved_tensors[0] ** 2 * t

    @staticmethod
    def backward(ctx, g):
        Cube.seeds_contiguous.append(g.is_contiguous())
        (x,) = ctx.saved_tensors
        return Slope.apply(x, g)


class CubeByMemory(Cube):
    # Its derivative takes gradients for contiguous.
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return SlopeByMemory.apply(x, g)


class Slope(Function):
    @staticmethod
    def forward(ctx, x, g):
        ctx.save_for_backward(x, g)
        ctx.save_for_forward(x, g)
        return 3 * x**2 * g

    @staticmethod
    def backward(ctx, h):
        x, g = ctx.saved_tensors
        return Cube.wrong * 6 * x * g * h, 3 * x**2 * h

    @staticmethod
    def jvp(ctx, s, t):
        x, g = ctx.saved_tensors
        return Cube.wrong * 6 * x * g * s + 3 * x**2 * t


class SlopeByMemory(Slope):
    @staticmethod
    def backward(ctx, h):
        x, g = ctx.saved_tensors
        return 6 * x * g.as_strided(g.shape, (1,)) * h, 3 * x**2 * h


@pytest.fixture
def wrong(monkeypatch):
    monkeypatch.setattr(Cube, "wrong", 1.5)


@pytest.mark.parametrize("fast", [False, True])
def test_second_derivatives(fast, wrong):
    x = points(3)
    assert gradcheck(Cube.apply, x, fast_mode=fast)
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with"):
        gradgradcheck(Cube.apply, x, fast_mode=fast)
    assert not gradgradcheck(Cube.apply, x, fast_mode=fast, raise_exception=False)


@pytest.mark.parametrize("fast", [False, True])
def test_second_derivatives_that_are_right(fast):
    assert gradgradcheck(
        Cube.apply,
        points(3),
        fast_mode=fast,
        check_fwd_over_rev=True,
        check_grad_dtypes=True,
        masked=True,
    )


@pytest.mark.parametrize("fast", [False, True])
def test_forward_over_reverse(fast, wrong):
    options = {
        "check_fwd_over_rev": True,
        "check_rev_over_rev": False,
        "check_undefined_grad": False,
        "fast_mode": fast,
    }
    with pytest.raises(GradcheckError, match="computed with forward mode mismatch"):
        gradgradcheck(Cube.apply, points(3), **options)
    assert gradgradcheck(lambda x: x**3, points(3), **options)


def test_gradients_that_are_not_contiguous(monkeypatch):
    for wanted in (False, True):
        monkeypatch.setattr(Cube, "seeds_contiguous", [])
        gradgradcheck(
            Cube.apply, points(3), gen_non_contig_grad_outputs=wanted, fast_mode=True
        )
        assert Cube.seeds_contiguous[0] is not wanted
    assert gradgradcheck(CubeByMemory.apply, points(3))
    with pytest.raises(GradcheckError, match="Jacobian mismatch"):
        gradgradcheck(CubeByMemory.apply, points(3), gen_non_contig_grad_outputs=True)


def test_options_are_passed_on(monkeypatch):
    module = sys.modules["derivo.autograd.gradcheck"]
    seen = {}
    monkeypatch.setattr(
        module, "gradcheck", lambda f, inputs, **options: seen.update(options)
    )
    given = {
        "eps": 1e-5,
        "atol": 1e-4,
        "rtol": 1e-2,
        "raise_exception": False,
        "nondet_tol": 1e-3,
        "check_undefined_grad": False,
        "check_grad_dtypes": True,
        "check_batched_grad": True,
        "fast_mode": True,
        "masked": True,
    }
    gradgradcheck(Cube.apply, points(2), check_fwd_over_rev=True, **given)
    given |= {"check_forward_ad": True, "check_backward_ad": True}
    assert seen == given


def test_incoming_gradients_that_need_none():
    x = points(2)
    assert gradgradcheck(Cube.apply, x, derivo.ones(2, dtype=F64))


def test_second_derivatives_of_several_outputs():
    def f(x, y):
        return x * y, (x / y).sum(), x.detach()

    assert gradgradcheck(f, (points(2), points(2)), check_batched_grad=True)


# ------------------------------------------------------------------ inputs


def test_a_function_may_differentiate():
    def f(x):
        (g,) = derivo.autograd.grad((x**3).sum(), x, create_graph=True)
        return g * x

    assert gradcheck(f, points(3))
    assert gradcheck(f, points(3), fast_mode=True)


def test_inputs_that_are_no_tensors():
    assert gradcheck(lambda x, k, c: x * k + c, (points(2), 3, derivo.ones(2)))
    assert gradgradcheck(lambda x, k: x**k, (points(2), 3))


def test_views_and_strides():
    base = points(3, 4)
    x = base.t()[1:]
    for fast in (False, True):
        assert gradcheck(
            lambda t: t * t.exp(), x, fast_mode=fast, check_forward_ad=True
        )


def test_single_precision_with_tolerances():
    x = derivo.rand(3, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert gradcheck(derivo.sin, x, eps=1e-2, atol=1e-2, rtol=1e-2)


def test_nothing_stays_open():
    assert forward_ad._current_level < 0
