"""Secrets are where they belong: in nobody's table, log or list of processes."""

import json
import re
import signal
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlmodel import select

from service.access import senders
from service.access.proof import COOKIE
from service.db import Database
from service.models import MAIN, Person, Source, Token
from service.postgres import processes
from service.sealing import Seal
from tests.access import OURS, a_link, a_person, a_token, by, sign_in
from tests.cli import Koe

KEY = "canary: the key of all secrets, which is long"
PASSWORDS = [f"canary: the password of {number}" for number in range(4)]


def rows(db: Database) -> str:
    """Return every row of every table, as text."""
    with db.begin() as session:
        ask = session.connection().exec_driver_sql
        tables = ask("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").scalars()
        return "\n".join(
            str(ask(f"SELECT string_agg(t::text, E'\\n') FROM {table} AS t").scalar()) for table in tables
        )


def test_twenty_canaries_are_in_no_row_no_log_and_no_list_of_processes(
    koe: Koe, db: Database, tmp_path: Path
) -> None:
    """Every kind of secret is made and used, rightly and wrongly, against a server of its own."""
    for number, password in enumerate(PASSWORDS):
        a_person(db, f"p{number}@example.com", password=password)
    programs = [a_token(db, scope, name=f"{scope} program") for scope in ("read", "write", "admin")]
    guests = [a_person(db, f"guest{number}@example.com") for number in range(3)]
    links = [a_link(db, guest) for guest in guests]
    seal = Seal(KEY)
    with db.begin() as session:
        webhooks = [
            senders.secrets_of(
                seal,
                senders.add(
                    session,
                    seal,
                    MAIN,
                    f"s-{proof}",
                    kind="generic",
                    proof=proof,
                    settings={},
                    now=datetime.now(UTC),
                ),
            )[0]
            for proof in senders.PROOFS
        ]
    sessions: list[str | None] = []
    serving = koe.start("serve", "--json", KOE_PORT="0", KOE_SECRET_KEY=KEY)
    assert serving.stdout is not None
    address = json.loads(serving.stdout.readline())["url"]
    commands = ""
    for path in (*links, *[f"{link}0" for link in links]):
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            sessions += [client.get(path).cookies.get(COOKIE)]
    for number, password in enumerate(PASSWORDS):
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            assert sign_in(client, f"p{number}@example.com", f"{password}, but wrong").status_code == 422
            sessions += [sign_in(client, f"p{number}@example.com", password).cookies[COOKIE]]
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        for token in programs:
            for path in ("/api/v1/themes", "/themes", "/nowhere", f"/api/v1/themes?token={token}"):
                client.get(path, headers=by(token))
                client.get(path, headers=by(token[:-1]))
            client.post("/suggestions/x/dismiss", headers=by(token) | OURS, data={"reason": token})
        for proof, secret in zip(senders.PROOFS, webhooks, strict=True):
            in_address = f"/{secret}" if proof == "url" else ""
            client.post(f"/webhooks/s-{proof}{in_address}", headers=by(secret), json={"text": "hello"})
            client.post(f"/webhooks/s-{proof}/wrong", headers=by("wrong"), json={"text": "hello"})
        commands = " ".join(one.command for one in processes.running())
    serving.send_signal(signal.SIGTERM)
    out, err = serving.communicate()
    canaries = [KEY, *PASSWORDS, *[one for one in sessions if one], *webhooks]
    canaries += [token.rpartition("_")[2] for token in programs]
    canaries += [link.rpartition("/")[2] for link in links]
    assert len(canaries) >= 20
    kept = rows(db)
    assert "p0@example.com" in kept, "the rows are looked at"
    for place in (kept, out, err, commands):
        found = [one for one in canaries if one in place or one.encode().hex() in place]
        assert found == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [one for one in canaries for path in files if one.encode() in path.read_bytes()] == []


def test_what_is_kept_of_each_is_a_digest_a_hash_or_sealed(koe: Koe, db: Database) -> None:
    a_person(db, password=PASSWORDS[0])
    a_token(db)
    koe("source", "add", "generic", "tickets", KOE_SECRET_KEY=KEY)
    with db.begin() as session:
        assert re.fullmatch("[0-9a-f]{64}", session.exec(select(Token.secret_hash)).one())
        assert (session.exec(select(Person.password_hash)).one() or "").startswith("$argon2id$")
        sealed = session.exec(select(Source.sealed_secrets)).one()
        source_id = session.exec(select(Source.id)).one()
    assert sealed
    assert sealed[:1] == b"\x01"
    assert json.loads(Seal(KEY).open(sealed, f"source:{source_id}"))
