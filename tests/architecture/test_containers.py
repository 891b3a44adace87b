"""What Dockerfile and compose.yaml ask for exists, and asks for no more than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from service.cli import app
from service.config import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SETTINGS = {f"KOE_{name.upper()}" for name in Settings.model_fields}
OURS = ("web", "worker")


def instructions(name: str) -> list[str]:
    """Return what follows an instruction of the Dockerfile, wherever it stands."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)


def test_the_image_runs_as_a_user_of_its_own_and_says_how_it_is() -> None:
    assert instructions("USER") == ["koe"]
    assert len(instructions("HEALTHCHECK")) == 1
    after = DOCKERFILE.partition("\nUSER koe\n")[2]
    assert "RUN make setup\n" in after
    assert instructions("RUN")[1:] == ["make setup"]


def test_no_secret_is_in_either_file() -> None:
    environment = [value for name in COMPOSE["services"] for value in _environment(name).items()]
    secret = {name: value for name, value in environment if "SECRET" in name or "PASSWORD" in name}
    assert secret
    from_outside = re.compile(r"\$\{\w+:(?:\?[^}]+|-)\}")  # asked for, or left empty
    assert [name for name, value in secret.items() if not from_outside.fullmatch(value)] == []
    assert not any("SECRET" in line or "PASSWORD" in line for line in instructions("ENV"))


def test_every_setting_that_is_named_exists() -> None:
    named = {name for service in OURS for name in _environment(service)}
    named |= set(re.findall(r"KOE_\w+(?==)", " ".join(instructions("ENV"))))
    assert named
    assert named - SETTINGS == set()


@pytest.mark.parametrize("service", OURS)
def test_whatever_can_be_set_reaches_the_containers(service: str) -> None:
    chosen = SETTINGS - {"KOE_HOME", "KOE_HOST", "KOE_PORT", "KOE_ORGANISATION"}
    assert chosen - set(_environment(service)) == set(), "the image or the command line says the others"


@pytest.mark.parametrize("service", OURS)
def test_web_and_worker_share_a_database_that_is_not_koes_own(service: str) -> None:
    assert "@db/" in _environment(service)["KOE_DATABASE_URL"]
    assert "KOE_SECRET_KEY" in _environment(service)
    assert COMPOSE["services"][service]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_the_database_has_pgvector_and_keeps_its_rows() -> None:
    db = COMPOSE["services"]["db"]
    assert db["image"].startswith("pgvector/pgvector:pg")
    assert {volume.partition(":")[0] for volume in db["volumes"]} <= set(COMPOSE["volumes"])


def test_web_and_worker_see_the_same_folder_of_state() -> None:
    (folder,) = instructions("VOLUME")
    assert [COMPOSE["services"][service]["volumes"] for service in OURS] == [[f"state:{folder}"]] * 2
    assert "state" in COMPOSE["volumes"]


def test_the_commands_exist() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    asked = {COMPOSE["services"][service]["command"].split()[0] for service in OURS}
    asked |= set(re.findall(r'"(\w+)"', instructions("CMD")[0]))
    assert asked <= known


def _environment(service: str) -> dict[str, str]:
    found: dict[str, str] = COMPOSE["services"][service]["environment"]
    return found
