"""Record how PyTorch prints tensors, for tests/unit/test_printing.py.

Run by hand with PyTorch installed: ``python tests/data/record_printing.py``.
A case is a tensor described in plain JSON (element ``i`` is ``values[i % len]``, so
that a large tensor needs few numbers), print options, and the text PyTorch shows.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import torch

INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
NAN, INF = math.nan, math.inf


def cases() -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []

    def add(values, shape, dtype="float32", **more):
        out.append({"dtype": dtype, "shape": list(shape), "values": values, **more})

    for dtype in ["bool", *INTEGERS]:
        whole = [1, 0, 100, 7]
        for shape in [(), (1,), (4,), (2, 3), (2, 1, 3), (50,), (0,), (0, 3)]:
            add(whole, shape, dtype)
    add([-128, 5], (7,), "int8")
    add([2**62, -1], (3,), "int64")
    for dtype in FLOATS:
        for values in (
            [1.0, 2.0, -3.0],
            [0.5, 1.25, -100.0],
            [NAN, INF, -INF, 1.0],
            [NAN, INF, -INF, 1.5],
            [NAN, 0.0],
            [0.0, -0.0],
            [1e-3, 12.0],
            [3e4, 1.0, 0.0, NAN],
        ):
            add(values, (len(values),), dtype)
            add(values, (2, 2), dtype)
        add([0.1], (), dtype)
        add([0.1], (0,), dtype)
        add([0.1, -2.5], (2, 0, 3), dtype)
    for values in (
        [1e8],
        [1e9],
        [1.1e8, 1e8],
        [9.9e-5],
        [1e-4],
        [1.0, 1001.0],
        [1.0, 1000.0],
        [0.5, 500.5],
        [1e300, 1e-300],
        [5e-324, 1.0],
        [16777217.0, 0.5],
        [123456.789],
        [0.00012, 0.1199],
        [1e38, -1e38],
    ):
        add(values, (len(values),), "float64")
        add(values, (), "float64")
        if all(1e-37 < abs(v) < 3e38 for v in values):
            add(values, (len(values),), "float32")
    for dtype in COMPLEX:
        for values in (
            [[1.0, 2.0], [-3.0, -4.0]],
            [[0.5, -0.25], [10.0, 100.0], [NAN, INF]],
            [[1e-6, 1.0], [1e6, -0.0]],
            [[0.0, 0.0]],
        ):
            for shape in [(), (len(values),), (2, 3), (30,)]:
                add(values, shape, dtype)

    # Wrapping, blank lines between blocks, abbreviation.
    ramp = [0.25 * i - 3 for i in range(37)]
    for shape in [(13,), (100,), (3, 20), (2, 2, 2), (1, 2, 1, 2), (2, 1, 2, 1, 2)]:
        add(ramp, shape)
    for shape in [
        (1000,),
        (1001,),
        (40, 40),
        (7, 7, 30),
        (2, 600),
        (600, 2),
        (1, 1001),
    ]:
        add(ramp, shape)
        add(list(range(37)), shape, "int64")
    add([[1.5, -2.0], [0.0, 3.0]], (1200,), "complex64")
    spike = [1.0] * 40 + [1e12] + [1.0] * 40
    add(spike, (81 * 13,))  # outliers that are not shown do not count
    for options in (
        {"precision": 0},
        {"precision": 2},
        {"precision": 8},
        {"sci_mode": True},
        {"sci_mode": False},
        {"sci_mode": True, "precision": 1},
        {"linewidth": 20},
        {"linewidth": 3},
        {"linewidth": 200},
        {"profile": "short"},
        {"profile": "full"},
        {"profile": "short", "precision": 6},
        {"threshold": 5},
        {"threshold": 5, "edgeitems": 1},
        {"threshold": 5, "edgeitems": 0},
        {"edgeitems": 0},
        {"threshold": 0},
        {"threshold": 10, "edgeitems": 2, "linewidth": 30},
    ):
        for shape in [(), (12,), (7, 7), (3, 7, 2), (0, 2)]:
            add(ramp[3:], shape, options=options)
        add([1.0, 2.0], (6,), options=options)
        add([1, -20], (8,), "int32", options=options)
        add([[1.5, -2.0]], (8,), "complex64", options=options)

    # What stands behind the elements.
    for default in ["float32", "float64", "float16", "bfloat16"]:
        for dtype in ["float32", "float64", "float16", "complex64", "complex128"]:
            value = [[1.5, 2.5]] if "complex" in dtype else [1.5]
            add(value, (2,), dtype, default=default)
            add(value, (0,), dtype, default=default)
        add([1], (2,), "int64", default=default)
        add([1], (0,), "int64", default=default)
    for grad in ["leaf", "add", "mul", "sum", "reshape", "parameter"]:
        for shape in [(), (2,), (9,), (10,), (11,), (3, 9), (0, 4)]:
            add(ramp, shape, "float32", grad=grad)
            add(ramp, shape, "float64", grad=grad)
    for width in range(24, 64, 3):
        add([1.5, 2.5], (2,), "float64", grad="add", options={"linewidth": width})

    def short(value: float) -> float:
        return float(f"{value:.6g}")

    rng = random.Random(7)
    for _ in range(150):
        dtype = rng.choice(["int32", "int64", *FLOATS, *COMPLEX])
        shape = [rng.choice([1, 2, 3, 8]) for _ in range(rng.randint(0, 4))]
        if math.prod(shape) > 80:
            shape = shape[:2]
        scale = 10 ** rng.uniform(-6, 6)
        draw = {
            "i": lambda: rng.randint(-(10**6), 10**6),
            "f": lambda scale=scale: short(rng.gauss(0, scale)),
            "b": lambda scale=scale: short(rng.gauss(0, scale)),
            "c": lambda scale=scale: [short(rng.gauss(0, scale)), rng.random()],
        }[dtype[0]]
        add([draw() for _ in range(rng.randint(1, 12))], shape, dtype)
    return out


def build(case: dict[str, Any]) -> torch.Tensor:
    values = [complex(*v) if isinstance(v, list) else v for v in case["values"]]
    count = math.prod(case["shape"])
    flat = [values[i % len(values)] for i in range(count)]
    t = torch.tensor(flat, dtype=getattr(torch, case["dtype"])).reshape(case["shape"])
    grad = case.get("grad")
    if grad == "parameter":
        return torch.nn.Parameter(t)
    if grad is not None:
        t.requires_grad_()
    return {
        "add": lambda: t + 1,
        "mul": lambda: t * 2,
        "sum": lambda: t.sum(),
        "reshape": lambda: t.reshape(-1),
    }.get(grad, lambda: t)()


def main() -> None:
    records = []
    for case in cases():
        torch.set_default_dtype(getattr(torch, case.get("default", "float32")))
        torch.set_printoptions(profile="default")
        torch.set_printoptions(**case.get("options", {}))
        records.append({**case, "text": repr(build(case))})
    path = Path(__file__).with_name("printing.json")
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in records)
    header = json.dumps({"torch": torch.__version__})
    path.write_text(f'{{"source":{header},"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
