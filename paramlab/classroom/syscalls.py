"""What a graded program may ask of Linux: a list of system calls, enforced by the kernel (seccomp).

Allowed is what arithmetic in NumPy and files in an own folder need. There is no way to open a socket, start a
program or a process, signal or trace another one. Anything else is answered with "not permitted".
"""

from __future__ import annotations

import ctypes
import platform
import struct

# name: its number on x86-64 and on ARM; -1 where there is none
# Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "open": (2, -1),
    "close": (3, 57),
    "stat": (4, -1),
    "fstat": (5, 80),
    "lstat": (6, -1),
    "poll": (7, -1),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "access": (21, -1),
    "pipe": (22, -1),
    "select": (23, -1),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "dup2": (33, -1),
    "nanosleep": (35, 101),
    "getitimer": (36, 102),
    "setitimer": (38, 103),
    "getpid": (39, 172),
    "exit": (60, 93),
    "uname": (63, 160),
    "fsync": (74, 82),
    "ftruncate": (77, 46),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "rename": (82, -1),
    "mkdir": (83, -1),
    "rmdir": (84, -1),
    "unlink": (87, -1),
    "readlink": (89, -1),
    "gettimeofday": (96, 169),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "getppid": (110, 173),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "getdents64": (217, 61),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "mkdirat": (258, 34),
    "newfstatat": (262, 79),
    "unlinkat": (263, 35),
    "renameat": (264, 38),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "pselect6": (270, 72),
    "ppoll": (271, 73),
    "dup3": (292, 24),
    "pipe2": (293, 59),
    "getrandom": (318, 278),
    "statx": (332, 291),
    "rseq": (334, 293),
    "faccessat2": (439, 439),
}
# Where a program's files can't be put out of sight, it opens, makes and removes none.
FILES = ("open", "openat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "chdir")
# These are allowed only with an argument of these values: (number, number), which argument, its values.
RESTRICTED = (
    ((72, 25), 1, (0, 1, 2, 3, 4, 1030)),  # fcntl: duplicates and flags; not F_SETOWN, which sends signals
    ((16, 29), 1, (0x5401, 0x5450, 0x5451)),  # ioctl: is it a terminal, and close on exec
    ((302, 261), 0, (0,)),  # prlimit64: of itself
)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Berkeley packet filter, linux/bpf_common.h and linux/seccomp.h
_LOAD, _JUMP_IF, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOT_PERMITTED, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they stand in struct seccomp_data
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _step(code: int, value: int, if_equal: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_equal, if_not, value)


def filter_for(machine: str, *, files: bool = True) -> bytes:
    """Return the filter for a machine of ``MACHINES``, in the kernel's own language."""
    column, architecture = MACHINES[machine]
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_JUMP_IF, architecture, 1, 0), _step(_RETURN, _KILL)]
    steps.append(_step(_LOAD, _NUMBER))
    for name, numbers in ALLOWED.items():
        if numbers[column] >= 0 and (files or name not in FILES):
            steps += [_step(_JUMP_IF, numbers[column], 0, 1), _step(_RETURN, _ALLOW)]
    for numbers, argument, values in RESTRICTED:
        tests = [step for value in values for step in (_step(_JUMP_IF, value, 0, 1), _step(_RETURN, _ALLOW))]
        steps.append(_step(_JUMP_IF, numbers[column], 0, len(tests) + 2))
        # the lower half of the argument: the calls here take an int
        steps += [_step(_LOAD, _ARGUMENTS + 8 * argument), *tests, _step(_RETURN, _NOT_PERMITTED)]
    steps.append(_step(_RETURN, _NOT_PERMITTED))
    return b"".join(steps)


def can_restrict() -> bool:
    """Return whether there is a filter for this machine; whether the kernel takes it, ``restrict`` tells."""
    return platform.system() == "Linux" and platform.machine() in MACHINES and struct.calcsize("P") == 8


def restrict(*, files: bool = True) -> None:
    """Have the kernel refuse this process everything but the list, for good; ``OSError`` if it does not take it.

    ``files`` says whether it may open any.
    """
    steps = filter_for(platform.machine(), files=files)
    buffer = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    if libc.prctl(_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none) or libc.prctl(
        _SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), none, none
    ):
        number = ctypes.get_errno()
        raise OSError(number, "the kernel takes no filter of system calls")
