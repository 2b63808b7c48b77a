"""Layers and losses to be run on PyTorch (recorded) and on derivo (compared).

Every case is a seeded construction: the same seed must give the same parameters, the
same numbers and, for dropout, the same masks.
"""

from __future__ import annotations

import math

# (constructor after "nn.", shapes of the inputs)
LAYERS = [
    *[
        (text, [(3, 4)])
        for text in (
            "ReLU()",
            "ReLU6()",
            "LeakyReLU(0.2)",
            "ELU()",
            "SELU()",
            "CELU(2.0)",
            "GELU()",
            "GELU('tanh')",
            "SiLU()",
            "Mish()",
            "Softplus(2.0)",
            "Softsign()",
            "Softshrink()",
            "Hardshrink()",
            "Tanh()",
            "Tanhshrink()",
            "Sigmoid()",
            "LogSigmoid()",
            "Hardsigmoid()",
            "Hardswish()",
            "Hardtanh(-0.5, 0.5)",
            "Threshold(0.1, 2.0)",
            "RReLU()",
            "GLU()",
            "PReLU()",
            "PReLU(4)",
            "Softmax(1)",
            "LogSoftmax(1)",
            "Softmin(1)",
            "Linear(4, 5)",
            "Linear(4, 5, bias=False)",
            "Identity()",
            "LayerNorm(4)",
            "LayerNorm((3, 4))",
            "RMSNorm(4)",
            "Flatten()",
            "Unflatten(1, (2, 2))",
            "Dropout(0.3)",
            "AlphaDropout(0.3)",
        )
    ],
    ("Softmax2d()", [(2, 3, 2, 2)]),
    ("Linear(4, 5)", [(2, 3, 4)]),
    ("Linear(4, 5)", [(4,)]),
    ("Bilinear(3, 4, 5)", [(6, 3), (6, 4)]),
    ("BatchNorm1d(4)", [(6, 4)]),
    ("BatchNorm1d(4)", [(6, 4, 3)]),
    ("BatchNorm1d(4, momentum=None, affine=False)", [(6, 4)]),
    ("BatchNorm2d(4)", [(2, 4, 3, 3)]),
    ("BatchNorm2d(4).eval()", [(2, 4, 3, 3)]),
    ("BatchNorm2d(4, track_running_stats=False)", [(2, 4, 3, 3)]),
    ("InstanceNorm1d(4, track_running_stats=True)", [(2, 4, 5)]),
    ("InstanceNorm2d(4, affine=True)", [(2, 4, 3, 3)]),
    ("GroupNorm(2, 4)", [(3, 4, 5)]),
    ("LocalResponseNorm(2)", [(2, 4, 3)]),
    *[
        (text, [(2, 2, 5, 6)])
        for text in (
            "Conv2d(2, 4, 3)",
            "Conv2d(2, 4, (3, 2), stride=2, padding=1, dilation=(1, 2))",
            "Conv2d(2, 4, (2, 3), padding='same', dilation=2)",
            "Conv2d(2, 4, 3, padding='valid', bias=False)",
            "Conv2d(2, 4, 3, groups=2)",
            "Conv2d(2, 4, 3, padding=1, padding_mode='reflect')",
            "Conv2d(2, 4, 3, padding=1, padding_mode='replicate')",
            "Conv2d(2, 4, 3, padding=1, padding_mode='circular')",
            "ConvTranspose2d(2, 3, 3)",
            "ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2)",
            "MaxPool2d(2)",
            "MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
            "MaxPool2d(2, dilation=2)",
            "AvgPool2d(2)",
            "AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)",
            "AvgPool2d(2, divisor_override=3)",
            "AdaptiveAvgPool2d(3)",
            "AdaptiveAvgPool2d(1)",
            "AdaptiveAvgPool2d((None, 2))",
            "AdaptiveMaxPool2d(3)",
            "LPPool2d(2, 2)",
            "Unfold((2, 3), dilation=2, padding=1, stride=2)",
            "Dropout2d(0.5)",
            "ZeroPad2d(1)",
            "ConstantPad2d(1, 2.0)",
            "ReflectionPad2d((1, 2, 0, 1))",
            "ReplicationPad2d(1)",
            "CircularPad2d(1)",
        )
    ],
    ("Conv1d(2, 4, 3, padding=1)", [(2, 2, 7)]),
    ("ConvTranspose1d(2, 4, 3, stride=2)", [(2, 2, 4)]),
    ("MaxPool1d(2)", [(2, 2, 7)]),
    ("AvgPool1d(2, padding=1)", [(2, 2, 7)]),
    ("AdaptiveAvgPool1d(4)", [(2, 2, 7)]),
    ("AdaptiveMaxPool1d(4)", [(2, 2, 7)]),
    ("Conv3d(2, 2, 2)", [(1, 2, 3, 4, 3)]),
    ("MaxPool3d(2)", [(1, 2, 3, 4, 3)]),
    ("AvgPool3d(2)", [(1, 2, 3, 4, 3)]),
    ("AdaptiveAvgPool3d(2)", [(1, 2, 3, 4, 3)]),
    ("Conv2d(2, 4, 3)", [(2, 6, 6)]),
    ("FractionalMaxPool2d(2, output_ratio=0.6)", [(2, 2, 6, 5)]),
    ("FractionalMaxPool3d(2, (2, 3, 2))", [(1, 2, 4, 5, 4)]),
    ("Fold((4, 5), (2, 2))", [(1, 12, 12)]),
    *[
        (text, [(3, 4), (3, 4)])
        for text in (
            "MSELoss()",
            "MSELoss(reduction='sum')",
            "L1Loss()",
            "L1Loss(reduction='none')",
            "SmoothL1Loss(beta=0.5)",
            "HuberLoss(delta=0.7)",
            "HingeEmbeddingLoss()",
            "PoissonNLLLoss(full=True)",
            "KLDivLoss(reduction='batchmean', log_target=True)",
            "MultiLabelSoftMarginLoss()",
            "BCEWithLogitsLoss()",
            "CosineSimilarity()",
            "PairwiseDistance()",
        )
    ],
    *[
        (text, [(3, 4), (3, 4), (3, 4)])
        for text in (
            "MarginRankingLoss(0.1)",
            "TripletMarginLoss()",
            "TripletMarginLoss(swap=True, p=1)",
            "TripletMarginWithDistanceLoss()",
        )
    ],
    ("RNN(3, 4, 2, nonlinearity='relu', bidirectional=True)", [(3, 2, 3)]),
    ("LSTM(3, 4, 2, bidirectional=True, batch_first=True)", [(2, 3, 3)]),
    ("LSTM(3, 4, proj_size=2, bias=False)", [(3, 2, 3)]),
    ("GRU(3, 4, 2, dropout=0.3)", [(3, 2, 3)]),
    ("GRU(3, 4)", [(3, 3)]),
    ("RNNCell(3, 4)", [(2, 3)]),
    ("LSTMCell(3, 4)", [(2, 3)]),
    ("GRUCell(3, 4, bias=False)", [(2, 3)]),
    ("MultiheadAttention(4, 2)", [(3, 2, 4), (2, 2, 4), (2, 2, 4)]),
    (
        "MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)",
        [(3, 2, 4), (2, 2, 4), (2, 2, 4)],
    ),
    ("MultiheadAttention(4, 1, dropout=0.2)", [(3, 2, 4), (2, 2, 4), (2, 2, 4)]),
    ("TransformerEncoderLayer(4, 2, 6, 0.0)", [(3, 2, 4)]),
    (
        "TransformerEncoderLayer(4, 2, 6, 0.1, 'gelu', norm_first=True, bias=False)",
        [(3, 2, 4)],
    ),
    ("TransformerDecoderLayer(4, 2, 6, 0.0)", [(3, 2, 4), (2, 2, 4)]),
    ("Transformer(4, 2, 1, 1, 6, 0.0)", [(3, 2, 4), (2, 2, 4)]),
    ("PixelShuffle(2)", [(1, 4, 2, 2)]),
    ("PixelUnshuffle(2)", [(1, 1, 4, 2)]),
    ("ChannelShuffle(2)", [(1, 4, 2, 2)]),
    ("Upsample(scale_factor=2)", [(1, 1, 2, 3)]),
    ("Upsample(size=(3, 4), mode='bicubic')", [(1, 1, 4, 3)]),
    ("UpsamplingNearest2d(size=(3, 4))", [(1, 1, 2, 3)]),
    ("UpsamplingBilinear2d(scale_factor=2)", [(1, 1, 2, 3)]),
]

