# Kernels on disk: found again, private, and ignored when anything is wrong with them.
from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest

from derivo import codegen
from derivo.codegen import binding, cache, loader
from derivo.codegen import target as targets
from derivo.ir import scalar as S
from derivo.ir.expr import variables
from tests.codegen._launch import call

x, y = variables("x y")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DERIVO_CACHE_DIR", str(tmp_path / "cache"))
    cache._check.cache_clear()
    yield tmp_path / "cache" / "kernels"
    cache._check.cache_clear()


def build(expr=None):
    """Build a kernel as a new process would; return what it computes and its source."""
    codegen._memo.clear()
    before = dict(cache.counters)
    expr = S.tanh(x) * 3 + 1 if expr is None else expr
    address = codegen.build_map("f", [expr], ["float64"], ["float64"], "float64", "cc")
    a, out = np.linspace(-1, 1, 21), np.zeros(21)
    call(address, [21, 1], [out, a], [8, 8, 0, 0])
    np.testing.assert_allclose(out, np.tanh(a) * 3 + 1, rtol=1e-15)
    return [name for name in before if cache.counters[name] > before[name]]


def test_found_again(folder):
    assert build() == ["compiled"]
    assert build() == ["disk"]
    info = cache.info()
    assert info.path == str(folder)
    assert info.files == 1
    assert info.bytes == sum(f.stat().st_size for f in folder.iterdir())


def test_memory_comes_first(folder):
    build()
    before = dict(cache.counters)
    args = ("f", [S.tanh(x) * 3 + 1], ["float64"], ["float64"], "float64", "cc")
    assert codegen.build_map(*args) == codegen.build_map(*args)
    assert cache.counters == before


def test_private(folder):
    build()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_clear(folder):
    build()
    (folder / ".left.behind.tmp").write_bytes(b"")
    assert cache.clear() == 2
    assert cache.info().files == 0
    assert build() == ["compiled"]


def only(folder):
    (file,) = folder.glob("*.kernel")
    return file


@pytest.mark.parametrize("where", [0, 20, 50, 85, 100, 300, -1])
def test_damaged_byte(folder, where):
    build()
    file = only(folder)
    data = bytearray(file.read_bytes())
    data[where] ^= 0x40
    file.write_bytes(data)
    assert build() == ["compiled"]
    assert build() == ["disk"]


@pytest.mark.parametrize("size", [0, 10, 88, 200])
def test_truncated(folder, size):
    build()
    file = only(folder)
    file.write_bytes(file.read_bytes()[:size])
    assert build() == ["compiled"]


def test_foreign_key(folder):
    # A kernel under another's name: sound in itself, but not what was asked for.
    build()
    name = only(folder).name
    cache.clear()
    codegen._memo.clear()
    other = codegen.build_map("f", [x * 2], ["float64"], ["float64"], "float64", "cc")
    assert other
    only(folder).rename(folder / name)
    assert build() == ["compiled"]


def test_writable_by_others(folder):
    build()
    only(folder).chmod(0o666)
    assert build() == ["compiled"]
    folder.chmod(0o777)
    cache._check.cache_clear()
    assert cache.folder() is None
    assert "other users may write to the folder" in cache.info().reason
    assert build() == ["compiled"]
    folder.chmod(0o700)


