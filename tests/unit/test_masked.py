# derivo.masked: equal to the operation on what is selected, and its derivatives.
from __future__ import annotations

import math

import pytest

import derivo
from derivo import masked
from derivo.autograd import gradcheck, gradgradcheck
from derivo.func import jvp, vmap

MASK = derivo.tensor([[True, False, True, True], [True, True, False, False]])
NORM = derivo.linalg.vector_norm

# Name -> (the masked function along dim 1, what it is of the selected elements).
REDUCED = {
    "sum": (masked.sum, derivo.sum),
    "prod": (masked.prod, derivo.prod),
    "amax": (masked.amax, derivo.amax),
    "amin": (masked.amin, derivo.amin),
    "mean": (masked.mean, derivo.mean),
    "logsumexp": (masked.logsumexp, lambda v: derivo.logsumexp(v, 0)),
    "median": (masked.median, derivo.median),
    "norm": (
        lambda x, d, **k: masked.norm(x, 3.0, d, **k),
        lambda v: NORM(v, 3),
    ),
    "var": (masked.var, derivo.var),
    "std": (masked.std, derivo.std),
    "var0": (
        lambda x, d, **k: masked.var(x, d, False, **k),
        lambda v: derivo.var(v, correction=0),
    ),
}
SAME = {
    "softmax": (masked.softmax, lambda v: derivo.softmax(v, 0)),
    "log_softmax": (masked.log_softmax, lambda v: derivo.log_softmax(v, 0)),
    "softmin": (masked.softmin, lambda v: derivo.softmax(-v, 0)),
    "cumsum": (masked.cumsum, lambda v: derivo.cumsum(v, 0)),
    "cumprod": (masked.cumprod, lambda v: derivo.cumprod(v, 0)),
    "normalize": (
        lambda x, d, **k: masked.normalize(x, 2.0, d, **k),
        lambda v: v / NORM(v),
    ),
}
ALL = REDUCED | SAME


def values(*shape, seed=0):
    derivo.manual_seed(seed)
    return derivo.randn(*shape, dtype=derivo.float64)


@pytest.mark.parametrize("name", REDUCED)
def test_reductions_are_of_the_selected(name):
    f, of = REDUCED[name]
    x = values(2, 4)
    wanted = derivo.stack([of(r[m]) for r, m in zip(x, MASK, strict=True)])
    derivo.testing.assert_close(f(x, 1, mask=MASK), wanted)
    derivo.testing.assert_close(f(x.t(), 0, mask=MASK.t()), wanted)
    derivo.testing.assert_close(f(x, -1, mask=MASK, keepdim=True), wanted[:, None])
    full = derivo.stack([of(r) for r in x])
    derivo.testing.assert_close(f(x, 1), full)
    derivo.testing.assert_close(f(x, 1, mask=derivo.tensor(True)), full)
    derivo.testing.assert_close(f(x, 1, mask=derivo.ones(4)), full)
    assert f(x.float(), 1, dtype=derivo.float64).dtype is derivo.float64


@pytest.mark.parametrize("name", SAME)
def test_others_are_of_the_selected(name):
    f, of = SAME[name]
    x = values(2, 4)
    made = f(x, 1, mask=MASK)
    assert made.shape == x.shape
    for r, m, row in zip(x, MASK, made, strict=True):
        derivo.testing.assert_close(row[m], of(r[m]))


@pytest.mark.parametrize("name", ALL)
def test_derivatives(name):
    f = ALL[name][0]
    x = values(2, 4).requires_grad_()

    def run(x):
        made = f(x, 1, mask=MASK)
        return made[MASK] if name in SAME else made

    assert gradcheck(run, (x,), check_forward_ad=True)
    assert gradgradcheck(run, (x,))
    (g,) = derivo.autograd.grad(run(x).sum(), x)
    assert not g[~MASK].any()


