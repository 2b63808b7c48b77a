# Printing equals PyTorch's, character for character, on recorded cases
# (tests/data/record_printing.py), and its options behave.
from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import derivo
from derivo._tensor_str import get_printoptions, printoptions

RECORD = Path(__file__).parent.parent / "data" / "printing.json"
CASES = json.loads(RECORD.read_text())["cases"]


@pytest.fixture(autouse=True)
def _restore():
    default = derivo.get_default_dtype()
    yield
    derivo.set_default_dtype(default)
    derivo.set_printoptions(profile="default")


def build(case):
    values = [complex(*v) if isinstance(v, list) else v for v in case["values"]]
    count = math.prod(case["shape"])
    flat = [values[i % len(values)] for i in range(count)]
    t = derivo.tensor(flat, dtype=getattr(derivo, case["dtype"]))
    t = t.reshape(case["shape"])
    grad = case.get("grad")
    if grad == "parameter":
        return derivo.nn.Parameter(t)
    if grad is not None:
        t.requires_grad_()
    return {
        "add": lambda: t + 1,
        "mul": lambda: t * 2,
        "sum": lambda: t.sum(),
        "reshape": lambda: t.reshape(-1),
    }.get(grad, lambda: t)()


def name(case):
    extra = [f"{k}={v}" for k, v in case.get("options", {}).items()]
    extra += [case[k] for k in ("default", "grad") if k in case]
    return "-".join([case["dtype"], "x".join(map(str, case["shape"])), *extra])


@pytest.mark.parametrize("case", CASES, ids=map(name, CASES))
def test_recorded(case):
    derivo.set_default_dtype(getattr(derivo, case.get("default", "float32")))
    derivo.set_printoptions(**case.get("options", {}))
    t = build(case)
    assert repr(t) == case["text"]
    assert str(t) == case["text"]


def test_record_covers_every_dtype():
    names = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64"
    assert {c["dtype"] for c in CASES} == {*names.split(), "complex64", "complex128"}


def test_format_of_a_number():
    t = derivo.tensor(3.14159, requires_grad=True)
    assert f"{t:.2f}" == "3.14"
    assert f"{derivo.tensor(7):>4d}" == "   7"
    assert f"{derivo.tensor(True)}" == "True"
    assert f"{derivo.tensor(1.5)}" == "1.5"


def test_format_of_more_than_a_number():
    t = derivo.ones(2)
    assert f"{t}" == "tensor([1., 1.])"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{t:.2f}"


def test_parameter_0d_formats_as_text():
    # PyTorch formats the number of plain tensors only.
    p = derivo.nn.Parameter(derivo.tensor(1.5))
    assert f"{p}" == "Parameter containing:\ntensor(1.5000, requires_grad=True)"


def test_subclasses_show_their_name():
    class Mine(derivo.Tensor):
        pass

    class Weight(derivo.nn.Parameter):
        pass

    assert repr(Mine([1.0, 1.0])) == "Mine([1., 1.])"
    w = Weight(derivo.ones(1))
    text = "Parameter containing:\nParameter(Weight([1.], requires_grad=True))"
    assert repr(w) == text


def test_printing_records_nothing():
    x = derivo.ones(3, 4, requires_grad=True)
    y = x * 2
    node = y.grad_fn
    repr(y)
    assert y.grad_fn is node
    assert x.grad is None


def test_printing_a_view_of_large_storage():
    base = derivo.arange(10000).reshape(100, 100)
    corner, rows = base.t()[:2, :3], base[5].expand(2, 100)[:, ::50]
    assert repr(corner) == "tensor([[  0, 100, 200],\n        [  1, 101, 201]])"
    assert repr(rows) == "tensor([[500, 550],\n        [500, 550]])"


def test_options_are_returned_and_restored():
    before = get_printoptions()
    derivo.set_printoptions(precision=2, sci_mode=True)
    options = get_printoptions()
    assert options["precision"] == 2
    assert options["sci_mode"] is True
    with printoptions(precision=7):
        assert get_printoptions()["precision"] == 7
        assert get_printoptions()["sci_mode"] is None  # not given: automatic again
    assert get_printoptions() == options
    derivo.set_printoptions(profile="default")
    assert get_printoptions() == before


def test_a_failing_block_restores_the_options():
    with pytest.raises(ZeroDivisionError), printoptions(precision=9):
        raise ZeroDivisionError
    assert get_printoptions()["precision"] == 4


def test_unknown_profile():
    with pytest.raises(ValueError, match=r"unknown profile.*got profile='long'"):
        derivo.set_printoptions(profile="long")
