# View operations: geometry, nodes, transposes, refusals, views in place.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.autograd import gradcheck, gradgradcheck


def made(*shape, grad=True):
    count = int(np.prod(shape))
    x = derivo.arange(count, dtype=derivo.float64).view(shape) / 7 + 1
    return x.requires_grad_() if grad else x


VIEWS = {
    "view": (lambda t: t.view(4, -1), lambda a: a.reshape(4, 6), "ViewBackward0"),
    "permute": (
        lambda t: t.permute(2, 0, 1),
        lambda a: a.transpose(2, 0, 1),
        "PermuteBackward0",
    ),
    "transpose": (
        lambda t: t.transpose(0, -1),
        lambda a: a.swapaxes(0, 2),
        "TransposeBackward0",
    ),
    "mT": (lambda t: t.mT, lambda a: a.swapaxes(1, 2), "TransposeBackward0"),
    "movedim": (
        lambda t: t.movedim(0, 2),
        lambda a: np.moveaxis(a, 0, 2),
        "PermuteBackward0",
    ),
    "unsqueeze": (
        lambda t: t.unsqueeze(1),
        lambda a: a[:, None],
        "UnsqueezeBackward0",
    ),
    "expand": (
        lambda t: t.unsqueeze(0).expand(2, -1, -1, -1),
        lambda a: np.broadcast_to(a, (2, *a.shape)),
        "ExpandBackward0",
    ),
    "select": (lambda t: t.select(1, 2), lambda a: a[:, 2], "SelectBackward0"),
    "narrow": (lambda t: t.narrow(1, 1, 2), lambda a: a[:, 1:3], "SliceBackward0"),
    "slice": (lambda t: t[:, ::2, 1:], lambda a: a[:, ::2, 1:], "SliceBackward0"),
    "diagonal": (
        lambda t: t.diagonal(1, 1, 2),
        lambda a: np.diagonal(a, 1, 1, 2),
        "DiagonalBackward0",
    ),
    "unfold": (
        lambda t: t.unfold(2, 3, 1),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 3, 2),
        "UnfoldBackward0",
    ),
    "as_strided": (
        lambda t: t.as_strided((3, 2), (2, 1), 1),
        lambda a: np.array([[a.flat[1 + 2 * i + j] for j in (0, 1)] for i in range(3)]),
        "AsStridedBackward0",
    ),
    "flatten": (lambda t: t.flatten(1), lambda a: a.reshape(2, 12), "ViewBackward0"),
    "unflatten": (
        lambda t: t.unflatten(2, (2, -1)),
        lambda a: a.reshape(2, 3, 2, 2),
        "ViewBackward0",
    ),
    "ravel": (lambda t: t.ravel(), np.ravel, "ViewBackward0"),
    "atleast": (
        lambda t: derivo.atleast_3d(t[0, 0]),
        lambda a: np.atleast_3d(a[0, 0]),
        "UnsqueezeBackward0",
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_view_shares_storage_and_differentiates(name):
    view, oracle, node = VIEWS[name]
    x = made(2, 3, 4)
    y = view(x)
    assert np.array_equal(y.detach().numpy(), oracle(x.detach().numpy()))
    assert y.grad_fn.name() == node
    assert y._base is x
    assert gradcheck(view, (x,))
    assert gradgradcheck(view, (x,))
    # A write through the base is seen in the view.
    with derivo.no_grad():
        x.mul_(2)
    assert np.array_equal(y.detach().numpy(), oracle(x.detach().numpy()))


def test_reshape_copies_only_where_strides_forbid_a_view():
    x = made(2, 3, grad=False)
    assert x.reshape(6).data_ptr() == x.data_ptr()
    copied = x.t().reshape(6)
    assert copied.data_ptr() != x.data_ptr()
    assert copied.tolist() == x.numpy().T.ravel().tolist()


def test_as_strided_gradient_adds_where_places_are_shared():
    x = made(4)
    x.as_strided((2, 3), (1, 1)).sum().backward()
    assert x.grad.tolist() == [1, 2, 2, 1]
    assert gradcheck(lambda t: t[::2].as_strided((2, 2), (2, 2)), (made(6),))


def test_parts_are_multi_output_views():
    x = made(5, 2)
    parts = [
        *(x.split(2), x.chunk(2), x.unbind(0), x.split([1, 4])),
        *(x.tensor_split(3), x.tensor_split((1, 3))),
    ]
    sizes = [[len(p) for p in group] for group in parts]
    assert sizes == [[2, 2, 1], [3, 2], [2] * 5, [1, 4], [2, 2, 1], [1, 2, 2]]
    y = x * 1
    with pytest.raises(RuntimeError, match=r"multi-view|several views|multiple views"):
        y.split(2)[0].mul_(2)
    assert gradcheck(lambda t: t.split(5)[0], (x,))  # one part only
    assert gradcheck(lambda t: t.unbind(1)[1], (x,))
    for part in y.unsafe_split(2):
        part.mul_(2)


def test_numpy_splits():
    a = np.arange(8.0).reshape(2, 2, 2)
    x = derivo.tensor(a)
    for name in ("hsplit", "vsplit", "dsplit"):
        got = [p.tolist() for p in getattr(derivo, name)(x, 2)]
        assert got == [p.tolist() for p in getattr(np, name)(a, 2)]
    with pytest.raises(RuntimeError, match="not divisible by the split_size 3"):
        x.hsplit(3)


@pytest.mark.parametrize(
    ("change", "node"),
    [
        (lambda t: t.t_(), "TBackward1"),
        (lambda t: t.transpose_(0, 1), "TransposeBackward1"),
        (lambda t: t.unsqueeze_(0).squeeze_(0), "SqueezeBackward4"),
        (lambda t: t.unsqueeze_(-1), "UnsqueezeBackward1"),
        (lambda t: t.as_strided_((3,), (2,), 1), "AsStridedBackward1"),
    ],
)
def test_views_in_place(change, node):
    def f(t):
        y = t * 1
        assert change(y) is y
        return y * 3

    changed = made(2, 3) * 1
    assert change(changed).grad_fn.name() == node
    assert gradcheck(f, (made(2, 3),))
    leaf = made(2, 3)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        change(leaf)
    plain = made(2, 3, grad=False)
    version = plain._version
    change(plain)
    assert plain._version > version


def test_scatters_into_views():
    x, row = made(3, 3), made(3)
    for f in (
        lambda t, s: t.select_scatter(s, 0, 1),
        lambda t, s: t.slice_scatter(s[None], 0, 2, 3),
        lambda t, s: t.diagonal_scatter(s),
        lambda t, s: t.as_strided_scatter(s, (3,), (3,)),
    ):
        assert gradcheck(f, (x, row))
        assert gradgradcheck(f, (x, row))
    expected = x.detach().numpy().copy()
    expected[1] = row.detach().numpy()
    assert np.array_equal(x.select_scatter(row, 0, 1).detach().numpy(), expected)


def test_broadcasting():
    assert derivo.broadcast_shapes((2, 1), (3,), ()) == (2, 3)
    a, b = derivo.broadcast_tensors(derivo.ones(2, 1), derivo.ones(3))
    assert a.shape == b.shape == (2, 3)
    assert derivo.broadcast_to(derivo.ones(1), (2, 2)).stride() == (0, 0)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.view(5), RuntimeError, "is invalid for input of size 6"),
        (lambda x: x.view(-1, -1), RuntimeError, "only one dimension can be inferred"),
        (lambda x: x.t().view(6), RuntimeError, "not compatible with input tensor"),
        (lambda x: x.transpose(0, 2), IndexError, "Dimension out of range"),
        (lambda x: x.select(0, 2), IndexError, "out of range"),
        (lambda x: x.narrow(0, 1, 2), RuntimeError, "exceeds dimension size"),
        (lambda x: x.expand(3, 3), RuntimeError, "must match the existing size"),
        (lambda x: x.diagonal(0, 1, 1), RuntimeError, "cannot be identical"),
        (lambda x: x.unfold(0, 3, 1), RuntimeError, "maximum size for tensor"),
        (lambda x: x.split([1]), RuntimeError, "sum exactly to 2"),
        (lambda x: x.chunk(0), RuntimeError, "greater than 0"),
        (lambda x: x.unflatten(0, (3, 2)), RuntimeError, "multiply up to the size"),
        (lambda x: x[0].mT, RuntimeError, "only supported on matrices"),
        (lambda x: x.movedim((0, 1), 0), RuntimeError, "same number of dims"),
        (lambda x: x.sum().unbind(), IndexError, "no dimensions"),
        (lambda x: x.tensor_split(0), RuntimeError, "larger than 0"),
        (lambda x: x.as_strided((9,), (1,)), RuntimeError, "out of bounds"),
        (lambda x: x.select_scatter(x, 0, 0), RuntimeError, "expected src to have"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(made(2, 3))


def test_copies_of_views_are_new_memory():
    x = made(2, 3, grad=False)
    for y in (x.narrow_copy(0, 0, 1), derivo.permute_copy(x, (1, 0))):
        assert y.is_contiguous()
        assert y._base is None
        y.zero_()
    assert x.min() == 1
