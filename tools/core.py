"""Build the Cython core in place, for work on it: ``spin build`` calls this."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "src" / "derivo" / "_core"


def build(*, checks: bool = False) -> None:
    """Compile what changed into ``build/`` and put the modules beside their sources.

    Parameters
    ----------
    checks : bool
        Build with bounds and None checks, in a build folder of their own.
    """
    folder = ROOT / "build" / ("checks" if checks else "release")
    configured = (folder / "build.ninja").exists()
    tools = {**os.environ, "PATH": _path_of_this_python()}
    # Configuring again picks up a .pyx that was added or taken away.
    setup = ["meson", "setup", *(["--reconfigure"] if configured else []), str(folder)]
    options = ["-Dbuildtype=release", "-Db_ndebug=true"]
    options += ["-Dchecks=true" if checks else "-Dchecks=false"]
    for command in ([*setup, *options], ["ninja", "-C", str(folder)]):
        done = subprocess.run(
            command, cwd=ROOT, env=tools, check=False, text=True, capture_output=True
        )
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    for module in CORE.glob("*.pyx"):
        name = module.stem + suffix
        place(CORE / name, (folder / "src" / "derivo" / "_core" / name).read_bytes())


def place(target: Path, data: bytes) -> None:
    """Replace a compiled module in one step; a process that has it loaded keeps it."""
    if target.exists() and target.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(
        dir=target.parent, prefix=".", suffix=".partial"
    )
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o755)
    os.replace(temporary, target)


def _path_of_this_python() -> str:
    # The tools of the environment that runs us, also when it is not activated.
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
