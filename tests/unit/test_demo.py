# The demo, its data, and the command line: what a new user meets first.
from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from importlib import resources
from pathlib import Path

import pytest

import derivo
from derivo import demo
from derivo.demo import curve, load_digits
from derivo.demo.screen import RichScreen, Screen, make_screen
from derivo.demo.session import Session
from derivo.demo.training import History, show_training
from derivo.explain._tree import graph_tree

# For processes that run elsewhere: a relative PYTHONPATH would lead nowhere.
ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8"}
if "PYTHONPATH" in ENVIRONMENT:
    folders = ENVIRONMENT["PYTHONPATH"].split(os.pathsep)
    ENVIRONMENT["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, folders))


def derivo_command(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "derivo", *map(str, arguments)],
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


# --- data


def test_digits():
    images, labels = load_digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == derivo.float32
    assert images.is_contiguous()
    assert labels.shape == (1797,)
    assert labels.dtype == derivo.int64
    assert (images.min().item(), images.max().item()) == (0.0, 16.0)
    # How many of each digit: from the description of the data set.
    counts = [int((labels == digit).sum().item()) for digit in range(10)]
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert images[1796, 7].tolist() == [0, 1, 8, 12, 14, 12, 1, 0]
    assert images.sum().item() == 561718.0


def test_digits_are_small_and_attributed():
    folder = resources.files("derivo.demo")
    assert len(folder.joinpath("digits.bin").read_bytes()) < 100_000
    words = folder.joinpath("DIGITS.md").read_text(encoding="utf-8")
    for word in ("Alpaydin", "Kaynak", "UCI", "CC BY 4.0", "10.24432/C50P49"):
        assert word in words


# --- the pieces


def text_of(lines):
    return ["".join(text for text, _ in pieces) for pieces in lines]


def test_graph_tree():
    a = derivo.ones(2, requires_grad=True)
    b = derivo.ones(3, 1, requires_grad=True)
    c = derivo.zeros(2)
    shared = a * c
    lines = text_of(graph_tree((shared + shared * b).sum().grad_fn, {"a": a}))
    assert lines == [
        "SumBackward0",
        "└─ AddBackward0",
        "   ├─ MulBackward0",
        "   │  └─ AccumulateGrad → a.grad",
        "   └─ MulBackward0",
        "      ├─ MulBackward0 (see above)",
        "      └─ AccumulateGrad → a leaf of shape (3, 1).grad",
    ]


def test_graph_tree_of_a_long_chain():
    x = derivo.ones((), requires_grad=True)
    y = x
    for _ in range(3000):
        y = y * 1
    assert len(graph_tree(y.grad_fn)) == 3001


def test_session_shows_what_it_runs():
    stream = io.StringIO()
    session = Session(Screen(stream))
    session.run(
        """
a = [1,
     2]  # two
for i in a:
    a[0] += i
a
None
"""
    )
    assert stream.getvalue() == (
        "   >>> a = [1,\n   ...      2]  # two\n"
        "   >>> for i in a:\n   ...     a[0] += i\n"
        "   >>> a\n   [4, 2]\n   >>> None\n\n"
    )
    assert session["i"] == 2
    with pytest.raises(ZeroDivisionError):
        session.run("1 / 0")


def show_everything(screen):
    screen.title("name", "words")
    screen.step("Heading")
    screen.say("A long paragraph. " * 12)
    screen.code("with x:\n    y = 'two'")
    screen.code("plain", prompts=False)
    screen.result("tensor([1., 2.])\n[bold]not markup[/bold]")
    screen.line(("█▓▒░", ""), (" 97%  ", "good"))
    screen.gap()
    screen.gap()
    with screen.progress(10) as show:
        show(5, "half")
    screen.line(("end", ""))


def test_both_screens_write_the_same_text():
    pytest.importorskip("rich")
    plain, rich = io.StringIO(), io.StringIO()
    show_everything(Screen(plain))
    show_everything(RichScreen(rich))
    assert rich.getvalue() == plain.getvalue()
    assert plain.getvalue().endswith("█▓▒░ 97%\n\nend\n")
    assert max(map(len, plain.getvalue().splitlines())) <= 76


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_plain_progress_wipes_itself_away():
    stream = Terminal()
    show_everything(Screen(stream))
    assert "█" * 15 + "░" * 15 + "  half" in stream.getvalue()
    shown = stream.getvalue().rsplit("\r", 1)
    assert shown[0].endswith(" " * 40)
    assert shown[1] == "end\n"


def test_terminals_that_cannot_draw():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    show_everything(Screen(stream))
    stream.seek(0)
    assert "#%+. 97%" in stream.read()


def test_colours_where_rich_is(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    screen = make_screen(stream)
    assert isinstance(screen, RichScreen)
    show_everything(screen)
    assert "\x1b[" in stream.getvalue()
    assert type(make_screen(stream, plain=True)) is Screen


def test_no_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert type(make_screen(io.StringIO())) is Screen


def test_training_shows_its_history():
    stream = io.StringIO()
    history = show_training(Screen(stream), epochs=3, seed=1)
    assert len(history.loss) == len(history.accuracy) == 3
    assert history.loss[0] > history.loss[-1] > 0
    for i in range(3):
        row = f"{i + 1}  +{history.loss[i]:.4f}  +{history.accuracy[i]:.1%}"
        assert re.search(row, stream.getvalue())
    assert "loss.backward()" in stream.getvalue()


HISTORY = History([1.5, 0.5, 0.25], [0.8, 0.9, 0.95])


def test_curve_by_matplotlib(tmp_path):
    pytest.importorskip("matplotlib")
    path = curve.save_curve(HISTORY, tmp_path / "curve.png")
    assert path == tmp_path / "curve.png"
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "history", [HISTORY, History([1.0], [0.1]), History([0.0, 0.0], [1.0, 1.0])]
)
def test_curve_without_matplotlib(tmp_path, monkeypatch, history):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    path = curve.save_curve(history, tmp_path / "curve.png")
    assert path == tmp_path / "curve.svg"
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    lines = [e.get("points") for e in root if e.tag.endswith("polyline")]
    assert [len(points.split()) for points in lines] == [len(history.loss)] * 2
    points = [tuple(map(float, p.split(","))) for p in " ".join(lines).split()]
    assert all(0 <= x <= 700 and 0 <= y <= 400 for x, y in points)
    words = "".join(root.itertext())
    assert "training loss" in words
    assert "test accuracy" in words


def test_a_picture_that_cannot_be_saved(tmp_path, capsys):
    path = tmp_path / "missing" / "curve.png"
    demo.run(epochs=1, picture=str(path), plain=True)
    assert "could not be saved" in capsys.readouterr().out


# --- the commands


def test_demo(tmp_path):
    # Cold cache, cores shared with whatever else runs: still under 20 seconds.
    cache = tmp_path / "cache"
    start = time.perf_counter()
    first = derivo_command("demo", cwd=tmp_path, DERIVO_CACHE_DIR=str(cache))
    seconds = time.perf_counter() - start
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    assert seconds < 20
    found = re.search(r"It reads ([\d.]+)% of the 360 digits", first.stdout)
    assert float(found[1]) >= 95
    for part in (
        "SumBackward0",
        "tensor([5., 7., 9.])",
        "requires_grad=True",
        "(True, ",
    ):
        assert part in first.stdout
    saved = re.search(r"The learning curve is in (\S+)", first.stdout)[1]
    assert (tmp_path / saved).stat().st_size > 1000
    assert "\x1b" not in first.stdout  # not a terminal: no colours
    again = derivo_command("demo", cwd=tmp_path, DERIVO_CACHE_DIR=str(cache))
    assert again.stdout == first.stdout
    other = derivo_command("demo", "--seed", 1, "--no-picture", "--plain", cwd=tmp_path)
    assert other.stdout != first.stdout
    assert "learning curve" not in other.stdout


def test_demo_refuses_no_epochs(tmp_path):
    done = derivo_command("demo", "--epochs", 0, cwd=tmp_path)
    assert done.returncode == 2
    assert "expected at least 1, got 0" in done.stderr


def test_demo_into_a_closed_pipe(tmp_path):
    command = f'"{sys.executable}" -m derivo demo --no-picture | head -n 1'
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout == "\n"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_version_and_help(tmp_path):
    version = derivo_command("--version", cwd=tmp_path)
    assert version.stdout == f"derivo {derivo.__version__}\n"
    usage = derivo_command(cwd=tmp_path)
    assert usage.returncode == 0
    for word in ("demo", "cache", "run"):
        assert word in usage.stdout
    assert derivo_command("nonsense", cwd=tmp_path).returncode == 2


def test_cache(tmp_path):
    environment = {"DERIVO_CACHE_DIR": str(tmp_path / "kernels")}
    empty = derivo_command("cache", cwd=tmp_path, **environment)
    assert empty.returncode == 0, empty.stderr
    assert str(tmp_path / "kernels") in empty.stdout
    script = tmp_path / "script.py"
    script.write_text("import derivo\nderivo.ones(3).exp().tanh()\n")
    subprocess.run(
        [sys.executable, script], env={**ENVIRONMENT, **environment}, check=True
    )
    full = derivo_command("cache", cwd=tmp_path, **environment)
    assert int(re.search(r"(\d+) kernels?", full.stdout)[1]) > 0
    cleared = derivo_command("cache", "--clear", cwd=tmp_path, **environment)
    assert cleared.returncode == 0, cleared.stderr
    after = derivo_command("cache", cwd=tmp_path, **environment)
    assert int(re.search(r"(\d+) kernels?", after.stdout)[1]) == 0


SCRIPT = """
import sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, TensorDataset
from beside import here

assert __name__ == "__main__"
torch.manual_seed(0)
model = nn.Linear(2, 1)
data = TensorDataset(torch.rand(8, 2), torch.rand(8, 1))
optimizer = optim.SGD(model.parameters(), lr=0.1)
for inputs, targets in DataLoader(data, batch_size=4, shuffle=True):
    optimizer.zero_grad()
    F.mse_loss(model(inputs), targets).backward()
    optimizer.step()
print(torch.__name__, nn.Linear is torch.nn.Linear, here, sys.argv[1:])
print(isinstance(model.weight, torch.Tensor), torch.nn.__spec__.name)
"""


def test_run(tmp_path):
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    (folder / "beside.py").write_text("here = 'beside'\n")
    done = derivo_command("run", folder / "train.py", "--lr", "0.1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "derivo True beside ['--lr', '0.1']",
        "True derivo.nn",
    ]


@pytest.mark.parametrize(
    ("source", "status", "words"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("open('missing.txt')", 1, "FileNotFoundError"),
        ("import torch.no_such_part", 1, "No module named 'torch.no_such_part'"),
        ("try:\n    import torch.no_such_part\nexcept ImportError: pass", 0, ""),
        (
            "import torchvision_of_nowhere",
            1,
            "No module named 'torchvision_of_nowhere'",
        ),
    ],
)
def test_run_fails_as_the_script_does(tmp_path, source, status, words):
    script = tmp_path / "script.py"
    script.write_text(source)
    done = derivo_command("run", script, cwd=tmp_path)
    assert done.returncode == status
    assert words in done.stderr


def test_run_without_a_script(tmp_path):
    done = derivo_command("run", "missing.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "derivo: [run] no such file: got path='missing.py'.\n"


def test_run_after_pytorch(tmp_path):
    fake = tmp_path / "torch.py"
    fake.write_text("")
    code = "import torch; from derivo.interop import install_as_torch as f; f()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        cwd=Path(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PyTorch has been imported already" in done.stderr