def test_link_instead_of_file(folder, tmp_path):
    build()
    file = only(folder)
    moved = tmp_path / "elsewhere"
    file.rename(moved)
    file.symlink_to(moved)
    assert build() == ["compiled"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_read_only(folder):
    build()
    folder.chmod(0o500)
    cache._check.cache_clear()
    assert build() == ["compiled"]
    folder.chmod(0o700)


def test_not_a_folder(folder):
    folder.parent.mkdir()
    folder.write_text("in the way")
    assert build() == ["compiled"]
    assert "not a folder" in cache.info().reason


def test_key_depends_on_what_matters(monkeypatch):
    base = cache.key("a", "b")
    assert base == cache.key("a", "b")
    assert base != cache.key("ab", "")
    monkeypatch.setattr(cache, "toolchain", lambda: "other")
    assert base != cache.key("a", "b")


_CHILD = """
import sys, numpy as np
from derivo import codegen
from derivo.codegen import cache
from derivo.ir import scalar as S
from derivo.ir.expr import variables
x, y = variables("x y")
for k in range(2, 8):
    codegen.build_map("f", [S.exp(x) * k], ["float64"], ["float64"], "float64", "cc")
print(cache.counters["compiled"], "llvmlite" in sys.modules)
"""


def test_many_processes(folder):
    def start():
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", _CHILD], stdout=pipe, text=True)

    children = [start() for _ in range(3)]
    assert all(c.wait() == 0 for c in children)
    for c in children:
        c.stdout.close()
    assert not list(folder.glob("*.tmp"))
    warm = start()
    out, _ = warm.communicate()
    # Everything is on disk, so LLVM is not even imported.
    assert out.split() == ["0", "False" if loader.available() else "True"]


# --- loading --------------------------------------------------------------------


def code(expr):
    from derivo.codegen.maps import map_text

    target = targets.current()
    text, symbols = map_text(
        "dv_t", target, [expr], ["float32"], ["float32"], "float32", "cc"
    )
    return binding.compile_text(text, target), symbols, target


@pytest.mark.skipif(not loader.available(), reason="LLVM's own loader is used here")
def test_two_loaders_agree():
    a = np.linspace(0.1, 2, 50, dtype="f4")
    for expr in (x * 3, S.exp(x), S.lgamma(x) + S.special("i0", x), S.zeta(3.0, x)):
        found, symbols, target = code(expr)
        results = []
        for address in (
            loader.load(found, "dv_t", targets.resolve),
            binding.load(found, "dv_t", symbols, target),
        ):
            out = np.zeros(50, "f4")
            call(address, [50, 1], [out, a], [4, 4, 0, 0])
            results.append(out)
        np.testing.assert_array_equal(*results)


@pytest.mark.skipif(not loader.available(), reason="LLVM's own loader is used here")
def test_loader_refuses():
    found, _, _ = code(S.tanh(x) * 2)
    with pytest.raises(loader.Unsupported, match="no function"):
        loader.load(found, "another", targets.resolve)
    with pytest.raises(loader.Unsupported, match="not in this machine's libraries"):
        loader.load(found, "dv_t", lambda name: None)
    with pytest.raises(loader.Unsupported, match="not a relocatable"):
        loader.load(b"\0" * 200, "dv_t", targets.resolve)
    for cut in (10, 100, 300, len(found) - 70):
        with pytest.raises(loader.Unsupported, match=r"\w"):
            loader.load(found[:cut], "dv_t", targets.resolve)


def test_defect_is_reported_with_its_text():
    with pytest.raises(RuntimeError, match="generated code is refused by LLVM"):
        binding.compile_text("define void @f() { ret i32 1 }", targets.current())


# --- threads and processes ------------------------------------------------------


def test_threads_build_at_once(folder):
    codegen._memo.clear()
    found = {}
    start = threading.Barrier(4)

    def work(k):
        start.wait()
        found[k] = [
            codegen.build_map(
                "f", [S.exp(x) * (j + 11)], ["float64"], ["float64"], "float64", "cc"
            )
            for j in range(4)
        ]

    before = cache.counters["compiled"]
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(found[k] == found[0] for k in range(4))
    assert len(set(found[0])) == 4
    assert cache.counters["compiled"] == before + 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_while_building(folder):
    # The child may build although another thread held the lock.
    code_ = """if True:
        import os, threading
        from derivo import codegen
        from derivo.ir.expr import variables
        (x,) = variables("x")
        held, done = threading.Event(), threading.Event()
        def hold():
            with codegen._lock:
                held.set()
                done.wait()
        t = threading.Thread(target=hold)
        t.start()
        held.wait()
        child = os.fork()
        if child == 0:
            types = ["float64"], ["float64"], "float64"
            os._exit(0 if codegen.build_map("f", [x + 1], *types, "cc") else 1)
        done.set()
        t.join()
        raise SystemExit(os.waitpid(child, 0)[1])
    """
    command = [sys.executable, "-W", "ignore", "-c", code_]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0


def test_arm_code():
    # No such machine is needed to see that LLVM accepts the text.
    import llvmlite.binding as llvm

    from derivo.codegen.maps import map_text

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    neon = targets.Target("neon", "arm64", 16, False, True, True)
    text, symbols = map_text(
        "k", neon, [S.tanh(x) * y], ["float16"] * 2, ["int8"], "float32", "cxc"
    )
    assert symbols == ("tanhf",)
    module = llvm.parse_assembly(text)
    module.verify()
    machine = llvm.Target.from_triple(
        "aarch64-unknown-linux-gnu"
    ).create_target_machine(cpu=neon.cpu, opt=2)
    module.triple = "aarch64-unknown-linux-gnu"
    assert "fcvtl" in machine.emit_assembly(module)
