"""The imports and threads of a cold start, in a process of its own."""

import os
import subprocess
import sys


def cold_start(look):
    """What `look` prints after a cold start."""
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", f"import os, sys, threading, stylize.handler; {look}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=env).stdout.split()


def test_a_cold_start_waits_for_no_door(deployment):
    """A door's modules are imported with its first event, not at the cold start."""
    assert cold_start("print(*[m for m in sys.modules if m.startswith('stylize.doors.')])") == ["stylize.doors.events"]


def test_no_library_starts_threads(deployment):
    """Only the main thread and those of the thread pool run after a cold start."""
    native, python = cold_start("print(len(os.listdir('/proc/self/task')), threading.active_count())")
    assert native == python == str(1 + deployment.studio.vcpus)
