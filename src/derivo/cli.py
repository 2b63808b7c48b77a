"""The command ``derivo``: a demo, the kernel cache, and running PyTorch scripts."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the command's name; those of the process if not given.

    Returns
    -------
    int
        The exit status: 0, or 1 after an error.

    Examples
    --------
    >>> from derivo.cli import main
    >>> main(["cache"])  # doctest: +SKIP
    """
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        status: int = options.run(options)
        # Written now, so that a reader that has gone away is noticed here.
        sys.stdout.flush()
    except BrokenPipeError:
        # As in `derivo demo | head`. Nothing must be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    from ._version import __version__

    parser = argparse.ArgumentParser(
        prog="derivo",
        description="Automatic differentiation for Python with PyTorch's interface.",
    )
    parser.add_argument("--version", action="version", version=f"derivo {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")

    demo = commands.add_parser(
        "demo",
        help="see how it works, then train a network on handwritten digits",
        description="Work through the idea of automatic differentiation, then train "
        "a network on real handwritten digits. Takes a few seconds.",
    )
    demo.add_argument("--seed", type=int, default=0, help="other numbers (default: 0)")
    demo.add_argument(
        "--epochs", type=_positive, default=20, help="how long to train (default: 20)"
    )
    demo.add_argument(
        "--picture",
        metavar="FILE",
        help="where to save the learning curve (default: derivo-demo.png)",
    )
    demo.add_argument(
        "--no-picture",
        action="store_const",
        const="",
        dest="picture",
        help="do not save the learning curve",
    )
    demo.add_argument("--plain", action="store_true", help="no colours")
    demo.set_defaults(run=_demo)

    cache = commands.add_parser(
        "cache",
        help="show or empty the kernels kept on disk",
        description="Show where compiled kernels are kept, how many there are and how "
        "much room they take.",
    )
    cache.add_argument("--clear", action="store_true", help="delete all of them")
    cache.set_defaults(run=_cache)

    run = commands.add_parser(
        "run",
        help="run a PyTorch script, unchanged",
        description="Run a Python script in which 'import torch' gives derivo.",
    )
    run.add_argument("script", help="the script's file")
    run.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        help="all that follows is for the script",
    )
    run.set_defaults(run=_run)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {value}")
    return value


def _demo(options: argparse.Namespace) -> int:
    from . import demo

    demo.run(
        seed=options.seed,
        epochs=options.epochs,
        picture=options.picture,
        plain=options.plain,
    )
    return 0


def _run(options: argparse.Namespace) -> int:
    from .interop import run_script

    try:
        run_script(options.script, options.arguments)
    except FileNotFoundError as error:
        if os.path.exists(options.script):
            raise  # the script's own
        print(f"derivo: {error}", file=sys.stderr)
        return 1
    return 0


def _cache(options: argparse.Namespace) -> int:
    from .codegen import cache

    before = cache.info()
    if before.path is None:
        print(f"derivo: {before.reason}", file=sys.stderr)
        return 1
    if options.clear:
        cache.clear()
        left = cache.info()
        gone = before.files - left.files
        print(f"deleted {_kernels(gone)}, {_size(before.bytes - left.bytes)}")
        if left.files:
            print(f"derivo: {_kernels(left.files)} could not be", file=sys.stderr)
            return 1
        return 0
    print(f"{_kernels(before.files)}, {_size(before.bytes)}")
    print(f"in {before.path}")
    return 0


def _kernels(count: int) -> str:
    return f"{count} kernel" if count == 1 else f"{count} kernels"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1e3:.1f} kB"
    return f"{count / 1e6:.1f} MB"
