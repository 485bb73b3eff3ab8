"""``implement`` makes a function the package's own; ``use`` gets the package back, whatever it was."""

import os
import subprocess
import sys
import textwrap

import pytest

import paramlab
from paramlab import nn
from paramlab.workshop import check, implement, limits, use
from paramlab.workshop.bench import bench
from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

from .notebook import is_the_reference

REPR = '@implement(nn.Parameter)\ndef __repr__(self):\n    return "Parameter containing:\\n" + Tensor.__repr__(self)\n'


def test_from_the_cell_on_it_is_the_packages(notebook):
    notebook.run('@implement(nn.Parameter)\ndef __repr__(self):\n    return "mine"\n')
    assert repr(nn.Parameter()) == "mine"
    assert not is_the_reference()


def test_the_function_is_handed_back(notebook):
    assert notebook.run(REPR)["__repr__"].__name__ == "__repr__"


def test_the_name_of_a_function_of_a_module_is_the_packages_as_it_is_now(notebook):
    cell = "@implement(torch.autograd)\ndef unbroadcast(grad, shape):\n    {}\n"
    grad = paramlab.ones(2, 3).numpy()
    mine = notebook.run(cell.format('return "mine"'))["unbroadcast"]
    assert mine(grad, (3,)) == "mine"
    assert repr(mine) == "<paramlab's unbroadcast, as it is now>"
    check("unbroadcast")  # it is wrong, so that the package takes its own
    assert mine(grad, (3,)).tolist() == [2, 2, 2]
    untouched = notebook.run(cell.format("..."))["unbroadcast"]
    assert untouched(grad, (3,)).tolist() == [2, 2, 2]


def test_run_again_the_newer_one_counts(notebook):
    for word in ("first", "second"):
        notebook.run(f'@implement(nn.Parameter)\ndef __repr__(self):\n    return "{word}"\n')
    assert repr(nn.Parameter()) == "second"


def test_a_placeholder_puts_the_packages_own_back(notebook):
    notebook.run('@implement(nn.Parameter)\ndef __repr__(self):\n    return "mine"\n')
    notebook.run("@implement(nn.Parameter)\ndef __repr__(self):\n    ...\n")
    assert is_the_reference()


def test_a_wrong_signature_is_refused_at_once_and_the_check_repeats_it(notebook):
    with pytest.raises(TypeError) as caught:
        notebook.run("@implement(nn.Parameter)\ndef __new__(cls, tensor):\n    return tensor\n")
    assert (
        str(caught.value) == "Parameter.__new__ takes (cls, data=None, requires_grad=True); yours takes (cls, tensor)."
    )
    verdict = notebook.names["check"]("Parameter.__new__")
    assert (verdict, verdict.hint) == (0, str(caught.value))
    assert is_the_reference()


def test_a_static_method_is_taken_for_what_it_wraps(notebook):
    notebook.run(solution(PIECES["Parameter.__new__"]).replace("\ndef", "\n@staticmethod\ndef"))
    assert notebook.names["check"]("Parameter.__new__").passed


@pytest.mark.parametrize("owner", ["nn.Module()", "'Module'", "None", "3", "check"])
def test_an_owner_that_is_no_class_is_a_type_error_that_shows_how(owner, notebook):
    with pytest.raises(TypeError, match=r"Write @implement\(nn.Module\)"):
        notebook.run(f"@implement({owner})\ndef __repr__(self):\n    return 1\n")


def test_implement_without_parentheses_is_told_how(notebook):
    with pytest.raises(TypeError, match=r"Write @implement\(nn.Module\)"):
        notebook.run("@implement\ndef __repr__(self):\n    return 1\n")


def test_what_is_no_def_is_a_type_error():
    with pytest.raises(TypeError, match="goes above a `def`"):
        implement(nn.Parameter)(nn.Linear)


def test_a_name_that_is_no_piece_is_answered_with_the_nearest(notebook):
    with pytest.raises(ValueError, match=r"no piece of the name '__repr_'. Did you mean '__repr__'\?"):
        notebook.run("@implement(nn.Parameter)\ndef __repr_(self):\n    return 1\n")


def test_an_owner_without_pieces_is_answered_with_those_that_have_some(notebook):
    with pytest.raises(ValueError, match=r"no piece belongs to Dropout\. Pieces belong to: .*Module.*Parameter"):
        notebook.run("@implement(nn.Dropout)\ndef forward(self):\n    return 1\n")


# ------------------------------------------------------------------ getting the package back

BREAKS_EVERYTHING = {
    "a __setattr__ that raises": """
        @implement(nn.Module)
        def __setattr__(self, name, value):
            raise RuntimeError("no")
    """,
    "a __getattr__ that asks itself": """
        @implement(nn.Module)
        def __getattr__(self, name):
            return self.nothing
    """,
    "a named_modules that never ends": """
        @implement(nn.Module)
        def named_modules(self, memo=None, prefix="", remove_duplicate=True):
            while True:
                yield prefix, self
    """,
    "a __new__ that answers None": """
        @implement(nn.Parameter)
        def __new__(cls, data=None, requires_grad=True):
            return None
    """,
    "a __new__ that writes into the class": """
        @implement(nn.Parameter)
        def __new__(cls, data=None, requires_grad=True):
            cls.data, cls.requires_grad, cls.grad, cls.shape = data, False, 3, None
            cls.__len__ = cls.__mul__ = cls.backward = None
            return cls
    """,
    "a __repr__ that ends the program": """
        @implement(nn.Parameter)
        def __repr__(self):
            raise SystemExit
    """,
    "a register_parameter that does nothing": """
        @implement(nn.Module)
        def register_parameter(self, name, param):
            return
    """,
}


