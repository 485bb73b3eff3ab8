"""What is taken from a notebook, and that nothing else of it counts."""

import json
import time

import pytest

from paramlab.classroom.files import UnreadableError
from paramlab.classroom.release import notebook
from paramlab.classroom.taking import lesson_of, read
from paramlab.workshop.tasks import grade_id

from .conftest import a_code_cell, as_bytes, cell_of, with_cells

PIECE = "Parameter.__repr__"
RIGHT = '@implement(nn.Parameter)\ndef __repr__(self):\n    return "Parameter containing:\\n" + Tensor.__repr__(self)\n'


def at(made, task):
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in made["cells"]]
    return ids.index(grade_id(task))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "JSON and no notebook"),
        (b'{"cells": []}', "JSON and no notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "version 3"),
        (b'{"nbformat": 5, "cells": []}', "version 5"),
        (b'{"nbformat": 4, "cells": {}}', "version 4"),
    ],
)
def test_what_is_no_notebook_is_said_in_a_sentence(content, says):
    with pytest.raises(UnreadableError, match=says):
        read(content)


@pytest.mark.parametrize(
    "cells", [[None, 1, "x"], [{"cell_type": "code"}], [{"cell_type": "code", "source": [1, None], "metadata": [1]}]]
)
def test_odd_cells_are_passed_over(cells):
    assert "".join(read(json.dumps({"nbformat": 4, "cells": cells}).encode()).cells) == ""


def test_the_lesson_is_what_the_notebook_says_or_its_path_or_the_tasks_in_it():
    made = notebook("03_module")
    assert lesson_of(read(as_bytes(made)), "02_parameter") == 3
    del made["metadata"]["paramlab"]
    assert lesson_of(read(as_bytes(made)), "02_parameter") == 2
    assert lesson_of(read(as_bytes(made)), "") == 3
    made["cells"] = []
    assert lesson_of(read(as_bytes(made)), "") is None


def test_the_decorator_is_left_out_and_what_the_piece_uses_comes_along(taken):
    made = with_cells(
        notebook("02_parameter"), {PIECE: "HEAD = 'Parameter '\n\n" + RIGHT.replace('"P', "helper() + '' + \"P")}
    )
    made["cells"].insert(at(made, PIECE), a_code_cell("def helper():\n    return HEAD[:0]\n\n\nprint('no part of it')"))
    source = taken(made)[PIECE].source
    assert "def helper" in source
    assert "HEAD = " in source
    assert "from paramlab import Tensor" in source
    assert not any(word in source for word in ("implement", "no part of it", "matplotlib", "digits"))


def test_names_of_the_functions_own_bring_nothing_along(taken):
    body = '@implement(nn.Parameter)\ndef __repr__(self):\n    model = "Parameter containing:\\n"\n    return model\n'
    source = taken(with_cells(notebook("02_parameter"), {PIECE: body}))[PIECE].source
    assert source.strip().startswith("def __repr__")


@pytest.mark.parametrize("change", ["no marks", "another cell", "cut in two"])
def test_a_piece_is_found_without_its_mark(taken, change):
    made = with_cells(notebook("02_parameter"), {PIECE: RIGHT})
    if change == "no marks":
        for cell in made["cells"]:
            cell["metadata"] = {}
    elif change == "another cell":
        made["cells"].append(a_code_cell(RIGHT.replace("nn.Parameter", "Parameter")))
        made = with_cells(made, {PIECE: "# moved to the end"})
    else:
        made["cells"].insert(at(made, PIECE) + 1, a_code_cell(RIGHT))
        made = with_cells(made, {PIECE: "x = 1"})
    assert "Parameter containing" in taken(made)[PIECE].source


def test_a_definition_in_the_marked_cell_counts_without_its_decorator(taken):
    made = with_cells(notebook("02_parameter"), {PIECE: RIGHT.split("\n", 1)[1]})
    assert "Parameter containing" in taken(made)[PIECE].source


def test_the_last_attempt_that_was_worked_on_counts(taken):
    made = with_cells(notebook("02_parameter"), {PIECE: RIGHT.replace("return", "return 'first' +")})
    made["cells"].insert(at(made, PIECE) + 1, a_code_cell(RIGHT))
    made["cells"].append(a_code_cell("@implement(nn.Parameter)\ndef __repr__(self):\n    ..."))
    assert "first" not in taken(made)[PIECE].source


