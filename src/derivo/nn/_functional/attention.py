"""Attention: weighted means of values by similarity of keys to queries."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo.ops import _batching
from derivo.ops._numbers import times
from derivo.ops._primitive import Primitive
from derivo.ops.normalization import SAFE_SOFTMAX, SOFTMAX_BACKWARD
from derivo.tensor import Tensor


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(query @ key.T * scale + mask) @ value``.

    Parameters
    ----------
    query : Tensor of shape (..., L, E)
        Floating.
    key : Tensor of shape (..., S, E)
        With the dtype of `query`.
    value : Tensor of shape (..., S, Ev)
        With the dtype of `query`.
    attn_mask : Tensor that broadcasts to (..., L, S), optional
        bool: where attention is allowed; floating: added to the scores.
    dropout_p : float, optional
        Probability of a zero among the weights.
    is_causal : bool, optional
        Attend to positions up to the query's only.
    scale : float, optional
        Default: ``1 / sqrt(E)``.
    enable_gqa : bool, optional
        Share each head of keys and values among several of queries.

    Returns
    -------
    Tensor of shape (..., L, Ev)
        The weighted means.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit, or both a mask and `is_causal` are given.

    Examples
    --------
    >>> import derivo as torch
    >>> q, k, v = torch.zeros(1, 2), torch.zeros(2, 2), torch.eye(2)
    >>> torch.nn.functional.scaled_dot_product_attention(q, k, v)
    tensor([[0.5000, 0.5000]])
    """
    op = "scaled_dot_product_attention"
    if not query.dtype == key.dtype == value.dtype:
        raise RuntimeError(
            f"[{op}] Expected query, key, and value to have the same dtype, but got "
            f"query.dtype: {query.dtype} key.dtype: {key.dtype} and value.dtype: "
            f"{value.dtype} instead."
        )
    if min(query.dim(), key.dim(), value.dim()) < 2:
        raise RuntimeError(
            f"[{op}] Expected query, key, and value to all be at least 2 dimensional, "
            f"but got query.dim: {query.dim()}, key.dim: {key.dim()} and value.dim: "
            f"{value.dim()} instead."
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError(
            f"[{op}] Explicit attn_mask should not be set when is_causal=True"
        )
    if enable_gqa:
        repeats = query.size(-3) // key.size(-3)
        key = key.repeat_interleave(repeats, -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    if _can_fuse(query, key, value, attn_mask) and dropout_p == 0.0:
        given: dict[str, Any] = {"dropout_p": dropout_p, "scale": scale}
        if attn_mask is None:
            given["attn_mask"] = None
        scale = _scale(query, scale)
        mask = _as_terms(attn_mask, query.dtype)
        return _FUSED((query, key, value, mask), is_causal, scale, given=given)[0]
    # Half of the factor on either side keeps half types from overflowing.
    scale = _scale(query, scale)
    root = math.sqrt(abs(scale))
    scores = times(query, math.copysign(root, scale)) @ times(
        key.transpose(-2, -1), root
    )
    if is_causal:
        attn_mask = _causal(scores)
    terms = _as_terms(attn_mask, scores.dtype)
    if terms is not None:
        scores = scores + terms
    weights = SAFE_SOFTMAX((scores,), scores.dim() - 1)
    if dropout_p > 0.0:
        weights = derivo.nn.functional.dropout(weights, dropout_p)
    return weights @ value


def _scale(query: Tensor, scale: float | None) -> float:
    if scale is not None:
        return scale
    return 1 / math.sqrt(query.size(-1)) if query.size(-1) else 1.0


def _causal(scores: Tensor) -> Tensor:
    allowed = derivo.ones(scores.shape[-2:], dtype=derivo.bool).tril()
    made = _as_terms(allowed, scores.dtype)
    assert made is not None
    return made


def _as_terms(mask: Tensor | None, dtype: Any) -> Tensor | None:
    """Of a mask of what is allowed: what is added to the scores."""
    if mask is None or mask.dtype != derivo.bool:
        return mask
    nothing = derivo.zeros_like(mask, dtype=dtype)
    return nothing.masked_fill(mask.logical_not(), -math.inf)


# -- heads in a batch: one node, as PyTorch's fused kernel ----------------------


def _can_fuse(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> bool:
    """Whether PyTorch takes its fused kernel, too."""
    if q.dtype not in (derivo.float32, derivo.float64) or not q.numel():
        return False
    if mask is not None and (mask.requires_grad or mask.dim() not in (2, 4)):
        return False
    return (
        q.dim() == k.dim() == v.dim() == 4
        and q.shape[:2] == k.shape[:2]
        and q.shape[-1] == k.shape[-1]
        and k.shape == v.shape
        and k.numel() > 0
    )


def _fused_forward(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, causal: bool, scale: float
) -> tuple[Tensor, Tensor]:
    scores = (q @ k.transpose(-2, -1)).mul_(scale)
    if causal:
        mask = _causal(scores)
    if mask is not None:
        scores = scores + mask
    weights: Tensor = SAFE_SOFTMAX((scores,), scores.dim() - 1)
    return weights @ v, weights


def _fused_vjp(
    ctx: Any, gs: list[Tensor | None], causal: bool, scale: float
) -> tuple[Tensor | None, ...]:
    q, k, v, weights = ctx.saved
    g = ctx.zeros(0) if gs[0] is None else gs[0]
    dq = dk = dv = None
    if ctx.needs[2]:
        dv = weights.transpose(-2, -1) @ g
    if ctx.needs[0] or ctx.needs[1]:
        slope = g @ v.transpose(-2, -1)
        if gs[1] is not None:
            slope = slope + gs[1]
        slope = SOFTMAX_BACKWARD((slope, weights), g.dim() - 1)
        dq = (slope @ k) * scale if ctx.needs[0] else None
        dk = (slope.transpose(-2, -1) @ q) * scale if ctx.needs[1] else None
    return dq, dk, dv, None


_FUSED = Primitive(
    "scaled_dot_product_attention",
    node="ScaledDotProductFlashAttentionForCpuBackward0",
    forward=_fused_forward,
    vjp=_fused_vjp,
    save=lambda needs, inputs, out, params: (*inputs[:3], out[1]),
    multi=True,
    batch=_batching.follows,
    edges=3,
)


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention by several heads; what `MultiheadAttention` computes.

    Parameters
    ----------
    query : Tensor of shape (L, N, E) or (L, E)
        The positions that attend.
    key, value : Tensor of shape (S, N, E) or (S, E)
        The positions attended to.
    embed_dim_to_check, num_heads : int
        E, and the number of heads that divides it.
    in_proj_weight, in_proj_bias : Tensor of shape (3E, E) and (3E,)
        Projections of query, key and value, one below the other.
    bias_k, bias_v : Tensor of shape (1, 1, E), optional
        One more key and value.
    add_zero_attn : bool
        Add a key and value of zeros.
    dropout_p : float
        Dropout of the weights while `training`.
    out_proj_weight, out_proj_bias : Tensor
        Projection of the result.
    key_padding_mask : Tensor of shape (N, S) or (S,), optional
        bool: keys to ignore; floating: added to the scores.
    need_weights : bool, optional
        Return the weights, averaged over heads if `average_attn_weights`.
    attn_mask : Tensor of shape (L, S) or (N * heads, L, S), optional
        bool: where attention is forbidden; floating: added to the scores.
    use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight
        Projections for keys and values of another width.
    static_k, static_v : Tensor of shape (N * heads, S, E / heads), optional
        Keys and values that are projected already.
    is_causal : bool, optional
        A hint that the mask is causal.

    Returns
    -------
    pair of Tensor
        The result, of the shape of `query`, and the weights (or None).

    Raises
    ------
    AssertionError, RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.MultiheadAttention(4, 2)
    >>> x = torch.ones(3, 1, 4)
    >>> out, weights = layer(x, x, x)
    >>> out.shape, weights.shape
    (torch.Size([3, 1, 4]), torch.Size([1, 3, 3]))
    """
    op = "multi_head_attention_forward"
    linear = derivo.nn.functional.linear
    had_batch = query.dim() == 3
    if query.dim() not in (2, 3):
        raise AssertionError(
            f"[{op}] query should be unbatched 2D or batched 3D tensor but received "
            f"{query.dim()}-D query tensor"
        )
    if not had_batch:
        query, key, value = (t.unsqueeze(1) for t in (query, key, value))
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, n, width = query.shape
    if width != embed_dim_to_check:
        raise AssertionError(
            f"[{op}] was expecting embedding dimension of {embed_dim_to_check}, but "
            f"got {width}"
        )
    head = width // num_heads
    if head * num_heads != width:
        raise AssertionError(
            f"[{op}] embed_dim {width} not divisible by num_heads {num_heads}"
        )
    if use_separate_proj_weight:
        weights_in: Any = (q_proj_weight, k_proj_weight, v_proj_weight)
    else:
        assert in_proj_weight is not None
        weights_in = in_proj_weight.chunk(3)
    biases = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
    q, k, v = (
        linear(t, w, b)
        for t, w, b in zip((query, key, value), weights_in, biases, strict=True)
    )
    mask = _as_score(op, attn_mask, q.dtype)
    if mask is not None and mask.dim() == 2:
        mask = mask.unsqueeze(0)
    padding = _as_score(op, key_padding_mask, q.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(f"[{op}] Need attn_mask if specifying the is_causal hint.")
    if bias_k is not None and bias_v is not None:
        k = derivo.cat([k, bias_k.repeat(1, n, 1)])
        v = derivo.cat([v, bias_v.repeat(1, n, 1)])
        mask, padding = _widened(mask), _widened(padding)

    def heads(t: Tensor) -> Tensor:
        return t.reshape(t.shape[0], n * num_heads, head).transpose(0, 1)

    q = heads(q)
    k = heads(k) if static_k is None else static_k
    v = heads(v) if static_v is None else static_v
    if add_zero_attn:
        zeros = derivo.zeros((n * num_heads, 1, head), dtype=k.dtype)
        k, v = derivo.cat([k, zeros], 1), derivo.cat([v, zeros], 1)
        mask, padding = _widened(mask), _widened(padding)
    source = k.shape[1]
    if padding is not None:
        per_head = padding.view(n, 1, 1, source).expand(-1, num_heads, -1, -1)
        padding = per_head.reshape(n * num_heads, 1, source)
        mask = padding if mask is None else mask + padding
    q, turned = q * math.sqrt(1.0 / head), k.transpose(-2, -1)
    scores = derivo.bmm(q, turned) if mask is None else derivo.baddbmm(mask, q, turned)
    weights = scores.softmax(-1)
    if training and dropout_p > 0.0:
        weights = derivo.nn.functional.dropout(weights, dropout_p)
    out = derivo.bmm(weights, v).transpose(0, 1).reshape(length * n, width)
    out = linear(out, out_proj_weight, out_proj_bias)
    out = out.reshape(length, n, out.shape[1])
    shown: Tensor | None = None
    if need_weights:
        shown = weights.reshape(n, num_heads, length, source)
        if average_attn_weights:
            shown = shown.mean(1)
        if not had_batch:
            shown = shown.squeeze(0)
    return (out if had_batch else out.squeeze(1)), shown


def _as_score(op: str, mask: Tensor | None, dtype: Any) -> Tensor | None:
    if mask is None or mask.dtype != derivo.bool:
        if mask is not None and not mask.is_floating_point():
            raise AssertionError(
                f"[{op}] only bool and floating types of masks are supported, got "
                f"{mask.dtype}"
            )
        return mask
    return derivo.zeros(mask.shape, dtype=dtype).masked_fill_(mask, -math.inf)


def _widened(mask: Tensor | None) -> Tensor | None:
    """Leave one more key alone."""
    return None if mask is None else derivo.nn.functional.pad(mask, (0, 1))
