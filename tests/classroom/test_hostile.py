"""Hostile submissions: each loses its own exercise at most, in its time, without a false point, and it is said why."""

import json
import subprocess
import sys
import time

import pytest

from paramlab.cases import Outcome
from paramlab.classroom.isolation import WALL_SECONDS
from paramlab.classroom.runner import Came, parse
from paramlab.classroom.selftest import results
from paramlab.classroom.taking import Taken, read, take
from paramlab.workshop.catalogue import TASKS
from paramlab.workshop.tasks import Definition, Piece

from .conftest import as_bytes, cell_of, with_cells

LINE = "Parameter containing:\\n"
RIGHT = f'return "{LINE}" + Tensor.__repr__(self)'
NEW = "Parameter.__new__"
REPR = "Parameter.__repr__"

ENDLESS = "did not come to an end"

# name: the piece, its body, and words of the sentence that says what happened
LOST = {
    "an endless loop": (REPR, "while True:\n    pass", ENDLESS),
    "a loop that swallows every exception": (
        REPR,
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        ENDLESS,
    ),
    "a loop that no alarm reaches": (
        REPR,
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass",
        ENDLESS,
    ),
    "a sleep": (REPR, "import time\ntime.sleep(1e6)", ENDLESS),
    "os._exit": (REPR, "import os\nos._exit(0)", "ended the program"),
    "sys.exit": (REPR, "import sys\nsys.exit()", "Your code ends the program"),
    "a segmentation fault": (
        REPR,
        "import numpy as np\nnp.lib.stride_tricks.as_strided(np.ones(1), (9,), (1 << 40,)).sum()",
        "crashed Python itself",
    ),
    "a fork bomb": (REPR, "import os\nwhile True:\n    os.fork()", ""),
    "a fork bomb that goes on": (
        REPR,
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        ENDLESS,
    ),
    "threads": (REPR, "import threading\nthreading.Thread(target=print).start()", ""),
    "thirty gigabytes": (REPR, "import numpy as np\nreturn np.ones(4 * 10**9)", "more memory"),
    "a list that grows": (REPR, "rows = []\nwhile True:\n    rows.append(bytes(10**7))", "more memory"),
    "input()": (REPR, "return input()", ""),
    "a recursion": (REPR, "return repr(self)", "asks for `__repr__` again"),
    "the marks on results, read off the frames": (
        NEW,
        """
        import json, os, sys
        frame = sys._getframe()
        while frame and "report" not in frame.f_locals:
            frame = frame.f_back
        frame.f_locals["report"].line(case=0, answer=["Parameter", True, True], failure=None)
        """,
        "",
    ),
    "the same by way of a traceback": (
        NEW,
        """
        try:
            1 / 0
        except ZeroDivisionError as error:
            frame = error.__traceback__.tb_frame
        while frame and "report" not in frame.f_locals:
            frame = frame.f_back
        frame.f_locals["report"].line(case=0, answer=["Parameter", True, True], failure=None)
        """,
        "",
    ),
    "the grader's code exchanged": (
        REPR,
        "import os\ndef mine(*a):\n    return b''\nos.fsencode.__code__ = mine.__code__\nreturn ''",
        "",
    ),
    "numpy.allclose patched": (REPR, "import numpy as np\nnp.allclose = lambda *a, **k: True\nreturn ''", ""),
    "displayhook patched": (REPR, "import sys\nsys.displayhook = lambda *a: 1.0\nreturn '1.0'", ""),
    "check patched": (REPR, "import paramlab.workshop as w\nw.check = lambda *a: 1.0\nreturn '1.0'", ""),
    "the judge's cases patched": (REPR, "import paramlab.cases as c\nc.same = lambda *a: True\nreturn ''", ""),
    "json patched": (
        REPR,
        'import json\njson.dumps = lambda *a, **k: \'["", {"end": true, "printed": 0}]\'\nreturn \'\'',
        "changed what is not its own",
    ),
    "os.write patched": (REPR, "import os\nos.write = lambda pipe, data: len(data)\nreturn ''", ""),
    "results by hand": (
        REPR,
        """
        import os
        line = b'["", {"case": 0, "answer": "Parameter containing:", "failure": null}]\\n'
        for pipe in range(64):
            try:
                os.write(pipe, line)
            except OSError:
                pass
        return ''
        """,
        "into the channel",
    ),
    "the package patched": (
        NEW,
        """
        import builtins
        builtins.len = lambda *a: 0
        if data is None:
            data = empty(0)
        return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        "changed what is not its own",
    ),
    "a method of the package patched": (
        REPR,
        f'Tensor.__repr__ = lambda self: ""\nreturn "{LINE}" + Tensor.__repr__(self)',
        "",
    ),
    "what is run at the end": (
        REPR,
        "import atexit, os\natexit.register(os.write, 3, b'[]')\nreturn ''",
        "",
    ),
    "json.loads exchanged, and put back in time": (
        NEW,
        """
        import json
        real = json.loads
        def lying(text, **options):
            json.loads = real
            return ["Parameter", True, True]
        json.loads = lying
        return 1
        """,
        "",
    ),
    "the word that results open with, handed to json.dumps": (
        NEW,
        """
        import json
        real = json.dumps
        def lying(content, **options):
            if isinstance(content, list) and isinstance(content[1], dict):
                if content[1].get("case") == 0:
                    content[1]["answer"], content[1]["failure"] = ["Parameter", True, True], None
                if "end" in content[1]:
                    json.dumps, content[1]["changed"] = real, []
            return real(content, **options)
        json.dumps = lying
        return 1
        """,
        "",
    ),
    "the grader's names by way of what it leaves in the notebook": (
        NEW,
        "implement.__globals__['run_safely'] = None\nreturn 1",
        "",
    ),
    "the grader's names by way of where is printed to": (
        NEW,
        """
        import sys
        frames = []
        class Watch:
            def __init__(self, frame):
                frames.append(frame)
                raise ValueError
        names = sys.stdout.write.__func__.__globals__
        names["_Watch"] = Watch
        return frames
        """,
        "",
    ),
    "the grader's classes": (
        NEW,
        """
        found = [cls for cls in object.__subclasses__() if cls.__name__ in ("Outcome", "Package", "Bench", "Case")]
        return found[0].__init__.__globals__
        """,
        "",
    ),
    "a frame by way of a signal": (
        NEW,
        """
        import signal
        frames = []
        signal.signal(signal.SIGVTALRM, lambda number, frame: frames.append(frame))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.001)
        while not frames:
            pass
        frame = frames[0]
        while "exercise" not in frame.f_locals:
            frame = frame.f_back
        return frame
        """,
        "",
    ),
    "an object that says it is another": (
        NEW,
        """
        class Parameter:
            requires_grad = True
            __class__ = cls
        return Parameter()
        """,
        "",
    ),
    "an answer of 100 MB": (REPR, "return 'x' * 10**8", "letter by letter"),
    "the reference": (NEW, "from paramlab.workshop.bench import REFERENCE\nreturn REFERENCE['Parameter.__new__']", ""),
    "the reference from the heap": (
        NEW,
        """
        import gc
        for one in gc.get_objects():
            name = getattr(one, "__qualname__", "")
            if name == "Parameter.__new__" and hasattr(one, "__code__") and "notebook" not in one.__code__.co_filename:
                return one(cls, data, requires_grad)
        """,
        "",
    ),
    "the reference's source": (
        NEW,
        """
        import paramlab.nn.parameter as module
        names = dict(vars(module))
        exec(open(module.__file__).read(), names)
        return names["Parameter"](data, requires_grad)
        """,
        "",
    ),
    "the package imported again": (
        NEW,
        """
        import importlib, sys
        for name in [name for name in sys.modules if name.startswith("paramlab")]:
            del sys.modules[name]
        return importlib.import_module("paramlab.nn").Parameter(data, requires_grad)
        """,
        "",
    ),
}


@pytest.fixture(scope="module")
def came(judge, pool, solution):
    """The results of each notebook, which is right but for one piece; and how long all of them took."""
    every = {}
    for name, (piece, body, _) in LOST.items():
        made = with_cells(solution[TASKS[piece].lesson], {piece: cell_of(piece, body)})
        for taken in take(read(as_bytes(made)), TASKS[piece].lesson, judge.rows()):
            every[name, taken.task] = taken
    start = time.monotonic()
    done = dict(results(every, judge, pool))
    assert time.monotonic() - start < len(LOST) * WALL_SECONDS
    return done


@pytest.mark.parametrize("name", LOST)
def test_it_loses_its_own_exercise_and_no_other(name, came):
    piece, _, says = LOST[name]
    for (notebook, task), result in came.items():
        if notebook == name:
            assert result.points == (0 if task == piece else result.out_of), str(result.verdict)
    assert says in came[name, piece].hint
    assert came[name, piece].hint


def test_none_but_those_without_an_end_takes_all_its_time(came):
    late = [name for name, (piece, _, _) in LOST.items() if ENDLESS in came[name, piece].hint]
    assert late == [name for name, (_, _, says) in LOST.items() if says == ENDLESS]


@pytest.mark.parametrize("name", ["a fork bomb", "threads", "input()", "the reference's source"])
def test_the_report_says_what_stopped_it(name, came):
    said = str(came[name, LOST[name][0]].verdict)
    assert any(
        word in said for word in ("PermissionError", "BlockingIOError", "RuntimeError", "EOFError", "FileNotFound")
    )


SEARCH = """
def find():
    for cls in object.__subclasses__():
        for value in list(vars(cls).values()):
            names = getattr(value, "__globals__", {})
            if "TASKS" in names:
                return names["TASKS"]
    return implement.__globals__["TASKS"]
"""


@pytest.mark.parametrize(
    "name", [name for name, task in TASKS.items() if not isinstance(task, Piece)], ids=lambda name: name
)
def test_no_answer_is_in_the_memory_of_who_runs_it(name, judge, pool, solution):
    task = TASKS[name]
    if isinstance(task, Definition):
        cell = f"{SEARCH}\n{task.defines} = find()[{name!r}].solution.on(__import__('paramlab'))"
    else:
        cell = f"{SEARCH}\nguess = find()[{name!r}].case.run(__import__('paramlab')).answer"
    found = take(read(as_bytes(with_cells(solution[task.lesson], {name: cell}))), task.lesson, judge.rows())
    [stolen] = [one for one in found if one.task == name]
    [(_, result)] = results({0: stolen}, judge, pool)
    assert (result.points, result.look) == (0, ("__globals__", "__import__", "__subclasses__"))


def test_a_worker_forgets_what_only_the_judge_needs():
    done = subprocess.run([sys.executable, "-c", FORGOTTEN], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["NotImplementedError", "0"]


FORGOTTEN = """
import gc, paramlab
from paramlab.cases import Written
from paramlab.clinic.patient import Patient
from paramlab.classroom.absent import forget_answers
from paramlab.workshop.catalogue import TASKS
forget_answers()
print(TASKS["three kinds"].case.run(paramlab).failure.kind)
kept = [one for one in gc.get_objects() if isinstance(one, Written) and one.source]
print(len(kept) + sum(bool(one.mend or one.cures) for one in gc.get_objects() if isinstance(one, Patient)))
"""


def test_what_is_put_into_a_module_is_named(result_of):
    assert result_of(REPR, f"import json as j\nj.x = 1\n{RIGHT}").look == ("j.x",)


def test_a_gigabyte_of_output_is_cut_and_costs_nothing(result_of):
    body = f"import os\nfor _ in range(175):\n    print('x' * 10**6)\n    os.write(1, bytes(10**6))\n{RIGHT}"
    result = result_of(REPR, body)
    assert result.points == 1
    assert "525 lines" in result.notes[0]


def test_what_reaches_for_the_insides_of_python_is_named(result_of):
    assert result_of(REPR, f"import sys\nsys.path\n{RIGHT}").look == ("sys",)
    assert result_of(REPR, RIGHT).look == ()


@pytest.mark.parametrize("answer", [None, 5, "x", [], {}, [[5]], {"raises": 1}, 10**400, float("nan")])
@pytest.mark.parametrize("piece", [NEW, REPR, "Module.__setattr__", "Module.named_modules", "three kinds"])
def test_whatever_comes_back_is_judged(judge, piece, answer):
    cases = len(getattr(TASKS[piece], "cases", [0]))
    deep = json.loads("[" * 900 + "]" * 900)
    for claim in (answer, deep):
        came = Came(outcomes=(Outcome(claim),) * cases, answer=claim, ended=True)
        assert judge.result(Taken(piece, "x", "x"), came, "").points < TASKS[piece].points


@pytest.mark.parametrize(
    "wrote",
    [
        *(b"", b"\n", b"nonsense\n", b"[1, 2]\n" * 3, b'["", {}]\n', b"[" * 10**5 + b"\n"),
        b'["w", {"begin": "w"}]\n["w", {"case": 3}]\n',
    ],
)
def test_whatever_is_written_is_read_as_a_claim_of_nothing(judge, wrote):
    came = parse(wrote)
    assert not came.outcomes
    assert judge.result(Taken(NEW, "x", "x"), came, "").hint
