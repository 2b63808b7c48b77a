from __future__ import annotations

import pytest

import derivo
from derivo.autograd import Function, GradcheckError, gradcheck, gradgradcheck

F64 = derivo.float64


def points(*shape):
    return (derivo.rand(shape, dtype=F64) + 0.5).requires_grad_()


class Wrong(Function):
    # The derivative of exp, 1% off.
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return 1.01 * g * y


class WrongSecond(Function):
    # Right first derivative of the cube, whose own derivative is lost.
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x.detach() ** 2


class Restless(Function):
    # Another gradient at each run.
    count = 0

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        Restless.count += 1
        return g * (1 + 1e-3 * (Restless.count % 2))


@pytest.mark.parametrize(
    "f",
    [
        derivo.exp,
        derivo.tanh,
        lambda x: x.log() * x,
        lambda x: x.sum(0),
        lambda x: x @ x,
        lambda x: (x * 2, x.t() + x),
        lambda x: x.softmax(-1),
        lambda x: x[:, 1:].cumsum(0),
    ],
)
@pytest.mark.parametrize("fast", [False, True])
def test_right_rules_pass(f, fast):
    assert gradcheck(f, points(3, 3), fast_mode=fast)


@pytest.mark.parametrize(
    "f", [derivo.exp, lambda x: x**3, lambda x: x @ x, lambda x: x.softmax(-1)]
)
def test_right_second_derivatives_pass(f):
    assert gradgradcheck(f, points(2, 2))
    assert gradgradcheck(f, points(2, 2), gen_non_contig_grad_outputs=True)


@pytest.mark.parametrize("fast", [False, True])
def test_a_wrong_rule_fails(fast):
    x = points(3)
    with pytest.raises(GradcheckError, match=r"Jacobian mismatch for output 0"):
        gradcheck(Wrong.apply, x, fast_mode=fast)
    assert not gradcheck(Wrong.apply, x, fast_mode=fast, raise_exception=False)


def test_a_wrong_second_rule_fails():
    x = points(3)
    assert gradcheck(WrongSecond.apply, x)
    with pytest.raises(GradcheckError, match=r"Jacobian mismatch|expected to be zero"):
        gradgradcheck(WrongSecond.apply, x)
    assert not gradgradcheck(WrongSecond.apply, x, raise_exception=False)


def test_a_rule_that_changes_from_run_to_run_fails():
    with pytest.raises(GradcheckError, match=r"Backward is not reentrant"):
        gradcheck(Restless.apply, points(2), atol=1e-2)
    assert gradcheck(Restless.apply, points(2), atol=1e-2, nondet_tol=1e-2)


def test_a_lost_dependence_fails():
    with pytest.raises(GradcheckError, match=r"expected to be zero"):
        gradcheck(lambda x: x.detach() * 2, points(2))


def test_only_inputs_that_require_gradients_are_checked():
    assert gradcheck(lambda x, c: x * c, (points(2), derivo.ones(2, dtype=F64)))
    with pytest.raises(ValueError, match=r"at least one input tensor to require grad"):
        gradcheck(derivo.exp, derivo.ones(2, dtype=F64))


def test_single_precision_is_warned_of():
    x = derivo.ones(2, requires_grad=True)
    with (
        pytest.warns(UserWarning, match=r"not a double precision floating point"),
        pytest.raises(GradcheckError, match=r"Jacobian mismatch"),
    ):
        gradcheck(derivo.sin, x)


def test_overlapping_inputs_are_refused():
    x = derivo.ones(1, dtype=F64).expand(3).requires_grad_()
    with pytest.raises(RuntimeError, match=r"dimension with stride 0"):
        gradcheck(derivo.exp, x)


def test_strided_and_empty_inputs():
    x = derivo.rand(3, 2, dtype=F64).t().requires_grad_()
    assert gradcheck(lambda x: x * x, x)
    assert gradcheck(lambda x: x * x, points(0))
    assert gradcheck(lambda x: x * x, points())


def test_inputs_are_put_back():
    x = points(3)
    before = x.tolist()
    gradcheck(derivo.exp, x)
    assert x.tolist() == before
    assert x.grad is None


def test_incoming_gradients_may_be_given():
    x = points(2)
    seed = derivo.ones(2, dtype=F64, requires_grad=True)
    assert gradgradcheck(derivo.exp, x, seed)


def test_batched_gradients():
    x = derivo.rand(3, 2, dtype=derivo.float64, requires_grad=True)
    w = derivo.rand(2, 2, dtype=derivo.float64, requires_grad=True)

    def f(a, b):
        return (a @ b).tanh(), a.cumsum(0), a.sort(0).values

    assert derivo.autograd.gradcheck(
        f,
        (x, w),
        check_batched_grad=True,
        check_forward_ad=True,
        check_batched_forward_grad=True,
    )
    assert derivo.autograd.gradgradcheck(
        lambda a, b: (a @ b).tanh(), (x, w), check_batched_grad=True
    )


def test_a_backward_that_mixes_the_vectors_is_found():
    class Mixed(derivo.autograd.Function):
        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, g):
            return g * 2

        @staticmethod
        def vmap(info, in_dims, x):
            return Mixed.apply(x), in_dims[0]

    class Wrong(Mixed):
        @staticmethod
        def backward(ctx, g):
            return Turned.apply(g)

    class Turned(Mixed):
        @staticmethod
        def vmap(info, in_dims, x):
            return Turned.apply(x.flip(in_dims[0])), in_dims[0]

    x = derivo.rand(3, dtype=derivo.float64, requires_grad=True)
    check = derivo.autograd.gradcheck
    assert check(Mixed.apply, (x,), check_batched_grad=True)
    with pytest.raises(
        derivo.autograd.GradcheckError, match="testing batched gradient computation"
    ):
        check(Wrong.apply, (x,), check_batched_grad=True)
    assert not check(Wrong.apply, (x,), check_batched_grad=True, raise_exception=False)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        (
            {"check_batched_grad": True, "check_backward_ad": False},
            "check_batched_grad=True requires check_backward_ad",
        ),
        (
            {"check_batched_forward_grad": True},
            "check_batched_forward_grad=True requires check_forward_ad",
        ),
    ],
)
def test_batched_checks_need_their_mode(kwargs, message):
    x = derivo.rand(3, dtype=derivo.float64, requires_grad=True)
    if "check_backward_ad" in kwargs:
        kwargs = {**kwargs, "check_forward_ad": True}
    with pytest.raises(AssertionError, match=message):
        derivo.autograd.gradcheck(derivo.exp, (x,), **kwargs)
