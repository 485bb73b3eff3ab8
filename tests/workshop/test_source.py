"""The package's source becomes stub and solution; a learner's becomes a file that stands alone."""

import ast
import dataclasses

import pytest

from paramlab import nn
from paramlab.workshop.bench import REFERENCE, bench
from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import is_untouched, solution, standalone, stub, written, wrong_signature

NEW = PIECES["Parameter.__new__"]
WALK = PIECES["Module.named_modules"]


@pytest.mark.parametrize("piece", PIECES.values(), ids=list(PIECES))
def test_stub_and_solution_begin_alike_and_only_the_stub_is_untouched(piece):
    given, solved = stub(piece), solution(piece)
    head = given.removesuffix("    ...\n")
    assert head != given
    assert solved.startswith(head)
    assert is_untouched(given)
    assert not is_untouched(solved)


@pytest.mark.parametrize("piece", PIECES.values(), ids=list(PIECES))
def test_a_stub_has_decorator_signature_and_docstring_and_no_annotation(piece):
    definition = ast.parse(stub(piece)).body[0]
    assert definition.name == piece.attribute
    assert ast.unparse(definition.decorator_list[0]).startswith("implement(")
    assert ast.get_docstring(definition)
    assert definition.returns is None
    assert all(argument.annotation is None for argument in definition.args.args)


def test_a_stub_reads_as_a_notebook_names_things():
    assert stub(NEW).startswith("@implement(nn.Parameter)\ndef __new__(cls, data=None, requires_grad=True):\n")


def test_arguments_of_any_number_have_no_annotation_either(monkeypatch):
    piece = dataclasses.replace(WALK, attribute="state_dict")
    monkeypatch.setitem(REFERENCE, piece.name, nn.Module.state_dict)
    assert 'def state_dict(self, *args, destination=None, prefix="", keep_vars=False):\n' in stub(piece)


def test_what_is_written_in_a_cell_is_to_be_had(notebook):
    cell = "def twice(x):\n    # mine\n    return 2 * x\n"
    assert written(notebook.run(cell)["twice"]) == cell


def test_what_was_never_written_down_is_empty():
    names = {}
    exec("def twice(x): return 2 * x", names)
    assert written(names["twice"]) == ""
    assert written(len) == ""


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "pass",
        '"""Do it."""',
        '"""Do it."""\n    ...',
        "raise NotImplementedError()",
        "# YOUR CODE HERE\n    raise NotImplementedError",
        '"""Do."""\n    pass\n    ...',
    ],
)
def test_a_placeholder_is_untouched(body):
    assert is_untouched(f"def f(x):\n    {body}\n")


@pytest.mark.parametrize(
    "body", ["return", "return None", "x = 1", "raise ValueError", "print(x)", "...\n    return x"]
)
def test_code_is_not_untouched(body):
    assert not is_untouched(f"def f(x):\n    {body}\n")


@pytest.mark.parametrize("source", ["", "def f(:", "x = 1"])
def test_what_can_not_be_read_counts_as_touched_unless_it_is_no_function(source):
    assert is_untouched(source) is (source == "x = 1")


# ------------------------------------------------------------------ signatures


@pytest.mark.parametrize(
    "parameters",
    [
        "cls, data=None, requires_grad=True",
        "cls, data: int = None, requires_grad: bool = False",
        "*args, **kwargs",
        "cls, data=None, **rest",
    ],
)
def test_a_signature_that_can_be_called_alike_is_right(parameters, notebook):
    assert wrong_signature(NEW, notebook.run(f"def f({parameters}): return 1\n")["f"]) is None


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "cls",
        "cls, data",
        "cls, data, requires_grad",
        "cls, data=None, *, requires_grad=True",
        "cls, requires_grad=True, data=None",
        "cls, tensor=None, requires_grad=True",
        "cls, data=None, requires_grad=True, more=1",
    ],
)
def test_another_signature_is_wrong_and_both_are_named(parameters, notebook):
    said = wrong_signature(NEW, notebook.run(f"def f({parameters}): return 1\n")["f"])
    assert said == f"Parameter.__new__ takes (cls, data=None, requires_grad=True); yours takes ({parameters})."


def test_a_parameter_that_has_lost_its_default_is_named(notebook):
    names = notebook.run("def f(self, memo, prefix, remove_duplicate): yield 1\n")
    assert wrong_signature(WALK, names["f"]).endswith("yours takes (self, memo, prefix, remove_duplicate).")


# ------------------------------------------------------------------ files that stand alone


def alone(notebook, cell, name="f"):
    """Return the file made of a function of a cell, and what running it by itself defines."""
    function = notebook.run(cell)[name]
    content = standalone(function, written(function))
    names = {"__name__": "elsewhere"}
    exec(compile(content, "kept", "exec"), names)
    return content, names


def test_imports_that_are_used_are_written_and_others_are_not(notebook):
    content, names = alone(
        notebook, "import numpy as np\nimport math\ndef f(x):\n    return np.sqrt(x) + empty(0).dim()\n"
    )
    assert "import numpy as np\n" in content
    assert "from paramlab import empty\n" in content
    assert "math" not in content
    assert names["f"](4) == 2 + 1


