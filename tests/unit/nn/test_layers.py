# Layers, losses and initialisations against values recorded from PyTorch: the same
# seed gives the same parameters, and the same numbers come out of both passes.
from __future__ import annotations

import json
import math
import pathlib
import warnings

import pytest

from tests.data import layers_cases

RECORDED = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "layers.json").read_text()
)


def flat(value):
    if isinstance(value, list):
        return [x for v in value for x in flat(v)]
    return [value]


def shape(value):
    if not isinstance(value, list):
        return []
    return [len(value), *(shape(value[0]) if value else [])]


def assert_near(found, expected, what, relative=2e-5):
    assert (found is None) == (expected is None), what
    if expected is None:
        return
    assert shape(found) == shape(expected), what
    a, b = flat(found), flat(expected)
    scale = max((abs(x) for x in b if isinstance(x, float)), default=0.0)
    for x, y in zip(a, b, strict=True):
        if isinstance(y, float) and math.isnan(y):
            assert math.isnan(x), what
        else:
            assert x == pytest.approx(y, rel=relative, abs=relative * scale), what


FOREIGN = {
    # Of a library that PyTorch calls for the whole of it on this machine,
    *("ScaledDotProductFlashAttentionForCpuBackward0", "MkldnnRnnLayerBackward0"),
    # of a division that only C++ can ask for (cross entropy of probabilities),
    "DivBackward1",
    # and of circular padding put together by copies.
    "CopySlices",
}


def compare(found, expected):
    if expected["node"] not in FOREIGN:
        assert found["node"] == expected["node"]
    for key in ("outputs", "grads", "buffers"):
        for i, (x, y) in enumerate(
            zip(found.get(key, []), expected.get(key, []), strict=True)
        ):
            assert_near(x, y, f"{key}[{i}]")


@pytest.mark.parametrize(
    "index",
    range(len(layers_cases.LAYERS)),
    ids=[f"{text}-{len(s[0])}d" for text, s in layers_cases.LAYERS],
)
def test_layer(derivo, index):
    expected = RECORDED["layers"][index]
    with warnings.catch_warnings():
        # KLDivLoss warns about its mean, here and in PyTorch.
        warnings.simplefilter("ignore", UserWarning)
        found = layers_cases.run_layer(derivo, *layers_cases.LAYERS[index])
    assert found["repr"] == expected["repr"]
    assert found["state"] == expected["state"]
    assert_near(found["initial"], expected["initial"], "initial", relative=1e-8)
    compare(found, expected)


@pytest.mark.parametrize("text", layers_cases.FUNCTIONS)
def test_function(derivo, text):
    compare(layers_cases.run_function(derivo, text), RECORDED["functions"][text])


@pytest.mark.parametrize(
    "index",
    range(len(layers_cases.INITS)),
    ids=[text for text, _ in layers_cases.INITS],
)
def test_init(derivo, index):
    text, size = layers_cases.INITS[index]
    found = layers_cases.run_init(derivo, text, size)
    # LAPACK's Householder vectors and erfinv differ in the last bits.
    relative = 1e-4 if "orthogonal" in text or "trunc" in text else 1e-8
    assert_near(found, RECORDED["inits"][index], text, relative)


def test_every_layer_is_covered(derivo):
    # A layer added without a recorded case fails here.
    names = {text.split("(")[0] for text, _ in layers_cases.LAYERS}
    functions = " ".join(layers_cases.FUNCTIONS)
    untested = {
        name
        for name in derivo.nn.__all__
        if name[0].isupper() and name not in names and name not in ELSEWHERE
    }
    assert not untested
    assert functions.count("F.") > 20


