"""Throw-away."""
import os, shutil
from pathlib import Path
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "course" / os.environ.get("FOLDER", "notebooks")
OUT = Path("/tmp/read_a")


@pytest.mark.parametrize("n", os.environ.get("LESSONS", "01,05,06").split(","))
def test_read(lab, n):
    source = next(NOTEBOOKS.glob(f"{n}_*.ipynb"))
    shutil.copy(source, lab.folder / source.name)
    shutil.rmtree(lab.folder / "my_paramlab", ignore_errors=True)
    width = int(os.environ.get("WIDTH", "1440"))
    lab.page.set_viewport_size({"width": width, "height": 1000})
    lab.open(source.name)
    if os.environ.get("THEME") == "dark":
        lab.theme("dark")
    lab.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    print("ran", lab.run_all(), lab.complaints())
    lab.page.wait_for_timeout(1500)
    out = OUT / (os.environ.get("NAME", "light") + n)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    wanted = os.environ.get("CELLS")
    wanted = [int(i) for i in wanted.split(",")] if wanted else range(lab.cells())
    for i in wanted:
        cell = lab.page.locator(".jp-Notebook .jp-Cell").nth(i)
        cell.scroll_into_view_if_needed()
        lab.page.wait_for_timeout(80)
        cell.screenshot(path=str(out / f"{i:02}.png"))
    wide = lab.page.evaluate("""() => [...document.querySelectorAll('.jp-OutputArea-output')].map((o, i) => [i, o.scrollWidth, o.clientWidth]).filter(([i, s, c]) => s > c + 1)""")
    print("overflow", wide)
    shutil.rmtree(lab.folder / "my_paramlab", ignore_errors=True)
