# The harness that compares with PyTorch must see what is wrong. PyTorch stands on both
# sides, and the candidate is broken on purpose, one function at a time.
from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]

BROKEN = """
    import os, time
    import torch

    def __getattr__(name):
        return getattr(torch, name)

    class _Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.exp()

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * x.exp() * (1 + 1e-5)

    def exp(x):
        return _Scaled.apply(x)

    def sin(x):
        return torch.sin(x) * (1 + 1e-4)

    def cos(x):
        return torch.cos(x).to(torch.float64)

    def tan(x):
        return torch.tan(x).reshape(-1)

    def sqrt(x):
        return torch.sqrt(x).detach()

    def ceil(x):
        return torch.ceil(x) + (x.numel() > 9)  # not for every sample

    def trunc(x):
        raise KeyError("broken")

    def unbind(x, dim=0):
        return list(torch.unbind(x, dim))

    def tril(x, diagonal=0):
        # the sum of all elements in memory order, as if strides were row-major
        flat = x.as_strided(x.shape, torch.zeros(x.shape).stride())
        return torch.tril(flat, diagonal)

    def square(x):
        # right, with the right derivative, and a wrong second one
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * g * x.detach()

        return Square.apply(x)

    def dot(x, y):
        if x.dtype == torch.float32:
            raise TypeError("everything is refused")
        return torch.dot(x, y)

    def abs(x):
        os.abort()

    def asin(x):
        time.sleep(600)
"""
# entry, check, what its answer must say
SEEN = [
    ("exp", "forward", "pass", ""),
    ("exp", "backward", "fail", "grad 0: values differ"),
    ("sin", "forward", "fail", "values differ"),
    ("sin", "integer", "fail", "values differ"),
    ("cos", "forward", "fail", "dtype float64, expected float32"),
    ("tan", "forward", "fail", "shape"),
    ("sqrt", "backward", "fail", "what requires grad differs"),
    ("ceil", "forward", "fail", "values differ"),
    ("trunc", "forward", "fail", "KeyError: 'broken'"),
    ("unbind", "forward", "fail", "tuple of"),
    ("tril", "forward", "fail", "values differ"),
    ("square", "backward", "pass", ""),
    ("square", "double backward", "fail", "second grad"),
    ("dot", "errors", "fail", "TypeError"),
    ("abs", "forward", "crash", "SIGABRT"),
    ("abs", "integer", "crash", "SIGABRT"),
    ("asin", "forward", "timeout", "no answer"),
    ("floor", "forward", "pass", ""),
    ("logit", "double backward", "pass", ""),
    ("matmul", "backward", "pass", ""),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    from conformance._entries import entries
    from conformance._pool import run_jobs

    folder = tmp_path_factory.mktemp("candidate")
    (folder / "brokentorch.py").write_text(textwrap.dedent(BROKEN), encoding="utf-8")
    index = {e.key: e.index for e in entries()}
    jobs = [("op", index[key], check) for key, check, _, _ in SEEN]
    found = {}

    def collect(job, answer):
        found[job] = answer

    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(folder), prepend=":")
    try:
        run_jobs(jobs, "brokentorch", workers=2, limit_s=20.0, on_answer=collect)
    finally:
        patch.undo()
    return {(key, check): found["op", index[key], check] for key, check, _, _ in SEEN}


@pytest.mark.slow
@pytest.mark.parametrize(("key", "check", "status", "reason"), SEEN)
def test_broken_candidate_is_seen(answers, key, check, status, reason):
    answer = answers[key, check]
    assert answer["status"] == status, answer
    assert reason in answer["reason"]


def test_describe_and_realise_keep_bytes_and_strides():
    from conformance._library import Library, describe

    oracle = Library("torch", oracle=True)
    base = torch.arange(24.0).reshape(4, 6)
    shared = torch.ones(3, requires_grad=True)
    tree = (
        base.t()[1:, ::2],
        [shared, shared],
        {"a": torch.ones(2, dtype=torch.bfloat16), "b": torch.float64, "c": 3},
        torch.tensor(2.5),
        torch.zeros(0, 3),
        slice(1, None),
        torch.ones(1).expand(4),
    )
    (view, pair, options, scalar, empty, cut, wide), leaves = oracle.realise(
        describe(tree)
    )
    assert torch.equal(view, tree[0])
    assert view.stride() == tree[0].stride()
    assert pair[0] is pair[1]
    assert pair[0].is_leaf
    assert leaves == [pair[0]]
    assert options["a"].dtype is torch.bfloat16
    assert options["b"] is torch.float64
    assert options["c"] == 3
    assert scalar.item() == 2.5
    assert empty.shape == (0, 3)
    assert cut == slice(1, None)
    assert wide.stride() == (0,)
    view.zero_()
    assert base.sum() > 0, "the sample itself must not be written to"


