# The text of a few kernels, so that a change that claims to change none shows.
#
# After a change that is meant, run with DERIVO_GOLDEN=write and read the difference.
from __future__ import annotations

import os
from pathlib import Path

import pytest

from derivo.codegen import binding
from derivo.codegen.maps import map_text
from derivo.codegen.programs import program_text
from derivo.codegen.target import Target
from derivo.ir import program as P
from derivo.ir import scalar as S
from derivo.ir.expr import var, variables
from derivo.ir.pairs import parts

x, y = variables("x y")
PAIRS = {x: (var(0), var(1)), y: (var(2), var(3))}
FOLDER = Path(__file__).parent / "golden"

AVX512 = Target("avx512", "x86_64", 64, True, True, True)
SSE2 = Target("sse2", "x86_64", 16, False, False, False)


def total(axis):
    p = P.Builder("sum", axis=axis, compute="float32")
    p.store(p.output("float32", space="k"), p.reduce("add", p.input("float32")))
    return p.build()


KERNELS = {
    "add-avx512": lambda: map_text(
        "add", AVX512, [x + y], ["float32"] * 2, ["float32"], "float32", "ccs"
    ),
    "relu-half-strided-avx512": lambda: map_text(
        "relu", AVX512, [S.maximum(x, 0)], ["float16"], ["float16"], "float16", "cx"
    ),
    "product-complex-avx512": lambda: map_text(
        "product",
        AVX512,
        [e for pair in parts([x * y], PAIRS) for e in pair],
        ["complex64"] * 2,
        ["complex64"],
        "float32",
        "ccs",
        pairs=True,
    ),
    "less-sse2": lambda: map_text(
        "less", SSE2, [x < y], ["float64"] * 2, ["bool"], "float64", "ccc"
    ),
    "sum-row-avx512": lambda: program_text("sum", AVX512, total("row")),
    "sum-col-avx512": lambda: program_text("sum", AVX512, total("col")),
}


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_text(name):
    text, symbols = KERNELS[name]()
    assert symbols == ()
    file = FOLDER / f"{name}.ll"
    if os.environ.get("DERIVO_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()
    # Addresses come from getelementptr; nothing is promised that is not so.
    for word in ("inttoptr", "ptrtoint", "fast", "nnan", "ninf", "reassoc"):
        assert word not in text
    if "sse2" in name:
        binding.compile_text(text, SSE2)
