"""What keeps a graded program to itself: a root folder with nothing in it, another user, no network, limits.

``enclose`` is called once by a worker, ``confine`` by each process that runs a learner's code. What a system does
not have is left out, and ``Protection`` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..workshop.limits import CHECK_SECONDS, GIB
from .files import MB
from .syscalls import can_restrict, restrict

try:
    import pwd
    import resource
except ImportError:  # Windows
    pwd = resource = None  # type: ignore[assignment]

HOME_BYTES = 32 * MB
CPU_SECONDS = int(CHECK_SECONDS) + 3
WALL_SECONDS = CHECK_SECONDS + 6  # a program that neither ends nor computes
DYNAMIC_USERS = range(61184, 65520)  # numbers that systemd keeps for users made on the spot

_NEW_NAMESPACE, _NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000
_PRIVATE, _DETACH = 0x40000 | 0x4000, 2  # MS_PRIVATE | MS_REC, MNT_DETACH
_NOSUID_NODEV_NOEXEC = 2 | 4 | 8
_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38


@dataclass
class Protection:
    """What protects the grader's machine from what it grades, and what does not."""

    limits: bool = False
    other_user: bool = False
    empty_root: bool = False
    bounded_disk: bool = False
    no_network: bool = False
    system_calls: bool = False

    @property
    def no_files(self) -> bool:
        """Whether files are out of reach: out of sight, or refused by the kernel."""
        return self.empty_root or self.system_calls

    def sentences(self) -> list[str]:
        """Say it, a sentence for each."""
        mark = {True: "yes", False: "NO "}
        said = [
            (True, "a process of its own for each exercise, its input closed, no secrets in its environment"),
            (self.limits, "limits on time, memory, file size, processes and output"),
            (self.no_files, "no file of this machine can be read or written"),
            (
                self.bounded_disk or (self.no_files and not self.empty_root),
                f"files of its own take {HOME_BYTES // MB} MB of memory at most",
            ),
            (self.other_user, "another user than yours"),
            (self.no_network or self.system_calls, "no network"),
            (self.system_calls, "the kernel refuses sockets, programs, further processes and signals to others"),
        ]
        lines = [f"  {mark[there]}  {words}" for there, words in said]
        if not self.no_files:
            lines.append(
                "  A submission can read your files and the package's own source here. Grade on Linux to stop it."
            )
        if not (self.other_user or self.system_calls):
            lines.append("  A submission can end your programs and change your files here. Grade in a container.")
        return lines

    def as_data(self) -> dict[str, bool]:
        """Return it as plain data."""
        return asdict(self)


class Enclosure:
    """A worker's place: its root folder, an empty one that its starter takes away, and who its programs run as."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.protection = Protection(limits=resource is not None, system_calls=can_restrict() and _filter_works())
        self.user: int | None = None
        self.nowhere = os.open(os.devnull, os.O_RDWR)
        self._address_space = _address_space_and_a_gigabyte()
        self._mounts = False
        self._count = 0

    def enclose(self) -> None:
        """Leave the network and the files behind, where the system lets this process. Everything is imported by now."""
        if sys.platform != "linux":
            return
        if os.geteuid() == 0:
            self.user = _unused_user()
            self.protection.other_user = True
        else:
            _become_root_of_own_namespace()
        _prctl(_SET_DUMPABLE, 0)  # nobody looks into this process's memory; not earlier, /proc/self is root's then
        self.protection.no_network = _unshare(_NEW_NETWORK)
        _unshare(_NEW_IPC)
        self._mounts = _unshare(_NEW_NAMESPACE) and _mount(None, "/", None, _PRIVATE)
        self.protection.bounded_disk = self._mounts
        with contextlib.suppress(OSError):
            self.root.chmod(0o711)
            os.chroot(self.root)
            os.chdir("/")
            self.root = Path("/")
            self.protection.empty_root = True

    @contextlib.contextmanager
    def home(self) -> Iterator[Path]:
        """Give a program an empty folder, and take it away afterwards with all that is in it."""
        self._count += 1
        folder = self.root / f"home-{self._count}"
        folder.mkdir(mode=0o700)
        options = f"size={HOME_BYTES},nr_inodes=1000,mode=700"
        mounted = self._mounts and _mount("tmpfs", str(folder), options, _NOSUID_NODEV_NOEXEC)
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        try:
            yield folder
        finally:
            if mounted:
                _libc().umount2(str(folder).encode(), _DETACH)
            shutil.rmtree(folder, ignore_errors=True)

    def confine(self, home: Path) -> None:
        """Give up, for good, all that the learner's code that runs from here on has no need of."""
        os.setsid()
        os.chdir(home)
        os.environ.clear()
        if self.protection.empty_root:
            os.chroot(".")
            os.chdir("/")
        os.environ.update(HOME=str(Path.cwd()), TMPDIR=str(Path.cwd()), PATH="")
        tempfile.tempdir = None
        os.umask(0o077)
        if resource is not None:
            _limit(self._address_space)
        if self.user is not None:
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)
        if sys.platform == "linux":
            _prctl(_SET_PARENT_DEATH_SIGNAL, 9)
            _prctl(_SET_NO_NEW_PRIVS, 1)
            _drop_capabilities()
        if self.protection.system_calls:
            restrict(files=self.protection.empty_root)


# ------------------------------------------------------------------ the system's own


def _address_space_and_a_gigabyte() -> int | None:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize() + GIB


def _limit(address_space: int | None) -> None:
    wanted = {
        "RLIMIT_CPU": CPU_SECONDS,
        "RLIMIT_AS": address_space,
        "RLIMIT_FSIZE": HOME_BYTES,
        "RLIMIT_NPROC": 0,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in wanted.items():
        if value is not None and hasattr(resource, name):
            with contextlib.suppress(OSError, ValueError):  # macOS knows some of the names and keeps none of them
                gap = name == "RLIMIT_CPU"  # the soft one ends it in a way that can be told
                resource.setrlimit(getattr(resource, name), (value, value + gap))


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    none = ctypes.c_ulong(0)
    _libc().prctl(option, ctypes.c_ulong(value), none, none, none)


def _unshare(what: int) -> bool:
    return bool(_libc().unshare(what) == 0)


def _mount(kind: str | None, place: str, options: str | None, flags: int) -> bool:
    source, data = (text.encode() if text else None for text in (kind, options))
    return bool(_libc().mount(source, place.encode(), source, ctypes.c_ulong(flags), data) == 0)


def _unused_user() -> int:
    """Return the number of a user that there is not, so that no other program runs as it."""
    taken = {user.pw_uid for user in pwd.getpwall()}
    return secrets.choice([number for number in DYNAMIC_USERS if number not in taken])


def _become_root_of_own_namespace() -> None:
    """Take, without being root, the powers to leave files and network behind; nothing else comes with them."""
    user, group = os.geteuid(), os.getegid()
    if not _unshare(_NEW_USER):
        return
    for name, content in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with contextlib.suppress(OSError):
            Path(f"/proc/self/{name}").write_text(content)


def _drop_capabilities() -> None:
    header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
    _libc().capset(header, struct.pack("6I", *[0] * 6))


def _filter_works() -> bool:
    """Try the filter of system calls in a process that is given up for it."""
    child = os.fork()
    if child == 0:
        try:
            restrict()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
