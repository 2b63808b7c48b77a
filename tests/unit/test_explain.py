# Why a gradient is missing or NaN, and pictures of the graph.
from __future__ import annotations

import html
import math

import pytest

import derivo
from derivo import explain


def leaf(*values):
    return derivo.tensor(values, requires_grad=True)


def detached():
    w, x = leaf(1.0, 2.0), leaf(1.0, 2.0)
    return (w.detach() * x).sum(), w


def data():
    w, x = leaf(1.0, 2.0), leaf(1.0, 2.0)
    return (x * w.data).sum(), w


def view_detached():
    w, x = leaf(1.0, 2.0), leaf(1.0)
    return (w.detach()[1:] * x).sum(), w


def not_required():
    w, x = derivo.ones(2), leaf(1.0, 2.0)
    return (w * x).sum(), w


def required_late():
    w, x = derivo.ones(2), leaf(1.0, 2.0)
    loss = (w * x).sum()
    w.requires_grad_()
    return loss, w


def unrecorded():
    w = leaf(1.0, 2.0)
    with derivo.no_grad():
        return (w * w).sum(), w


def inference():
    w = leaf(1.0, 2.0)
    with derivo.inference_mode():
        return (w * w).sum(), w


def integers():
    w = leaf(1.0, 2.0)
    return w.argmax(), w


def cast():
    w = leaf(1.0, 2.0)
    return w.long().sum(), w


def integer_x():
    x = derivo.tensor([1, 2])
    return (leaf(1.0, 2.0) * x).sum(), x


def overwritten():
    w = leaf(1.0, 2.0)
    x = w * 2
    loss = (x * 3).sum()
    x.add_(1)
    return loss, x


def copied():
    w = leaf(1.0, 2.0)
    other = w.detach().clone().requires_grad_()
    return (other * 2).sum(), w


def unrelated():
    return (leaf(1.0, 2.0, 3.0) * 2).sum(), leaf(7.0)


def through_numpy():
    w, x = leaf(1.0, 2.0), leaf(3.0, 4.0)
    return (derivo.tensor(w.tolist()) * x).sum(), w


def non_leaf():
    w = leaf(1.0, 2.0)
    x = w.exp()
    return (x * 2).sum(), x


def before_backward():
    w = leaf(1.0, 2.0)
    return (w * 2).sum(), w


def after_backward():
    w = leaf(1.0, 2.0)
    loss = (w * 2).sum()
    loss.backward()
    return loss, w


def retained():
    w = leaf(1.0, 2.0)
    x = w.exp()
    x.retain_grad()
    loss = x.sum()
    loss.backward()
    return loss, x


CASES = {
    detached: "detached",
    data: "detached",
    view_detached: "detached",
    not_required: "not required",
    required_late: "used before",
    unrecorded: "not recorded",
    inference: "not recorded",
    integers: "integers",
    cast: "integers",
    integer_x: "dtype",
    overwritten: "overwritten",
    copied: "copy",
    unrelated: "not in the graph",
    through_numpy: "not in the graph",
    non_leaf: "non-leaf",
    before_backward: "no backward yet",
    after_backward: "has gradient",
    retained: "has gradient",
}


@pytest.mark.parametrize("make", CASES, ids=lambda f: f.__name__)
def test_why_no_grad(make):
    loss, x = make()
    report = explain.why_no_grad(loss, x)
    assert report.cause == CASES[make]
    assert str(report) == repr(report) == report.text
    assert report._repr_html_() == f"<pre>{html.escape(report.text)}</pre>"


@pytest.mark.parametrize(
    "make", [detached, data, required_late, overwritten, non_leaf, not_required]
)
def test_the_report_names_the_line(make):
    loss, x = make()
    report = explain.why_no_grad(loss, x)
    file, line = report.place
    assert file == __file__
    first = make.__code__.co_firstlineno
    assert first < line <= first + 6
    assert f"{file}:{line}" in report.text


def test_the_path_is_listed():
    w = leaf(1.0, 2.0)
    report = explain.why_no_grad((w.exp() * 2).sum(), w)
    names = [n.name().split("::")[-1] for n in report.path]
    assert names == ["SumBackward0", "MulBackward0", "ExpBackward0", "AccumulateGrad"]


def test_of_something_else():
    with pytest.raises(TypeError, match="x must be a Tensor, got str"):
        explain.why_no_grad(leaf(1.0), "w")


def test_overwritten_names_both():
    loss, x = overwritten()
    text = explain.why_no_grad(loss, x).text
    assert "MulBackward0" in text
    assert "AddBackward0" in text
    assert "x.add_(1)" in text


# ---------------------------------------------------------------- NaN


def masked_root():
    x = leaf(0.0, 4.0)
    return (x.sqrt() * derivo.tensor([0.0, 1.0])).sum()


def where_log():
    x = leaf(0.0, 4.0)
    return derivo.where(x > 0, x.log(), 0).sum()


