"""What a graded program finds around it: nothing of this machine, and nothing that it leaves behind stays."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from paramlab.classroom import isolation
from paramlab.classroom.absent import Package
from paramlab.classroom.runner import Exercise
from paramlab.classroom.syscalls import MACHINES, filter_for
from paramlab.workshop.bench import REFERENCE

linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces and filters of system calls are Linux's")
ROWS = "three kinds"  # a prediction may be computed: what it finds comes back


@pytest.fixture
def finds(pool):
    """What a program answers that is run as a learner's is: an expression, or why it could not be had."""

    def ask(expression, *before):
        lines = [*before, "def found():", f"    return {expression}", "try:", "    p = found()"]
        source = "\n".join([*lines, "except BaseException as error:", "    p = type(error).__name__"]) + "\n"
        [(_, came, trouble)] = pool.run([(0, Exercise(ROWS, "p", source, source, [0]))])
        assert not trouble
        return came.answer

    return ask


@pytest.fixture
def an_empty_root(pool):
    if not pool.protection.empty_root:
        pytest.skip("an empty root folder is for root, or for users who may make namespaces")


@linux
def test_no_file_of_this_machine_can_be_read(finds):
    for path in (__file__, "/etc/passwd", "/proc/self/environ", "/dev/null", "../../etc/passwd"):
        assert finds(f"open({path!r}).read()") in ("FileNotFoundError", "PermissionError")


@linux
def test_an_empty_home_is_all_there_is(finds, an_empty_root):
    assert finds("os.listdir('/')", "import os") == []
    assert finds("os.getcwd()", "import os") == "/"


@linux
def test_a_file_can_be_written_at_home_and_the_next_program_does_not_see_it(finds, an_empty_root):
    assert finds("[open('x', 'w').write('12'), os.listdir('.')]", "import os") == [2, ["x"]]
    assert finds("os.listdir('.')", "import os") == []


@linux
def test_the_home_is_small(finds, an_empty_root):
    before = "def fill():\n    for n in range(9):\n        open(str(n), 'wb').write(bytes(2**23))"
    assert finds("fill()", before) == "OSError"


def test_the_environment_holds_nothing_of_the_instructors(finds, monkeypatch):
    assert sorted(finds("dict(os.environ)", "import os")) == ["HOME", "PATH", "TMPDIR"]


def test_nothing_can_be_read_from_the_input(finds):
    assert finds("input()") == "EOFError"
    assert finds("len(os.read(0, 1))", "import os") == 0


@linux
def test_there_is_no_network(finds):
    assert finds("socket.socket()", "import socket") in ("PermissionError", "ModuleNotFoundError")
    assert finds("_socket.socket()", "import _socket") in ("PermissionError", "ModuleNotFoundError")


@linux
def test_no_process_can_be_started_or_signalled(finds):
    assert finds("os.fork()", "import os") == "PermissionError"
    assert finds("os.execv('/bin/sh', ['sh'])", "import os") == "PermissionError"
    assert finds("os.kill(os.getppid(), 0)", "import os") == "PermissionError"
    assert finds("os.kill(-1, 9)", "import os") == "PermissionError"


@linux
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_it_is_another_user(finds):
    assert finds("os.getuid()", "import os") in isolation.DYNAMIC_USERS
    assert finds("os.setuid(0)", "import os") == "PermissionError"


@linux
def test_there_is_no_way_back_out(finds, an_empty_root):
    assert finds("os.chroot('.')", "import os") == "PermissionError"
    assert finds("[os.chdir('..'), os.listdir('.')]", "import os") == [None, []]


def test_the_cases_and_the_grader_can_not_be_imported(finds):
    for name in ("cases", "workshop", "classroom", "workshop.bench"):
        assert finds("1", f"import paramlab.{name}") is None  # it did not even begin
    assert finds("paramlab.nn.Linear(2, 3).weight.shape[0]", "import paramlab") == 3


