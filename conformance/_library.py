"""The two libraries behind one interface, and data carried between them.

A sample of PyTorch's operator database is described once, in neutral terms
(`TensorSpec` and plain Python), and then realised in each library. Both sides
start from the same bytes with the same strides, and an in-place operation on one
side cannot disturb the other.
"""

from __future__ import annotations

import importlib
import inspect
import types
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch as oracle_torch

from conformance._load import load

# Half types have no place in NumPy, so their bits travel as integers.
_CARRIER = {"bfloat16": (oracle_torch.int16, "int16")}


class UnsupportedSampleError(Exception):
    """The sample holds something that cannot be described neutrally."""


class MissingError(Exception):
    """The candidate has no such name."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A strided CPU tensor: the span of its storage, and the view on it."""

    data: np.ndarray
    dtype: str
    size: tuple[int, ...]
    stride: tuple[int, ...]
    requires_grad: bool


@dataclass(frozen=True, slots=True)
class Named:
    """An object that both libraries have under one name (dtype, layout, ...)."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Passed to PyTorch as it is; the candidate cannot be given it."""

    value: Any
    why: str


def getattr_path(root: object, path: str) -> Any:
    """`getattr` along a dotted path; MissingError where a step is absent."""
    here = root
    for step in path.split("."):
        try:
            here = getattr(here, step)
        except (AttributeError, ImportError):
            if isinstance(here, types.ModuleType):
                with suppress(ImportError):
                    here = importlib.import_module(f"{here.__name__}.{step}")
                    continue
            raise MissingError(path) from None
    return here


def dtype_name(dtype: object) -> str:
    """Return 'float32' for either library's float32."""
    return str(dtype).rpartition(".")[2]


# --- PyTorch to neutral -----------------------------------------------------------


def describe(value: Any) -> Any:
    """Describe a tree of sample arguments neutrally."""
    return _Describer().visit(value)


class _Describer:
    def __init__(self) -> None:
        self._seen: dict[int, tuple[Any, Any]] = {}

    def visit(self, value: Any) -> Any:
        if isinstance(value, oracle_torch.Tensor):
            # One tensor given twice must stay one tensor: x and x differ from x and y
            # in what their gradients are.
            if id(value) not in self._seen:
                self._seen[id(value)] = (value, self._tensor(value))
            return self._seen[id(value)][1]
        if isinstance(value, oracle_torch.Size):
            return Named("Size", ",".join(map(str, value)))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return Opaque(value, f"a named tuple {type(value).__name__}")
        if isinstance(value, (list, tuple)):
            return type(value)(self.visit(v) for v in value)
        if isinstance(value, dict):
            return {k: self.visit(v) for k, v in value.items()}
        for kind in ("dtype", "layout", "memory_format"):
            if isinstance(value, getattr(oracle_torch, kind)):
                return Named(kind, dtype_name(value))
        if isinstance(value, oracle_torch.device):
            return Named("device", str(value))
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, slice):
            return slice(*map(self.visit, (value.start, value.stop, value.step)))
        if isinstance(value, oracle_torch.nn.Module):
            if next(value.parameters(), None) is None:
                return Opaque(value, f"a module {type(value).__name__}")
            return Opaque(value, "a module with parameters")
        if isinstance(value, oracle_torch.Generator):
            return Named("Generator", str(value.initial_seed()))
        return value

    def _tensor(self, t: oracle_torch.Tensor) -> TensorSpec | Opaque:
        requires_grad = t.requires_grad
        t = t.detach()
        if t.layout is not oracle_torch.strided:
            return Opaque(t.requires_grad_(requires_grad), f"layout {t.layout}")
        if t.device.type != "cpu":
            raise UnsupportedSampleError(f"a tensor on {t.device}")
        t = t.resolve_conj().resolve_neg()
        name = dtype_name(t.dtype)
        span = 0
        if t.numel():
            extents = zip(t.shape, t.stride(), strict=True)
            span = 1 + sum((n - 1) * step for n, step in extents)
        flat = oracle_torch.as_strided(t, (span,), (1,), t.storage_offset()).clone()
        if name in _CARRIER:
            flat = flat.view(_CARRIER[name][0])
        try:
            data = flat.numpy()
        except (TypeError, RuntimeError):
            return Opaque(t, f"dtype {name}")
        return TensorSpec(data, name, tuple(t.shape), t.stride(), requires_grad)


# --- neutral to a library ---------------------------------------------------------


