from __future__ import annotations

import pytest

import derivo
from derivo.autograd import Function, grad
from derivo.autograd.function import once_differentiable


def leaf(*values, dtype=None):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True, dtype=dtype)


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


class Split(Function):
    # forward without ctx, two outputs, an argument that is no tensor
    @staticmethod
    def forward(x, factor):
        return x * factor, x + 1

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.factor = inputs

    @staticmethod
    def backward(ctx, a, b):
        return a * ctx.factor + b, None


def made(forward, backward, name="Made"):
    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(Function)(name, (Function,), body)


def test_a_function_with_ctx():
    x = leaf()
    y = Square.apply(x)
    assert y.grad_fn.name() == "SquareBackward"
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_function_with_setup_context():
    x = leaf()
    a, b = Split.apply(x, 3)
    assert (a.output_nr, b.output_nr) == (0, 1)
    (a + 10 * b).sum().backward()
    assert x.grad.tolist() == [13.0, 13.0]


def test_recording_is_off_inside_forward():
    seen = []

    def forward(ctx, x):
        seen.append(derivo.is_grad_enabled())
        return x * 1

    made(forward, lambda ctx, g: g).apply(leaf())
    assert seen == [False]


def test_no_history_without_a_gradient_to_give():
    assert Square.apply(derivo.ones(2)).grad_fn is None
    with derivo.no_grad():
        assert Square.apply(leaf()).grad_fn is None


def test_missing_gradients_arrive_as_zeros():
    x = leaf()
    _, b = Split.apply(x, 3)
    b.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_missing_gradients_arrive_as_none_if_asked():
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 1, x * 2

    def backward(ctx, a, b):
        seen.append((a is None, b is None))
        return b * 2

    _, second = made(forward, backward).apply(leaf())
    second.sum().backward()
    assert seen == [(True, False)]


def test_needs_input_grad():
    seen = []

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, None, None

    f = made(lambda ctx, x, y, n: x + y, backward)
    f.apply(leaf(), derivo.ones(2), 3).sum().backward()
    assert seen == [(True, False, False)]


def test_non_differentiable_outputs():
    def forward(ctx, x):
        y, index = x.sort()
        ctx.mark_non_differentiable(index)
        ctx.save_for_backward(index)
        return y, index

    def backward(ctx, g, g_index):
        (index,) = ctx.saved_tensors
        assert g_index.dtype is derivo.int64
        return derivo.zeros_like(g).index_add(0, index, g)

    x = leaf(2.0, 1.0)
    y, index = made(forward, backward).apply(x)
    assert not index.requires_grad
    (y * derivo.tensor([1.0, 10.0])).sum().backward()
    assert x.grad.tolist() == [10.0, 1.0]


def test_a_float_output_marked_constant():
    def forward(ctx, x):
        y, z = x * 2, x * 3
        ctx.mark_non_differentiable(z)
        return y, z

    y, z = made(forward, lambda ctx, g, _: g * 2).apply(leaf())
    assert y.requires_grad
    assert not z.requires_grad


def test_changed_inputs_are_marked():
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    x = leaf()
    y = x * 1
    out = made(forward, lambda ctx, g: g * 3, "Triple").apply(y)
    assert out is y
    assert y.grad_fn.name() == "TripleBackward"
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_changed_leaves_are_refused():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(3)

    with pytest.raises(RuntimeError, match=r"leaf Variable that requires grad"):
        made(forward, lambda ctx, g: g).apply(leaf())


def test_changed_inputs_must_be_returned():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x * 2

    with pytest.raises(RuntimeError, match=r"must all be outputs of the Function"):
        made(forward, lambda ctx, g: g).apply(leaf() * 1)


def test_an_input_returned_as_it_is():
    x = leaf()
    y = made(lambda ctx, x: x, lambda ctx, g: g * 5).apply(x)
    assert y is not x
    y.sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]


def test_a_view_returned_does_not_change():
    y = made(lambda ctx, x: x.view(-1), lambda ctx, g: g).apply(leaf() * 1)
    with pytest.raises(RuntimeError, match=r"view and is being modified inplace"):
        y.mul_(2)


