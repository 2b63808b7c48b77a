# The public functions made from the records: names, signatures, forms, errors.
from __future__ import annotations

import doctest
import inspect
import os
import pickle

import numpy as np
import pytest

import derivo
import derivo.nn.functional as F
from derivo.ops._elementwise import REGISTRY, elementwise
from derivo.ops._surface import FUNCTIONS, form_of
from tests.ops.elementwise_samples import draw, parameter_sets, same

# Of all public functions, those of this family.
OWN = {
    name: function
    for name, function in FUNCTIONS.items()
    if "/ops/elementwise/" in function.__code__.co_filename.replace(os.sep, "/")
}


def lookup(name):
    found = derivo
    for part in name.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", OWN)
def test_public_name_is_where_it_says(name):
    function = lookup(name)
    assert function is OWN[name]
    if not name.startswith("Tensor."):
        assert pickle.loads(pickle.dumps(function)) is function
    assert function.__doc__
    assert len(function.__doc__.split("\n")[0]) <= 88


@pytest.mark.parametrize("name", OWN)
def test_signature(name):
    where, plain, _ = form_of(name)
    arguments = list(inspect.signature(OWN[name]).parameters.values())
    keyword = [p.name for p in arguments if p.kind is p.KEYWORD_ONLY]
    if where == "Tensor":
        assert "out" not in keyword
    elif plain in ("condition", "polygamma"):
        assert arguments[0].name in ("n", "condition")
    else:
        assert arguments[0].name in ("input", "condition")
    assert all(p.kind is not p.VAR_POSITIONAL for p in arguments)


FINDER = doctest.DocTestFinder(recurse=False)
EXAMPLES = {
    test.docstring: (name, test)
    for name, function in OWN.items()
    for test in FINDER.find(function, name, globs={"derivo": derivo})
    if test.examples
}


@pytest.mark.parametrize(
    "test", [t for _, t in EXAMPLES.values()], ids=[n for n, _ in EXAMPLES.values()]
)
def test_example_in_the_docstring(test):
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append, clear_globs=False)
    assert not runner.failures, "".join(report)


FORMS = [
    (record, name)
    for record in REGISTRY.values()
    for name in record.api
    if record.domain is not None
]


@pytest.mark.parametrize(
    ("record", "name"), FORMS, ids=[f"{r.name}-{n}" for r, n in FORMS]
)
def test_forms_agree(record, name):
    dtype = "int64" if record.accepts in ("bits", "integers") else "float32"
    values = parameter_sets(record)[0]
    operands = [derivo.from_numpy(x) for x in draw(record, dtype, n=9)]
    want = record.core(*operands, *values)
    where, plain, kind = form_of(name)
    function = FUNCTIONS[f"{where}.{plain}" if where else plain]
    keywords = dict(zip(record.keyword, values, strict=False))
    positional = () if record.keyword else values
    first = operands[0].clone()
    arguments = (first, *operands[1:], *positional)
    got = function(*arguments, **keywords)
    if kind == "inplace":
        assert got is first
        assert same(got, want.to(first.dtype))
        return
    assert same(got, want)
    if kind == "out":
        out = derivo.empty(0, dtype=want.dtype)
        assert function(*arguments, **keywords, out=out) is out
        assert same(out, want)
    if kind == "choice":
        assert function(*arguments, inplace=True) is first
        assert same(first, want)


def test_numbers_among_the_operands():
    x = derivo.tensor([1, 2, 3])
    assert derivo.mul(x, 2).tolist() == [2, 4, 6]
    assert derivo.mul(x, 2.5).dtype == derivo.float32
    assert derivo.pow(2, x).tolist() == [2, 4, 8]
    assert derivo.where(x > 1, x, 0).tolist() == [0, 2, 3]
    assert derivo.xlogy(2.0, x).tolist() == pytest.approx([0, 2 * np.log(2), 2.1972246])


