"""Anomaly mode (section 10 of the semantics)."""

from __future__ import annotations

import warnings
from typing import Any

from conformance._snippet import raised, warned


def _nan(torch: Any) -> Any:
    x = torch.tensor([0.0], dtype=torch.float64, requires_grad=True)
    return x, (torch.sqrt(x) * 0).sum()


def _quietly(action: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return action()


def case_nan_names_node_and_output(torch: Any) -> Any:
    def run() -> Any:
        with torch.autograd.detect_anomaly():
            _, y = _nan(torch)
            y.backward()

    return raised(
        lambda: _quietly(run), "Function 'SqrtBackward0' returned nan values in its 0th"
    )


def case_nan_is_let_through_without_it(torch: Any) -> Any:
    x, y = _nan(torch)
    y.backward()
    return x.grad.isnan().item()


def case_no_check(torch: Any) -> Any:
    def run() -> Any:
        with torch.autograd.detect_anomaly(check_nan=False):
            x, y = _nan(torch)
            y.backward()
            return x.grad.isnan().item()

    return _quietly(run)


def case_entering_warns(torch: Any) -> Any:
    def run() -> Any:
        with torch.autograd.detect_anomaly():
            pass

    return warned(run, "Anomaly Detection has been enabled")


def case_state(torch: Any) -> Any:
    out = [torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()]
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        out += [torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()]
    torch.autograd.set_detect_anomaly(True)
    out += [torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()]
    torch.autograd.set_detect_anomaly(False)
    return [*out, torch.is_anomaly_enabled()]


def case_error_in_a_backward_warns_with_the_forward_line(torch: Any) -> Any:
    class Bad(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            raise RuntimeError("some error in backward")

    def run() -> Any:
        with torch.autograd.set_detect_anomaly(True):
            x = torch.ones(2, requires_grad=True)
            y = Bad.apply(x)
            return raised(lambda: y.sum().backward(), "some error in backward")

    return warned(run, "Error detected in BadBackward")


def case_second_output(torch: Any) -> Any:
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            return a + b

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g, g * float("nan")

    def run() -> Any:
        with torch.autograd.detect_anomaly():
            a, b = (torch.ones(2, requires_grad=True) for _ in range(2))
            Two.apply(a, b).sum().backward()

    phrase = "Function 'TwoBackward' returned nan values in its 1th output"
    return raised(lambda: _quietly(run), phrase)