# Containers have tests of their own; these are another case's class in other
# dimensions, or a function that is tested above.
ELSEWHERE = {
    *("Module", "Sequential", "ModuleList", "ModuleDict"),
    *("Parameter", "Buffer", "ParameterList", "ParameterDict"),
    *("Embedding", "EmbeddingBag", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"),
    *("BatchNorm3d", "InstanceNorm3d", "Dropout1d", "Dropout3d"),
    *("FeatureAlphaDropout", "ConvTranspose3d", "AdaptiveMaxPool3d"),
    *("LPPool1d", "LPPool3d", "RNNBase"),
    *("TransformerEncoder", "TransformerDecoder"),  # by Transformer
    *(f"{kind}Pad{n}d" for n in (1, 3) for kind in ("Zero", "Constant", "Reflection")),
    *(f"{kind}Pad{n}d" for n in (1, 3) for kind in ("Replication", "Circular")),
    *("NLLLoss", "CrossEntropyLoss", "BCELoss", "SoftMarginLoss", "MultiMarginLoss"),
    *("MultiLabelMarginLoss", "GaussianNLLLoss", "CosineEmbeddingLoss", "CTCLoss"),
}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("Conv2d(2, 2, 3, padding=1)", (1, 2, 4, 4)),
        ("Conv2d(2, 2, 2, stride=2, groups=2)", (1, 2, 4, 4)),
        ("ConvTranspose2d(2, 2, 2, stride=2)", (1, 2, 3, 3)),
        ("AvgPool2d(2, padding=1)", (1, 2, 4, 4)),
        ("AdaptiveAvgPool2d(3)", (1, 1, 4, 5)),
        ("MaxPool2d(2)", (1, 1, 4, 4)),
        ("BatchNorm1d(2)", (5, 2)),
        ("GroupNorm(1, 2)", (2, 2, 3)),
        ("GLU()", (2, 4)),
        ("Unfold(2)", (1, 1, 3, 3)),
        ("Linear(3, 2)", (2, 3)),
    ],
)
def test_derivatives(derivo, text, size):
    # First and second derivatives of what is written by hand here, in float64.
    nn = derivo.nn
    module = eval("nn." + text, {"nn": nn}).double()
    x = derivo.randn(size, dtype=derivo.float64, requires_grad=True)
    params = tuple(module.parameters())

    def run(x, *params):
        for name, value in zip(names, params, strict=True):
            module._parameters[name] = value
        return module(x)

    names = [name for name, _ in module.named_parameters()]
    assert derivo.autograd.gradcheck(run, (x, *params))
    assert derivo.autograd.gradgradcheck(run, (x, *params))


def test_max_pool_keeps_the_first_of_equals_and_nan(derivo):
    functional = derivo.nn.functional
    x = derivo.ones(1, 1, 2, 2, requires_grad=True)
    out, where = functional.max_pool2d(x, 2, return_indices=True)
    out.sum().backward()
    assert where.item() == 0
    assert x.grad.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]
    y = derivo.tensor([[[1.0, float("nan"), 2.0, 3.0]]])
    assert math.isnan(functional.max_pool1d(y, 2)[0, 0, 0].item())
    low = derivo.full((1, 1, 4), -math.inf)
    _, where = functional.max_pool1d(low, 3, 2, 1, return_indices=True)
    assert where.tolist() == [[[0, 1]]]


def test_batch_norm_moves_its_statistics(derivo):
    layer = derivo.nn.BatchNorm1d(1, momentum=0.5)
    layer(derivo.tensor([[1.0], [3.0]]))
    assert layer.running_mean.tolist() == [1.0]
    assert layer.running_var.tolist() == [1.5]
    assert layer.num_batches_tracked.item() == 1
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        layer(derivo.ones(1, 1))
    with pytest.raises(ValueError, match="expected 2D or 3D input"):
        layer(derivo.ones(1))