# Expressions of a (3, 4), b of the same shape, w (4,) and integers.
FUNCTIONS = [
    "F.cross_entropy(a, t)",
    "F.cross_entropy(a, t, label_smoothing=0.1)",
    "F.cross_entropy(a, t, weight=w, ignore_index=1)",
    "F.cross_entropy(a, b.softmax(1))",
    "F.cross_entropy(a, t, reduction='none')",
    "F.nll_loss(a, t, weight=w)",
    "F.nll_loss(a, t, reduction='sum')",
    "F.multi_margin_loss(a, t, p=2, weight=w)",
    "F.multilabel_margin_loss(a, labels)",
    "F.soft_margin_loss(a, b.sign())",
    "F.binary_cross_entropy(a.sigmoid(), b.sigmoid(), weight=w)",
    "F.binary_cross_entropy_with_logits(a, b.sigmoid(), pos_weight=w)",
    "F.gaussian_nll_loss(a, b, b.abs(), full=True)",
    "F.cosine_embedding_loss(a, b, sign)",
    "F.embedding(t, a, padding_idx=1)",
    "F.embedding(bags, a, scale_grad_by_freq=True)",
    "F.embedding(bags, a * 1, max_norm=1.0)",
    "F.embedding_bag(bags, a, mode='max')",
    "F.embedding_bag(bags, a, mode='mean', padding_idx=1)",
    "F.embedding_bag(bags.reshape(-1), a, torch.tensor([0, 2]), mode='sum')",
    "F.normalize(a)",
    "F.normalize(a, p=1.0, dim=0)",
    "F.pdist(a)",
    "F.one_hot(t, 5) * a[0, 0]",
    "F.gumbel_softmax(a, hard=True)",
    "F.rms_norm(a, (4,), w)",
    "F.layer_norm(a, (4,), w, w)",
    "F.pad(a, (1, 2))",
    "torch.nn.utils.parameters_to_vector([a, b])",
    "F.linear(a, b)",
    "F.linear(a, w)",
    "F.interpolate(a[None], size=3, mode='linear')",
    "F.interpolate(a[None, None], size=(4, 3), mode='nearest-exact')",
    "F.interpolate(a[None, None], scale_factor=1.7, mode='bilinear')",
    "F.interpolate(a[None, None], size=(2, 3), mode='bicubic', antialias=True)",
    "F.interpolate(a[None, None], size=(2, 3), mode='area')",
    "F.affine_grid(a[:2, :3][None], (1, 1, 2, 3))",
    "F.grid_sample(a[None, None], grid)",
    "F.grid_sample(a[None, None], grid, mode='nearest')",
    "F.grid_sample(a[None, None], grid, padding_mode='border', align_corners=True)",
    "F.grid_sample(a[None, None], grid, padding_mode='reflection')",
    "F.grid_sample(a[None, None], grid, mode='bicubic')",
    "F.scaled_dot_product_attention(a, b, b)",
    "F.linear_cross_entropy(a, b, t)",
    "F.ctc_loss(a.log_softmax(1)[:, None].expand(3, 2, 4), ends, (3, 2), (2, 1))",
    "F.ctc_loss(a.log_softmax(1), ends[0, :1], (3,), (1,), reduction='sum')",
    "F.ctc_loss(a.log_softmax(1), ends[0, [1, 1, 1]], (3,), (3,), zero_infinity=True)",
    "F.scaled_dot_product_attention(a, b, b, is_causal=True)",
    "F.max_unpool2d(*F.max_pool2d(a[None, :2], 2, return_indices=True), 2)",
]


