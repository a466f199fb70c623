"""nnrun under a disk that fails, or that tells in which order it was asked (faults.cpp)."""
import unittest

from nnrun_cli import NNRUN, environment

LIBRARY = NNRUN.parent.parent / "lib/libnnrun_test_faults.so"


def disk(**settings):
    """The environment of an nnrun with that disk: NO_RENAME, WHILE, NO_FSYNC or LOG, as in faults.cpp."""
    if not LIBRARY.exists():
        raise unittest.SkipTest("nnrun_test_faults was not built")
    return environment(LD_PRELOAD=str(LIBRARY), ASAN_OPTIONS="verify_asan_link_order=0",
                       **{f"NNRUN_TEST_{name}": str(value) for name, value in settings.items()})


def durable_files(log, until):
    """The files whose bytes were on disk, by the disk's log, when one called `until` got its name."""
    synced = set()
    for line in log.read_text().splitlines():
        what, *paths = line.split("\t")
        if what == "fsync":
            synced.add(paths[0])
        elif paths[1].endswith("/" + until):
            return synced
        else:
            (synced.add if paths[0] in synced else synced.discard)(paths[1])
    raise AssertionError(f"{until} was not written")
