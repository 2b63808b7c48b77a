"""Tables of vectors: embedding, bags of them, and one-hot codes."""

from __future__ import annotations

from typing import Any

import derivo
from derivo._core.primitive import Primitive
from derivo.nn._functional._composite import composite_node
from derivo.ops import _batching
from derivo.tensor import Tensor

_NO_PADDING = -1


def _embedding_vjp(ctx: Any, g: Tensor, padding_idx: int, by_freq: bool) -> Any:
    (indices,) = ctx.saved
    return _embedding_dense((g,), indices, ctx.shapes[0][0], padding_idx, by_freq), None


def _dense_forward(
    g: Tensor, indices: Tensor, rows: int, padding_idx: int, by_freq: bool
) -> Tensor:
    flat = indices.reshape(-1)
    width = g.shape[-1]
    parts = g.reshape(-1, width)
    if by_freq:
        counts = derivo.bincount(flat, minlength=rows)
        parts = parts / counts[flat].unsqueeze(1).to(parts.dtype)
    made = derivo.zeros((rows, width), dtype=g.dtype)
    made = made.index_add(0, flat, parts)
    if padding_idx >= 0:
        made[padding_idx].zero_()
    return made


def _dense_vjp(
    ctx: Any, g: Tensor, indices: Tensor, rows: int, padding_idx: int, by_freq: bool
) -> Tensor:
    # The transpose of a sum into rows: look the rows up again.
    out = g[indices]
    if by_freq:
        counts = derivo.bincount(indices.reshape(-1), minlength=rows)
        out = out / counts[indices].unsqueeze(-1).to(out.dtype)
    if padding_idx >= 0:
        out = out.masked_fill((indices == padding_idx).unsqueeze(-1), 0)
    return out


_embedding_dense = Primitive(
    "embedding_dense_backward",
    node="EmbeddingDenseBackwardBackward0",
    forward=_dense_forward,
    vjp=_dense_vjp,
    batch=_batching.follows,
)


def _embedding_forward(
    weight: Tensor, indices: Tensor, padding_idx: int, by_freq: bool
) -> Tensor:
    out = weight.index_select(0, indices.reshape(-1))
    return out.reshape(*indices.shape, weight.shape[1])


_embedding = Primitive(
    "embedding",
    node="EmbeddingBackward0",
    forward=_embedding_forward,
    vjp=_embedding_vjp,
    save=(1,),
    batch=_batching.follows,
    edges=1,
)


def _renormalise(
    weight: Tensor, indices: Tensor, max_norm: float, norm_type: float
) -> None:
    # Only the rows that are looked up, and only those that are too long.
    with derivo.no_grad():
        used = derivo.zeros(weight.shape[0], dtype=derivo.bool)
        used[indices.reshape(-1).to(derivo.int64)] = True
        rows = used.nonzero().reshape(-1)
        chosen = weight.detach()[rows]
        norms = chosen.norm(norm_type, 1, keepdim=True)
        scale = derivo.where(norms > max_norm, max_norm / (norms + 1e-7), 1.0)
        weight.detach().index_copy_(0, rows, chosen * scale.to(weight.dtype))


def _padding(op: str, padding_idx: int | None, rows: int) -> int:
    if padding_idx is None:
        return _NO_PADDING
    if not -rows <= padding_idx < rows:
        raise AssertionError(
            f"[{op}] Padding_idx must be within num_embeddings, got padding_idx="
            f"{padding_idx} for {rows} rows"
        )
    return padding_idx + rows if padding_idx < 0 else padding_idx


