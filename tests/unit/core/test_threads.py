from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time

import pytest

from derivo._core import threads


@pytest.fixture(autouse=True)
def _restore_number():
    before = threads.get_num_threads()
    yield
    threads.set_num_threads(before)


def covers(ranges, n):
    return [b for b, _ in ranges] == [0, *(e for _, e in ranges)][:-1] and (
        ranges[-1][1] == n
    )


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 1000, 12345, 1_000_003])
@pytest.mark.parametrize("grain", [0, 1, 5, 64, 1000])
def test_ranges_cover_once_and_keep_to_grain(count, n, grain):
    threads.set_num_threads(count)
    ranges, *_ = threads.probe(n, grain)
    assert covers(ranges, n)
    assert ranges == threads.thread_ranges(n, grain)
    if n <= grain or count == 1:
        assert ranges == [(0, n)]
    else:
        # no more pieces than the grain allows, none empty
        assert len(ranges) <= -(-n // max(grain, 1))
        assert all(b < e for b, e in ranges)


def test_ranges_depend_on_count_not_on_time():
    threads.set_num_threads(3)
    first = threads.probe(10_000, 16, spin_ns=20_000)[0]
    assert all(threads.probe(10_000, 16)[0] == first for _ in range(200))


@pytest.mark.parametrize("count", [2, 3])
def test_work_is_shared(count):
    # ranges long enough that every thread gets a core before they are used up
    threads.set_num_threads(count)
    most = max(threads.probe(12, 1, spin_ns=5_000_000)[3] for _ in range(10))
    assert most == count
    threads.set_num_threads(1)
    assert threads.probe(12, 1)[3] == 1


def test_workers_are_lazy_and_follow_the_number():
    code = (
        "from derivo._core import threads as t\n"
        "t.set_num_threads(4)\n"
        "assert t.live_workers() == 0\n"
        "t.probe(1, 1); assert t.live_workers() == 0\n"
        "t.probe(2, 1); assert t.live_workers() == 1\n"
        "t.probe(100, 1); assert t.live_workers() == 3\n"
        "t.set_num_threads(2); assert t.live_workers() == 1\n"
        "t.set_num_threads(1); assert t.live_workers() == 0\n"
        "t.set_num_threads(3); t.probe(9, 1); assert t.live_workers() == 2\n"
        "import os\n"
        "assert len(os.listdir('/proc/self/task')) == 3\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_idle_workers_use_no_time():
    threads.set_num_threads(2)
    threads.probe(8, 1, spin_ns=1000)
    time.sleep(0.02)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.02


def test_nested_call_runs_every_item():
    threads.set_num_threads(4)
    for _ in range(50):
        ranges, _, nested, _ = threads.probe(64, 1, nested=True)
        assert nested == 1000 * len(ranges)


def test_many_callers():
    threads.set_num_threads(3)
    wrong = []

    def call():
        for i in range(300):
            n = 50 + i
            ranges, *_ = threads.probe(n, 1, spin_ns=500)
            if not covers(ranges, n):
                wrong.append(n)

    callers = [threading.Thread(target=call) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


def test_number_changes_while_others_work():
    stop = threading.Event()
    failures = []

    def call():
        try:
            while not stop.is_set():
                threads.probe(100, 1, spin_ns=2000)
        except AssertionError as error:
            failures.append(error)

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for i in range(200):
        threads.set_num_threads(1 + i % 5)
    stop.set()
    for caller in callers:
        caller.join()
    assert not failures


@pytest.mark.parametrize(
    ("bad", "error", "match"),
    [
        (0, RuntimeError, "expects a positive integer"),
        (-3, RuntimeError, "expects a positive integer"),
        ("2", RuntimeError, "expects an int, but got str"),
        (2.0, RuntimeError, "expects an int, but got float"),
        (True, RuntimeError, "expects an int, but got bool"),
        (None, RuntimeError, "expects an int, but got NoneType"),
        (2**64, ValueError, "Overflow when unpacking long"),
    ],
)
def test_refused_numbers(bad, error, match):
    before = threads.get_num_threads()
    with pytest.raises(error, match=match):
        threads.set_num_threads(bad)
    assert threads.get_num_threads() == before


def _in_child():
    ranges, *_ = threads.probe(64, 1, spin_ns=2000)
    return covers(ranges, 64) and threads.live_workers() > 0


def _fork_and_check():
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _in_child() else 1)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return "hung"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork():
    threads.set_num_threads(3)
    assert _in_child()
    assert _fork_and_check() == 0
    assert _in_child()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_while_another_thread_is_in_a_job():
    threads.set_num_threads(3)
    stop = threading.Event()

    def call():
        while not stop.is_set():
            threads.probe(64, 1, spin_ns=50_000)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        results = [_fork_and_check() for _ in range(40)]
    finally:
        stop.set()
        caller.join()
    assert results == [0] * 40


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(method):
    threads.set_num_threads(2)
    threads.probe(64, 1)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.apply_async(_work_in_pool, (2,)).get(timeout=60)


def _work_in_pool(count):
    threads.set_num_threads(count)
    return _in_child()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DERIVO_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "5"}, 5),
        ({"OMP_NUM_THREADS": "5,2"}, 5),
        ({"DERIVO_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, 3),
        ({"OMP_NUM_THREADS": "zero"}, None),
        ({"OMP_NUM_THREADS": "0"}, None),
        ({}, None),
    ],
)
def test_default_number(environment, expected):
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DERIVO_NUM_THREADS", "OMP_NUM_THREADS")
    }
    code = "from derivo._core import threads as t; print(t.get_num_threads())"
    out = subprocess.run(
        [sys.executable, "-c", code],
        env=env | environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert int(out.stdout) == (expected or len(os.sched_getaffinity(0)))


def test_bad_variable_warns_and_is_ignored():
    code = (
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    from derivo._core import threads as t\n"
        "assert 'DERIVO_NUM_THREADS is not a number' in str(seen[0].message)\n"
        "assert t.get_num_threads() >= 1\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DERIVO_NUM_THREADS": "many"},
        check=True,
        timeout=60,
    )


def test_exit_is_clean_with_workers_and_a_busy_daemon_thread():
    code = (
        "import threading, time\n"
        "from derivo._core import threads as t\n"
        "t.set_num_threads(3)\n"
        "def call():\n"
        "    while True: t.probe(64, 1, 20000)\n"
        "threading.Thread(target=call, daemon=True).start()\n"
        "time.sleep(0.05)\n"
    )
    for _ in range(3):
        out = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, timeout=60
        )
        assert out.returncode == 0
        assert out.stderr == b""