@pytest.mark.parametrize("cell", BREAKS_EVERYTHING.values(), ids=list(BREAKS_EVERYTHING))
def test_the_reference_is_always_to_be_had(cell, notebook):
    names = {name: set(vars(owner)) for name, owner in (("Module", nn.Module), ("Parameter", nn.Parameter))}
    notebook.run(textwrap.dedent(cell))
    try:
        nn.Parameter(paramlab.ones(2))
        nn.Linear(2, 2)
    except (Exception, SystemExit):
        pass
    assert repr(use("reference")).startswith("paramlab is the reference")
    assert {"Module": set(vars(nn.Module)), "Parameter": set(vars(nn.Parameter))} == names
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert "Parameter containing" in repr(model[0].weight)
    model(paramlab.ones(1, 2)).sum().backward()
    assert model[0].bias.grad is not None
    assert not hasattr(model, "nothing")


@pytest.mark.parametrize("word", ["", "Mine", "ours", None, 3])
def test_another_word_is_an_error_that_names_both(word):
    with pytest.raises(ValueError, match='"mine" or "reference"'):
        use(word)


# ------------------------------------------------------------------ the learner's own, again


def forget_this_kernel():
    use("reference")
    bench.mine.clear()
    bench.passed.clear()


@pytest.fixture
def kept(notebook, home):
    """The file of a piece that passed in an earlier kernel."""
    notebook.run(REPR)
    assert notebook.names["check"]("Parameter.__repr__").passed
    forget_this_kernel()
    return home / "my_paramlab" / "Parameter.__repr__.py"


def test_what_is_kept_is_used_again(kept):
    used = use("mine")
    assert used.mine == ["Parameter.__repr__"]
    assert used.problems == []
    assert repr(used) == "1 piece of paramlab is yours: Parameter.__repr__."
    assert bench.plugged == {"Parameter.__repr__"}


def test_what_is_kept_is_used_again_in_another_process(kept, home):
    program = (
        "import paramlab as torch\nfrom paramlab import nn, use\nuse('reference')\nprint(use('mine'))\n"
        "print(type(nn.Parameter.__repr__.__code__.co_filename).__name__, nn.Parameter.__repr__.__code__.co_filename)\n"
        "print(nn.Parameter(torch.ones(1)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "PARAMLAB_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.stderr == ""
    assert "1 piece of paramlab is yours: Parameter.__repr__." in run.stdout
    assert f"str {kept}" in run.stdout
    assert "Parameter containing:\ntensor([1.], requires_grad=True)" in run.stdout


def test_what_was_never_checked_is_not_used_after_a_change_of_mind(notebook):
    notebook.run(solution(PIECES["Parameter.__repr__"]))
    assert not is_the_reference()
    assert use("mine").mine == []
    assert is_the_reference()


def test_what_passed_is_used_again_where_nothing_can_be_kept(notebook, home, monkeypatch):
    (home / "file").write_text("in the way")
    monkeypatch.setenv("PARAMLAB_HOME", str(home / "file"))
    notebook.run(solution(PIECES["Parameter.__repr__"]))
    assert check("Parameter.__repr__").passed
    assert use("reference").mine == []
    assert use("mine").mine == ["Parameter.__repr__"]


def test_an_attempt_that_did_not_pass_is_not_what_is_used(kept, notebook):
    use("mine")
    notebook.run('@implement(nn.Parameter)\ndef __repr__(self):\n    return "not yet"\n')
    assert notebook.names["check"]("Parameter.__repr__") == 0
    use("mine")
    assert repr(nn.Parameter()).startswith("Parameter containing")
    assert bench.plugged == {"Parameter.__repr__"}


BROKEN = {
    "ValueError": "raise ValueError('no')",
    "SyntaxError": "def (",
    "NameError": "helper()",
    "SystemExit": "raise SystemExit(3)",
    "it takes too long": "while True: pass",
    "does not build": "x = 1",
    "TypeError": "from paramlab import *\n@implement(nn.Parameter)\ndef __repr__(self, more): return ''",
    "UnicodeDecodeError": b"\xff\xfe",
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_kept_file_that_can_not_be_read_is_named_and_the_reference_stands_in(reason, kept, monkeypatch, capfd):
    if reason == "it takes too long":
        monkeypatch.setattr("paramlab.workshop.implementing.CASE_SECONDS", 0.2)
    content = BROKEN[reason]
    kept.write_bytes(
        content if isinstance(content, bytes) else f"from paramlab import implement, nn\n{content}".encode()
    )
    used = use("mine")
    assert used.mine == []
    assert is_the_reference()
    assert len(used.problems) == 1
    assert used.problems[0].startswith("Parameter.__repr__.py could not be read")
    assert reason in used.problems[0]
    assert used.problems[0] in repr(used)
    assert capfd.readouterr() == ("", "")


def test_one_broken_file_does_not_keep_the_others_out(kept, notebook):
    notebook.run(solution(PIECES["Module.__getattr__"]))
    assert notebook.names["check"]("Module.__getattr__").passed
    forget_this_kernel()
    kept.write_text("1 / 0")
    used = use("mine")
    assert used.mine == ["Module.__getattr__"]
    assert "ZeroDivisionError" in repr(used)


def test_an_interrupt_while_loading_comes_through_and_leaves_the_reference(kept):
    kept.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        use("mine")
    assert is_the_reference()


def test_what_a_kept_file_prints_is_not_shown(kept, capfd):
    kept.write_text(kept.read_text() + "\nprint('hello')\n")
    assert use("mine").mine == ["Parameter.__repr__"]
    assert capfd.readouterr() == ("", "")


def test_a_kept_file_has_as_long_as_a_case():
    assert limits.CASE_SECONDS >= 1
