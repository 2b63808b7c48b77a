# Nothing recurses: a chain of a million operations is walked, and freed, in a thread
# whose stack would not hold a thousand nested calls.
from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

FRAME = """
import gc, threading
import derivo

# Looking through a growing graph again and again would be most of the time.
gc.disable()

def work():
{body}

threading.stack_size(256 * 1024)
thread = threading.Thread(target=work)
result = []
thread.start()
thread.join()
gc.collect()
assert result == ["done"], "the thread died of an exception"
"""

CHAINS = {
    # Each makes a `y` that is a million operations away from `x`.
    "add": "y = y + 1.0",
    "scale, which saves nothing": "y = y * 1.0",
    "sin, which saves its operand": "y = y.sin()",
    "tanh, which saves its result": "y = y.tanh()",
    "in place": "y.mul_(1.0)",
    "views": "y = y.view(1)",
}


def run(body):
    # In a process of its own: a stack overflow ends the process, not the tests.
    code = FRAME.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr[-2000:]}"


def chain(step, length, end):
    return f"""
x = derivo.ones(1, dtype=derivo.float64, requires_grad=True)
y = x * 1.0
for _ in range({length}):
    {step}
{end}
result.append("done")
"""


@pytest.mark.parametrize("step", CHAINS.values(), ids=CHAINS.keys())
def test_a_million_operations_are_walked_and_freed(step):
    run(chain(step, 1_000_000, "y.backward()\nassert x.grad.item() >= 0.0\ndel y"))


@pytest.mark.parametrize("step", [*CHAINS.values()][::2], ids=[*CHAINS][::2])
def test_a_million_operations_are_freed_without_a_walk(step):
    run(chain(step, 1_000_000, "del y"))


def test_the_whole_gradient_arrives():
    run(
        chain("y = y + x", 1_000_000, "y.backward()\nassert x.grad.item() == 1_000_001")
    )


def test_a_long_second_order_graph_is_walked_and_freed():
    run(
        chain(
            "y = y * x",
            20_000,
            """
(g,) = derivo.autograd.grad(y, x, create_graph=True)
assert g.item() == 20_001
(h,) = derivo.autograd.grad(g, x)
assert h.item() == 20_001 * 20_000
del y, g, h
""",
        )
    )


def test_a_graph_held_by_a_chain_of_tensors_is_freed():
    # Each tensor is kept alive only by the next one's graph.
    run(
        """
        x = derivo.ones(1, requires_grad=True)
        y = x
        for _ in range(300_000):
            y = derivo.maximum(y * x, y.detach())
        del y
        result.append("done")
        """
    )


def test_a_long_chain_that_hangs_on_a_cycle_is_collected():
    run(
        """
        x = derivo.ones(1, requires_grad=True)
        y = x * 1.0
        for _ in range(300_000):
            y = y.sin()
        loop = [y]
        loop.append(loop)
        before = derivo.memory_stats()["allocated_bytes"]
        del y, loop
        gc.collect()
        assert derivo.memory_stats()["allocated_bytes"] < before / 1000
        result.append("done")
        """
    )
