"""What nodes show under PyTorch's names beside tensors: numbers, shapes and flags.

Most are parameters (`_saved_names.PARAMETERS`); the rest are functions of the node.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.autograd._saved_names import PARAMETERS
from derivo.ops._rows import Place

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["facts_of"]

_UNSIGNED = 1 << 64
# Words that PyTorch's nodes keep as numbers.
_CODES: dict[str, tuple[str, ...]] = {
    "reduction": ("none", "mean", "sum"),
    "interpolation_mode": ("bilinear", "nearest", "bicubic"),
    "padding_mode": ("zeros", "border", "reflection"),
    "mode": ("sum", "mean", "max"),
}
_UNSIGNED_FACTS = (
    *("dim", "dim1", "dim2", "index", "start", "ignore_index", "padding_idx"),
    *("diagonal", "offset", "divisor_override"),
)
# Numbers of either kind: PyTorch keeps the one that was given.
_NUMBERS = ("correction",)


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unsigned(dim: int) -> int:
    # A negative dimension as PyTorch shows it: 64 bits without a sign.
    return dim % _UNSIGNED


def _sum(node: Any) -> dict[str, Any]:
    dims, keepdim, shape = node._facts
    out: dict[str, Any] = {"self_sym_sizes": shape}
    name = type(node).__name__
    if name.startswith("Mean"):
        out["self_sym_numel"] = math.prod(shape)
    if name.endswith("1"):
        out["dim"] = dims
        out["keepdim"] = keepdim
    return out


def _view(node: Any) -> dict[str, Any]:
    _, (a, b, c, d), shape, extra = node._facts
    name, _, number = type(node).__name__.partition("Backward")
    sizes = {"self_sym_sizes": shape}
    if name in ("View", "UnsafeView", "ReshapeAlias", "Expand"):
        return sizes
    if name == "Squeeze":
        # Of all, of one dimension, of several; then the same in place.
        form = int(number[0]) % 3
        return {**sizes, "dim": (a, extra)[form - 1]} if form else sizes
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
    if name == "NarrowCopy":
        return {"dim": a, "start": b, "length": c - b, **sizes}
    if name == "Diagonal":
        return {"offset": _unsigned(a), "dim1": b, "dim2": c, **sizes}
    if name == "Unfold":
        return {"dimension": a, "size": b, "step": c, **sizes}
    if name == "AsStrided":
        return {"size": extra[2], "stride": extra[0], "storage_offset": extra[5]}
    return {}


def _parameters(node: Any, words: str) -> dict[str, Any]:
    """Parameters by name, as PyTorch shows them."""
    out: dict[str, Any] = {}
    given = iter(node.params)
    for name in words.split():
        if name == "sizes":
            out["self_sym_sizes"] = node.shapes[0]
            continue
        try:
            value = next(given)
        except StopIteration:
            continue
        if isinstance(value, str) and value in _CODES.get(name, ()):
            value = _CODES[name].index(value)
        elif name in _UNSIGNED_FACTS and type(value) is int:
            value = _unsigned(value)
        elif name in _NUMBERS:
            value = _number(value)
        elif name == "dim" and isinstance(value, tuple):
            value = _reduced(node, value)
        elif isinstance(value, list):
            value = tuple(value)
        if name != "_":
            out[name] = value
    return out


def _reduced(node: Any, dims: tuple[int, ...]) -> Any:
    """Dimensions of a reduction; None where all are, as when none were given."""
    name = type(node).__name__
    if name == "ProdBackward1":
        return dims[0] if dims else 0
    if name.startswith(("Amax", "Amin", "Fft", "Logsumexp", "Norm")):
        return dims
    return None if len(dims) == len(node.shapes[0]) else dims


def _place(node: Any) -> Place:
    found: Place = next(p for p in node.params if isinstance(p, Place))
    return found


def _as_given(index: Any, place: Place) -> Any:
    """An index in the dtype and shape that it was given in."""
    if not place.kinds or place.kinds[0] is None:
        return index
    dtype, shape = place.kinds[0]
    return index.reshape(shape).to(dtype)


def _rows(node: Any) -> dict[str, Any]:
    """Of operations on whole rows of a dimension."""
    place = _place(node)
    return {"dim": place.first, "index": _as_given(place.at, place)}


def _source_rows(node: Any) -> dict[str, Any]:
    """The same, of those that take the rows of another tensor, the last one."""
    return {**_rows(node), "source_dim": len(node.shapes[-1])}


def _elements(node: Any) -> dict[str, Any]:
    """Of `gather` and `scatter`, which keep places in the whole tensor."""
    place = _place(node)
    if place.dim < 0:
        return {}
    shape = node.shapes[0] or (1,)
    inner = math.prod(shape[place.dim + 1 :])
    index = place.at // inner % shape[place.dim] if place.at.numel() else place.at
    return {"dim": place.dim, "index": _as_given(index, place)}


def _unexpanded(t: Any, shape: tuple[int, ...]) -> Any:
    """What had that shape before it was expanded to `t`."""
    if not t.numel():
        return t
    t = t[(0,) * (t.dim() - len(shape))]
    for d, n in enumerate(shape):
        if n == 1:
            t = t.narrow(d, 0, 1)
    return t


def _mask_at(at: Any, shape: tuple[int, ...], dtype: Any = None) -> Any:
    """A mask that is true at positions of a tensor of that shape."""
    from derivo import bool, zeros

    mask = zeros(math.prod(shape), dtype=bool)
    mask[at.reshape(-1)] = True
    return mask.view(shape).to(dtype or bool)


def _mask(node: Any, shape: tuple[int, ...]) -> Any:
    """The mask that the elements of a tensor of that shape were found by."""
    place = _place(node)
    if not place.kinds or place.kinds[0] is None:
        return _mask_at(place.at, shape)
    return _unexpanded(_mask_at(place.at, shape), place.kinds[0][1])


def _indices(node: Any) -> tuple[Any, ...]:
    """The indices of a subscript as they were given, from the positions that are kept.

    Negative ones are the positions that they mean.
    """
    from derivo import unravel_index

    place, *after = node.params
    shape = node.shapes[0]
    if not isinstance(place, Place):
        shape, (place, *after) = place, after
    if after and isinstance(after[0], tuple):
        shape = [shape[d] for d in after[0]]
    sizes = shape[place.first : place.first + place.width]
    parts = list(unravel_index(place.at, sizes))
    found: list[Any] = []
    for kind in place.kinds:
        if kind is None:
            found.append(None)
            continue
        dtype, given = kind
        if dtype.name not in ("bool", "uint8"):
            found.append(_unexpanded(parts.pop(0), given).to(dtype))
            continue
        at = 0
        for n in given:
            at = at * n + parts.pop(0)
        found.append(_mask_at(at, given, dtype))
    return tuple(found)


def _output_padding(grid: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """What a transposed convolution adds to the least size of its result."""
    out = []
    for k, size in enumerate(grid.size):
        windows = (shape[len(shape) - len(grid.size) + k] - 1) * grid.stride[k]
        reach = grid.dilation[k] * (grid.kernel[k] - 1) + 1
        out.append(size - windows - reach + 2 * grid.before[k])
    return tuple(out)


def _resized(node: Any) -> dict[str, Any]:
    """Of interpolation: a matrix per dimension, of a row for each result."""
    return {
        "self_sym_sizes": node.shapes[0],
        "output_size": tuple([matrix.shape[0] for matrix in node.params[0]]),
    }


def _padded(node: Any) -> dict[str, Any]:
    """Of reflection and replication: from the last dimension to the first."""
    pad: list[int] = []
    for _, before, after in sorted(node.params[0], reverse=True):
        pad += (_unsigned(before), _unsigned(after))
    return {"padding": tuple(pad)}


def _windows(node: Any) -> dict[str, Any]:
    """Of pooling, `unfold` and convolutions: where the windows lie."""
    grid = node.params[0]
    name = type(node).__name__
    out = {"padding": grid.before, "stride": grid.stride}
    if not name.startswith("Avg"):
        out["dilation"] = grid.dilation
    if name.startswith("Conv"):
        out["bias_sym_sizes_opt"] = node.shapes[2] or (0,)
        out["transposed"] = "transpose" in node.op.name
        out["output_padding"] = (
            _output_padding(grid, node.shapes[0])
            if out["transposed"]
            else (0,) * len(grid.kernel)
        )
        return {**out, "groups": node.params[1]}
    out["kernel_size"] = grid.kernel
    if name.startswith("Im2Col"):
        out["self_sym_argsize_minus_1"] = node.shapes[0][-1]
        out["self_sym_argsize_minus_2"] = node.shapes[0][-2]
    if name.startswith("Avg"):
        out["count_include_pad"], divisor = node.params[1:]
        out["divisor_override"] = divisor if divisor is None else _unsigned(divisor)
    return out


def _of_logits(node: Any) -> dict[str, Any]:
    """Of binary cross entropy; without weight of positives it is another operation."""
    shown: dict[str, Any] = {"reduction": _CODES["reduction"].index(node.params[-1])}
    if len(node.shapes) == 3:
        shown["pos_weight"] = None
    return shown


_WINDOWED = ("AvgPool", "Im2Col", "MaxPool2DWith", "MaxPool3DWith", "Convolution")

_FACTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "AddbmmBackward0": lambda node: {
        **_parameters(node, PARAMETERS["AddbmmBackward0"]),
        "batch1_sym_argsize_0": node.shapes[1][0],
        "batch1_sym_argsize_1": node.shapes[1][1],
        "batch2_sym_argsize_2": node.shapes[2][2],
    },
    # A bound that is not there.
    "ClampBackward0": lambda node: {"min": None, "max": None},
    "ClampBackward1": lambda node: {"min": None, "max": None},
    "BinaryCrossEntropyWithLogitsBackward0": _of_logits,
    "CatBackward0": lambda node: {"dim": _unsigned(node.params[-1])},
    "StackBackward0": lambda node: {"dim": _unsigned(node.params[-1])},
    "ConstantPadNdBackward0": lambda node: {
        "pad": tuple([_unsigned(n) for n in node.params[0]])
    },
    "EmbeddingBackward0": lambda node: {
        **_parameters(node, PARAMETERS["EmbeddingBackward0"]),
        "sparse": False,
        "weight_sym_argsize_0": node.shapes[0][0],
    },
    "IndexAddBackward0": lambda node: {
        **_source_rows(node),
        "alpha": node.params[2] if len(node.params) > 2 else 1,
    },
    "EmbeddingBagBackward0": lambda node: {
        **_parameters(node, PARAMETERS["EmbeddingBagBackward0"]),
        "weight_sym_argsize_0": node.shapes[0][0],
    },
    "GatherBackward0": lambda node: {**_elements(node), "sparse_grad": False},
    "IndexBackward0": lambda node: {
        "indices": _indices(node),
        "self_sym_sizes": node.shapes[0],
    },
    "IndexCopyBackward0": _source_rows,
    "IndexFillBackward0": _rows,
    "IndexFillBackward1": _rows,
    "IndexPutBackward0": lambda node: {
        "indices": _indices(node),
        # The one with a shape in front adds to zeros of that shape.
        "accumulate": node.params[-1] == "sum" or node.params[0] is not _place(node),
    },
    "IndexSelectBackward0": lambda node: {
        **_rows(node),
        "self_sym_sizes": node.shapes[0],
    },
    "LuUnpackBackward0": lambda node: {
        "LU_data_sym_argsize_minus_2": node.shapes[0][-2],
        "LU_data_sym_argsize_minus_1": node.shapes[0][-1],
    },
    "LinalgLuBackward0": lambda node: {"pivot": True},
    "LinalgLuFactorExBackward0": lambda node: {"pivot": True},
    "LinalgSvdBackward0": lambda node: {
        "full_matrices": node.params[0],
        "S_sym_argsize_minus_1": node.outputs[1][0][-1],
    },
    "MaskedScatterBackward0": lambda node: {
        "mask": _mask(node, (*node.params, node.shapes[0])[2]),
        "source_sym_sizes": node.shapes[1],
    },
    "MaskedSelectBackward0": lambda node: {"mask": _mask(node, node.params[1])},
    "NativeGroupNormBackward0": lambda node: {
        "N": node.shapes[0][0],
        "C": node.shapes[0][1],
        "HxW": math.prod(node.shapes[0][2:]),
        "group": node.params[0],
        "eps": node.params[1],
    },
    "NormalBackward1": lambda node: {"mean_sym_sizes": node.shapes[0]},
    "NormalBackward2": lambda node: {"std_sym_sizes": node.shapes[0]},
    "NormalBackward3": lambda node: {
        "mean_sym_sizes": node.shapes[0],
        "std_sym_sizes": node.shapes[1],
    },
    "PutBackward0": lambda node: {
        "index": node.params[0].at,
        "accumulate": node.params[1] == "sum",
    },
    "RollBackward0": lambda node: {
        "shifts": tuple([_unsigned(n) for n in node.params[0]]),
        "dims": (*node.params, ())[1],
    },
    "Rot90Backward0": lambda node: {
        "k": _unsigned(node.params[0]),
        "dims": node.params[1:],
    },
    "SplitBackward0": lambda node: {
        "dim": _unsigned(node.params[1]),
        "split_size": node.params[0][0],
        "self_sym_sizes": node.shapes[0],
    },
    "ScatterAddBackward0": _elements,
    "ScatterBackward0": _elements,
    "ScatterBackward1": _elements,
    "TrilinearBackward0": lambda node: {
        "expand1": (1, 3),
        "expand2": (0,),
        "expand3": (1, 2),
        "sumdim": (2, 3),
    },
    "TakeBackward0": lambda node: {"index": node.params[0].at},
    "NativeLayerNormBackward0": lambda node: {
        "normalized_shape": node.shapes[0][len(node.shapes[0]) - node.params[0] :],
    },
}
_FACTS["UnsafeSplitBackward0"] = _FACTS["SplitBackward0"]


def facts_of(node: Any) -> dict[str, Any]:
    """What else a node shows: numbers, shapes and flags by name."""
    name = type(node).__name__.removesuffix("_copy")
    found = _FACTS.get(name)
    if found is not None:
        return found(node)
    words = PARAMETERS.get(name)
    if words is not None and hasattr(node, "params"):
        return _parameters(node, words)
    if name.startswith(_WINDOWED) and hasattr(node.params[0], "before"):
        return _windows(node)
    if name.startswith("Upsample"):
        return _resized(node)
    if name.startswith(("ReflectionPad", "ReplicationPad")):
        return _padded(node)
    facts = getattr(type(node), "_facts", None)
    if facts is None:
        return {}
    return _sum(node) if len(node._facts) == 3 else _view(node)