def root():
    return leaf(0.0, 4.0).sqrt().sum()


def log_of_negative():
    return leaf(-1.0, 4.0).log().sum()


def overflow():
    return leaf(1000.0, 1.0).exp().sum()


def bad_leaf():
    return (leaf(math.nan, 1.0) * 2).sum()


def bad_constant():
    return (leaf(1.0, 1.0) * derivo.tensor([math.inf, 1.0])).sum()


def fine():
    return leaf(1.0, 2.0).sqrt().sum()


NANS = {
    masked_root: ("backward", "SqrtBackward0"),
    where_log: ("forward", None),
    root: ("backward", "SqrtBackward0"),
    log_of_negative: ("forward", None),
    overflow: ("forward", "ExpBackward0"),
    bad_leaf: ("forward", "torch::autograd::AccumulateGrad"),
    bad_constant: ("forward", "MulBackward0"),
    fine: ("none", None),
}


@pytest.mark.parametrize("make", NANS, ids=lambda f: f.__name__)
def test_find_nan(make):
    loss = make()
    cause, name = NANS[make]
    report = explain.find_nan(loss)
    if make is where_log:
        # log(0) is masked in the value; what it saved is finite.
        cause, name = "backward", "LogBackward0"
    assert report.cause == cause
    if name:
        assert report.node.name() == name
        if "Accumulate" not in name:
            assert __file__ in report.text
    loss.backward()  # the graph is still there


def test_find_nan_says_what_the_operands_are():
    text = explain.find_nan(masked_root()).text
    assert "1 / (2 * s)" in text
    assert "0 times infinity" in text
    assert "strong_zero" in text
    assert "result = 0" in text


def test_find_nan_changes_no_grad():
    x = leaf(0.0)
    explain.find_nan(x.sqrt().sum())
    assert x.grad is None


def test_find_nan_of_what_was_not_recorded():
    with pytest.raises(ValueError, match="loss was not recorded"):
        explain.find_nan(derivo.ones(2))


# ---------------------------------------------------------------- pictures


def test_tree():
    w = leaf(1.0)
    y = (w * w).sum()
    assert str(explain.tree(y, {"w": w})).splitlines() == [
        "SumBackward0",
        "└─ MulBackward0",
        "   ├─ AccumulateGrad → w.grad",
        "   └─ AccumulateGrad → w.grad",
    ]
    assert f"{__file__}:" in explain.tree(y, lines=True).text
    assert explain.tree(w).text == "AccumulateGrad → a leaf of shape (1,).grad"
    with pytest.raises(ValueError, match="there is no graph"):
        explain.tree(derivo.ones(1))


def test_dot():
    w = leaf(1.0)
    text = explain.dot((w * w).sum(), {"w": w})
    assert text.startswith("digraph {")
    assert text.count("->") == 3
    assert 'label="w (1,)", shape=box' in text


def test_dot_of_a_long_chain():
    x = leaf(1.0)
    for _ in range(5000):
        x = x * 1
    assert explain.dot(x).count("->") == 5000


# ---------------------------------------------------------------- errors that teach


def test_second_backward_names_the_step_and_its_line():
    x = leaf(1.0, 2.0)
    y = x.exp().sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"(?s)a second time.*ExpBackward0.*x.exp()"):
        y.backward()


def test_second_backward_through_products():
    a = derivo.rand(2, 2, requires_grad=True)
    y = (a @ a).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"(?s)a second time.*MmBackward0.*a @ a"):
        y.backward()


def test_modified_in_place_names_both_lines():
    x = leaf(1.0, 2.0)
    y = x.exp()
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match=r"(?s)saved at.*z = y \* y.*y\.add_\(1\)"):
        z.sum().backward()


def test_wrong_shape_names_the_producer():
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(
        RuntimeError, match=r"(?s)Mismatch in shape.*MulBackward0.*\* 2"
    ):
        y.backward(derivo.ones(3))
    with pytest.raises(
        RuntimeError, match=r"(?s)only for scalar outputs.*MulBackward0"
    ):
        y.backward()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (integers, "no derivative"),
        (inference, "inference mode"),
        (unrecorded, "why_no_grad"),
    ],
)
def test_does_not_require_grad_says_why(make, message):
    loss, _ = make()
    with pytest.raises(RuntimeError, match=f"(?s)does not have a grad_fn.*{message}"):
        loss.backward()


def test_recording_is_off():
    x = leaf(1.0)
    with (
        derivo.no_grad(),
        pytest.raises(RuntimeError, match="Recording is off here"),
    ):
        (x * 2).sum().backward()


def test_unused_input_says_whom_to_ask():
    x = leaf(1.0)
    with pytest.raises(RuntimeError, match=r"not have been used.*explain\.why_no_grad"):
        derivo.autograd.grad((x * 2).sum(), leaf(2.0))


def test_non_leaf_grad_names_the_producer():
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match=r"(?s)not a leaf.*the result of MulBackward0"):
        assert y.grad is None
