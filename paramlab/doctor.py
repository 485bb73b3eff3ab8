"""`paramlab doctor`: what is present, missing or of a wrong version here, and the line that mends it.

Nothing of the course is imported, so that it can speak when the course cannot.
"""

from __future__ import annotations

import importlib.metadata
import operator
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COURSE = ("", "course")  # the extras that the lessons need; "" is what `import paramlab` needs
OPTIONAL = {
    "torch": "only to compare with: the lessons need none",
    "playwright": "only for the browser tests",
    "nbgrader": "only for grading with nbgrader",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report: is it `ok`, what is it, and what mends it; `needed` if the course cannot run without."""

    ok: bool
    what: str
    mend: str = ""
    needed: bool = True


def doctor() -> int:
    """Print the report; return 0 when the course can run here, else 1."""
    findings = {
        "What the course needs": [*python(), *packages(), *kernel(), *folder()],
        "What it can do without": [*optional(), *limits()],
    }
    for title, lines in findings.items():
        print(f"{title}\n" + "\n".join(map(_line, lines)) + "\n")
    wrong = sum(not finding.ok for lines in findings.values() for finding in lines if finding.needed)
    if wrong:
        print(f"The course cannot run here yet: {wrong} thing{'s' if wrong > 1 else ''} above to mend.")
        return 1
    print("The course can run here: paramlab start")
    return 0


def _line(finding: Finding) -> str:
    mark = "ok" if finding.ok else "MEND" if finding.needed else "without"
    return f"  {mark:<8} {finding.what}" + (f"\n{'':11}{finding.mend}" if finding.mend else "")


def python() -> Iterator[Finding]:
    """This Python, and whether paramlab is installed in it."""
    here = f"Python {sys.version.split()[0]} at {sys.executable}"
    try:
        about = importlib.metadata.metadata("paramlab")
    except importlib.metadata.PackageNotFoundError:
        yield Finding(True, here)
        yield Finding(False, "paramlab is not installed in it", 'in its folder: python -m pip install -e ".[course]"')
        return
    wanted = about["Requires-Python"] or ""
    if satisfies(sys.version.split()[0], wanted):
        yield Finding(True, here)
    else:
        yield Finding(False, f"{here}; Python {wanted} is needed", "make an environment with a newer Python")
    yield Finding(True, f"paramlab {about['Version']}")


def packages() -> Iterator[Finding]:
    """The packages that paramlab's own metadata asks for."""
    for requirement in requirements():
        if requirement.extra in COURSE:
            yield _package(requirement)


def optional() -> Iterator[Finding]:
    """What somebody may want besides, and a browser for Playwright to drive."""
    asked = {requirement.name: requirement for requirement in requirements()}
    for name, use in OPTIONAL.items():
        yield _package(asked.get(name, Requirement(name)), use)
    browser = _browser()
    if browser:
        yield Finding(True, f"Chromium at {browser}", needed=False)
    else:
        what = "Chromium is missing (only for the browser tests)"
        yield Finding(False, what, "python -m playwright install chromium", needed=False)


def _package(requirement: Requirement, use: str = "") -> Finding:
    """Look one package up; one that has a `use` of its own is not needed by the course."""
    name, wanted = requirement.name, requirement.versions
    mend = f'python -m pip install "{name}{wanted}"'
    aside = f" ({use})" if use else ""
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(False, f"{name} is missing{aside}", mend, needed=not use)
    if not satisfies(version, wanted):
        return Finding(False, f"{name} {version} is here, {wanted} is wanted{aside}", mend, needed=not use)
    return Finding(True, f"{name} {version}", needed=not use)


def kernel() -> Iterator[Finding]:
    """Whether the notebooks' kernel, `python3`, is this very Python."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return  # jupyterlab and ipykernel, reported above, bring it
    install = "python -m ipykernel install --sys-prefix"
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Finding(False, "the notebooks' kernel, python3, is missing", install)
        return
    if _is_this_python(command):
        yield Finding(True, "the notebooks' kernel runs in this Python")
    else:
        yield Finding(False, f"the notebooks' kernel runs in another Python, {command}", install)


def _is_this_python(command: str) -> bool:
    """A bare `python` stands for Jupyter's own; else the folder decides, as environments share one true executable."""
    there = Path(command)
    if there.name == command:
        return command.startswith("python")
    return there.exists() and there.parent.resolve() == Path(sys.executable).parent.resolve()


def folder() -> Iterator[Finding]:
    """Whether the current folder can take the learner's notebooks."""
    try:
        with tempfile.TemporaryFile(dir="."):
            yield Finding(True, f"this folder can be written to: {Path.cwd()}")
    except OSError as error:
        where = f"this folder cannot be written to ({error.strerror or error})"
        yield Finding(False, where, "go to a folder of your own, or: paramlab start FOLDER")


def limits() -> Iterator[Finding]:
    """What this system does not let a check limit."""
    stop = "an endless loop in your code is stopped with Kernel > Interrupt Kernel"
    if hasattr(signal, "SIGALRM"):
        yield Finding(True, "a time limit for checks", needed=False)
    else:
        yield Finding(False, "no time limit for checks: this system has none", stop, needed=False)
    if _limits_memory():
        yield Finding(True, "a memory limit for checks", needed=False)
    else:
        close = "code that fills the memory is not stopped; save your work before you try large shapes"
        yield Finding(False, "no memory limit for checks: this system enforces none", close, needed=False)


def _limits_memory() -> bool:
    try:
        import resource
    except ImportError:
        return False
    return hasattr(resource, "RLIMIT_AS") and sys.platform != "darwin"  # macOS accepts the limit and ignores it


def _browser() -> str | None:
    """A Chromium of the system, or the one that Playwright brought."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    home = Path.home()
    default = {"darwin": home / "Library/Caches", "win32": home / "AppData/Local"}.get(sys.platform, home / ".cache")
    brought = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default / "ms-playwright")
    return next((str(path) for path in sorted(brought.glob("chromium*"))), None)


# --- versions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Requirement:
    """A package that paramlab's metadata asks for: `versions` as in `>=4.2,<5`, `extra` empty when always needed."""

    name: str
    versions: str = ""
    extra: str = ""


def requirements() -> list[Requirement]:
    """What the installed paramlab asks for; nothing when it is not installed."""
    try:
        lines = importlib.metadata.requires("paramlab") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [parse(line) for line in lines]


def parse(line: str) -> Requirement:
    """Read one line of metadata, such as `jupyterlab<5,>=4.2; extra == 'course'`.

    Not a general reader: it knows the lines that paramlab's own metadata has, without a library that may be missing.
    """
    wanted, _, marker = line.partition(";")
    name = re.match(r"[\w.-]+", wanted.strip())
    extra = re.search(r"""extra\s*==\s*['"]([\w-]+)['"]""", marker)
    versions = re.sub(r"^[\w.-]+\s*(\[[^]]*\])?|[()\s]", "", wanted.strip())
    return Requirement(name[0] if name else wanted, versions, extra[1] if extra else "")


COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def satisfies(version: str, versions: str) -> bool:
    """Whether `version` lies within `versions`, a list such as `>=4.2,<5`."""
    for clause in filter(None, versions.split(",")):
        sign = re.match(r"[<>=!]+", clause)
        if sign is None or sign[0] not in COMPARE:
            raise ValueError(f"cannot read the version {clause!r}")
        if not COMPARE[sign[0]](_release(version), _release(clause)):
            return False
    return True


def _release(version: str) -> tuple[int, ...]:
    """4.6 and 4.6.0 are one release, and a release candidate counts as its release."""
    numbers = re.search(r"\d+(\.\d+)*", version)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
