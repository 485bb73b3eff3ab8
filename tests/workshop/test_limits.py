"""Whatever a learner's code does, it ends, and the process goes on as before."""

# ruff: noqa: SIM105 - the learner's style, not ours
import contextlib
import itertools
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from paramlab.workshop import limits
from paramlab.workshop.limits import TimeUp, call_within, memory_limit, printed

resource = pytest.importorskip("resource")

LIMIT = 0.2  # seconds for what has no end
PLENTY = 50  # for what has one, on a busy machine too
SOON = 30  # what is ended at all is ended by then; the code below sleeps for sixty


def spin():
    while True:
        pass


def swallow_exception():
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def swallow_everything():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def swallow_everything_bare():
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            continue


def swallow_a_sleep():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


def swallow_and_sleep_in_the_handler():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            time.sleep(60)


def swallow_with_calls():
    def inner():
        try:
            swallow_everything()
        except BaseException:
            return 1

    while True:
        try:
            inner()
        except BaseException:
            inner()


def swallow_in_nested_finally():
    while True:
        try:
            try:
                try:
                    while True:
                        pass
                finally:
                    while True:
                        pass
            finally:
                time.sleep(60)
        except BaseException:
            pass


def loop_in_finally():
    code = "while True:\n try:\n  sleep(60)\n finally:\n  continue"
    with warnings.catch_warnings(action="ignore"):  # a newer Python warns of it
        compiled = compile(code, "<cell>", "exec")
    exec(compiled, {"sleep": time.sleep})


def suppress_everything():
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


def return_from_the_handler():
    try:
        spin()
    except BaseException:
        return "got away"


def a_generator_that_swallows():
    def numbers():
        while True:
            try:
                yield 1
            except BaseException:
                pass

    for _ in numbers():
        pass


def a_comparison_that_loops():
    class Endless:
        def __eq__(self, other):
            spin()

        __hash__ = None

    return Endless() in [Endless()]


def a_destructor_that_loops():
    class Endless:
        def __del__(self):
            spin()

    Endless()
    spin()


ENDLESS = [
    spin,
    swallow_exception,
    swallow_everything,
    swallow_everything_bare,
    swallow_a_sleep,
    swallow_and_sleep_in_the_handler,
    swallow_with_calls,
    swallow_in_nested_finally,
    loop_in_finally,
    suppress_everything,
    return_from_the_handler,
    a_generator_that_swallows,
    a_comparison_that_loops,
    a_destructor_that_loops,
]


@pytest.mark.parametrize("endless", ENDLESS)
def test_code_without_end_ends(endless, monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)  # as without pytest: on stderr
    trace, handler = sys.gettrace(), signal.getsignal(signal.SIGALRM)
    started = time.monotonic()
    with pytest.raises(TimeUp), printed():
        call_within(LIMIT, endless)
    assert time.monotonic() - started < SOON
    assert sys.gettrace() is trace
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_code_in_time_answers_and_leaves_no_alarm_behind():
    assert call_within(PLENTY, lambda: 3) == 3
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_error_comes_through():
    with pytest.raises(ZeroDivisionError):
        call_within(PLENTY, lambda: 1 / 0)


def test_an_interrupt_comes_through():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_within(PLENTY, interrupted)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_limit_inside_of_a_limit_leaves_the_outer_one_in_force():
    def inner_first():
        call_within(LIMIT / 10, lambda: None)
        spin()

    started = time.monotonic()
    with pytest.raises(TimeUp):
        call_within(LIMIT, inner_first)
    assert time.monotonic() - started < SOON


def test_the_inner_limit_may_be_the_shorter_one():
    def inner():
        with pytest.raises(TimeUp):
            call_within(LIMIT / 10, swallow_everything)
        return "went on"

    assert call_within(PLENTY, inner) == "went on"


def test_an_alarm_of_somebody_else_still_goes_off():
    rung = []
    old = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        call_within(PLENTY, lambda: None)
        time.sleep(0.1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert rung == [1]


def test_off_the_main_thread_there_is_no_limit_and_no_error():
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(call_within(LIMIT, lambda: time.sleep(LIMIT * 1.2) or "done"))
    )
    thread.start()
    thread.join()
    assert answers == ["done"]


def test_without_an_alarm_clock_there_is_no_limit(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    assert call_within(0.0, lambda: "done") == "done"


# ------------------------------------------------------------------ memory


def test_thirty_gigabytes_are_a_memory_error_and_the_limit_is_lifted_after():
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), memory_limit():
        np.ones((30, limits.GIB // 8))
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_list_that_grows_is_a_memory_error():
    def grow():
        held = []
        for _ in itertools.count():
            held.append(bytes(2**22))

    with pytest.raises(MemoryError), memory_limit(2**27):
        grow()


def test_the_memory_limit_is_no_looser_than_the_one_that_is_set():
    before = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limits._address_space() + 2**28
    resource.setrlimit(resource.RLIMIT_AS, (wanted, before[1]))
    try:
        with memory_limit():
            assert resource.getrlimit(resource.RLIMIT_AS)[0] == wanted
        assert resource.getrlimit(resource.RLIMIT_AS)[0] == wanted
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_where_memory_can_not_be_limited_the_block_runs_without(monkeypatch):
    monkeypatch.setattr(limits, "resource", None)
    with memory_limit():
        assert np.ones(3).sum() == 3


# ------------------------------------------------------------------ printing


def test_what_is_printed_is_counted_and_not_shown(capfd):
    with printed() as output:
        for number in range(100_000):
            print(number)
        print("and this", file=sys.stderr)
    assert output.lines == 100_001
    assert len(output.text) == output.keep
    assert capfd.readouterr() == ("", "")


def test_a_line_without_a_break_counts():
    with printed() as output:
        print("a", end="")
        print("b", end="")
    assert output.lines == 1


def test_nothing_printed_is_no_line():
    with printed() as output:
        print(end="")
    assert output.lines == 0


def test_filters_of_warnings_are_as_before():
    filters = list(warnings.filters)
    with printed():
        warnings.simplefilter("always")
    assert warnings.filters == filters


def test_a_stream_closed_or_replaced_inside_is_back_after():
    out, err = sys.stdout, sys.stderr
    with printed():
        sys.stdout.close()
        sys.stderr = None
    assert (sys.stdout, sys.stderr) == (out, err)
