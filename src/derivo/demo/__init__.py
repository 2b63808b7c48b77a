"""What ``derivo demo`` shows, and the data it trains on."""

from __future__ import annotations

from .digits import load_digits

__all__ = ["load_digits", "run"]


def run(
    seed: int = 0,
    epochs: int = 20,
    picture: str | None = None,
    plain: bool = False,
) -> float:
    """Work through automatic differentiation, then train a network on digits.

    Parameters
    ----------
    seed : int, default 0
        The same seed gives the same output.
    epochs : int, default 20
        Passes over the training images.
    picture : str, optional
        Where to save the learning curve (`derivo-demo.png` if not given); an empty
        text for nowhere.
    plain : bool, default False
        Write without colours.

    Returns
    -------
    float
        The share of test images that were read correctly.
    """
    # Only the demo needs these, not whoever wants the digits.
    import derivo

    from .curve import save_curve
    from .ideas import show_ideas
    from .screen import make_screen
    from .training import show_training

    screen = make_screen(plain=plain)
    screen.title(
        "derivo", f"{derivo.__version__}  automatic differentiation for Python"
    )
    show_ideas(screen)
    history = show_training(screen, epochs, seed)
    if picture != "":
        try:
            path = save_curve(history, picture)
        except OSError as error:
            screen.say(f"The learning curve could not be saved: {error}.")
        else:
            screen.line(("   The learning curve is in ", ""), (str(path), "step"))
            screen.gap()
    return history.accuracy[-1]
