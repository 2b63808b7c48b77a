# What the package is made of: importing it is light, its stubs are fresh, everything
# that is in the tree is installed.
from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "derivo"
CORE = PACKAGE / "_core"
sys.path.insert(0, str(ROOT / "tools"))
import sources


def python(code):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_derivo_loads_nothing_heavy():
    code = "import sys, derivo; print(*{m.partition('.')[0] for m in sys.modules})"
    loaded = set(python(code).split())
    heavy = {"numpy", "scipy", "llvmlite", "rich", "matplotlib", "torch", "tqdm"}
    slow = {
        "asyncio",
        "multiprocessing",
        "unittest",
        "dataclasses",
        "inspect",
    }
    assert not loaded & heavy
    assert not loaded & slow


def test_torch_is_never_imported():
    # PyTorch is an oracle and a rival: nothing in the package may need it.
    for path in PACKAGE.rglob("*.py*"):
        if path.suffix not in (".py", ".pyx"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".pyx":
            assert "import torch" not in text.replace("derivo as torch", ""), path
            continue
        for node in ast.walk(ast.parse(text)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not any(n.partition(".")[0] == "torch" for n in names), path


def test_one_module_imports_each_part_of_llvmlite():
    # Another LLVM binding, or another version of it, is one file's business.
    users = {"llvmlite.ir": set(), "llvmlite.binding": set()}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module="llvmlite", names=names):
                    found = [f"llvmlite.{alias.name}" for alias in names]
                case ast.ImportFrom(module=str(module)):
                    found = [module]
                case ast.Import(names=names):
                    found = [alias.name for alias in names]
                case _:
                    continue
            for name in found:
                for part, where in users.items():
                    if name == part or name.startswith(f"{part}."):
                        where.add(path.relative_to(PACKAGE).as_posix())
    assert all(len(where) <= 1 for where in users.values()), users


def test_stubs_are_up_to_date():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_stubs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", sorted(p.stem for p in CORE.glob("*.pyx")))
def test_each_module_of_the_core_has_a_stub(module):
    stub = CORE / f"{module}.pyi"
    assert stub.exists()
    compile(stub.read_text(encoding="utf-8"), str(stub), "exec")


def test_everything_in_the_tree_is_installed():
    installed = {f for folder in sources.folders() for f in sources.files(folder)}
    there = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py")}
    assert there <= installed
    assert "py.typed" in installed
    assert not {f for f in installed if f.endswith((".pyx", ".so", ".pyc", ".build"))}
    assert set(sources.modules()) == {p.stem for p in CORE.glob("*.pyx")}


def test_files_stay_readable():
    # Past this a file holds more than one idea; generated stubs are not read whole.
    long = {
        path.relative_to(ROOT).as_posix()
        for folder in ("src", "tests", "tools", "conformance", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 850
    }
    assert not long


def test_every_function_of_the_core_says_how_it_fails():
    # A cdef function with no word about exceptions is checked after every call, or, if
    # it returns a C type under an old default, swallows them.
    head = re.compile(
        r"^ *cdef (?P<result>[\w ]+?[ *]\**)(?P<name>\w+)\((?P<args>[^()]*)\)"
        r"(?P<fails>[^:=\n]*):",
        re.M,
    )
    # Python objects need no word: NULL says it. A C type by a lower-case name does.
    objects = re.compile(
        r"^(inline )?(object|tuple|list|dict|set|type|str|bytes|[A-Z]\w+) $"
    )
    silent = [
        f"{path.name}: {found['name']}"
        for path in sorted(CORE.glob("*.pyx"))
        for found in head.finditer(path.read_text(encoding="utf-8"))
        if "except" not in found["fails"]
        and not objects.match(found["result"])
        and not found["result"].startswith("class")
    ]
    assert silent == []
