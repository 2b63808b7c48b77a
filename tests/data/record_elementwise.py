"""Record what PyTorch computes at special points, for tests/ops.

For each elementwise record of derivo: PyTorch's value and gradients (incoming
gradient 1, float64) on a grid of special points, the names of its graph nodes, and
the dtype of the result for each dtype of the operands (or "error").

    python tests/data/record_elementwise.py        # writes elementwise.json

PyTorch is needed here only; the tests read the file.
"""

from __future__ import annotations

import itertools
import json
import math
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F

from derivo.ops import elementwise  # noqa: F401 - fills the registry
from derivo.ops._elementwise import REGISTRY
from derivo.ops._surface import form_of

INF, NAN = math.inf, math.nan
ONE = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.5, 3.0, -3.0, 6.0, 20.5]
ONE += [1e-30, 1e30, INF, -INF, NAN]
TWO = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, INF, -INF, NAN]
THREE = [0.0, 1.0, -1.0, 0.25, INF, NAN]
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "bfloat16", "float32", "float64"]

# Records without a public name of their own.
CALLS = {
    "add": torch.add,
    "add_scaled": lambda x, y, alpha: torch.add(x, y, alpha=alpha),
    "sub": torch.sub,
    "sub_scaled": lambda x, y, alpha: torch.sub(x, y, alpha=alpha),
    "rsub": torch.rsub,
    "rsub_scaled": lambda x, y, alpha: torch.rsub(x, y, alpha=alpha),
    "div_floor": lambda x, y: torch.div(x, y, rounding_mode="floor"),
    "div_trunc": lambda x, y: torch.div(x, y, rounding_mode="trunc"),
    "floor_divide": torch.floor_divide,
    "remainder": torch.remainder,
    "fmod": torch.fmod,
    "copysign": torch.copysign,
    "addcmul": lambda x, a, b, value: torch.addcmul(x, a, b, value=value),
    "addcdiv": lambda x, a, b, value: torch.addcdiv(x, a, b, value=value),
    "lerp": torch.lerp,
    "pow": torch.pow,
    "square": torch.square,
    "cube": lambda x: torch.pow(x, 3),
    "pow_half": lambda x: torch.pow(x, 0.5),
    "pow_inverse": lambda x: torch.pow(x, -1),
    "round_whole": torch.round,
    "round_fraction": lambda x, s: torch.round(x, decimals=round(math.log10(s))),
    "round_multiple": lambda x, s: torch.round(x, decimals=-round(math.log10(s))),
    "clamp_min": torch.clamp_min,
    "clamp_max": torch.clamp_max,
    "clamp": torch.clamp,
    "where": lambda c, x, y: torch.where(c != 0, x, y),
    "nan_to_num": torch.nan_to_num,
    "isclose": lambda x, y, rtol, atol, equal_nan: torch.isclose(
        x, y, rtol, atol, bool(equal_nan)
    ),
    "hardtanh": F.hardtanh,
    # One slope for each element, without the rule for channels.
    "prelu": torch._prelu_kernel,
    "celu": F.celu,
    "softshrink": F.softshrink,
    "gelu_none": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "mse_loss": lambda x, y: F.mse_loss(x, y, reduction="none"),
    "l1_loss": lambda x, y: F.l1_loss(x, y, reduction="none"),
    "huber_loss": lambda x, y, delta: F.huber_loss(x, y, "none", delta),
    "smooth_l1_loss": lambda x, y, beta: F.smooth_l1_loss(
        x, y, reduction="none", beta=beta
    ),
    "binary_cross_entropy_with_logits": lambda x, y: F.binary_cross_entropy_with_logits(
        x, y, reduction="none"
    ),
    "binary_cross_entropy_weighted": lambda x, y, w: F.binary_cross_entropy_with_logits(
        x, y, pos_weight=w, reduction="none"
    ),
    "xlogy": torch.xlogy,
    "xlog1py": torch.special.xlog1py,
    "logit_open": torch.logit,
    "logit_clamped": torch.logit,
}
# Not comparable: the target has no gradient, probabilities are checked, there are two
# results.
LEFT_OUT = {"binary_cross_entropy", "soft_margin_loss"}
LEFT_OUT |= {"frexp_mantissa", "frexp_exponent"}


def function_of(record):
    if record.name in CALLS:
        return CALLS[record.name]
    where, name, _ = form_of(next(n for n in record.api if not n.endswith("_")))
    space = {"": torch, "special": torch.special, "nn.functional": F}[where]
    call = getattr(space, name)
    if record.keyword:
        return lambda *args: call(*args[:-1], **{record.keyword[0]: args[-1]})
    return call


def grid(record):
    n = len(record.operands)
    points = {1: ONE, 2: TWO, 3: THREE}[n]
    return list(itertools.product(points, repeat=n))


def parameters(record):
    if record.samples:
        return list(record.samples[0].values())
    return list(record.defaults)


def shorten(t):
    """List the numbers with as many digits as a comparison to 1e-9 needs."""
    if t.dtype is torch.bool:
        return t.tolist()
    short = [float(f"{v:.11g}") for v in t.tolist()]
    return [int(v) if v == round_trip(v) else v for v in short]


def round_trip(v):
    small = abs(v) < 1e6 and (v != 0 or math.copysign(1, v) > 0)
    return int(v) if small else None


def record_one(record):
    call = function_of(record)
    values = parameters(record)
    points = grid(record)
    integers = record.accepts in ("bits", "integers")
    answer = {"params": values, "dtypes": {}}
    for name in DTYPES:
        dtype = getattr(torch, name)
        try:
            out = call(*[torch.ones(2, dtype=dtype) for _ in record.operands], *values)
            answer["dtypes"][name] = str(out.dtype).removeprefix("torch.")
        except (RuntimeError, TypeError, NotImplementedError):
            answer["dtypes"][name] = "error"
    if integers:
        return answer
    columns = torch.tensor(points, dtype=torch.float64).unbind(1)
    columns = [c.clone() for c in columns]
    if record.differentiable:
        for k, c in enumerate(columns):
            if k not in record.spec.no_derivative and record.operands[k] != "condition":
                c.requires_grad_()
    out = call(*columns, *values)
    answer["values"] = shorten(out)
    if out.grad_fn is not None:
        answer["node"] = out.grad_fn.name()
        if record.differentiable:
            wanted = [c for c in columns if c.requires_grad]
            grads = iter(torch.autograd.grad(out.sum(), wanted, allow_unused=True))
            found = [next(grads) if c.requires_grad else None for c in columns]
            answer["grads"] = [
                None
                if not c.requires_grad
                else [0.0] * len(points)
                if g is None
                else shorten(torch.zeros(len(points)) + g)  # also of a "zero tensor"
                for c, g in zip(columns, found, strict=True)
            ]
            answer["saves_result"] = "_saved_result" in dir(out.grad_fn)
    return answer


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    answers = {"torch": torch.__version__, "grids": [ONE, TWO, THREE]}
    for name, record in REGISTRY.items():
        if name not in LEFT_OUT:
            answers[name] = record_one(record)
    path = Path(__file__).with_name("elementwise.json")
    lines = [
        f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in answers.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