def test_modules_and_classes_are_imported_from_where_a_learner_knows_them(notebook):
    content, _ = alone(
        notebook, "def f(x):\n    return isinstance(x, Parameter), nn, torch, Module, implement, check\n"
    )
    assert content.split("\n\n")[0].splitlines() == [
        "from paramlab import check",
        "from paramlab import implement",
        "from paramlab import nn",
        "from paramlab.nn import Module",
        "from paramlab.nn import Parameter",
        "import paramlab as torch",
    ]


def test_another_piece_is_imported_instead_of_copied(notebook):
    notebook.run("@implement(torch.autograd)\ndef unbroadcast(grad, shape):\n    return grad\n")
    content, _ = alone(notebook, "def f(x):\n    return unbroadcast(x, ())\n")
    assert content.startswith("from paramlab.autograd import unbroadcast\n\n\ndef f(x):\n")


def test_an_owner_is_named_so_that_it_is_found():
    heads = [stub(PIECES[name]).split("\n")[0] for name in ("Module.__setattr__", "Mul.backward", "Tensor.detach")]
    assert heads == ["@implement(nn.Module)", "@implement(torch.ops.Mul)", "@implement(torch.Tensor)"]
    assert stub(PIECES["propagate"]).startswith("@implement(torch.autograd)\ndef propagate(visits, arrived):\n")


def test_a_helper_goes_along_with_what_it_uses(notebook):
    cell = (
        "import math\nHALF = 0.5\n"
        "def root(x):\n    return math.sqrt(x) * HALF\n"
        "def helper(x):\n    return root(x) if x > 1 else helper(x + 1)\n"
        "def f(x):\n    return [helper(y) for y in (x, x)]\n"
    )
    content, names = alone(notebook, cell)
    assert names["f"](0) == [2**0.5 * 0.5] * 2
    assert content.index("HALF =") < content.index("def root") < content.index("def helper") < content.index("def f")


def test_helpers_that_use_each_other_are_both_written(notebook):
    cell = "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\n"
    content, names = alone(notebook, cell, "even")
    assert names["even"](4)
    assert content.count("def even") == 1


def test_names_of_annotations_defaults_and_decorators_go_along(notebook):
    cell = (
        "import functools\nfrom typing import Any\nSIZE = 3\n"
        "def loud(g):\n    @functools.wraps(g)\n    def wrapper(*a):\n        return g(*a)\n    return wrapper\n"
        "@loud\ndef f(x: Any = SIZE) -> 'int':\n    return x\n"
    )
    content, names = alone(notebook, cell)
    assert names["f"]() == 3
    assert "from typing import Any\n" in content
    assert "def loud" in content


@pytest.mark.parametrize(
    "value", ["('a', 'b')", "['a', 'b']", "{'a': 1.5}", "{1, 2}", "None", "True", "'it''s'", "b'x'"]
)
def test_constants_go_along(value, notebook):
    _, names = alone(notebook, f"KNOWN = {value}\ndef f():\n    return KNOWN\n")
    assert names["f"]() == ast.literal_eval(value)


def test_a_name_that_is_only_local_is_not_taken_from_the_notebook(notebook):
    content, _ = alone(notebook, "name = object()\ndef f(name):\n    return [name for name in name]\n")
    assert content.strip() == "def f(name):\n    return [name for name in name]"


@pytest.mark.parametrize(
    "cell",
    [
        "thing = object()\ndef f():\n    return thing\n",
        "things = [torch.ones(1)]\ndef f():\n    return things\n",
        "pair = (1, object())\ndef f():\n    return pair\n",
        "number = float('nan')\ndef f():\n    return number\n",
        "thing = lambda y: (lambda: y)\nthing = thing(1)\ndef f():\n    return thing\n",
    ],
)
def test_what_can_not_be_written_down_is_named(cell, notebook):
    function = notebook.run(cell)["f"]
    with pytest.raises(ValueError, match=r"it uses '(thing|things|pair|number|y)'"):
        standalone(function, written(function))


def test_a_function_inside_of_another_is_refused_if_it_uses_what_is_around_it(notebook):
    function = notebook.run("def around(y):\n    def f():\n        return y\n    return f\nf = around(1)\n")["f"]
    with pytest.raises(ValueError, match="'y' of the code around it"):
        standalone(function, written(function))


def test_a_method_that_uses_super_of_its_class_is_refused(notebook):
    function = notebook.run("class A:\n    def f(self):\n        return super().f()\nf = A.f\n")["f"]
    with pytest.raises(ValueError, match="super"):
        standalone(function, written(function))


def test_what_is_kept_and_loaded_can_be_kept_again(notebook, home):
    cell = "def helper(text):\n    return text\n\n@implement(nn.Parameter)\ndef __repr__(self):\n"
    notebook.run(cell + '    return helper("Parameter containing:\\n") + Tensor.__repr__(self)\n')
    check, use = notebook.names["check"], notebook.names["use"]
    assert check("Parameter.__repr__").passed
    kept = home / "my_paramlab" / "Parameter.__repr__.py"
    first = kept.read_text()
    bench.mine.clear()
    bench.passed.clear()
    assert use("mine").mine == ["Parameter.__repr__"]
    assert check("Parameter.__repr__").passed
    assert kept.read_text() == first
