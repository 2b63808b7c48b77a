# The measuring itself: what it reports for functions whose speed is known.
from __future__ import annotations

import gc
import json

import pytest

from benchmarks import _report, _rows, _timing


class Clock:
    # Time that passes only where a step says so.
    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now

    def step(self, seconds):
        def run():
            self.now += seconds

        return run


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(_timing, "time", found)
    return found


def test_ratio_of_known_speeds(clock):
    timing = _timing.compare(clock.step(4e-4), clock.step(1e-4), total_s=0.2)
    assert timing.ratio == pytest.approx(4)
    assert timing.low == pytest.approx(4)
    assert timing.high == pytest.approx(4)
    assert timing.first_s == pytest.approx(4e-4)
    assert timing.second_s == pytest.approx(1e-4)
    assert timing.blocks >= _timing.MIN_BLOCKS


def test_one_disturbed_block_moves_no_median(clock):
    calls = iter(range(10**9))

    def second():
        clock.now += 1.0 if next(calls) == 400 else 1e-4

    timing = _timing.compare(clock.step(4e-4), second, total_s=5.0)
    assert timing.ratio == pytest.approx(4)


def test_calibration_fills_the_block(clock):
    assert _timing.calibrate(clock.step(1e-4), 0.01) == 100


def test_one_slow_call_is_one_block(clock):
    assert _timing.calibrate(clock.step(0.03), 0.01) == 1


def test_statement_runs_as_often_as_asked():
    seen = []
    statement = _timing.Statement("seen.append(x)", seen=seen, x=3)
    statement()
    assert seen == [3]
    assert statement.seconds(5) > 0
    assert seen == [3] * 6


def test_garbage_collection_is_left_as_it_was(clock):
    def fail():
        clock.now += 1e-3
        if clock.now > 101:
            raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        _timing.compare(fail, clock.step(1e-4), total_s=5.0)
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.0, "2 s"), (0.0125, "12.5 ms"), (3.2e-6, "3.2 µs"), (5e-8, "50 ns")],
)
def test_duration(seconds, text):
    assert _report.duration(seconds) == text


def test_report_holds_targets_and_misses(tmp_path):
    row = {
        "name": "a row",
        "target": 3,
        "ratio": 2.0,
        "low": 1.9,
        "high": 2.1,
        "torch_s": 2e-3,
        "derivo_s": 1e-3,
        "blocks": 9,
        "reached": False,
    }
    _report.write([row, {"name": "b", "target": 1, "error": "E: no"}], [], tmp_path)
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "| a row | **2.00** (missed) | 1.90-2.10 | 3 |" in text
    assert "| b | E: no |" in text
    document = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert document["rows"][0] == row
    assert "MISSED" in _report.line(row)


def test_rows_have_names_of_their_own():
    names = [r.name for r in _rows.ROWS]
    assert len(set(names)) == len(names)
    assert all(r.target > 0 for r in _rows.ROWS)