NODES = [
    ("x - y", "SubBackward0"),
    ("2 - x", "RsubBackward1"),
    ("torch.rsub(x, y)", "RsubBackward0"),
    ("x / y", "DivBackward0"),
    ("torch.div(x, y, rounding_mode='floor')", "DivBackward2"),
    ("2 / x", "MulBackward0"),
    ("x % y", "RemainderBackward1"),
    ("x % 2", "RemainderBackward0"),
    ("torch.fmod(x, y)", "FmodBackward1"),
    ("torch.fmod(x, 2)", "FmodBackward0"),
    ("x ** 2", "PowBackward0"),
    ("x ** y", "PowBackward1"),
    ("2 ** x", "PowBackward2"),
    ("x.square()", "PowBackward0"),
    ("torch.add(x, y, alpha=2)", "AddBackward0"),
    ("torch.lerp(x, y, 0.5)", "LerpBackward0"),
    ("torch.lerp(x, y, y)", "LerpBackward1"),
    ("x.clamp(0, 1)", "ClampBackward1"),
    ("x.clamp(y, y)", "ClampBackward0"),
    ("x.clamp(min=0)", "ClampBackward1"),
    ("x.clamp(max=y)", "ClampBackward0"),
    ("x.clamp_min(0)", "ClampMinBackward0"),
    ("x.clamp_max(y)", "ClampMaxBackward1"),
    ("torch.xlogy(x, 2)", "XlogyBackward2"),
    ("torch.xlogy(2, x)", "XlogyBackward1"),
    ("torch.copysign(x, 2.0)", "CopysignBackward1"),
    ("x.round()", "RoundBackward0"),
    ("x.round(decimals=1)", "RoundBackward1"),
    ("x.logit(1e-6)", "LogitBackward0"),
    ("x.polygamma(2)", "PolygammaBackward0"),
    ("F.gelu(x, approximate='tanh')", "GeluBackward0"),
    ("F.relu6(x)", "HardtanhBackward0"),
    ("F.selu(x)", "EluBackward0"),
]


@pytest.mark.parametrize(("expression", "node"), NODES)
def test_node_of_each_overload(expression, node):
    x = derivo.tensor([0.25, 0.5], requires_grad=True)
    y = derivo.tensor([0.75, 0.5])
    out = eval(expression, {"x": x, "y": y, "torch": derivo, "F": F})
    assert out.grad_fn.name() == node
    out.sum().backward()
    assert x.grad.shape == x.shape


REFUSED = [
    ("torch.sub(b, b)", RuntimeError, "Subtraction, the `-` operator, with"),
    ("f - b", RuntimeError, "Subtraction, the `-` operator, with a bool tensor"),
    ("-b", RuntimeError, "Negation, the `-` operator, on a bool tensor"),
    ("torch.positive(b)", RuntimeError, r"The `\+` operator, on a bool tensor"),
    ("torch.add(i, i, alpha=1.5)", RuntimeError, "argument alpha must not be"),
    ("torch.div(f, f, rounding_mode='up')", RuntimeError, "rounding_mode to be one of"),
    ("i // 0", RuntimeError, "ZeroDivisionError"),
    ("torch.remainder(i, 0 * i)", RuntimeError, "ZeroDivisionError"),
    ("torch.fmod(i, 0)", RuntimeError, "ZeroDivisionError"),
    ("torch.div(i, 0, rounding_mode='trunc')", RuntimeError, "ZeroDivisionError"),
    ("i ** -1", RuntimeError, "Integers to negative integer powers are not allowed"),
    ("torch.lerp(f, d, 0.5)", RuntimeError, "expected dtype .* for `end` but got"),
    ("torch.lerp(f, 2.0, 0.5)", TypeError, "expected dtype"),
    ("torch.addcdiv(i, i, i)", RuntimeError, "Integer division with addcdiv is no"),
    ("torch.clamp(f)", RuntimeError, "At least one of 'min' or 'max' must not be None"),
    ("torch.where(f, f, f)", RuntimeError, "expected condition to be a boolean tensor"),
    ("torch.round(f, decimals=1.5)", TypeError, "invalid combination of arguments"),
    ("torch.polygamma(-1, f)", RuntimeError, "does not support negative n"),
    ("torch.mvlgamma(f, 0)", RuntimeError, "p has to be greater than or equal to 1"),
    ("F.gelu(f, approximate='x')", RuntimeError, "must be either none or tanh"),
    ("F.softshrink(f, -1)", RuntimeError, "lambda must be"),
    ("F.celu(f, 0)", RuntimeError, "alpha cannot be 0 for CELU"),
    ("F.hardtanh(f, 2, 1)", ValueError, "min_val cannot be greater than max_val"),
    ("F.hardtanh(b)", RuntimeError, "Bool inputs not supported for hardtanh"),
    ("F.hardtanh(i.to(torch.uint8))", RuntimeError, "unsigned type with negative"),
    ("torch.relu(b)", RuntimeError, "Boolean inputs not supported for relu"),
    ("torch.isclose(f, d)", RuntimeError, "did not match"),
    ("torch.isclose(f, f, rtol=-1)", RuntimeError, "must be greater than or equal"),
    ("torch.float_power(f, 2, out=f.clone())", RuntimeError, "requires dtype Double"),
    ("f.float_power_(2)", RuntimeError, "requires dtype Double"),
    ("F.gelu(i)", NotImplementedError, "not implemented for 'Long'"),
    ("torch.floor(b)", NotImplementedError, "not implemented for 'Bool'"),
    ("torch.gcd(f, f)", NotImplementedError, "not implemented for 'Float'"),
    ("torch.bitwise_not(d)", NotImplementedError, "not implemented for 'Double'"),
    ("torch.hypot(i, i)", NotImplementedError, "not implemented for 'Long'"),
    ("i.exp_()", RuntimeError, "can't be cast to the desired output type Long"),
    ("torch.exp(f, out=i.clone())", RuntimeError, "can't be cast to the desired"),
    ("torch.exp('1')", TypeError, "must be Tensor"),
    ("f + derivo.ones(3)", RuntimeError, "must match the size of tensor"),
    ("torch.mul(f, [1.0])", TypeError, "must be Tensor"),
]


