"""The schedule of the threads, and the end of a run."""

from collections.abc import Iterator
from threading import Barrier, Event, current_thread, main_thread
from time import monotonic, sleep
from weakref import ref

import pytest

from stylize.engine import ThreadPool
from stylize.engine.thread_pool import Band, Job
from stylize.errors import OutOfTime

WAIT = 30
"""Seconds until a test that waits for a thread gives up."""


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    """Of one thread: what it does, it does in an order."""
    pool = ThreadPool(1)
    yield pool
    pool.close()


def job(name: str, done: list[str], stages: int = 2, bands: int = 2) -> Job[str]:
    """Tells when it starts, what it does and when it is closed."""
    done.append(f"{name} starts")
    try:
        for stage in range(stages):
            yield [band(f"{name} {stage}.{i}", done) for i in range(bands)]
    finally:
        done.append(f"{name} ends")


def band(name: str, done: list[str]) -> Band[str]:
    def work() -> str:
        done.append(name)
        return name

    return work


def test_an_earlier_job_goes_first(pool: ThreadPool) -> None:
    """A later job starts, and borrows, only when the thread has nothing more urgent to do."""
    done: list[str] = []
    results = list(pool.run([job("a", done), job("b", done)]))
    of_a, of_b = ([f"{name} starts", *(f"{name} {stage}.{i}" for stage in (0, 1) for i in (0, 1))] for name in "ab")
    assert done == [*of_a, "a ends", *of_b, "b ends"]
    assert results == [name for name in done if "." in name]


def test_a_stage_waits_for_the_one_before() -> None:
    """Bands of a stage run at the same time, and the next stage begins when all are done."""
    pool, meeting, done = ThreadPool(3), Barrier(3), list[str]()

    def meet() -> None:
        meeting.wait(WAIT)
        done.append("met")

    def stages() -> Job[str]:
        for _ in range(2):
            yield [meet] * 3
            done.append("resumed")

    assert list(pool.run([stages()])) == []
    assert done == (["met"] * 3 + ["resumed"]) * 2


def test_bands_run_on_the_threads_of_the_pool(pool: ThreadPool) -> None:
    """Bands and the starts of jobs run on the pool's threads; the caller's thread only waits."""
    threads = set()

    def stages() -> Job[str]:
        threads.add(current_thread())
        yield [lambda: threads.add(current_thread())]

    list(pool.run([stages()]))
    assert len(threads) == 1
    assert main_thread() not in threads


@pytest.mark.parametrize("where", ["start", "band"])
def test_the_first_exception_is_raised(pool: ThreadPool, where: str) -> None:
    """After an exception of a band or job no band begins, every job is closed, and the pool stays usable."""
    done: list[str] = []

    def fail() -> str:
        raise OSError("disk full")

    def broken() -> Job[str]:
        if where == "start":
            fail()
        yield [fail, band("never", done)]

    with pytest.raises(OSError, match="disk full"):
        list(pool.run([broken(), job("b", done)]))
    assert done == []
    assert list(pool.run([job("c", done, stages=1, bands=1)])) == ["c 0.0"]


def test_a_deadline_lets_begun_bands_end(pool: ThreadPool) -> None:
    """After the deadline OutOfTime is raised once begun bands have ended, and the job is closed."""
    begun, done = Event(), list[str]()

    def slow() -> str:
        begun.set()
        sleep(0.5)
        done.append("slow")
        return "slow"

    def stages() -> Job[str]:
        try:
            yield [slow, band("never", done)]
        finally:
            done.append("closed")

    with pytest.raises(OutOfTime, match="expected to have painted before the deadline, got too little time"):
        list(pool.run([stages()], monotonic() + 0.1))
    assert done == ["slow", "closed"] if begun.is_set() else done in ([], ["closed"])


def test_runs_take_turns(pool: ThreadPool) -> None:
    """Of several nested runs on one pool, each yields its own results."""
    done: list[str] = []
    outer = pool.run([job("outer", done)])
    assert next(outer) == "outer 0.0"
    assert list(pool.run([job("inner", done)])) == [f"inner {stage}.{i}" for stage in (0, 1) for i in (0, 1)]
    assert list(outer) == ["outer 0.1", "outer 1.0", "outer 1.1"]


def test_a_thread_that_waits_holds_nothing(pool: ThreadPool) -> None:
    """An idle thread keeps no reference to the buffers of a run that is over."""

    class Knowledge:
        def tell(self) -> str:
            return "told"

    def stages(band: Band[str]) -> Job[str]:
        yield [band]

    knowledge = Knowledge()
    known = ref(knowledge)
    assert list(pool.run([stages(knowledge.tell)])) == ["told"]
    del knowledge
    give_up = monotonic() + WAIT
    while known() and monotonic() < give_up:  # the thread may still be on its way back
        sleep(0.001)
    assert known() is None