@pytest.mark.parametrize(
    ("want", "got", "message"),
    [
        ([1.0, 2.0], [1.0, 2.1], r"result\[1\]: 2.1"),
        ([1.0], [1.0, 2.0], "result"),
        ({"a": 1}, {"b": 1}, "keys"),
        (1.0, 1, "expected 1.0"),
        (True, 1, "expected True"),
        ("MulBackward0", "MulBackward1", "expected 'MulBackward0'"),
    ],
)
def test_difference_of_plain_data(want, got, message):
    import re

    from conformance._cases import difference

    assert difference(want, want) == ""
    assert re.search(message, difference(want, got))


def test_difference_of_exceptions_and_arrays():
    from conformance._cases import difference
    from conformance._snippet import exactly, raised, within_ulps

    def fail(error):
        def act():
            raise error

        return act

    class OwnError(RuntimeError):
        pass

    want = raised(fail(RuntimeError("a leaf Variable is")), "a leaf variable")
    assert want.has_phrase
    assert difference(want, raised(fail(OwnError("a leaf Variable")), "a leaf")) == ""
    assert "lacks the phrase" in difference(
        want, raised(fail(OwnError("it is")), "a leaf variable")
    )
    assert "expected RuntimeError" in difference(
        want, raised(fail(ValueError("a leaf Variable")), "a leaf variable")
    )
    assert "no exception" in difference(want, "accepted: 3")

    one = torch.ones(3)
    near = torch.nextafter(one, 2 * one)
    assert "3 of 3 differ" in difference(exactly(one), exactly(near))
    assert difference(within_ulps(one, 1), within_ulps(near, 1)) == ""


def test_every_case_has_a_true_phrase_and_no_module_is_empty():
    from conformance import _cases

    names = [f"{m}.{n}" for m in _cases.modules() for n in _cases.cases(m)]
    assert len(set(names)) == len(names)
    sections = [_cases.section(n.rpartition(".")[0]) for n in names]
    assert sections.count("autograd") >= 100
    assert sections.count("printing") >= 200
    assert sections.count("random") >= 200


def result(key, check, status):
    return {"key": key, "check": check, "status": status, "reason": "because"}


def test_baseline(tmp_path, monkeypatch, capsys):
    from conformance import _report

    monkeypatch.setattr(_report, "BASELINE", tmp_path / "baseline.json")
    first = [
        result("a", "forward", "pass"),
        result("b", "forward", "fail"),
        result("a", "backward", "n/a"),
    ]
    assert _report.check_baseline(first, complete=True) == 1, "there is none yet"
    _report.write_baseline(first)
    document = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))
    assert document["counts"] == {"forward": [1, 2], "backward": [0, 0]}
    assert document["passed"]["forward"] == ["a"]
    assert _report.check_baseline(first, complete=True) == 0

    worse = [result("a", "forward", "fail"), result("b", "forward", "pass")]
    capsys.readouterr()
    assert _report.check_baseline(worse, complete=True) == 1
    assert "regressed: a forward: fail: because" in capsys.readouterr().out
    assert _report.check_baseline([], complete=True) == 1
    assert _report.check_baseline([], complete=False) == 0


def test_scripts_compare_numbers_by_their_kind():
    from conformance._scripts import _compare

    def lines(*text):
        return list(text), ""

    assert _compare(lines("3 1.2345678"), lines("3 1.2345679")) == ""
    assert "line 1" in _compare(lines("3 1.23456"), lines("4 1.23456"))
    assert "line 1" in _compare(lines("3 1.2345"), lines("3 1.2346"))
    assert "line 1" in _compare(lines("[0.5, 0.25]"), lines("[0.5]"))
    assert "expected 2" in _compare(lines("a", "b"), lines("a"))
    assert _compare(lines("a"), ([], "it failed")) == "it failed"


def test_script_alias_serves_submodules_and_keeps_their_specs():
    # A package of the standard library stands for derivo; in a process of its own,
    # because the name torch is taken in this one.
    code = """
        import sys
        from conformance._run_script import _Alias

        sys.meta_path.insert(0, _Alias("email"))
        import torch, torch.mime.text
        from torch.mime import text
        import email.mime.text

        assert torch is email
        assert torch.mime.text is text is email.mime.text
        assert email.mime.text.__spec__.name == "email.mime.text"
        try:
            import torch.nothing
        except ModuleNotFoundError:
            print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "done\n", run.stderr
