"""The system calls that a submission may make, and their numbers on x86_64 and aarch64. Everything else is refused.

What is missing is missing on purpose: new processes and programs (fork, vfork, clone3, execve), sockets, tracing, signals to others,
mounts and namespaces, memory that no limit counts (memfd_create, shmget), and whatever changes files without opening them
(chmod, chown, utimensat, truncate, setxattr), which Landlock would let through. `clone`, `kill`, `tgkill`, `prctl`, `ioctl`, `fcntl` and
`prlimit64` are allowed with some arguments only; seccomp.py says which.
"""

from __future__ import annotations

# name, number on x86_64, number on aarch64 (which never had some of the older calls)
_TABLE = """
read 0 63, write 1 64, open 2 -, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, poll 7 -, lseek 8 62, mmap 9 222,
mprotect 10 226, munmap 11 215, brk 12 214, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, ioctl 16 29,
pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, preadv 295 69, pwritev 296 70, preadv2 327 286, pwritev2 328 287,
access 21 -, pipe 22 -, pipe2 293 59, select 23 -, pselect6 270 72, sched_yield 24 124, mremap 25 216, msync 26 227,
mincore 27 232, madvise 28 233, dup 32 23, dup2 33 -, dup3 292 24, pause 34 -, nanosleep 35 101, clock_nanosleep 230 115,
getitimer 36 102, setitimer 38 103, alarm 37 -, getpid 39 172, gettid 186 178, getppid 110 173, clone 56 220, exit 60 93,
exit_group 231 94, uname 63 160, fcntl 72 25, flock 73 32, fsync 74 82, fdatasync 75 83, ftruncate 77 46, getdents 78 -,
getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38, renameat2 316 276, mkdir 83 -,
mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, symlink 88 -, symlinkat 266 36, link 86 -, linkat 265 37,
readlink 89 -, readlinkat 267 78, umask 95 166, gettimeofday 96 169, time 201 -, times 100 153, getrlimit 97 163,
getrusage 98 165, sysinfo 99 179, getuid 102 174, getgid 104 176, geteuid 107 175, getegid 108 177, getresuid 118 148,
getresgid 120 150, getpgid 121 155, getpgrp 111 -, getsid 124 156, getgroups 115 158, rt_sigpending 127 136,
rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, statfs 137 43, fstatfs 138 44, getpriority 140 141,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126,
mlock 149 228, munlock 150 229, arch_prctl 158 -, prctl 157 167, futex 202 98, futex_waitv 449 449,
sched_getaffinity 204 123, epoll_create 213 -, epoll_create1 291 20, epoll_wait 232 -, epoll_pwait 281 22, epoll_ctl 233 21,
set_tid_address 218 96, restart_syscall 219 128, fadvise64 221 223, clock_gettime 228 113, clock_getres 229 114,
tgkill 234 131, kill 62 129, openat 257 56, newfstatat 262 79, faccessat 269 48, faccessat2 439 439, ppoll 271 73,
set_robust_list 273 99, get_robust_list 274 100, eventfd 284 -, eventfd2 290 19, fallocate 285 47, prlimit64 302 261,
getcpu 309 168, getrandom 318 278, membarrier 324 283, mlock2 325 284, copy_file_range 326 285, sendfile 40 71,
pkey_mprotect 329 288, pkey_alloc 330 289, pkey_free 331 290, statx 332 291, rseq 334 293, close_range 436 436,
openat2 437 437, get_mempolicy 239 236, capget 125 90, wait4 61 260, waitid 247 95
"""

# The value of the kernel's AUDIT_ARCH_* and the column of the table.
ARCHITECTURES = {"x86_64": (0xC000003E, 1), "aarch64": (0xC00000B7, 2)}
# Calls younger than this do not exist for the submission (ENOSYS), so that libraries fall back on older ones; older ones are refused (EPERM).
CLONE3 = 435


def numbers(machine: str) -> dict[str, int]:
    """Name to number of every call that is allowed on the machine. Raises KeyError for an architecture that has no column."""
    column = ARCHITECTURES[machine][1]
    rows = (entry.split() for entry in _TABLE.replace("\n", " ").split(","))
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