def test_embedding_renormalises_its_table(derivo):
    table = derivo.nn.Embedding(3, 2, max_norm=1.0)
    with derivo.no_grad():
        table.weight.copy_(derivo.tensor([[3.0, 4.0], [0.1, 0.0], [6.0, 8.0]]))
    table(derivo.tensor([0, 1]))
    assert table.weight[0].tolist() == pytest.approx([0.6, 0.8], rel=1e-6)
    assert table.weight[1].tolist() == pytest.approx([0.1, 0.0])
    assert table.weight[2].tolist() == [6.0, 8.0]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        ("F.conv2d(x4, e(3, 5, 2, 2))", RuntimeError, "channels"),
        ("F.conv2d(x4, e(3, 2, 9, 9))", RuntimeError, "Kernel size can't be greater"),
        ("F.conv2d(e(3), e(3, 2, 1, 1))", RuntimeError, "Expected 3D"),
        ("F.conv2d(x4, e(3, 2, 1, 1), stride=0)", RuntimeError, "non-positive stride"),
        ("F.conv2d(x4.double(), e(3, 2, 1, 1))", RuntimeError, "should be the same"),
        ("F.conv2d(x4, e(3, 2, 1, 1), e(2))", RuntimeError, "expected bias"),
        ("F.conv2d(x4, e(3, 2, 2, 2), padding='x')", RuntimeError, "Invalid padding"),
        ("F.max_pool2d(x4, 2, padding=2)", RuntimeError, "pad should be at most half"),
        ("F.max_pool2d(x4, 0)", RuntimeError, "kernel size should be greater"),
        ("F.avg_pool2d(x4, 2, divisor_override=0)", RuntimeError, "divisor"),
        ("F.adaptive_avg_pool2d(x4, (1, 2, 3))", RuntimeError, "output_size"),
        ("F.linear(e(2, 3), e(4, 5))", RuntimeError, "cannot be multiplied"),
        ("F.group_norm(x4, 3)", RuntimeError, "divisible by num_groups"),
        ("F.embedding(e(2), e(2, 2))", RuntimeError, "Expected tensor for argument"),
        ("F.one_hot(t([-1]))", RuntimeError, "must be non-negative"),
        ("F.one_hot(t([3]), 2)", RuntimeError, "smaller than num_classes"),
        ("F.glu(e(3))", RuntimeError, "must be even"),
        ("F.prelu(x4, e(3))", RuntimeError, "Mismatch of parameter numbers"),
        ("F.l1_loss(e(2), e(2), reduction='x')", ValueError, "not a valid value"),
        ("F.binary_cross_entropy(e(2) - 9, e(2))", RuntimeError, "between 0 and 1"),
        ("F.binary_cross_entropy_with_logits(e(2), e(3))", ValueError, "must be the"),
        ("F.huber_loss(e(2), e(2), delta=0)", RuntimeError, "non-positive"),
        ("F.dropout(e(2), 1.5)", ValueError, "between 0 and 1"),
        ("F.unfold(x4, 9)", RuntimeError, "too small"),
        ("nn.Conv2d(3, 4, 1, groups=2)", ValueError, "divisible by groups"),
        ("nn.Conv2d(2, 4, 1, stride=2, padding='same')", ValueError, "strided"),
        ("nn.GroupNorm(2, 3)", ValueError, "must be divisible by num_groups"),
        ("nn.Dropout(2.0)", ValueError, "probability has to be between 0 and 1"),
        ("nn.Embedding(2, 2, padding_idx=5)", AssertionError, "Padding_idx"),
        ("nn.Softmax2d()(e(2))", ValueError, "expected input to be 3D or 4D"),
        ("nn.init.eye_(e(3))", ValueError, "Only tensors with 2 dimensions"),
        ("nn.init.xavier_uniform_(e(3))", ValueError, "fewer than 2 dimensions"),
        ("nn.init.calculate_gain('x')", ValueError, "Unsupported nonlinearity"),
        ("nn.init.dirac_(e(3, 1, 1), 2)", ValueError, "divisible by groups"),
    ],
)
def test_errors(derivo, call, error, match):
    names = {
        "F": derivo.nn.functional,
        "nn": derivo.nn,
        "e": lambda *s: derivo.ones(s),
        "t": derivo.tensor,
        "x4": derivo.ones(1, 2, 4, 4),
    }
    with pytest.raises(error, match=match):
        eval(call, names)


def test_clip_grad_norm(derivo):
    utils = derivo.nn.utils
    a, b = (derivo.zeros(1, requires_grad=True) for _ in range(2))
    a.grad, b.grad = derivo.tensor([3.0]), derivo.tensor([4.0])
    assert utils.clip_grad_norm_([a, b], 10.0).item() == 5.0
    assert (a.grad.item(), b.grad.item()) == (3.0, 4.0)
    utils.clip_grad_norm_([a, b], 1.0)
    assert a.grad.item() == pytest.approx(0.6, rel=1e-5)
    utils.clip_grad_value_([a, b], 0.7)
    assert b.grad.item() == pytest.approx(0.7)
    a.grad = derivo.tensor([math.inf])
    with pytest.raises(RuntimeError, match="non-finite"):
        utils.clip_grad_norm_([a], 1.0, error_if_nonfinite=True)


def test_parameters_as_a_vector(derivo):
    utils = derivo.nn.utils
    layer = derivo.nn.Linear(2, 3)
    vector = utils.parameters_to_vector(layer.parameters())
    assert vector.shape == (9,)
    vector.sum().backward()
    assert layer.bias.grad.tolist() == [1.0, 1.0, 1.0]
    utils.vector_to_parameters(derivo.arange(9.0), layer.parameters())
    assert layer.bias.tolist() == [6.0, 7.0, 8.0]
    with pytest.raises(TypeError, match=r"expected torch.Tensor"):
        utils.vector_to_parameters([1.0], layer.parameters())
