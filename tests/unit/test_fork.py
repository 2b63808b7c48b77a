# A process that has computed with threads is forked: the child must compute too (its
# threads did not come along), and the parent must not notice.
from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

FRAME = """
import os, signal, sys, warnings
import derivo

warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads: on purpose
signal.alarm(60)  # a deadlock ends as a failure
derivo.set_num_threads(4)

def work():
    # Large enough for every thread, forward and backward, kernels and products.
    x = derivo.arange(1 << 20, dtype=derivo.float32).reshape(1024, 1024) / (1 << 20)
    x.requires_grad_()
    (derivo.tanh(x) * x + x @ x).sum().backward()
    return x.grad.double().sum().item()

def child(check):
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)
        try:
            check()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

{body}
"""


def run(body):
    code = FRAME.format(body=textwrap.dedent(body))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr[-2000:]}"


def test_a_child_computes_what_its_parent_does():
    run(
        """
        before = work()
        def check():
            assert work() == before
        assert child(check) == 0
        assert work() == before
        """
    )


def test_children_of_children():
    run(
        """
        before = work()
        def check():
            assert work() == before
            assert child(lambda: work()) == 0
        assert child(check) == 0
        """
    )


def test_a_fork_before_the_first_work():
    run("assert child(work) == 0\nwork()")


def test_the_number_of_threads_is_kept_and_can_be_changed():
    run(
        """
        before = work()
        def check():
            assert derivo.get_num_threads() == 4
            derivo.set_num_threads(1)
            assert abs(work() - before) <= 1e-5 * abs(before)
        assert child(check) == 0
        assert derivo.get_num_threads() == 4
        """
    )


def test_memory_of_the_parent_is_not_the_childs_to_free():
    run(
        """
        x = derivo.ones(1 << 20)
        def check():
            global x
            assert x.sum().item() == 1 << 20
            x.fill_(2.0)
            del x
            derivo.empty_cache()
            work()
        assert child(check) == 0
        assert x.sum().item() == 1 << 20
        """
    )


def test_random_numbers_go_on_from_the_same_state():
    # As PyTorch: a child inherits the generator; whoever wants others seeds it.
    run(
        """
        derivo.manual_seed(7)
        first = derivo.rand(3).tolist()
        state = derivo.get_rng_state()
        wanted = derivo.rand(3).tolist()
        derivo.set_rng_state(state)
        def check():
            assert derivo.rand(3).tolist() == wanted
        assert child(check) == 0
        assert derivo.rand(3).tolist() == wanted
        """
    )
