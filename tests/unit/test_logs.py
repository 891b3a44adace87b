"""The logs of processes that stay: lines that programs read, and in none of them what a customer said."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.cli import ROOT

SAID = "what a customer said"

PROGRAM = f"""
import asyncio, gc, logging, threading, warnings
import structlog
from service.errors import Unavailable
from service.logs import logged_as

def fail():
    try:
        {{}}["{SAID}"]
    except KeyError as error:
        raise ValueError("{SAID}") from error

async def forgets():
    async def fails():
        fail()
    task = asyncio.create_task(fails())
    await asyncio.sleep(0.01)

with logged_as("web") as log:
    log.info("one", source="desk\\x1b[2J")
    logging.getLogger("service.somewhere").info("of %s", "ours")
    logging.getLogger("httpx").info("HTTP Request: GET https://example.com/?token=secret")
    crash = ValueError("{SAID}")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\\n{SAID}", exc_info=crash)
    try:
        fail()
    except ValueError:
        log.exception("two")
    asyncio.run(forgets())
    gc.collect()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        with logged_as("web"):
            fail()
    except ValueError:
        pass
    try:
        with logged_as("web"):
            raise Unavailable("a reason")
    except Unavailable:
        pass
"""


def run(stderr: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stderr=stderr,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )


@pytest.fixture(scope="module")
def told() -> str:
    """What is logged where nobody watches."""
    out, err = run(subprocess.PIPE).communicate()
    assert out == ""
    return err


def test_where_nobody_watches_each_line_is_json_that_names_its_process_and_its_moment(told: str) -> None:
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["event"] for line in lines] == [
        "one",
        "of ours",
        "Exception in ASGI application",
        "two",
        "Task exception was never retrieved",
        "a thread crashed",
        "crashed",
    ]
    assert {line["process"] for line in lines} == {"web"}
    assert all({"at", "level", "logger", "pid"} <= line.keys() for line in lines)


def test_a_crash_is_told_by_names_and_places_and_not_in_anybodys_words(told: str) -> None:
    assert SAID not in told
    assert "secret" not in told
    crash = next(json.loads(line)["crash"] for line in told.splitlines() if '"two"' in line)
    assert [line for line in crash if not line.startswith(" ")] == ["KeyError", "ValueError"]
    assert crash[-1].endswith(" fail")


def test_at_a_terminal_people_can_read_it_and_nothing_steers_it() -> None:
    ours, theirs = pty.openpty()
    with run(theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how a terminal ends
            pass
        process.wait()
    os.close(ours)
    assert b'"event"' not in shown
    assert b"one" in shown
    assert b"\x1b[2J" not in shown
    assert SAID.encode() not in shown
