"""derivo: automatic differentiation for Python with PyTorch's interface.

import derivo as torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
(x ** 2).sum().backward()
x.grad                                   # tensor([2., 4.])
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any as _Any

from ._core import tensor as _core_tensor
from ._core.dispatch import result_type
from ._core.memory import (
    empty_cache,
    memory_stats,
    reset_peak_memory_stats,
    set_cache_limit,
)
from ._core.promotion import can_cast, promote_types
from ._core.tensor import DType as dtype
from ._core.tensor import (
    Size,
    get_default_dtype,
    is_grad_enabled,
    is_inference_mode_enabled,
    set_default_dtype,
)
from ._core.threads import get_num_threads, set_num_threads
from ._info import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    finfo,
    iinfo,
    layout,
    memory_format,
    preserve_format,
    sparse_coo,
    strided,
)
from ._tensor_str import set_printoptions
from ._version import __version__
from .tensor import Tensor, _attach

# isort: split
# From here on the package is complete enough for its parts to import it.
from . import autograd, ops, random
from ._install import install as _install
from .autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from .autograd.anomaly_mode import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .ops._operators import METHODS as _METHODS
from .ops._surface import namespace as _namespace
from .ops.definitions import elementwise
from .ops.random import Generator, default_generator

for _dtype in _core_tensor.dtypes:
    globals()[_dtype.name] = _dtype
globals().update(
    half=_core_tensor.dtypes[6],
    float=_core_tensor.dtypes[8],
    double=_core_tensor.dtypes[9],
    short=_core_tensor.dtypes[3],
    int=_core_tensor.dtypes[4],
    long=_core_tensor.dtypes[5],
    cfloat=_core_tensor.dtypes[10],
    cdouble=_core_tensor.dtypes[11],
    inf=float("inf"),
    nan=float("nan"),
    pi=3.141592653589793,
    e=2.718281828459045,
    newaxis=None,
)
_attach(_namespace("Tensor"))
_attach(_METHODS)
_install()
globals().update(_namespace(""))

# Loaded when they are first asked for.
_LAZY = frozenset(
    {
        "_C",
        "accelerator",
        "amp",
        "backends",
        "cuda",
        "explain",
        "func",
        "interop",
        "fft",
        "linalg",
        "masked",
        "mps",
        "nn",
        "optim",
        "overrides",
        "serialization",
        "special",
        "testing",
        "utils",
        "version",
        "xpu",
    }
)

__all__ = [
    "Generator",
    "Size",
    "Tensor",
    "__version__",
    "autograd",
    "can_cast",
    "channels_last",
    "channels_last_3d",
    "contiguous_format",
    "custom_jvp",
    "custom_linear_solve",
    "custom_root",
    "custom_vjp",
    "default_generator",
    "device",
    "dtype",
    "elementwise",
    "empty_cache",
    "enable_grad",
    "finfo",
    "fixed_point",
    "get_default_dtype",
    "get_num_threads",
    "iinfo",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "layout",
    "memory_format",
    "memory_stats",
    "no_grad",
    "ops",
    "preserve_format",
    "promote_types",
    "random",
    "reset_peak_memory_stats",
    "result_type",
    "set_cache_limit",
    "set_default_dtype",
    "set_grad_enabled",
    "set_num_threads",
    "set_printoptions",
    "sparse_coo",
    "strided",
    "vmap",
    *(_d.name for _d in _core_tensor.dtypes),
    *_namespace(""),
]


# Functions whose modules are loaded when they are first asked for.
_LAZY_FUNCTIONS = ("custom_jvp", "custom_linear_solve", "custom_root", "custom_vjp")
_LAZY_FUNCTIONS += ("fixed_point",)


def __getattr__(name: str) -> _Any:
    if name in _LAZY_FUNCTIONS:
        return getattr(autograd, name)
    if name == "vmap":
        from .func import vmap

        return vmap
    if name in _LAZY:
        return _import_module(f"derivo.{name}")
    raise AttributeError(f"module 'derivo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, *_LAZY_FUNCTIONS})
