"""The map of the package without a page: whose each piece is."""

import linecache

import pytest

pytest.importorskip("anywidget")

from paramlab import nn
from paramlab.widgets import PackageMap
from paramlab.workshop import check, implement, use
from paramlab.workshop.bench import bench
from paramlab.workshop.catalogue import PIECES
from paramlab.workshop.source import solution

NAME = "Module.__getattr__"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PARAMLAB_HOME", str(tmp_path))
    yield
    use("reference")
    bench.mine.clear()
    bench.passed.clear()
    bench.refused.clear()


def build(source):
    file = "<a cell>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), {"implement": implement, "nn": nn})


def tile(shown):
    return next(piece for group in shown.groups for piece in group["pieces"] if piece["name"] == NAME)


def test_at_first_every_piece_is_the_packages_own():
    shown = PackageMap()
    assert shown.total == [0, len(PIECES)]
    assert set(shown.pieces.values()) == {"theirs"}
    assert not any(tool["on"] for tool in shown.tools)
    assert tile(shown)["code"] == ""


def test_a_piece_that_passed_is_mine_until_the_reference_is_used():
    build(solution(PIECES[NAME]))
    check(NAME)
    shown = PackageMap()
    assert shown.pieces[NAME] == "mine"
    assert tile(shown)["points"] == [3.0, 3]
    assert "def __getattr__" in tile(shown)["code"]
    shown._obey(shown, {"do": "reference"}, [])
    assert shown.last["code"] == "use('reference')"
    assert shown.pieces[NAME] == "kept"
    shown._obey(shown, {"do": "mine"}, [])
    assert shown.pieces[NAME] == "mine"


def test_what_another_kernel_kept_is_mine_and_not_in_use():
    build(solution(PIECES[NAME]))
    check(NAME)
    use("reference")
    bench.mine.clear()
    bench.passed.clear()
    shown = PackageMap()
    assert shown.pieces[NAME] == "kept"
    assert "def __getattr__" in tile(shown)["code"]


def test_an_untouched_piece_says_why_it_is_not_taken():
    build("@implement(nn.Module)\ndef __getattr__(self, name):\n    ...\n")
    shown = PackageMap()
    assert shown.pieces[NAME] == "refused"
    assert "untouched" in tile(shown)["why"]
    assert "yours" not in shown._html().split("<tbody>")[1]