def _wave(torch, shape, phase):
    # Values of mixed sign that any NumPy-free program can make again.
    count = math.prod(shape)
    values = [round(1.3 * math.sin(1.7 * i + phase), 4) for i in range(count)]
    return torch.tensor(values).reshape(shape)


def _flat(outputs):
    if outputs is None:
        return []
    if isinstance(outputs, (tuple, list)):
        return [x for o in outputs for x in _flat(o)]
    return [outputs]


def _finish(torch, outputs, leaves):
    first = outputs[0]
    if first.requires_grad:
        (first * _wave(torch, tuple(first.shape), 0.4)).sum().backward()
    return {
        "outputs": [o.tolist() for o in outputs],
        "node": type(first.grad_fn).__name__,
        "grads": [None if x.grad is None else x.grad.tolist() for x in leaves],
    }


def run_layer(torch, text, shapes):
    """Build the layer with a fixed seed, run it once forward and once backward."""
    nn = torch.nn
    torch.manual_seed(3)
    module = eval("nn." + text, {"nn": nn})
    inputs = [
        _wave(torch, shape, float(i)).requires_grad_() for i, shape in enumerate(shapes)
    ]
    if text.split("Loss")[0] in ("MSE", "L1", "SmoothL1", "Huber", "BCEWithLogits"):
        inputs[1] = inputs[1].detach()
    out = module(*inputs)
    parameters = list(module.parameters())
    initial = [p.tolist() for p in parameters]
    return {
        "repr": repr(module),
        "state": list(module.state_dict()),
        "initial": initial,
        **_finish(torch, _flat(out), [*inputs, *parameters]),
        "buffers": [b.tolist() for b in module.buffers()],
    }


