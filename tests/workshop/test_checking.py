"""``check`` never raises, never writes to stderr, always ends, and its number is fair."""

import itertools
import os
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import pytest

import paramlab
from paramlab import nn
from paramlab.workshop import check, checking, progress
from paramlab.workshop.bench import bench
from paramlab.workshop.catalogue import PIECES, TASKS
from paramlab.workshop.source import solution, stub
from paramlab.workshop.verdict import Verdict

from .notebook import is_the_reference

resource = pytest.importorskip("resource")

HEADS = {
    "new": "@implement(nn.Parameter)\ndef __new__(cls, data=None, requires_grad=True):\n",
    "repr": "@implement(nn.Parameter)\ndef __repr__(self):\n",
    "set": "@implement(nn.Module)\ndef __setattr__(self, name, value):\n",
    "get": "@implement(nn.Module)\ndef __getattr__(self, name):\n",
    "walk": '@implement(nn.Module)\ndef named_modules(self, memo=None, prefix="", remove_duplicate=True):\n',
}
NAMES = {
    "new": "Parameter.__new__",
    "repr": "Parameter.__repr__",
    "set": "Module.__setattr__",
    "get": "Module.__getattr__",
    "walk": "Module.named_modules",
}
PLENTY = 50  # seconds for a case that comes to an end, on a busy machine too
SOON = 30  # seconds: what is ended at all is ended by then; the code below sleeps for sixty