def _check_indices(op: str, input: Tensor) -> None:
    if input.dtype not in (derivo.int64, derivo.int32):
        raise RuntimeError(
            f"[{op}] Expected tensor for argument #1 'indices' to have one of the "
            f"following scalar types: Long, Int; but got {input.dtype} instead"
        )


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look rows of a table up.

    Parameters
    ----------
    input : Tensor of any shape, int64 or int32
        Row numbers.
    weight : Tensor of shape (rows, width)
        The table.
    padding_idx : int, optional
        A row that gets no gradient.
    max_norm : float, optional
        Rows looked up that are longer are shortened in place first.
    norm_type : float, optional
        The p of that norm.
    scale_grad_by_freq : bool, optional
        Divide a row's gradient by how often it was looked up.
    sparse : bool, optional
        Accepted; gradients are dense.

    Returns
    -------
    Tensor of shape (..., width)
        The rows.

    Raises
    ------
    RuntimeError
        If `input` is not of integers or `weight` not a matrix.
    IndexError
        If a row number is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> table = torch.eye(3, requires_grad=True)
    >>> torch.nn.functional.embedding(torch.tensor([2, 2]), table).sum().backward()
    >>> table.grad.sum(1)
    tensor([0., 0., 6.])
    """
    _check_indices("embedding", input)
    if weight.dim() != 2:
        raise RuntimeError(
            f"[embedding] 'weight' must be 2-D, got {weight.dim()} dimensions"
        )
    padding = _padding("embedding", padding_idx, weight.shape[0])
    if max_norm is not None:
        _renormalise(weight, input, max_norm, norm_type)
    return _embedding((weight, input), padding, scale_grad_by_freq)


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Look rows up and reduce each bag of them to one.

    Parameters
    ----------
    input : Tensor of shape (bags, size) or (n,), int64 or int32
        Row numbers; one-dimensional with `offsets`.
    weight : Tensor of shape (rows, width)
        The table.
    offsets : Tensor of shape (bags,), optional
        Where each bag begins in a one-dimensional `input`.
    max_norm, norm_type, scale_grad_by_freq, sparse, padding_idx
        As for `embedding`; padding does not count.
    mode : {"mean", "sum", "max"}, optional
        The reduction.
    per_sample_weights : Tensor of the shape of `input`, optional
        Factors, for mode "sum".
    include_last_offset : bool, optional
        Whether `offsets` ends with the end of the last bag.

    Returns
    -------
    Tensor of shape (bags, width)
        Zero for empty bags.

    Raises
    ------
    ValueError, RuntimeError
        If shapes, dtypes or the mode do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.embedding_bag(torch.tensor([[0, 2]]), torch.eye(3))
    tensor([[0.5000, 0.0000, 0.5000]])
    """
    op = "embedding_bag"
    _check_indices(op, input)
    if mode not in ("mean", "sum", "max"):
        raise ValueError(f"[{op}] mode has to be one of sum, mean or max, got {mode!r}")
    if per_sample_weights is not None:
        if mode != "sum":
            raise NotImplementedError(
                f"[{op}] per_sample_weights was not None. per_sample_weights is only "
                f"supported for mode='sum' (got mode='{mode}')."
            )
        if per_sample_weights.shape != input.shape:
            raise ValueError(
                f"[{op}] If per_sample_weights ({list(per_sample_weights.shape)}) is "
                f"not None, it must have the same shape as the input "
                f"({list(input.shape)})"
            )
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                f"[{op}] if input is 2D, then offsets has to be None, as input is "
                "treated is a mini-batch of fixed length sequences."
            )
        bags, size = input.shape
        offsets = derivo.arange(bags) * size
        bag_of = derivo.arange(bags).repeat_interleave(size)
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)
    elif input.dim() == 1:
        if offsets is None:
            raise ValueError(f"[{op}] offsets has to be a 1D Tensor but got None")
        if offsets.dim() != 1:
            raise ValueError(f"[{op}] offsets has to be a 1D Tensor")
        starts = offsets.tolist()
        if include_last_offset:
            starts, ends = starts[:-1], starts[1:]
        else:
            ends = [*starts[1:], input.numel()]
        if starts and starts[0] != 0:
            raise ValueError(
                f"[{op}] offsets[0] has to be 0, i.e., the first sequence in the "
                f"mini-batch has to start from position 0. However, got {starts[0]}"
            )
        bags = len(starts)
        lengths = derivo.tensor(
            [e - s for s, e in zip(starts, ends, strict=True)], dtype=derivo.int64
        )
        bag_of = derivo.arange(bags).repeat_interleave(lengths)
    else:
        raise ValueError(
            f"[{op}] input has to be 1D or 2D Tensor, but got Tensor of dimension "
            f"{input.dim()}"
        )
    flat = input.reshape(-1)
    padding = _padding(op, padding_idx, weight.shape[0])
    if max_norm is not None:
        _renormalise(weight, flat, max_norm, norm_type)
    learned = per_sample_weights is not None and per_sample_weights.requires_grad
    return _bags(
        (weight, per_sample_weights),
        *(flat, bag_of, bags, mode, padding, scale_grad_by_freq),
        given={
            "offsets": offsets,
            "sparse": sparse,
            "weight": weight if learned else None,
        },
    )


