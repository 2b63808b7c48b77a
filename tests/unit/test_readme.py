# The README's commands are the ones that CI runs and the package has. (Its code is run
# by test_docs, its figures come from benchmarks.)
from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def commands():
    return re.findall(r"^\$ (.*?)(?:\s+#.*)?$", README, re.M)


def test_ci_installs_and_tests_as_the_readme_says():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    at = commands().index('pip install -e ".[test]"')
    assert commands()[at + 1] == "pytest"
    assert 'pip install --quiet -e ".[test]"\n' in ci
    assert ci.index('-e ".[test]"') < ci.index("pytest -q")


def test_extras_exist():
    extras = PROJECT["project"]["optional-dependencies"]
    named = set(re.findall(r'"\.\[(\w+)\]"', README))
    assert named
    assert named <= set(extras)


def test_scripts_exist():
    assert "derivo" in PROJECT["project"]["scripts"]
    module, _, name = PROJECT["project"]["scripts"]["derivo"].partition(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


def test_modules_named_exist():
    for module in re.findall(r"python -m (\w+)", README):
        assert (ROOT / module / "__main__.py").is_file(), module


def test_the_first_screen_is_a_screen():
    before_speed = README.split("## How fast")[0]
    assert len(before_speed.splitlines()) <= 50


def test_version_is_in_one_place():
    import derivo

    assert "version" in PROJECT["project"]["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.\w+)?", derivo.__version__)