class Library:
    """One side of the comparison."""

    def __init__(self, name: str, *, oracle: bool = False) -> None:
        self.name = name
        self.module = load(name)
        # PyTorch can stand on both sides (--self); as a candidate it is looked up
        # and called the way derivo is.
        self.is_oracle = oracle
        self.is_torch = name == "torch"

    def realise(self, tree: Any) -> tuple[Any, list[Any]]:
        """Build the tree's objects; also return the leaves that require grad."""
        leaves: list[Any] = []
        seen: dict[int, Any] = {}

        def build(node: Any) -> Any:
            if isinstance(node, TensorSpec):
                if id(node) not in seen:
                    seen[id(node)] = self.tensor(node)
                    if node.requires_grad:
                        leaves.append(seen[id(node)])
                return seen[id(node)]
            if isinstance(node, Named):
                return self._named(node)
            if isinstance(node, Opaque):
                return self._opaque(node)
            if isinstance(node, (list, tuple)):
                return type(node)(build(v) for v in node)
            if isinstance(node, dict):
                return {k: build(v) for k, v in node.items()}
            if isinstance(node, slice):
                return slice(*map(build, (node.start, node.stop, node.step)))
            if isinstance(node, types.FunctionType):
                return self.rebind(node)
            return node

        return build(tree), leaves

    def tensor(self, spec: TensorSpec) -> Any:
        lib = self.module
        dtype = getattr(lib, spec.dtype)
        # The clone puts the bytes into the library's own memory: what NumPy lends is
        # aligned and freed by other rules.
        t = lib.from_numpy(spec.data.copy()).clone()
        if spec.dtype in _CARRIER:
            t = t.view(dtype)
        row_major = []
        step = 1
        for n in reversed(spec.size):
            row_major.insert(0, step)
            step *= max(n, 1)
        if tuple(row_major) == spec.stride and spec.data.size == np.prod(spec.size):
            t = t.reshape(spec.size)
        else:
            t = lib.as_strided(t, spec.size, spec.stride)
        t = t.detach()
        return t.requires_grad_(True) if spec.requires_grad else t

    def _named(self, node: Named) -> Any:
        lib = self.module
        if node.kind == "Size":
            sizes = [int(n) for n in node.name.split(",") if n]
            return lib.Size(sizes) if hasattr(lib, "Size") else tuple(sizes)
        if node.kind == "device":
            return lib.device(node.name) if hasattr(lib, "device") else node.name
        if node.kind == "Generator":
            return lib.Generator().manual_seed(int(node.name))
        return getattr_path(lib, node.name)

    def _opaque(self, node: Opaque) -> Any:
        if self.is_torch:
            return node.value
        if isinstance(node.value, oracle_torch.nn.Module) and node.why != (
            "a module with parameters"
        ):
            names = inspect.signature(type(node.value)).parameters
            args = {n: getattr(node.value, n) for n in names if hasattr(node.value, n)}
            return getattr_path(self.module, f"nn.{type(node.value).__name__}")(**args)
        raise UnsupportedSampleError(node.why)

    def rebind(self, function: types.FunctionType) -> types.FunctionType:
        """Return the function with `torch` meaning this library.

        Many entries of the database are little lambdas around a method or a seeded
        call; their body runs unchanged on either library.
        """
        if self.is_oracle:
            return function
        scope = dict(function.__globals__)
        scope["torch"] = self.module
        scope["wrapper_set_seed"] = self.seeded_call
        cells = tuple(
            types.CellType(self._rebind_value(c.cell_contents))
            for c in function.__closure__ or ()
        )
        clone = types.FunctionType(
            function.__code__, scope, function.__name__, function.__defaults__, cells
        )
        clone.__kwdefaults__ = function.__kwdefaults__
        return clone

    def _rebind_value(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType) and value.__module__.startswith(
            "torch.testing"
        ):
            return self.rebind(value)
        name = getattr(value, "__name__", None)
        if callable(value) and getattr(oracle_torch, str(name), None) is value:
            return getattr_path(self.module, str(name))
        return value

    def seeded_call(self, op: Any, *args: Any, **kwargs: Any) -> Any:
        """Call with the seed that PyTorch's own wrapper uses."""
        self.module.manual_seed(42)
        return op(*args, **kwargs)

    # --- a library's values to neutral ones ---

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.module.Tensor)

    def array(self, t: Any) -> np.ndarray:
        """Copy a tensor's values into NumPy (bfloat16 as float32)."""
        t = t.detach()
        if self.is_torch:
            if t.layout is not oracle_torch.strided:
                t = t.to_dense()
            # A ZeroTensor (a gradient known to be zero) has no memory until cloned.
            t = t.clone().resolve_conj().resolve_neg()
        wide = {"bfloat16": "float32", "complex32": "complex64"}
        name = dtype_name(t.dtype)
        if name in wide:
            t = t.to(getattr(self.module, wide[name]))
        return np.array(t.numpy(), copy=True)

    def flatten(self, value: Any) -> list[Any]:
        """Return the tensors of an output tree in order."""
        if self.is_tensor(value):
            return [value]
        if isinstance(value, dict):
            value = value.values()
        elif not isinstance(value, (list, tuple)):
            return []
        return [t for v in value for t in self.flatten(v)]
