"""What nodes show of what they keep, under PyTorch's names.

Elementwise operations and products name their operands themselves. Here are the
structured operations: for each class of node the names of the tensors that it saves,
in order, and a function of the node for the rest (numbers, shapes, flags).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["facts_of", "tensors_of"]

_TENSORS: dict[str, tuple[str, ...]] = {
    "AdaptiveMaxPool2DBackward0": ("result1",),
    "CdistBackward0": ("x1", "x2", "result"),
    "ConvolutionBackward0": ("input", "weight"),
    "EmbeddingBackward0": ("indices",),
    "GluBackward0": ("self",),
    "LogSoftmaxBackward0": ("result",),
    "MseLossBackward0": ("self", "target"),
    "NansumBackward0": ("self",),
    "NativeBatchNormBackward0": ("input", "weight"),
    "NativeGroupNormBackward0": ("input", "weight"),
    "NativeLayerNormBackward0": ("input", "weight", "result1", "result2"),
    "RenormBackward0": ("self",),
    "SoftmaxBackward0": ("result",),
    "VarBackward0": ("self",),
}

# Values and indices, of which the indices are saved.
_INDICES = ("Max", "Min", "Sort", "Topk", "Kthvalue", "Mode", "Cummax", "Cummin")

_UNSIGNED = 1 << 64


def tensors_of(node: Any) -> tuple[str, ...]:
    """Names of the tensors that a structured node saves, in order."""
    name = type(node).__name__
    found = _TENSORS.get(name)
    if found is not None:
        return found
    saved = node._kept_outputs
    if len(saved) == 1 and saved[0] == 1 and name.startswith(_INDICES):
        return ("indices",)
    if name == "MedianBackward1" or "WithIndices" in name or "FractionalMax" in name:
        return ("indices",) if "Median" in name else ("result1",)
    # Inputs first, then the result.
    inputs = ("self", "other") if len(saved) > 1 else ("self",)
    names = []
    for position, output in enumerate(saved):
        if output >= 0:
            names.append("result" if output == 0 else f"result{output}")
        elif position < len(inputs):
            names.append(inputs[position])
        else:
            names.append(f"input{position}")
    return tuple(names)


def _unsigned(dim: int) -> int:
    # A negative dimension as PyTorch shows it: 64 bits without a sign.
    return dim % _UNSIGNED


def _sizes(node: Any) -> dict[str, Any]:
    return {"self_sym_sizes": node.shapes[0]}


def _dim(node: Any) -> dict[str, Any]:
    return {"dim": _unsigned(node.params[0])}


def _count(shape: tuple[int, ...]) -> int:
    out = 1
    for n in shape:
        out *= n
    return out


def _sum(node: Any) -> dict[str, Any]:
    dims, keepdim, shape = node._facts
    out: dict[str, Any] = {"self_sym_sizes": shape}
    name = type(node).__name__
    if name.startswith("Mean"):
        out["self_sym_numel"] = _count(shape)
    if name.endswith("1"):
        out["dim"] = dims
        out["keepdim"] = keepdim
    return out


def _view(node: Any) -> dict[str, Any]:
    _, (a, b, c, d), shape, extra = node._facts
    name = type(node).__name__.removesuffix("Backward0")
    sizes = {"self_sym_sizes": shape}
    if name in ("View", "UnsafeView", "Expand", "SqueezeBackward1", "Squeeze"):
        return sizes
    if name == "Transpose":
        return {"dim0": a, "dim1": b}
    if name == "Permute":
        return {"dims": extra}
    if name == "Unsqueeze":
        return {"dim": a}
    if name == "Select":
        return {"dim": a, "index": b, **sizes}
    if name == "Slice":
        return {"dim": a, "start": b, "end": c, "step": d, **sizes}
    if name == "Diagonal":
        return {"offset": a, "dim1": b, "dim2": c, **sizes}
    if name == "Unfold":
        return {"dimension": a, "size": b, "step": c, **sizes}
    if name == "AsStrided":
        strides, offset, size = extra[:3]
        return {"size": size, "stride": strides, "storage_offset": offset}
    return {}


_FACTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "CatBackward0": lambda node: {"dim": _unsigned(node.params[-1])},
    "CumprodBackward0": _dim,
    "CumsumBackward0": _dim,
    "FlipBackward0": lambda node: {"dims": tuple(node.params[0])},
    "LogSoftmaxBackward0": _dim,
    "LogcumsumexpBackward0": _dim,
    "SoftmaxBackward0": _dim,
    "StackBackward0": lambda node: {"dim": _unsigned(node.params[-1])},
    "TraceBackward0": _sizes,
    "UnbindBackward0": _dim,
}


def facts_of(node: Any) -> dict[str, Any]:
    """What else a node shows: numbers, shapes and flags by name."""
    name = type(node).__name__
    found = _FACTS.get(name)
    if found is not None:
        return found(node)
    facts = getattr(type(node), "_facts", None)
    if facts is None:
        return {}
    return _sum(node) if len(node._facts) == 3 else _view(node)
