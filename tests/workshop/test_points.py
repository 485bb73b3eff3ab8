"""What was earned, and what is left."""

from paramlab.workshop import folder, progress
from paramlab.workshop.catalogue import TASKS


def test_at_the_start_everything_is_left(home):
    made = progress()
    assert made.points == 0
    assert made.out_of == sum(task.points for task in TASKS.values())
    assert [name for lesson in made for name in lesson.left] == list(TASKS)


def test_points_add_up_and_what_is_right_is_left_out(home):
    folder.add_points({"Parameter.__new__": 4})
    folder.add_points({"Parameter.__repr__": 0.5})
    parameter = next(one for one in progress() if one.lesson == 2)
    assert (parameter.lesson, parameter.points, parameter.out_of) == (2, 4.5, 10)
    assert "Parameter.__new__" not in parameter.left
    assert "Parameter.__repr__" in parameter.left


def test_a_finished_lesson_says_so_in_text_and_in_a_notebook(home):
    for name, task in TASKS.items():
        if task.lesson == 2:
            folder.add_points({name: task.points})
    lines = repr(progress()).splitlines()
    assert any(line.split() == ["lesson", "02", "10", "of", "10", "all", "right"] for line in lines)
    assert lines[-1].split() == ["in", "all", "10", "of", str(sum(task.points for task in TASKS.values()))]
    page = progress()._repr_html_()
    assert "10 of 10" in page
    assert "all right" in page
    assert "Module.__setattr__" in page


def test_a_folder_that_can_not_be_read_counts_as_empty(home, monkeypatch):
    def refuse(where=None):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder, "points", refuse)
    assert progress().points == 0
    assert "`my_paramlab/progress.json` can't be read: Permission denied." in repr(progress())


def test_a_damaged_file_is_named_below_the_points_once(home):
    folder.keep("Parameter.__new__", "# kept\n")
    (home / "my_paramlab" / "progress.json").write_text("{")
    made = progress()
    assert made.points == 4
    assert "was damaged. It is set aside as `progress.damaged.json`" in repr(made).splitlines()[-1]
    assert "<code>progress.damaged.json</code>" in made._repr_html_()
    assert progress().note == ""