@pytest.mark.parametrize("name", ALL)
def test_batches_are_loops(name):
    f = ALL[name][0]
    x, t = values(3, 2, 4), values(3, 2, 4, seed=1)
    masks = derivo.stack([MASK, ~MASK, MASK.roll(1, 1)])

    def run(x, m):
        return f(x, 1, mask=m)

    loop = derivo.stack([run(a, m) for a, m in zip(x, masks, strict=True)])
    derivo.testing.assert_close(vmap(run)(x, masks), loop, equal_nan=True)
    made = vmap(lambda a, b: jvp(lambda a: run(a, MASK), (a,), (b,))[1])(x, t)
    each = [
        jvp(lambda a: run(a, MASK), (a,), (b,))[1] for a, b in zip(x, t, strict=True)
    ]
    derivo.testing.assert_close(made, derivo.stack(each), equal_nan=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sum", 0.0),
        ("prod", 1.0),
        ("amax", -math.inf),
        ("amin", math.inf),
        ("mean", math.nan),
        ("logsumexp", -math.inf),
        ("median", math.nan),
        ("norm", 0.0),
        ("var", math.nan),
    ],
)
def test_nothing_selected(name, value):
    made = REDUCED[name][0](values(2, 4), 1, mask=~MASK & MASK)
    wanted = derivo.full((2,), value, dtype=derivo.float64)
    derivo.testing.assert_close(made, wanted, equal_nan=True)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "amax", "norm"])
def test_what_is_masked_out_may_be_nan(name):
    x = derivo.tensor([1.0, math.nan, 4.0], requires_grad=True)
    REDUCED[name][0](x, 0, mask=derivo.tensor([True, False, True])).backward()
    assert x.grad.isfinite().all()


def test_integers():
    x = derivo.tensor([[3, 1, 2], [5, 4, 9]], dtype=derivo.int8)
    m = derivo.tensor([[True, True, False], [False, False, False]])
    assert masked.sum(x, 1, mask=m).tolist() == [4, 0]
    assert masked.sum(x, 1).dtype is derivo.int64
    assert masked.amax(x, 1, mask=m).tolist() == [3, -128]
    assert masked.amin(x, 1, mask=m).tolist() == [1, 127]
    assert masked.cumsum(x, 1, mask=m).dtype is derivo.int8
    assert masked.argmax(x, 1, mask=m).dtype is derivo.int8
    assert masked.argmin(x, 1, mask=m).tolist() == [1, 0]
    assert masked.median(x, 1).tolist() == [2, 5]
    assert masked.var(derivo.tensor([1, 2]), 0).item() == 0.5
    assert masked.amax(x > 9, mask=m).item() is False
    assert masked.sum(x, (0, 1), mask=m).item() == 4
    assert masked.sum(derivo.tensor(3), 0).item() == 3


def test_either_mask_of_logaddexp():
    a, b = values(3).requires_grad_(), values(3, seed=1)
    one = derivo.tensor([True, False, False])
    two = derivo.tensor([True, True, False])
    made = masked.logaddexp(a, b, input_mask=one, other_mask=two)
    derivo.testing.assert_close(made[0], derivo.logaddexp(a[0], b[0]))
    assert made[1].item() == b[1].item()
    assert made[2].item() == -math.inf


def test_masks_of_results():
    x = values(2, 4)
    empty = MASK & derivo.tensor([[True], [False]])
    assert masked._output_mask(masked.sum, x, 1, mask=empty).tolist() == [True, False]
    assert masked._output_mask(
        masked.norm, x, 2.0, 1, mask=empty, keepdim=True
    ).tolist() == [[True], [False]]
    assert masked._output_mask(masked.softmax, x, 1).all()
    assert masked._output_mask(masked.median, x, mask=empty).tolist() == [True, False]
    both = masked._output_mask(
        masked.logaddexp, x, x, input_mask=MASK, other_mask=~MASK
    )
    assert both.all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: masked.sum([1.0]), TypeError, "'input' must be Tensor, not list"),
        (lambda x: masked.sum(x, mask=[True]), TypeError, "'mask' must be Tensor"),
        (
            lambda x: masked.sum(x, mask=MASK[None]),
            IndexError,
            "expected broadcastable",
        ),
        (lambda x: masked.sum(x, mask=MASK[:, :3]), RuntimeError, "expanded size"),
        (lambda x: masked.sum(x, (0, 0)), RuntimeError, "appears multiple times"),
        (lambda x: masked.amax(x, 3), IndexError, "Dimension out of range"),
        (lambda x: masked.mean(x.long()), ValueError, "Could not infer output dtype"),
        (
            lambda x: masked.median(x.long(), mask=MASK),
            ValueError,
            "expects no fully masked out rows",
        ),
        (
            lambda x: masked.var(x, 1, True, correction=1),
            ValueError,
            "Only one of unbiased and correction may be given",
        ),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(values(2, 4))