def run_function(torch, text):
    """Evaluate the expression and differentiate it by `a`."""
    a = _wave(torch, (3, 4), 0.0).requires_grad_()
    names = {
        "torch": torch,
        "F": torch.nn.functional,
        "a": a,
        "b": _wave(torch, (3, 4), 1.0),
        "w": _wave(torch, (4,), 2.0).abs(),
        "t": torch.tensor([2, 1, 0]),
        "bags": torch.tensor([[2, 1], [2, 0]]),
        "labels": torch.tensor([[3, 0, -1, 1], [1, -1, 0, 0], [0, 1, 2, 3]]),
        "ends": torch.tensor([[1, 3], [2, 1]]),
        "sign": torch.tensor([1.0, -1.0, 1.0]),
        "grid": _wave(torch, (1, 2, 3, 2), 0.7) * 0.9,
    }
    torch.manual_seed(3)
    return _finish(torch, [eval(text, names)], [a])


# (name, call after "init.", shape)
INITS = [
    ("uniform_(w)", (3, 5)),
    ("uniform_(w, -2.0, 3.0)", (4, 5)),
    ("normal_(w, 1.0, 0.5)", (4, 5)),
    ("trunc_normal_(w, std=0.5, a=-0.6, b=0.7)", (4, 5)),
    ("constant_(w, 0.3)", (2,)),
    ("ones_(w)", (2,)),
    ("zeros_(w)", (2,)),
    ("eye_(w)", (2, 3)),
    ("dirac_(w)", (2, 2, 3)),
    ("dirac_(w, groups=2)", (4, 2, 3, 3)),
    ("xavier_uniform_(w, gain=2.0)", (3, 5)),
    ("xavier_normal_(w)", (4, 5)),
    ("kaiming_uniform_(w, a=0.1)", (3, 5, 2)),
    ("kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')", (3, 5)),
    ("kaiming_normal_(w, nonlinearity='tanh')", (4, 5)),
    ("orthogonal_(w)", (4, 4)),
    ("orthogonal_(w, gain=2.0)", (3, 5)),
    ("orthogonal_(w)", (5, 3)),
    ("sparse_(w, 0.5)", (6, 3)),
]


def run_init(torch, text, shape):
    """Fill a tensor after a fixed seed."""
    torch.manual_seed(5)
    w = torch.empty(shape)
    return eval("init." + text, {"init": torch.nn.init, "w": w}).tolist()