@linux
def test_the_filter_is_short_enough_for_the_kernel_on_every_machine():
    for machine in MACHINES:
        assert 0 < len(filter_for(machine, files=False)) < len(filter_for(machine)) < 8 * 4096


@pytest.mark.parametrize(
    "looks",
    [
        "sys.settrace(print)",
        "gc.get_objects()",
        "setattr(found, '__code__', found.__code__)",
        "found.__code__.replace(co_name='x')",
        "ctypes.string_at(id(found))",
    ],
)
def test_pythons_insides_are_closed(finds, looks):
    assert finds(looks, "import ctypes, gc, inspect, sys, traceback") == "RuntimeError"


RAISED = "import sys\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n    kept = error"


@pytest.mark.parametrize(
    "frame", ["sys._getframe()", "kept.__traceback__.tb_frame", "list(sys._current_frames().values())[0]"]
)
def test_frames_and_functions_tell_nothing_of_what_they_hold(finds, frame):
    assert finds(f"[{frame}.f_locals, {frame}.f_globals, {frame}.f_builtins]", RAISED) == [{}, {}, {}]
    assert finds(f"setattr({frame}, 'f_lineno', 1)", RAISED) == "AttributeError"
    assert finds("[found.__globals__, found.__builtins__, implement.__closure__]") == [{}, {}, None]


@pytest.mark.parametrize(
    "code",
    [
        "import collections\nP = collections.namedtuple('P', 'a b', defaults=[1])",
        "import typing\nclass P(typing.NamedTuple):\n    a: int = 1",
        "import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass P:\n    a: int = 1",
        "import enum\nP = enum.Enum('P', 'a b')",
        "import typing\nP = typing.TypeVar('P')",
        "import logging\nlogging.warning('it is said')",
        "import inspect\ninspect.signature(lambda a, b=1: 0)",
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
        "import numpy as np\nnp.fft.fft(np.ones(4)); np.ma.array([1]); np.polynomial.Polynomial([1])(2)",
        "import numpy.testing\nnumpy.testing.assert_allclose(1.0, 1.0)",
    ],
)
def test_python_is_whole_otherwise(finds, code):
    assert finds("1", code) == 1


@linux
def test_a_home_is_of_use_to_whoever_is_not_root_too():
    """In a process that gives up being root, if it is: what may make namespaces then, may write into its home."""
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, which is closed to others
        Path(folder).chmod(0o777)
        child = os.fork()
        if child == 0:
            try:
                _write_as_nobody(Path(folder))
                os._exit(0)
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) == 0


def _write_as_nobody(root):
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
        isolation._prctl(isolation._SET_DUMPABLE, 1)  # as in any program that was started by that user
    (root / "own").mkdir()
    enclosure = isolation.Enclosure(root / "own")
    enclosure.enclose()
    if enclosure.protection.empty_root:
        with enclosure.home() as home:
            (home / "x").write_text("12")


def test_every_reference_can_be_emptied():
    found = Package()._references
    assert set(found) == set(REFERENCE)
    assert all(len(functions) == 1 for functions in found.values()), "a copy of a definition is held elsewhere"
    assert all(not function.__closure__ for functions in found.values() for function in functions)


def test_what_protects_is_said_plainly():
    nothing = " ".join(isolation.Protection().sentences())
    assert "can read your files" in nothing
    assert "can end your programs" in nothing
    everything = isolation.Protection(True, True, True, True, True, True)
    assert all(line.startswith("  yes") for line in everything.sentences())


REMOVED = """
import paramlab
from paramlab.classroom.absent import Package
from paramlab.workshop.catalogue import PIECES

Package().remove_reference(PIECES["Parameter.__new__"])
try:
    paramlab.nn.Parameter(paramlab.ones(1))
except NotImplementedError as error:
    print(error)
"""


def test_the_definition_that_is_graded_has_no_code_left_wherever_it_is_held():
    done = subprocess.run([sys.executable, "-c", REMOVED], capture_output=True, text=True, check=True)
    assert "not here while yours is graded" in done.stdout
