"""The settings: `KOE_*` variables or a `.env` file, read once by a composition root."""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_home() -> Path:
    """Return the platform's user data folder; for root `/var/lib/koe`."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/koe")
    return user_data_path("koe")


class Settings(BaseSettings):
    """Everything that can be set from outside; README.md explains each."""

    model_config = SettingsConfigDict(
        env_prefix="KOE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(default_factory=default_home)
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0 lets the system choose a free one."""
    public_url: str | None = None
    timezone: str = "Asia/Tokyo"
    secret_key: SecretStr | None = None
    """Encrypts the secrets of connections; unset, a key in a file of `home` does."""
    private_hosts: str = ""
    """Host names, addresses and networks that connectors may reach though they are private, with commas."""
    organisation: str = "main"
    """Whose data the command line works with."""
    embedder: str = "default"
    """`default`, or the name or the folder of any sentence-transformers model."""
    embeddings_url: str | None = None
    """An OpenAI-compatible `/v1/embeddings` that reads texts instead of a model on this machine."""
    embeddings_model: str | None = None
    """What that server calls the model."""
    embeddings_key: SecretStr | None = None
    llm_url: str | None = None
    """An OpenAI-compatible `/v1` whose language model puts titles and drafts into better words."""
    llm_model: str | None = None
    """What that server calls the model."""
    llm_key: SecretStr | None = None
    upload_mb: int = Field(default=100, ge=1, le=2_000)
    """Megabytes of a file that people give to the pages."""
    smtp_url: SecretStr | None = None
    """The mail server that takes the weekly digest, with its credentials; unset, no mail is sent."""
    smtp_from: str | None = None
    """Whom these mails are from."""
    digest_day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = (
        "monday"
    )
    """On which the digest goes out, in each organisation's time zone …"""
    digest_hour: int = Field(default=8, ge=0, le=23)
    """… and at which hour."""
    clusterer: str = "default"
    false_alarms: float = Field(default=0.5, ge=0, le=100)
    """How many alarms may come in four weeks, over all themes, where nothing happens; 0 raises none."""

    oidc_issuer: str | None = None
    """The address of the OpenID Connect provider that people may sign in with."""
    oidc_client_id: str | None = None
    """What that provider calls Koe."""
    oidc_client_secret: SecretStr | None = None
    oidc_domains: str = ""
    """Domains of e-mail addresses that come in by the provider, with commas; empty for any."""
    oidc_roles: str = ""
    """Which group of the provider gives which role, such as `koe-admins=admin, support=writer`."""
    oidc_trust_email: bool = False
    """True where the provider never says whether it verified an address, and has."""

    @field_validator("home")
    @classmethod
    def _from_the_root(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value} is no time zone; write it like Asia/Tokyo") from error
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)