def _bag_parts(
    weight: Tensor,
    per_sample_weights: Tensor | None,
    flat: Tensor,
    bag_of: Tensor,
    bags: int,
    mode: str,
    padding: int,
    by_freq: bool,
) -> Tensor:
    if padding >= 0:
        kept = (flat != padding).nonzero().reshape(-1)
        flat, bag_of = flat[kept], bag_of[kept]
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights[kept]
    rows = _embedding((weight, flat), padding, by_freq)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(1)
    width = weight.shape[1]
    if mode == "max":
        return _bag_max(rows, bag_of, bags)
    total = derivo.zeros((bags, width), dtype=rows.dtype).index_add(0, bag_of, rows)
    if mode == "mean":
        counts = derivo.bincount(bag_of, minlength=bags).clamp(min=1)
        total = total / counts.unsqueeze(1).to(total.dtype)
    return total


_bags = composite_node("embedding_bag", "EmbeddingBagBackward0", _bag_parts)


def _bag_max(rows: Tensor, bag_of: Tensor, bags: int) -> Tensor:
    parts = []
    for bag in range(bags):
        mine = (bag_of == bag).nonzero().reshape(-1)
        if mine.numel():
            parts.append(rows[mine].max(0)[0])
        else:
            parts.append(derivo.zeros(rows.shape[1], dtype=rows.dtype))
    if not parts:
        return derivo.zeros((0, rows.shape[1]), dtype=rows.dtype)
    return derivo.stack(parts)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Make vectors with a single 1, at the place that `tensor` names.

    Parameters
    ----------
    tensor : Tensor of any shape, int64
        Class numbers.
    num_classes : int, optional
        Length of the vectors. Default: one more than the largest class number.

    Returns
    -------
    Tensor of shape (..., num_classes), int64
        The codes.

    Raises
    ------
    RuntimeError
        If a class number is negative or too large, or the dtype is not int64.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype != derivo.int64:
        raise RuntimeError(
            "[one_hot] one_hot is only applicable to index tensor of type LongTensor, "
            f"got {tensor.dtype}"
        )
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError(
                "[one_hot] Can not infer total number of classes from empty tensor."
            )
        return derivo.zeros((*tensor.shape, num_classes), dtype=derivo.int64)
    if int(tensor.min()) < 0:
        raise RuntimeError("[one_hot] Class values must be non-negative.")
    largest = int(tensor.max())
    if num_classes == -1:
        num_classes = largest + 1
    elif num_classes < 1:
        raise RuntimeError(
            f"[one_hot] num_classes should be positive, got {num_classes}"
        )
    elif largest >= num_classes:
        raise RuntimeError(
            "[one_hot] Class values must be smaller than num_classes, got "
            f"{largest} for num_classes={num_classes}."
        )
    return (tensor.unsqueeze(-1) == derivo.arange(num_classes)).to(derivo.int64)
