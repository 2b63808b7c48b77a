"""Normalisation over the batch, and over each sample's positions."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn import init
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.tensor import Tensor

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
]


class _Norm(Module):
    _version = 2
    __constants__ = [
        "track_running_stats",
        "momentum",
        "eps",
        "num_features",
        "affine",
    ]
    # Numbers of dimensions that the input may have.
    _dims: tuple[int, ...] = ()

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        kind = {"device": device, "dtype": dtype}
        weight = bias_ = None
        if affine:
            weight = Parameter(derivo.empty(num_features, **kind))
            if bias:
                bias_ = Parameter(derivo.empty(num_features, **kind))
        self.register_parameter("weight", weight)
        self.register_parameter("bias", bias_)
        self.register_buffer(
            "running_mean",
            derivo.zeros(num_features, **kind) if track_running_stats else None,
        )
        self.register_buffer(
            "running_var",
            derivo.ones(num_features, **kind) if track_running_stats else None,
        )
        self.register_buffer(
            "num_batches_tracked",
            derivo.tensor(0, dtype=derivo.int64) if track_running_stats else None,
        )
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the running mean and variance."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Forget statistics; set factors to 1 and terms to 0."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() not in self._dims:
            expected = " or ".join(f"{d}D" for d in self._dims)
            raise ValueError(f"expected {expected} input (got {input.dim()}D input)")

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # Version 1 did not count batches.
        version = local_metadata.get("version")
        key = prefix + "num_batches_tracked"
        if (
            (version is None or version < 2)
            and self.track_running_stats
            and key not in state_dict
        ):
            state_dict[key] = self.num_batches_tracked
        super()._load_from_state_dict(
            state_dict,
            prefix,
            local_metadata,
            strict,
            missing_keys,
            unexpected_keys,
            error_msgs,
        )


class _BatchNorm(_Norm):
    def forward(self, input: Tensor) -> Tensor:
        """Normalise each channel."""
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        tracking = self.training and self.track_running_stats
        if tracking and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                # The plain average of all batches.
                momentum = 1.0 / float(self.num_batches_tracked)
        use_batch = self.training or (
            self.running_mean is None and self.running_var is None
        )
        running = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if running else None,
            self.running_var if running else None,
            self.weight,
            self.bias,
            use_batch,
            momentum,
            self.eps,
        )


class _InstanceNorm(_Norm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features,
            eps,
            momentum,
            affine,
            track_running_stats,
            device,
            dtype,
            bias=bias,
        )

    def forward(self, input: Tensor) -> Tensor:
        """Normalise each channel of each sample."""
        self._check_input_dim(input)
        had_batch = input.dim() == max(self._dims)
        x = input if had_batch else input.unsqueeze(0)
        if x.size(1) != self.num_features and self.affine:
            raise ValueError(
                f"expected input's size at dim=1 to match num_features "
                f"({self.num_features}), but got: {x.size(1)}."
            )
        out = F.instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum if self.momentum is not None else 0.0,
            self.eps,
        )
        return out if had_batch else out.squeeze(0)


_BATCH = """Normalise each channel of {shape} over the batch.

Parameters
----------
num_features : int
    Number of channels, C.
eps : float, optional
    Added to the variance.
momentum : float or None, optional
    How far the running statistics move at each batch; None averages all batches.
affine : bool, optional
    Whether to learn a factor and a term for each channel.
track_running_stats : bool, optional
    Whether to keep running statistics, used in evaluation.
device, dtype : optional
    Of the parameters.
bias : bool, optional
    Whether to learn the term.

Raises
------
ValueError
    If the input has another number of dimensions.

Examples
--------
>>> import derivo as torch
>>> torch.nn.{name}(2)(torch.ones({example})).shape
torch.Size([{example}])
"""

_INSTANCE = """Normalise each channel of each sample of {shape}.

Parameters
----------
num_features : int
    Number of channels, C.
eps : float, optional
    Added to the variance.
momentum : float, optional
    How far the running statistics move.
affine : bool, optional
    Whether to learn a factor and a term for each channel.
track_running_stats : bool, optional
    Whether to keep running statistics, used in evaluation.
device, dtype : optional
    Of the parameters.

Raises
------
ValueError
    If the input has another number of dimensions.

Examples
--------
>>> import derivo as torch
>>> torch.nn.{name}(2)(torch.ones({example})).shape
torch.Size([{example}])
"""


class BatchNorm1d(_BatchNorm):  # noqa: D101 - below
    __doc__ = _BATCH.format(
        name="BatchNorm1d", shape="``(N, C)`` or ``(N, C, L)``", example="4, 2"
    )
    _dims = (2, 3)


class BatchNorm2d(_BatchNorm):  # noqa: D101 - below
    __doc__ = _BATCH.format(
        name="BatchNorm2d", shape="``(N, C, H, W)``", example="4, 2, 3, 3"
    )
    _dims = (4,)


class BatchNorm3d(_BatchNorm):  # noqa: D101 - below
    __doc__ = _BATCH.format(
        name="BatchNorm3d", shape="``(N, C, D, H, W)``", example="4, 2, 3, 3, 3"
    )
    _dims = (5,)


class InstanceNorm1d(_InstanceNorm):  # noqa: D101 - below
    __doc__ = _INSTANCE.format(
        name="InstanceNorm1d", shape="``(N, C, L)`` or ``(C, L)``", example="4, 2, 3"
    )
    _dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):  # noqa: D101 - below
    __doc__ = _INSTANCE.format(
        name="InstanceNorm2d",
        shape="``(N, C, H, W)`` or ``(C, H, W)``",
        example="4, 2, 3, 3",
    )
    _dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):  # noqa: D101 - below
    __doc__ = _INSTANCE.format(
        name="InstanceNorm3d",
        shape="``(N, C, D, H, W)`` or ``(C, D, H, W)``",
        example="4, 2, 3, 3, 3",
    )
    _dims = (4, 5)
