"""Grad modes (section 3 of the semantics)."""

from __future__ import annotations

import threading
from typing import Any

from conformance._snippet import facts, raised, values


def case_no_grad(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        inside = torch.is_grad_enabled()
        y = x * 2
    return [inside, torch.is_grad_enabled(), facts(y), facts(x * 2)]


def case_factories_in_no_grad(torch: Any) -> Any:
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
        p = torch.nn.Parameter(torch.ones(2))
    return [facts(x), facts(p)]


def case_no_grad_decorator(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def with_call(v: Any) -> Any:
        """Doc."""
        return v * 2

    @torch.no_grad
    def without_call(v: Any) -> Any:
        return v * 2

    return [
        facts(with_call(x)),
        facts(without_call(x)),
        with_call.__name__,
        with_call.__doc__,
    ]


def case_no_grad_generator(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def numbers() -> Any:
        for _ in range(2):
            yield (x * 2).requires_grad

    return [[flag, torch.is_grad_enabled()] for flag in numbers()]


def case_no_grad_survives_an_exception(torch: Any) -> Any:
    def fail() -> None:
        with torch.no_grad():
            raise ValueError("x")

    raised(fail)
    return torch.is_grad_enabled()


def case_enable_grad_inside(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad(), torch.enable_grad():
        y = x * 2
    return facts(y)


def case_set_grad_enabled_acts_at_once(torch: Any) -> Any:
    out = []
    mode = torch.set_grad_enabled(False)
    out.append(torch.is_grad_enabled())
    with mode:
        out.append(torch.is_grad_enabled())
    out.append(torch.is_grad_enabled())
    torch.set_grad_enabled(True)
    return [*out, torch.is_grad_enabled()]


def case_set_grad_enabled_as_context(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    out = []
    for flag in (True, False):
        with torch.set_grad_enabled(flag):
            out.append(facts(x * 2))
    return out


def case_modes_are_per_thread(torch: Any) -> Any:
    seen = []
    with torch.no_grad():
        t = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        t.start()
        t.join()
    return seen


def case_inference_mode(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        inside = [torch.is_inference_mode_enabled(), torch.is_grad_enabled()]
        y = x * 2
    return [inside, facts(y), y.is_inference(), x.is_inference()]


def case_inference_tensors_cannot_be_saved(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        y = torch.ones(2)
    phrase = "inference tensors cannot be saved for backward"
    return [raised(lambda: x * y, phrase), facts(x + y), facts(x * y.clone())]


def case_inference_tensors_cannot_change_outside(torch: Any) -> Any:
    with torch.inference_mode():
        y = torch.ones(2)
        y.add_(1)
    phrase = "inplace update to inference tensor outside inferencemode"
    return [values(y), raised(lambda: y.add_(1), phrase)]


def case_inference_tensors_have_no_version(torch: Any) -> Any:
    with torch.inference_mode():
        y = torch.ones(2)
    return raised(lambda: y._version, "version counter")


def case_inference_mode_off(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.inference_mode(False):
        y = x * 2
    with torch.inference_mode(), torch.inference_mode(False):
        z = x * 2
    return [facts(y), facts(z)]


def case_inference_mode_decorator(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)

    @torch.inference_mode()
    def double(v: Any) -> Any:
        return v * 2

    return [facts(double(x)), double(x).is_inference()]


def case_requires_grad_in_inference_mode(torch: Any) -> Any:
    with torch.inference_mode():
        a = torch.ones(2, requires_grad=True)
        return [facts(a), facts(a * 2)]


def case_eval_is_no_mode(torch: Any) -> Any:
    layer = torch.nn.Linear(2, 1).eval()
    return [facts(layer(torch.ones(1, 2))), torch.is_grad_enabled(), layer.training]


def case_grad_mode_inside_backward(torch: Any) -> Any:
    seen = []

    class Probe(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            seen.append(torch.is_grad_enabled())
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(torch.is_grad_enabled())
            return g

    x = torch.ones(2, requires_grad=True)
    Probe.apply(x).sum().backward()
    torch.autograd.grad(Probe.apply(x).sum(), x, create_graph=True)
    return seen


def case_no_grad_parameter_update(torch: Any) -> Any:
    w = torch.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
    return [values(w), facts(w), w._version]


def case_reentering_one_no_grad(torch: Any) -> Any:
    out = []
    with torch.no_grad():
        with torch.no_grad():
            pass
        out.append(torch.is_grad_enabled())
    return [*out, torch.is_grad_enabled()]
