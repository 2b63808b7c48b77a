# Anomaly mode: which step failed, and where it was recorded.
from __future__ import annotations

import warnings

import pytest

import derivo


def leaf(*numbers):
    return derivo.tensor(numbers or (0.0,), dtype=derivo.float64, requires_grad=True)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Anomaly Detection|.*anomaly", UserWarning)
        warnings.filterwarnings("ignore", ".*Error detected in", UserWarning)
        yield
    assert not derivo.is_anomaly_enabled()


def nan():
    x = leaf()
    return x, (x.sqrt() * 0).sum()


def test_nan_is_named_by_node_and_output():
    with derivo.autograd.detect_anomaly():
        _, y = nan()
        with pytest.raises(
            RuntimeError, match="'SqrtBackward0' returned nan values in its 0th output"
        ):
            y.backward()


def test_nan_is_let_through_otherwise():
    x, y = nan()
    y.backward()
    assert x.grad.isnan().all()
    with derivo.autograd.detect_anomaly(check_nan=False):
        x, y = nan()
        y.backward()
        assert x.grad.isnan().all()


def test_the_warning_shows_the_forward_line():
    with derivo.autograd.detect_anomaly():
        x = leaf()
        y = x.sqrt() * 0  # this is the line
    with (
        derivo.autograd.set_detect_anomaly(True),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError, match="nan values"):
            y.sum().backward()
    text = "\n".join(str(w.message) for w in caught)
    assert "Error detected in SqrtBackward0" in text
    assert "this is the line" in text


def test_errors_of_a_backward_are_shown_too():
    class Bad(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise RuntimeError("broken")

    with derivo.autograd.detect_anomaly(), warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        y = Bad.apply(leaf())
        with pytest.raises(RuntimeError, match="broken"):
            y.sum().backward()
    assert any("Error detected in BadBackward" in str(w.message) for w in seen)


def test_state():
    assert derivo.is_anomaly_check_nan_enabled()
    with derivo.autograd.set_detect_anomaly(True, check_nan=False):
        assert derivo.is_anomaly_enabled()
        assert not derivo.is_anomaly_check_nan_enabled()
    derivo.autograd.set_detect_anomaly(True)
    try:
        assert derivo.is_anomaly_enabled()
    finally:
        derivo.autograd.set_detect_anomaly(False)


def test_entering_warns():
    with (
        pytest.warns(UserWarning, match="Anomaly Detection has been enabled"),
        derivo.autograd.detect_anomaly(),
    ):
        pass
