"""What nodes show of what they keep, under PyTorch's names.

Elementwise operations and products name their operands themselves. Here are the
structured operations: for each class of node the names of the tensors that it saves,
in order, and those of its parameters. What takes more is in `_saved_facts.py`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PARAMETERS", "tensors_of"]

# "-" is a tensor that PyTorch does not show.
_TENSORS: dict[str, str] = {
    "AdaptiveMaxPool2DBackward0": "result1",
    "AdaptiveMaxPool3DBackward0": "result1",
    "AddbmmBackward0": "- batch1 batch2",
    "AddrBackward0": "- vec1 vec2",
    "AminmaxBackward0": "self min max",
    "BinaryCrossEntropyBackward0": "self target weight",
    "BinaryCrossEntropyWithLogitsBackward0": "self target weight pos_weight",
    "CdistBackward0": "x1 x2 result",
    "ConvolutionBackward0": "input weight",
    "CtcLossBackward0": "log_probs result0",
    "EmbeddingBackward0": "indices",
    "EmbeddingBagBackward0": "- per_sample_weights",
    "GluBackward0": "self",
    "GridSampler2DBackward0": "input grid",
    "GridSampler3DBackward0": "input grid",
    "HuberLossBackward0": "self target -",
    "IndexReduceBackward0": "self source result",
    "CholeskySolveBackward0": "input2 result",
    "LinalgCholeskyExBackward0": "L",
    "LinalgDetBackward0": "A result",
    "LinalgEigBackward0": "eigenvalues eigenvectors",
    "LinalgEighBackward0": "eigenvalues eigenvectors",
    "LinalgInvExBackward0": "inverse",
    "LinalgLstsqBackward0": "self b solution",
    "LinalgLuBackward0": "L U -",
    "LinalgLuFactorExBackward0": "LU pivots",
    "LinalgLuSolveBackward0": "LU pivots result",
    "LinalgQrBackward0": "Q R",
    "LinalgSlogdetBackward0": "A sign",
    "LinalgSolveExBackward0": "A result",
    "LinalgSvdBackward0": "U S Vh",
    "LogSoftmaxBackward0": "result",
    "MaxPool2DWithIndicesBackward0": "result1",
    "MaxPool3DWithIndicesBackward0": "result1",
    "MseLossBackward0": "self target",
    "NanmedianBackward1": "indices",
    "NansumBackward0": "self",
    "NativeBatchNormBackward0": "input weight",
    "NativeGroupNormBackward0": "input weight result1 result2",
    "NativeLayerNormBackward0": "input weight bias result1 result2",
    "NllLossBackward0": "total_weight",
    "NllLoss2DBackward0": "total_weight",
    "PolarBackward0": "- -",
    "RenormBackward0": "self",
    "SafeSoftmaxBackward0": "result",
    "ScaledDotProductFlashAttentionForCpuBackward0": "query key value -",
    "ScatterReduceBackward0": "self src result",
    "SmoothL1LossBackward0": "self target -",
    "SoftMarginLossBackward0": "self target -",
    "SoftmaxBackward0": "result",
    "SoftmaxBackwardDataBackward0": "grad_output output",
    "LogSoftmaxBackwardDataBackward0": "grad_output output",
    "StdMeanBackward0": "self result0",
    "TrilinearBackward0": "i1 i2 i3",
    "VarBackward0": "self",
}

# Values and indices, of which the indices are saved.
_INDICES = ("Max", "Min", "Sort", "Topk", "Kthvalue", "Mode", "Cummax", "Cummin")

# What the parameters of a structured operation are called, in their order: "_" is one
# that PyTorch does not show; "sizes" stands for the shape of the first operand.
PARAMETERS: dict[str, str] = {
    "AddbmmBackward0": "beta alpha",
    "AddrBackward0": "beta alpha",
    "AmaxBackward0": "dim keepdim",
    "AminBackward0": "dim keepdim",
    "AminmaxBackward0": "_ keepdim",
    "AsStridedScatterBackward0": "size stride",
    "BinaryCrossEntropyBackward0": "_ reduction",
    "CdistBackward0": "p",
    "ChannelShuffleBackward0": "groups",
    "CtcLossBackward0": "_ _ blank",
    "CummaxBackward0": "dim",
    "CumminBackward0": "dim",
    "CumprodBackward0": "dim",
    "CumsumBackward0": "dim",
    "DiagEmbedBackward0": "offset dim1 dim2",
    "DiagonalScatterBackward0": "offset dim1 dim2",
    "DistBackward0": "p",
    "EmbeddingBackward0": "padding_idx scale_grad_by_freq",
    "FftC2CBackward0": "dim normalization forward",
    "FftC2RBackward0": "dim normalization",
    "FftR2CBackward0": "dim normalization onesided",
    "EmbeddingBagBackward0": "indices _ _ mode padding_idx scale_grad_by_freq",
    "FlipBackward0": "dims",
    "FractionalMaxPool2DBackward0": "_ kernel_size output_size",
    "FractionalMaxPool3DBackward0": "_ kernel_size output_size",
    "GluBackward0": "dim",
    "GridSampler2DBackward0": "interpolation_mode padding_mode align_corners",
    "GridSampler3DBackward0": "interpolation_mode padding_mode align_corners",
    "HuberLossBackward0": "_ reduction delta",
    "IndexReduceBackward0": "dim index reduce include_self",
    "KthvalueBackward0": "dim keepdim sizes",
    "CholeskyBackward0": "upper",
    "CholeskyInverseBackward0": "upper",
    "CholeskySolveBackward0": "upper",
    "LinalgCholeskyExBackward0": "upper",
    "LinalgCrossBackward0": "dim",
    "LinalgLuSolveBackward0": "left adjoint",
    "LinalgQrBackward0": "mode",
    "LinalgSolveExBackward0": "left",
    "LinalgSolveTriangularBackward0": "upper left unitriangular",
    "LinalgVectorNormBackward0": "ord dim keepdim",
    "LogSoftmaxBackward0": "dim",
    "LogcumsumexpBackward0": "dim",
    "LogsumexpBackward0": "dim keepdim",
    "MaskedFillBackward0": "mask",
    "MaskedFillBackward1": "mask",
    "MaxBackward0": "dim keepdim sizes",
    "MaxUnpool2DBackward0": "indices",
    "MaxUnpool3DBackward0": "indices",
    "MedianBackward1": "dim keepdim sizes",
    "MinBackward0": "dim keepdim sizes",
    "ModeBackward0": "dim keepdim sizes",
    "MseLossBackward0": "reduction",
    "MultiMarginLossBackward0": "target p margin weight reduction",
    "MultilabelMarginLossBackward0": "target reduction",
    "NanmedianBackward1": "dim keepdim sizes",
    "NansumBackward0": "dim keepdim",
    "NativeBatchNormBackward0": "_ _ training",
    "NllLoss2DBackward0": "target weight reduction ignore_index",
    "NllLossBackward0": "target weight reduction ignore_index",
    "NormBackward1": "p dim keepdim",
    "PdistBackward0": "p",
    "PixelShuffleBackward0": "_ upscale_factor",
    "PixelUnshuffleBackward0": "_ downscale_factor",
    "ProdBackward1": "dim keepdim",
    "RenormBackward0": "p dim maxnorm",
    "RepeatBackward0": "repeats sizes",
    "SafeSoftmaxBackward0": "dim",
    "ScaledDotProductFlashAttentionForCpuBackward0": "is_causal",
    "ScatterReduceBackward0": "dim index reduce include_self",
    "SelectScatterBackward0": "dim index",
    "SliceScatterBackward0": "dim start end step",
    "SmoothL1LossBackward0": "_ reduction beta",
    "SoftMarginLossBackward0": "_ reduction",
    "SoftmaxBackward0": "dim",
    "SoftmaxBackwardDataBackward0": "dim",
    "LogSoftmaxBackwardDataBackward0": "dim",
    "SortBackward0": "dim sizes",
    "SortBackward1": "dim sizes",
    "SplitWithSizesBackward0": "split_sizes dim sizes",
    "SqueezeBackward4": "dim sizes",
    "StdBackward0": "dim correction keepdim",
    "StdMeanBackward0": "dim correction keepdim",
    "TopkBackward0": "dim _ sizes",
    "TraceBackward0": "sizes",
    "TrilBackward0": "diagonal",
    "TriuBackward0": "diagonal",
    "UnbindBackward0": "dim",
    "UnsafeViewBackward0": "sizes",
    "UnsafeSplitWithSizesBackward0": "split_sizes dim sizes",
    "VarBackward0": "dim correction keepdim",
    "VarMeanBackward0": "dim correction keepdim",
}


def tensors_of(node: Any) -> tuple[str, ...]:
    """Names of the tensors that a structured node saves, in order."""
    name = type(node).__name__
    found = _TENSORS.get(name)
    saved = node._kept_outputs
    if found is not None:
        return tuple(found.split())[: len(saved)]
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