def test_deleted_check_cells_and_outputs_make_no_difference(taken):
    made = with_cells(notebook("02_parameter"), {PIECE: RIGHT})
    before = taken(made)
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "100.0"
            cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "100.0"}}]
    assert taken(made) == before
    made["cells"] = [cell for cell in made["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]
    assert taken(made) == before


def test_a_cell_that_is_no_python_costs_its_own_task_only(taken):
    made = with_cells(notebook("02_parameter"), {PIECE: "@implement(nn.Parameter)\ndef __repr__(self:\n  oops"})
    made["cells"].insert(0, a_code_cell("%matplotlib inline\n!ls\nx = 1"))
    made["cells"].insert(0, a_code_cell("%%bash\nrm -rf nothing"))
    every = taken(made)
    assert "SyntaxError" in every[PIECE].problem
    assert "untouched" in every["Parameter.__new__"].problem


def test_a_prediction_is_read_and_not_run(taken):
    answer = '{"gets a gradient": True, "parameters()": False, "state_dict()": ..., ".to()": 1}'
    made = with_cells(notebook("02_parameter"), {"same as requires_grad": f"prediction = {answer}"})
    found = taken(made)["same as requires_grad"]
    assert (found.source, found.answer["state_dict()"]) == ("", ...)
    for cell in made["cells"]:
        cell["metadata"] = {}
    assert taken(made)["same as requires_grad"] == found


def test_a_prediction_that_is_computed_runs_as_a_piece_does(taken, graded):
    rows = '{"Tensor": (no,) * 3, "Parameter": (yes,) * 3, "Buffer": (no, yes, yes)}'
    source = f"yes, no = True, False\nprediction = {rows}"
    made = with_cells(notebook("02_parameter"), {"three kinds": source})
    assert "yes, no" in taken(made)["three kinds"].source
    assert graded(made)["three kinds"].points == 3


@pytest.mark.parametrize(
    "value",
    [
        "-" * 30_000 + "1",
        "(" * 30_000,
        "1" + "+1" * 15_000,
        "a" + ".a" * 15_000,
        "[" * 90 + "]" * 90,
        "9**9**9**9",
        "x" * 50_000,
    ],
)
def test_code_that_is_hard_to_read_harms_nobody(taken, value):
    cells = {
        PIECE: f"@implement(nn.Parameter)\ndef __repr__(self):\n    return {value}",
        "three kinds": f"prediction = {value}",
    }
    every = taken(with_cells(notebook("02_parameter"), cells))
    assert "untouched" in every["Parameter.__new__"].problem
    assert every[PIECE].problem or every[PIECE].source


def test_an_integer_that_can_not_be_shown_is_a_wrong_answer(graded, solution):
    cell = "guess = {'Tensor': 0x" + "f" * 9000 + "}"
    assert graded(with_cells(solution[2], {"three kinds": cell}))["three kinds"].points == 0


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lines_may_end_as_on_another_system(taken, solution, end):
    cell = cell_of(PIECE, "x = 1\nreturn str(x)")
    found = taken(with_cells(solution[2], {PIECE: f"y = 1{end}" + cell.replace("\n", end)}))
    assert found[PIECE].piece.endswith("    x = 1\n    return str(x)")


def test_what_stands_on_one_line_is_taken_apart(taken, solution):
    cell = "é = 'é'; unused = 1; words = é  # of one line\n" + cell_of(PIECE, "return words")
    source = taken(with_cells(solution[2], {PIECE: cell}))[PIECE].source
    assert "é = 'é'\n\nwords = é\n" in source
    assert "unused" not in source


@pytest.mark.parametrize(
    "above",
    [
        "%%time",
        "files = !ls",
        "here = %pwd",
        "Tensor?",
        "%matplotlib inline",
        "rest = (7\n  % 3)",
        'text = """\\n!\\n"""',
    ],
)
def test_what_runs_in_jupyterlab_is_read(graded, solution, above):
    cell = cell_of(PIECE, 'return "Parameter containing:\\n" + Tensor.__repr__(self)')
    assert graded(with_cells(solution[2], {PIECE: f"{above}\n{cell}"}))[PIECE].points == 1


def test_a_line_that_only_looks_like_jupyters_stays(taken, solution):
    cell = cell_of(PIECE, "x = (7\n% 4)\nreturn str(x)")
    assert "% 4)" in taken(with_cells(solution[2], {PIECE: cell}))[PIECE].piece


def test_names_that_lead_from_one_to_the_next_are_followed_in_no_time(taken, solution):
    rows = "\n".join(f"a{n} = a{n - 1}" for n in range(1, 2000))
    made = with_cells(solution[2], {PIECE: f"{rows}\n" + cell_of(PIECE, "return a1999")})
    start = time.process_time()
    assert taken(made)[PIECE].source.count("\n\na") > 1990
    assert time.process_time() - start < 5


def test_more_statements_than_any_answer_are_not_looked_at(taken, solution):
    cell = "a = a;" * 6000 + "\n" + cell_of(PIECE, "return a")
    assert "more than 5,000 statements" in taken(with_cells(solution[2], {PIECE: cell}))[PIECE].problem