@pytest.mark.parametrize(("expression", "kind", "phrase"), REFUSED)
def test_refused(expression, kind, phrase):
    names = {
        "b": derivo.tensor([True, False]),
        "i": derivo.tensor([1, 2]),
        "f": derivo.tensor([1.0, 2.0]),
        "d": derivo.tensor([1.0, 2.0], dtype=derivo.float64),
    }
    with pytest.raises(kind, match=phrase):
        eval(expression, names | {"torch": derivo, "derivo": derivo, "F": F})


def test_in_place_on_a_leaf_is_refused():
    x = derivo.tensor([1.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.exp_()


def test_in_place_gradient_is_that_of_the_function():
    x = derivo.tensor([0.5, 2.0], requires_grad=True)
    y = (x * 1.0).log_()
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 0.5]


# --- registration -----------------------------------------------------------------


def complete(**changes):
    fields = {"promote": "same", "node": "ProbeBackward0", "oracle": "x"} | changes
    return elementwise(**fields, register=False)


def probe(x):
    """Give the operand."""
    return x


@pytest.mark.parametrize(
    ("changes", "phrase"),
    [
        ({"promote": "some"}, "known promotion"),
        ({"accepts": "few"}, "known set of dtypes"),
        ({"node": None}, "a node's name"),
        ({"promote": "compare"}, "a node's name"),
        ({"oracle": ""}, "an independent oracle"),
        ({"domain": [(0, 1), (0, 1)]}, "a domain for each operand"),
        ({"kinks": [((0.0,), (0.0, 1.0))]}, "a value and a partial"),
    ],
)
def test_registration_refuses_an_incomplete_record(changes, phrase):
    with pytest.raises(ValueError, match=phrase):
        complete(**changes)(probe)


def test_registration_refuses_a_missing_docstring():
    def silent(x):
        return x

    with pytest.raises(ValueError, match="a docstring"):
        elementwise(promote="same", node="SilentBackward0", oracle="x")(silent)


def test_registration_refuses_a_name_that_is_taken():
    def exp(x):
        """Take the exponential again."""
        return x

    with pytest.raises(ValueError, match="name not yet taken"):
        elementwise(promote="same", node="ExpBackward0", oracle="x")(exp)


def test_records_are_immutable():
    with pytest.raises(AttributeError, match="immutable"):
        REGISTRY["exp"].node = "Other"
    assert repr(REGISTRY["exp"]) == "<elementwise exp(x) float ExpBackward0>"


def test_a_derivative_is_stated_once():
    record = complete()(probe)
    record.derivative(lambda g, x, out: (g,))
    with pytest.raises(ValueError, match="stated derivative already"):
        record.derivative(lambda g, x, out: (g,))


def test_a_derivative_covers_every_operand():
    record = complete()(probe)
    record.derivative(lambda g, x, out: (g, g))
    with pytest.raises(TypeError, match="expected one for each of 1 operands"):
        record.spec.plan((True,))


def test_importing_traces_nothing():
    import subprocess
    import sys

    code = (
        "import derivo; from derivo.ops._elementwise import REGISTRY\n"
        "assert len(REGISTRY) > 110\n"
        "assert all(r.spec._exprs is None for r in REGISTRY.values())\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