@pytest.mark.parametrize(
    ("backward", "error", "message"),
    [
        (
            lambda ctx, g: (g, g),
            RuntimeError,
            r"WrongBackward returned an incorrect number of gradients \(expected 1, "
            r"got 2\)",
        ),
        (
            lambda ctx, g: derivo.ones(3),
            RuntimeError,
            r"WrongBackward returned an invalid gradient at index 0 - got \[3\]",
        ),
        (lambda ctx, g: 1.0, RuntimeError, r"expected Variable or None \(got float\)"),
    ],
)
def test_wrong_results_of_backward(backward, error, message):
    y = made(lambda ctx, x: x * 1, backward, "Wrong").apply(leaf())
    with pytest.raises(error, match=message):
        y.sum().backward()


def test_a_gradient_for_what_is_no_tensor():
    f = made(lambda ctx, x, n: x * n, lambda ctx, g, *_: (g, g), "Wrong")
    y = f.apply(leaf(), 2)
    with pytest.raises(RuntimeError, match=r"different than None at position 2"):
        y.sum().backward()


def test_trailing_nones_are_ignored():
    x = leaf()
    made(lambda ctx, x: x * 2, lambda ctx, g: (2 * g, None, None)).apply(
        x
    ).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_wide_gradients_are_summed():
    x = leaf(1.0)
    f = made(lambda ctx, x: x.expand(3) * 2, lambda ctx, g: g * 2)
    f.apply(x).sum().backward()
    assert x.grad.tolist() == [6.0]


def test_gradients_are_cast():
    x = leaf()
    made(lambda ctx, x: x * 1, lambda ctx, g: g.double()).apply(x).sum().backward()
    assert x.grad.dtype is derivo.float32


def test_forward_may_return_what_is_no_tensor():
    assert made(lambda ctx, x: 3, lambda ctx, g: g).apply(leaf()) == 3


def test_missing_parts():
    class Empty(Function):
        pass

    class Half(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    with pytest.raises(NotImplementedError, match=r"implement the forward function"):
        Empty.apply(leaf())
    with pytest.raises(NotImplementedError, match=r"either the backward or vjp method"):
        Half.apply(leaf()).sum().backward()
    with pytest.raises(RuntimeError, match=r"should not be instantiated"):
        Square()


def test_vjp_stands_for_backward():
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 2

    class Both(Twice):
        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = leaf()
    Twice.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match=r"both 'backward' and 'vjp'"):
        Both.apply(x).sum().backward()


def test_saved_tensors_are_freed_and_checked():
    x = leaf()
    y = Square.apply(x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"a second time"):
        y.backward()
    z = x * 1
    y = Square.apply(z).sum()
    z.add_(1)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation"):
        y.backward()


def test_save_for_backward_takes_tensors():
    def forward(ctx, x):
        ctx.save_for_backward(3)
        return x * 1

    with pytest.raises(TypeError, match=r"can only save variables"):
        made(forward, lambda ctx, g: g).apply(leaf())


def test_a_saved_output_has_its_history_back():
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y, None)
        return y

    def backward(ctx, g):
        y, nothing = ctx.saved_tensors
        assert nothing is None
        assert y.grad_fn is not None
        return g * y

    x = leaf(0.5, 1.5, dtype=derivo.float64)
    f = made(forward, backward, "Exp").apply
    assert derivo.autograd.gradcheck(f, x)
    assert derivo.autograd.gradgradcheck(f, x)


def test_double_backward_through_the_users_backward():
    x = leaf(2.0, 3.0)
    (g,) = grad((Square.apply(x) ** 2).sum(), x, create_graph=True)
    (gg,) = grad(g.sum(), x)
    assert gg.tolist() == [48.0, 108.0]


def test_once_differentiable():
    f = made(
        lambda ctx, x: x * 2, once_differentiable(lambda ctx, g: g * 2), "Once"
    ).apply
    x = leaf()
    assert grad(f(x).sum(), x)[0].tolist() == [2.0, 2.0]
    (g,) = grad((f(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"marked with @once_differentiable"):
        g.sum().backward()


def test_arguments_by_name():
    class Scale(Function):
        @staticmethod
        def forward(ctx, x, factor=2):
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, g):
            return g * ctx.factor, None

    x = leaf()
    Scale.apply(x, factor=7).sum().backward()
    assert x.grad.tolist() == [7.0, 7.0]
