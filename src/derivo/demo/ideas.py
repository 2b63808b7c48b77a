"""The first half of the demo: what automatic differentiation is, in five steps."""

from __future__ import annotations

from .screen import Screen
from .session import Session

__all__ = ["show_ideas"]


def show_ideas(screen: Screen) -> None:
    """Work through the idea: tracking, graph, gradient, accumulation, opting out.

    Parameters
    ----------
    screen : Screen
        Where to write.
    """
    session = Session(screen)

    screen.step("A tensor that is tracked")
    screen.say(
        """A tensor made with requires_grad=True is watched. Whatever is computed from
        it carries a grad_fn: the last operation that made it."""
    )
    session.run(
        """
import derivo as torch
w = torch.tensor([1., 2., 3.], requires_grad=True)
loss = (w * w + 3 * w).sum()
loss
"""
    )

    screen.step("The graph it leaves behind")
    screen.say(
        """Operations link up to a graph, from the result back to the tensors that you
        made. Each node knows the derivative of its one operation."""
    )
    session.graph("loss")

    screen.step("The gradient")
    screen.say(
        """backward() walks the graph from the top and multiplies the derivatives
        together: the chain rule. What arrives at w is its gradient, here 2w + 3."""
    )
    session.run(
        """
loss.backward()
w.grad
2 * w.detach() + 3
"""
    )

    screen.step("Gradients add up until they are zeroed")
    screen.say(
        """Another backward() adds to w.grad. So gradients can be summed over several
        batches, and a training loop has to zero them before each step."""
    )
    session.run(
        """
(w * w + 3 * w).sum().backward()
w.grad
w.grad.zero_()
"""
    )

    screen.step("Off the record")
    screen.say(
        """Inside no_grad() nothing is recorded: for updating weights, or for using a
        finished model. detach() gives the same numbers without their history."""
    )
    session.run(
        """
with torch.no_grad():
    w -= 0.1 * torch.ones(3)
w
(w * w).requires_grad, (w.detach() * w.detach()).requires_grad
"""
    )
