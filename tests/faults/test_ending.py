"""Told to stop, a command stops, whatever it is waiting for and however often it is told."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cli import ROOT
from tests.waiting import until

WAITS = """
import os, subprocess, sys, threading
from service.ending import stop_in_order
stop_in_order()
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
threading.Thread(target=child.wait, daemon=True).start()
try:
    print("waits", flush=True)
    sys.stdin.buffer.read(1)
finally:
    child.kill()
"""


def is_asleep(pid: int) -> bool:
    """Say whether a process waits for something."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return shown.stdout.startswith("S")


@pytest.mark.parametrize("attempt", range(8))
def test_two_signals_at_once_are_not_both_lost_on_another_thread(attempt: int) -> None:  # noqa: ARG001
    command = [sys.executable, "-c", WAITS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waits\n"
        until(lambda: is_asleep(waiting.pid))
        waiting.send_signal(signal.SIGTERM)
        waiting.send_signal(signal.SIGINT)
        try:
            assert waiting.wait(30) in (130, 143, -signal.SIGINT)  # the second may come when all is done
        finally:
            waiting.kill()
