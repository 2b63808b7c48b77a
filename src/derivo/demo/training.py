"""The second half of the demo: a network learns to read real handwriting."""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import derivo
from derivo import nn, optim
from derivo.utils.data import DataLoader, TensorDataset, random_split

from .digits import load_digits
from .screen import MARGIN, Piece, Screen
from .session import Session

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["History", "show_training"]

_SHADES = " ░▒▓█"
_BARS = "▁▂▃▄▅▆▇█"
_TEST_IMAGES = 360


@dataclass
class History:
    """What happened, epoch by epoch.

    Attributes
    ----------
    loss : list of float
        Mean training loss.
    accuracy : list of float
        Share of test images read correctly, 0 to 1.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)


# Its source is shown to the user: it is what a PyTorch user would write.
def one_epoch(
    model: Any, loader: Any, optimizer: Any, tick: Callable[[], None] = lambda: None
) -> float:
    total = 0.0
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        tick()
    return total / len(loader)


def show_training(screen: Screen, epochs: int = 20, seed: int = 0) -> History:
    """Train a small network on the digits, and show how it goes.

    Parameters
    ----------
    screen : Screen
        Where to write.
    epochs : int, default 20
        Passes over the training images.
    seed : int, default 0
        The same seed gives the same output.

    Returns
    -------
    History
        Loss and test accuracy after each epoch.
    """
    derivo.manual_seed(seed)
    images, labels = load_digits()
    split = [len(labels) - _TEST_IMAGES, _TEST_IMAGES]
    train, test = random_split(TensorDataset(images / 16, labels), split)

    screen.step("A network learns to read")
    screen.say(
        f"""{len(labels):,} digits written by 13 people, 8×8 pixels each (UCI).
        {split[0]:,} are for learning and {split[1]} are kept aside to test with."""
    )
    _draw(screen, images[:4], [f"a {label}" for label in labels[:4].tolist()])

    session = Session(screen)
    session.names.update(nn=nn, optim=optim)
    session.run(
        """
model = nn.Sequential(
    nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)
)
optimizer = optim.Adam(model.parameters(), lr=3e-3)
"""
    )
    body = (
        inspect.getsource(one_epoch).split("    for ", 1)[1].split("        total")[0]
    )
    screen.code(textwrap.dedent("    for " + body).rstrip())
    screen.gap()

    history = _train(
        screen, session["model"], session["optimizer"], train, test, epochs
    )
    _judge(screen, session["model"], test, history)
    return history


def _train(
    screen: Screen, model: Any, optimizer: Any, train: Any, test: Any, epochs: int
) -> History:
    loader = DataLoader(train, batch_size=32, shuffle=True)
    test_images, test_labels = test[list(range(len(test)))]
    history = History()
    screen.line((f"{MARGIN}epoch   training loss   test accuracy", "quiet"))
    with screen.progress(epochs * len(loader)) as show:
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            show(done, f"epoch {len(history.loss) + 1} of {epochs}")

        for epoch in range(1, epochs + 1):
            history.loss.append(one_epoch(model, loader, optimizer, tick))
            right = _answers(model, test_images) == test_labels
            history.accuracy.append(right.to(derivo.float32).mean().item())
            if epoch <= 3 or epoch % max(5, epochs // 4) == 0 or epoch == epochs:
                row = f"{epoch:>5}   {history.loss[-1]:>13.4f}   "
                accuracy = f"{history.accuracy[-1]:>13.1%}"
                screen.line((MARGIN + row, ""), (accuracy, "good"))
    screen.gap()
    return history


def _answers(model: Any, images: Tensor) -> Tensor:
    with derivo.no_grad():
        answers: Tensor = model(images).argmax(dim=1)
    return answers


def _judge(screen: Screen, model: Any, test: Any, history: History) -> None:
    images, labels = test[list(range(len(test)))]
    answers = _answers(model, images)
    wrong = (answers != labels).nonzero().flatten().tolist()
    screen.line((f"{MARGIN}loss  ", "quiet"), (_sparkline(history.loss), "leaf"))
    screen.gap()
    share = f"{history.accuracy[-1]:.1%}"
    screen.line(
        (f"{MARGIN}It reads ", ""),
        (share, "good"),
        (f" of the {len(labels)} digits that it had never seen.", ""),
    )
    if not wrong:
        screen.gap()
        return
    several = "These are the ones" if 1 < len(wrong) <= 4 else "Some"
    single = "This is the one" if len(wrong) == 1 else several
    screen.line((f"{MARGIN}{single} that it got wrong:", ""))
    screen.gap()
    shown = wrong[:4]
    captions = [f"a {labels[i].item()}, read as {answers[i].item()}" for i in shown]
    _draw(screen, images[shown] * 16, captions)


def _draw(screen: Screen, images: Tensor, captions: list[str]) -> None:
    """Draw images of 8×8 side by side, two characters a pixel."""
    pictures = images.tolist()
    for row in range(8):
        pieces: list[Piece] = [(MARGIN, "")]
        for picture in pictures:
            ink = [_SHADES[min(4, int(v * 5 / 17))] * 2 for v in picture[row]]
            pieces.append(("".join(ink) + "  ", ""))
        screen.line(*pieces)
    screen.line((MARGIN, ""), *((c.center(16) + "  ", "quiet") for c in captions))
    screen.gap()


def _sparkline(values: list[float]) -> str:
    # On a logarithmic scale: a loss falls by factors.
    logs = [math.log(max(v, 1e-30)) for v in values]
    low, high = min(logs), max(logs)
    reach = (high - low) or 1.0
    return "".join(_BARS[round(7 * (v - low) / reach)] for v in logs)
