"""The commands of ``spin``: what a contributor runs, and what CI runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))

PASS_ON = {"ignore_unknown_options": True}


def _run(*command: str) -> None:
    _call([sys.executable, "-m", *command])


def _call(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


@click.command()
@click.option("--checks", is_flag=True, help="With bounds and None checks.")
def build(checks: bool) -> None:
    """Compile what changed in the Cython core, in place."""
    import core

    core.build(checks=checks)


@click.command(context_settings=PASS_ON)
@click.argument("pytest_args", nargs=-1)
def test(pytest_args: tuple[str, ...]) -> None:
    """Build, then run the tests: spin test [-- PYTEST_ARGS]."""
    import core

    core.build()
    _run("pytest", "-q", *pytest_args)


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
def lint(fix: bool) -> None:
    """Check style: ruff, its formatter, cython-lint and the stubs' freshness."""
    if fix:
        _run("ruff", "check", "--fix", ".")
        _run("ruff", "format", ".")
        _run("tools.make_stubs")
    _run("ruff", "check", ".")
    _run("ruff", "format", "--check", ".")
    # It has no module to run; its script stands beside the interpreter.
    script = str(Path(sys.executable).parent / "cython-lint")
    _call([script, "src/derivo/_core"])
    _run("tools.make_stubs", "--check")


@click.command()
def types() -> None:
    """Check types with mypy."""
    _run("mypy")


@click.command(context_settings=PASS_ON)
@click.argument("args", nargs=-1)
def bench(args: tuple[str, ...]) -> None:
    """Measure against PyTorch: spin bench [-- ARGS]."""
    _run("benchmarks", *args)


@click.command()
def docs() -> None:
    """Build the documentation into docs/_build, warnings as errors."""
    _run("sphinx", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")
