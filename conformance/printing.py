"""Printing, character for character: one case a tensor and a setting."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

INF, NAN = math.inf, math.nan

CASES: dict[str, Callable[[Any], Any]] = {}


def _add(name: str, case: Callable[[Any], Any]) -> None:
    assert name not in CASES, name
    CASES[name] = case


# --- values ---------------------------------------------------------------------

_LISTS: dict[str, list[Any]] = {
    "plain": [1.0, 2.5, -3.25],
    "whole": [1.0, 2.0, 300.0],
    "whole_negative": [-1.0, 2.0, 0.0],
    "small": [1e-3, 2e-3],
    "smaller": [1e-5, 1.0],
    "tiny": [1e-8, 2e-8],
    "large": [1e5, 2.5],
    "larger": [123456.789, 1.5],
    "huge": [1e10, 1.0],
    "whole_huge": [1e8, 1.0],
    "whole_edge": [99999999.0, 1.0],
    "ratio": [1e-4, 1e2],
    "ratio_more": [1e-2, 1e3],
    "ratio_most": [0.5, 1000.5],
    "thirds": [1 / 3, 2 / 3, 100 / 3],
    "nan": [NAN, 1.5],
    "inf": [INF, -INF, 1.5],
    "only_nan": [NAN, NAN],
    "only_inf": [INF, -INF],
    "nan_whole": [NAN, 1.0, INF],
    "negative_zero": [-0.0, 0.0],
    "zeros": [0.0, 0.0],
    "one": [7.0],
    "empty": [],
    "nested": [[1.0, 2.0], [3.5, -4.0]],
    "row": [[1.0, 2.0]],
    "column": [[1.0], [2.0]],
    "deep": [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]],
    "rounding": [0.99999, 0.12345, 1.00005],
    "subnormal": [1e-40, 1.0],
    "many": [0.1 * i for i in range(30)],
    "many_whole": [float(i * i) for i in range(40)],
    "halves": [0.5, 1.5, 2.5],
    "scalar": 3.14159,  # type: ignore[dict-item]
    "scalar_whole": 3.0,  # type: ignore[dict-item]
    "scalar_tiny": 1e-9,  # type: ignore[dict-item]
    "scalar_huge": 1e12,  # type: ignore[dict-item]
    "scalar_nan": NAN,  # type: ignore[dict-item]
    "scalar_minus_inf": -INF,  # type: ignore[dict-item]
}
for _name, _data in _LISTS.items():
    for _dtype in ("float32", "float64"):
        _add(
            f"{_name}_{_dtype}",
            lambda torch, d=_data, t=_dtype: repr(
                torch.tensor(d, dtype=getattr(torch, t))
            ),
        )
for _name, _dtype in product(
    ("plain", "whole", "nan", "thirds", "one", "empty", "scalar", "nested"),
    ("float16", "bfloat16"),
):
    _add(
        f"{_name}_{_dtype}",
        lambda torch, d=_LISTS[_name], t=_dtype: repr(
            torch.tensor(d, dtype=getattr(torch, t))
        ),
    )

_INTEGERS: dict[str, Any] = {
    "small": [1, 2, 3],
    "mixed": [-1, 20, 100],
    "scalar": 7,
    "empty": [],
    "nested": [[1, 2], [30, 4]],
    "zeros": [0, 0],
    "many": list(range(50)),
}
for (_name, _data), _dtype in product(
    _INTEGERS.items(), ("uint8", "int8", "int16", "int32", "int64", "bool")
):
    _add(
        f"integers_{_name}_{_dtype}",
        lambda torch, d=_data, t=_dtype: repr(
            (torch.tensor(d, dtype=torch.int64)).to(getattr(torch, t))
        ),
    )
_add("int64_extremes", lambda torch: repr(torch.tensor([2**63 - 1, -(2**63), 0])))
_add("booleans", lambda torch: repr(torch.tensor([[True, False], [False, True]])))

_COMPLEX: dict[str, Any] = {
    "plain": [1 + 2j, 3.5 - 4j],
    "whole": [1 + 2j, 3 + 4j],
    "mixed_sizes": [1e-5 + 1j, 100 + 1e3j],
    "nan": [complex(NAN, 1), complex(1, -INF)],
    "scalar": 1.5 - 2.5j,
    "empty": [],
}
for (_name, _data), _dtype in product(_COMPLEX.items(), ("complex64", "complex128")):
    _add(
        f"complex_{_name}_{_dtype}",
        lambda torch, d=_data, t=_dtype: repr(torch.tensor(d, dtype=getattr(torch, t))),
    )

# --- shapes ---------------------------------------------------------------------

_SHAPES = [
    (0,),
    (0, 3),
    (3, 0),
    (2, 0, 3),
    (1, 1, 1),
    (4,),
    (2, 3),
    (2, 2, 2),
    (1, 2, 1, 2),
    (3, 30),
    (50,),
    (1001,),
    (30, 40),
    (2, 600),
    (600, 2),
    (11, 12, 13),
    (7, 7, 3, 7),
]
for _shape in _SHAPES:
    _count = int(np.prod(_shape))
    _label = "x".join(map(str, _shape))
    _add(
        f"shape_{_label}_whole",
        lambda torch, s=_shape, n=_count: repr(
            torch.arange(n, dtype=torch.float32).reshape(s)
        ),
    )
    _add(
        f"shape_{_label}_parts",
        lambda torch, s=_shape, n=_count: repr(
            (torch.arange(n, dtype=torch.float64) * 0.37 - 5).reshape(s)
        ),
    )
    _add(
        f"shape_{_label}_int",
        lambda torch, s=_shape, n=_count: repr(torch.arange(n).reshape(s)),
    )

_VIEWS: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda torch: torch.arange(6.0).reshape(2, 3).t(),
    "expanded": lambda torch: torch.tensor([[1.5]]).expand(2, 3),
    "strided": lambda torch: torch.arange(10.0)[::3],
    "selected": lambda torch: torch.arange(6.0).reshape(2, 3)[1],
    "item": lambda torch: torch.arange(6.0)[2],
    "large_transposed": lambda torch: torch.arange(4000.0).reshape(40, 100).t(),
}
for _name, _make in _VIEWS.items():
    _add(f"view_{_name}", lambda torch, make=_make: repr(make(torch)))

# --- settings -------------------------------------------------------------------

_SETTINGS: dict[str, dict[str, Any]] = {
    "precision_2": {"precision": 2},
    "precision_8": {"precision": 8},
    "precision_0": {"precision": 0},
    "threshold_10": {"threshold": 10},
    "threshold_edge_1": {"threshold": 10, "edgeitems": 1},
    "edge_2": {"threshold": 5, "edgeitems": 2},
    "narrow": {"linewidth": 40},
    "wide": {"linewidth": 200},
    "scientific": {"sci_mode": True},
    "not_scientific": {"sci_mode": False},
    "short": {"profile": "short"},
    "full": {"profile": "full"},
}
_SHOWN: dict[str, Callable[[Any], Any]] = {
    "floats": lambda torch: torch.tensor([1.23456789, 1e-7, 123.456]),
    "whole": lambda torch: torch.arange(30.0),
    "grid": lambda torch: torch.arange(24.0).reshape(4, 6) / 7,
    "integers": lambda torch: torch.arange(40).reshape(2, 20),
    "scalar": lambda torch: torch.tensor(0.000012345),
    "complex": lambda torch: torch.tensor([1.5 + 2j, 3j]),
}
for (_name, _options), (_what, _make) in product(_SETTINGS.items(), _SHOWN.items()):

    def _case(torch: Any, options: Any = _options, make: Any = _make) -> str:
        torch.set_printoptions(**options)
        try:
            return repr(make(torch))
        finally:
            torch.set_printoptions(profile="default", sci_mode=None)

    _add(f"options_{_name}_{_what}", _case)

# --- suffixes -------------------------------------------------------------------

_TRACKED: dict[str, Callable[[Any], Any]] = {
    "leaf": lambda torch: torch.ones(2, requires_grad=True),
    "leaf_double": lambda torch: torch.ones(2, dtype=torch.float64, requires_grad=True),
    "mul": lambda torch: torch.ones(2, requires_grad=True) * 2,
    "sum": lambda torch: torch.ones(2, requires_grad=True).sum(),
    "double_mul": lambda torch: (
        torch.ones(2, dtype=torch.float64, requires_grad=True) * 2
    ),
    "long_line": lambda torch: torch.arange(14.0, requires_grad=True) * 1000,
    "grid": lambda torch: torch.ones(3, 3, requires_grad=True) @ torch.ones(3, 3),
    "large": lambda torch: torch.ones(50, 50, requires_grad=True) * 3,
    "empty": lambda torch: torch.zeros(0, 2, requires_grad=True) * 3,
    "view": lambda torch: torch.ones(4, requires_grad=True).view(2, 2),
    "parameter": lambda torch: torch.nn.Parameter(torch.ones(2)),
    "parameter_frozen": lambda torch: torch.nn.Parameter(
        torch.ones(2), requires_grad=False
    ),
}
for _name, _make in _TRACKED.items():
    _add(f"tracked_{_name}", lambda torch, make=_make: [repr(make(torch))])
    _add(f"tracked_{_name}_str", lambda torch, make=_make: str(make(torch)))


def case_default_dtype(torch: Any) -> Any:
    torch.set_default_dtype(torch.float64)
    try:
        return [repr(torch.tensor(t)) for t in ([1.5], [1], [1j], [True])] + [
            repr(torch.tensor([1.5], dtype=torch.float32))
        ]
    finally:
        torch.set_default_dtype(torch.float32)


def case_format_of_numbers(torch: Any) -> Any:
    x = torch.tensor(3.14159)
    return [f"{x:.2f}", f"{x}", f"{torch.tensor(7):>5d}", f"{torch.ones(2)}", f"{x:e}"]


def case_dtypes(torch: Any) -> Any:
    names = [
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
        "half",
        "float",
        "double",
        "short",
        "int",
        "long",
    ]
    return [repr(getattr(torch, n)) for n in names]


def case_sizes(torch: Any) -> Any:
    return [
        repr(torch.zeros(2, 3).shape),
        repr(torch.zeros(()).size()),
        str(torch.Size([1, 2])),
    ]


def case_devices_and_layouts(torch: Any) -> Any:
    x = torch.zeros(2)
    return [repr(x.device), str(x.device), repr(x.layout), repr(torch.device("cpu"))]


def case_result_sequences(torch: Any) -> Any:
    x = torch.tensor([[1.0, 5.0], [7.0, 2.0]])
    return [repr(x.max(0)), repr(x.min(1)), repr(x.sort()), repr(x.topk(1))]


def case_modules(torch: Any) -> Any:
    nn = torch.nn
    parts = [
        nn.Linear(2, 3),
        nn.Linear(2, 3, bias=False),
        nn.Conv2d(1, 2, 3),
        nn.Conv2d(1, 2, (3, 1), stride=2, padding=1, bias=False),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.ReLU(inplace=True),
        nn.Tanh(),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Embedding(10, 3),
        nn.LayerNorm(4),
        nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Sequential(nn.Tanh())),
        nn.CrossEntropyLoss(),
        nn.MSELoss(),
    ]
    return [repr(p) for p in parts]


def case_optimizers(torch: Any) -> Any:
    p = [torch.nn.Parameter(torch.ones(2))]
    names = (("SGD", {"lr": 0.1}), ("Adam", {}), ("AdamW", {"lr": 1e-3}))
    return [repr(getattr(torch.optim, n)(p, **o)) for n, o in names]


def case_generator_and_storage_free_text(torch: Any) -> Any:
    return [repr(torch.zeros(2, 2).stride()), repr(torch.ones(1).requires_grad)]