@pytest.fixture
def verdict_on(notebook, monkeypatch, capfd):
    """Return a function that builds a piece from a body and checks it; a case takes so many seconds at most."""

    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)  # as without pytest: on stderr

    def run(piece, body, before="", seconds=PLENTY):
        monkeypatch.setattr(checking, "CASE_SECONDS", seconds)
        notebook.run(before + HEADS[piece] + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n")
        limit = resource.getrlimit(resource.RLIMIT_AS)
        started = time.monotonic()
        verdict = check(NAMES[piece])
        assert time.monotonic() - started < SOON
        assert resource.getrlimit(resource.RLIMIT_AS) == limit
        assert capfd.readouterr() == ("", "")
        assert isinstance(verdict, Verdict)
        assert 0 <= float(repr(verdict)) <= PIECES[NAMES[piece]].points
        assert verdict._repr_html_()
        return verdict

    return run


# ------------------------------------------------------------------ names


@pytest.mark.parametrize("name", ["Module.__setatr__", "module.__setattr__", "__setattr__", " Module.__setattr__"])
def test_a_misspelt_name_is_answered_with_the_nearest(name):
    verdict = check(name)
    assert (verdict, verdict.out_of) == (0, 0)
    assert "Did you mean 'Module.__setattr__'?" in verdict.hint


@pytest.mark.parametrize("name", ["", "nothing like it", "x" * 10**6])
def test_a_name_like_no_other_is_answered_with_all_of_them(name):
    assert all(known in check(name).hint for known in TASKS)
    assert len(str(check(name))) < 3000


class Unprintable:
    def __repr__(self):
        raise ValueError("no")

    __hash__ = None


@pytest.mark.parametrize(
    "name", [None, 3, ["Module.__setattr__"], Unprintable(), nn.Module.__setattr__, b"three kinds"]
)
def test_what_is_no_name_is_told_what_a_name_is(name):
    verdict = check(name)
    assert verdict == 0
    assert f'check() takes a name, such as check("{next(iter(TASKS))}")' in verdict.hint
    assert verdict._repr_html_()


def test_the_exit_of_a_notebook_ends_the_case_and_not_the_kernel(notebook, monkeypatch):
    import IPython
    from IPython.core.autocall import ExitAutocall

    class Shell:
        asked = 0

        def ask_exit(self):
            self.asked += 1

    shell = Shell()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    notebook.names["exit"] = ExitAutocall(shell)
    notebook.run(HEADS["repr"] + "    exit()\n")
    assert "ends the program" in check("Parameter.__repr__").hint
    assert shell.asked == 0
    shell.ask_exit()
    assert shell.asked == 1


# ------------------------------------------------------------------ what passes


def test_a_right_piece_earns_all_is_kept_and_stays_in_the_package(notebook, home):
    notebook.run(solution(PIECES["Parameter.__repr__"]))
    verdict = check("Parameter.__repr__")
    assert verdict.passed
    assert verdict == verdict.out_of == 1
    assert "kept in `my_paramlab/Parameter.__repr__.py`" in str(verdict)
    assert (home / "my_paramlab" / "Parameter.__repr__.py").is_file()
    assert bench.plugged == {"Parameter.__repr__"}
    assert progress().points == 1.0


def test_a_wrong_piece_is_taken_out_so_that_the_notebook_goes_on(verdict_on, home):
    verdict = verdict_on("repr", "return 'x'")
    assert not verdict.passed
    assert is_the_reference()
    assert not (home / "my_paramlab" / "Parameter.__repr__.py").exists()


def test_checked_again_a_wrong_piece_is_still_wrong(verdict_on):
    first = verdict_on("repr", "return 'x'")
    assert (check("Parameter.__repr__"), check("Parameter.__repr__").hint) == (first, first.hint)


def test_other_pieces_of_the_learners_do_not_disturb_a_check(notebook):
    notebook.run("@implement(nn.Parameter)\ndef __new__(cls, data=None, requires_grad=True):\n    return None\n")
    notebook.run(solution(PIECES["Module.__setattr__"]))
    assert check("Module.__setattr__").passed


def test_without_the_first_case_there_are_no_points(verdict_on):
    verdict = verdict_on("get", "raise AttributeError(name)")
    assert any(line.right for line in verdict.lines)
    assert verdict == 0


def test_points_come_in_halves(verdict_on):
    verdict = verdict_on("new", "return data.detach().as_subclass(cls).requires_grad_(requires_grad)")
    assert verdict == 3.5


def test_a_check_leaves_random_numbers_grad_mode_and_dtype_alone(verdict_on):
    paramlab.manual_seed(3)
    expected = paramlab.rand(3).tolist()
    paramlab.manual_seed(3)
    verdict_on(
        "new",
        """
        torch.manual_seed(9)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        return (empty(0) if data is None else data).detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
    )
    assert paramlab.rand(3).tolist() == expected
    assert paramlab.is_grad_enabled()
    assert paramlab.get_default_dtype() is paramlab.float32


# ------------------------------------------------------------------ nasty pieces

ENDLESS = {
    "a loop": "while True: pass",
    "a loop that swallows Exception": """
        while True:
            try:
                while True: pass
            except Exception: pass
    """,
    "a loop that swallows everything": """
        import time
        while True:
            try:
                time.sleep(60)
            except BaseException: pass
            finally:
                try:
                    time.sleep(60)
                except: pass
    """,
    "an exception that takes for ever to print": """
        class Slow(Exception):
            def __str__(self):
                while True: pass
        raise Slow
    """,
    "one beyond Exception that takes for ever to print": """
        class Slow(BaseException):
            def __str__(self):
                while True: pass
        raise Slow
    """,
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=list(ENDLESS))
@pytest.mark.parametrize("piece", ["repr", "set"])
def test_code_without_end_ends_in_a_verdict_that_says_so(piece, body, verdict_on):
    verdict = verdict_on(piece, body, seconds=0.3)
    assert verdict == 0
    assert "did not come to an end" in verdict.hint
    assert "longer than 0.3 seconds" in str(verdict)
    count = len(PIECES[NAMES[piece]].cases) - len(verdict.lines)
    assert f"{count} cases were not tried" in str(verdict)
    assert is_the_reference()


def test_slow_code_ends_too_and_what_was_not_tried_does_not_count(verdict_on, monkeypatch):
    monkeypatch.setattr(checking, "CHECK_SECONDS", 3)
    a_second_each = itertools.count()
    monkeypatch.setattr(checking, "time", SimpleNamespace(monotonic=lambda: next(a_second_each)))
    verdict = verdict_on("set", BODY_OF_SETATTR)
    assert 0 < verdict < verdict.out_of
    assert not verdict.passed
    assert "longer than 3 seconds" in str(verdict)
    assert "not tried" in str(verdict)


BODY_OF_SETATTR = textwrap.dedent(
    solution(PIECES["Module.__setattr__"]).removeprefix(stub(PIECES["Module.__setattr__"]).removesuffix("    ...\n"))
)
BREAKDOWNS = {
    "np.ones of 30 GB": ("set", "import numpy as np\nnp.ones(30 * 2**27)", "more memory"),
    "a list without end": (
        "walk",
        "held = []\nwhile True:\n    held.append(bytes(2**28))\nyield prefix, held",
        "more memory",
    ),
    "exit": ("repr", "exit()", "ends the program"),
    "sys.exit": ("set", "import sys\nsys.exit('bye')", "ends the program"),
    "a name that is not known": ("set", "objekt.__setattr__(self, name, value)", "is not known"),
    "a variable without a value": (
        "repr",
        "if not self.requires_grad:\n    text = ''\nreturn text + 'x'",
        "before it has",
    ),
    "super": ("get", "return super().__getattr__(name)", "`super()` works only"),
    "raise before a helper that raises": ("set", "raise self._drawer_of(name)", "called without `raise`"),
    "keys without values": ("walk", "for name, child in {'layer': self}:\n    yield name, child", "`.items()`"),
    "an array for a tensor": ("repr", "import numpy as np\nreturn torch.sqrt(np.ones(3))", "NumPy's function"),
    "another power": ("repr", "return str(2.0 ^ 2)", "A power is written"),
    "a method that is not called": ("repr", "return 'x' + self.tolist", "without brackets"),
    "not implemented in part": ("get", "raise NotImplementedError\nreturn 1", "not implemented"),
}


@pytest.mark.parametrize(("piece", "body", "words"), BREAKDOWNS.values(), ids=list(BREAKDOWNS))
def test_a_breakdown_gets_the_hint_that_fits_it(piece, body, words, verdict_on):
    verdict = verdict_on(piece, body)
    assert words in verdict.hint, str(verdict)
    assert not verdict.passed


NASTY = {
    "an error without a message": ("repr", "raise ValueError"),
    "an error that does not print": ("repr", "class E(Exception):\n    def __str__(self): return 1 / 0\nraise E"),
    "one beyond Exception that does not print": (
        "set",
        "class E(BaseException):\n    def __str__(self): raise self\nraise E",
    ),
    "an error whose class can not be made": ("set", "class E(Exception):\n    def __init__(self, a): pass\nraise E"),
    "a string of its own kind": (
        "repr",
        "class S(str):\n    def __eq__(self, o): 1 / 0\n    __repr__ = __len__ = __hash__ = __eq__\nreturn S('x')",
    ),
    "a string that says it is equal": (
        "repr",
        "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = None\nreturn S('x')",
    ),
    "a lone surrogate": ("repr", "return '\\udcff'"),
    "markup": ("repr", "return '<script>alert(1)</script>'"),
    "ten million letters": ("repr", "return 'x' * 10**7"),
    "bytes": ("repr", "return b'x'"),
    "the package itself": ("new", "return torch"),
    "another Parameter's class": ("new", "return type('P', (), {'__class__': Parameter})()"),
    "something that answers everything": (
        "new",
        "class Yes:\n    def __getattr__(self, n): return self\n    def __call__(self, *a): return self\nreturn Yes()",
    ),
    "the class": ("new", "cls.data = cls.requires_grad = cls.shape = 3\nreturn cls"),
    "StopIteration": ("walk", "raise StopIteration"),
    "GeneratorExit": ("walk", "raise GeneratorExit\nyield"),
    "a generator that will not close": ("walk", "while True:\n    try:\n        yield\n    except GeneratorExit: pass"),
    "a destructor that raises": ("set", "class D:\n    def __del__(self): raise ValueError\nD()\nd = D(); d.d = d"),
    "warnings": ("set", "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('look')"),
    "standard error": ("set", "import sys\nprint('x', file=sys.stderr)\nsys.stdout.close()\nsys.stderr = None"),
    "logging": ("set", "import logging\nlogging.warning('look out')"),
    "recursion": ("set", "self.x = value"),
    "a recursion limit": ("repr", "return repr(self)"),
    "a piece that checks": ("repr", "check('Parameter.__repr__')\nreturn 'x'"),
    "a piece that implements": ("set", "implement(nn.Module)(__setattr__)\nuse('mine')"),
    "a piece that gives itself back": ("get", "return self"),
    "an eval of what is no code": ("set", "eval('(')"),
    "an import of what is not there": ("set", "import nothing_like_it"),
    "an exception group": ("set", "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])"),
    "an unset variable of another": ("set", "del self.__dict__['_parameters']"),
}


@pytest.mark.parametrize(("piece", "body"), NASTY.values(), ids=list(NASTY))
def test_whatever_a_piece_does_the_check_answers(piece, body, verdict_on):
    verdict = verdict_on(piece, body, seconds=0.3)  # one of them has no end
    assert not verdict.passed
    assert str(verdict)
    assert nn.Linear(2, 2).weight.requires_grad


def test_a_piece_that_checks_itself_is_told_so_and_leaves_the_reference(verdict_on):
    verdict = verdict_on("repr", "return check('Parameter.__repr__').hint")
    assert "a piece does not call check()" in str(verdict)
    assert is_the_reference()


def test_what_is_printed_is_counted_and_not_shown(verdict_on):
    body = "print('x\\n' * 50_000, end='')\nprint('y')\nobject.__setattr__(self, name, value)"
    verdict = verdict_on("set", body)
    assert "lines during the check; not shown here" in str(verdict)


def test_one_line_is_one_line(verdict_on):
    before = "said = []\n"
    verdict = verdict_on("repr", "if not said:\n    said.append(1); print('hello')\nreturn ''", before)
    assert "Your code printed 1 line during the check" in str(verdict)


def test_a_hundred_thousand_lines_reach_nobody(notebook, capfd):
    notebook.run(HEADS["repr"] + "    for i in range(100_000): print(i)\n    return ''\n")
    assert "printed 300,000 lines" in str(check("Parameter.__repr__"))
    assert capfd.readouterr() == ("", "")


def test_nothing_reaches_stderr_in_a_process_of_its_own(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import paramlab as torch\nfrom paramlab import nn, check, implement\n"
        "@implement(nn.Parameter)\ndef __repr__(self):\n"
        "    import sys, warnings\n    warnings.warn('look'); print('out'); print('err', file=sys.stderr)\n"
        "    class D:\n        def __del__(self): raise ValueError\n"
        "    D()\n    loop = D(); loop.itself = loop\n"
        "    return 1 / 0\n"
        "print(check('Parameter.__repr__'))\n"
    )
    run = subprocess.run(
        [sys.executable, program],
        env={**os.environ, "PARAMLAB_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.stderr == ""
    assert run.returncode == 0
    assert "Parameter.__repr__: 0 of 3 right" in run.stdout
    assert "out\n" not in run.stdout


def test_an_interrupt_comes_through_and_leaves_all_as_it_was(notebook):
    notebook.run("@implement(nn.Module)\ndef __getattr__(self, name):\n    raise AttributeError(name)\n")
    notebook.run(HEADS["repr"] + "    raise KeyboardInterrupt\n")
    plugged = set(bench.plugged)
    limit = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(KeyboardInterrupt):
        check("Parameter.__repr__")
    assert bench.plugged == plugged == {"Module.__getattr__", "Parameter.__repr__"}
    assert resource.getrlimit(resource.RLIMIT_AS) == limit


def test_where_it_went_wrong_is_the_learners_own_line(verdict_on):
    verdict = verdict_on("repr", "text = 'x'\nreturn text + 3")
    assert "(line 4: return text + 3)" in str(verdict)


# ------------------------------------------------------------------ a folder that resists


@pytest.fixture
def right(notebook):
    notebook.run(solution(PIECES["Parameter.__repr__"]))


def test_where_the_folder_can_not_be_made_the_points_count_all_the_same(right, home, monkeypatch):
    (home / "file").write_text("in the way")
    monkeypatch.setenv("PARAMLAB_HOME", str(home / "file"))
    verdict = check("Parameter.__repr__")
    assert verdict == 1
    assert "It could not be kept in `my_paramlab/Parameter.__repr__.py`: Not a directory" in str(verdict)
    assert "The points could not be noted in `my_paramlab/progress.json`: Not a directory" in str(verdict)
    assert bench.plugged == {"Parameter.__repr__"}
    assert progress().points == 0.0


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")])
def test_a_disk_that_takes_nothing_is_said_and_costs_no_points(error, right, home, monkeypatch):
    def refuse(path, content):
        raise error

    monkeypatch.setattr("paramlab.workshop.folder.write_atomically", refuse)
    verdict = check("Parameter.__repr__")
    assert verdict == 1
    assert str(verdict).count(error.strerror) == 2


def test_a_prediction_counts_in_such_a_folder_too(home, monkeypatch):
    (home / "file").write_text("in the way")
    monkeypatch.setenv("PARAMLAB_HOME", str(home / "file"))
    answer = {"gets a gradient": True, "parameters()": False, "state_dict()": False, ".to()": False}
    verdict = check("same as requires_grad", answer)
    assert verdict == 2
    assert "could not be noted" in str(verdict)


def test_a_damaged_progress_file_costs_nothing_but_itself(right, home):
    check("Parameter.__repr__")
    file = home / "my_paramlab" / "progress.json"
    file.write_text("{damaged")
    verdict = check("Parameter.__repr__")
    assert verdict == 1
    assert "`my_paramlab/progress.json` was damaged. It is set aside as `progress.damaged.json`" in str(verdict)
    assert (file.parent / "progress.damaged.json").read_text() == "{damaged"
    assert progress().points == 1.0


def test_what_can_not_be_written_down_is_said_and_the_points_count(notebook, home):
    cell = "tool = object()\n" + HEADS["repr"] + "    tool\n"
    notebook.run(cell + '    return "Parameter containing:\\n" + Tensor.__repr__(self)\n')
    verdict = check("Parameter.__repr__")
    assert verdict == 1
    assert "it uses 'tool' of the notebook, which can't be written to a file" in str(verdict)
    assert not (home / "my_paramlab" / "Parameter.__repr__.py").exists()


def test_code_without_a_source_is_checked_and_said_not_to_be_kept(notebook):
    exec(HEADS["repr"] + '    return "Parameter containing:\\n" + Tensor.__repr__(self)\n', notebook.names)
    verdict = check("Parameter.__repr__")
    assert verdict == 1
    assert "its source is not to be had here" in str(verdict)


# ------------------------------------------------------------------ predictions


def test_a_prediction_of_strange_objects_is_wrong_and_no_error():
    row = "gets a gradient"
    for strange in (Unprintable(), object(), Unprintable, [Unprintable()], paramlab.ones(2), float("nan"), [[]], {}):
        verdict = check("same as requires_grad", {row: strange})
        assert verdict == 0
        assert verdict._repr_html_()
