"""Settings: environment variables `BILLWATCH_*` over `billwatch.toml` in the home folder over defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from tracker.errors import ConfigError


def home_folder() -> Path:
    """`BILLWATCH_HOME`, else the XDG data folder of this user."""
    chosen = os.environ.get("BILLWATCH_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("billwatch"))


class Settings(BaseSettings):
    """One flat table; every name is also an environment variable, e.g. ``BILLWATCH_SMTP_HOST``."""

    model_config = SettingsConfigDict(env_prefix="BILLWATCH_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=home_folder, description="Where everything lives: database, archive, keys")
    database: str = Field("", description="SQLAlchemy address; empty: SQLite file in the home folder")
    base_url: str = Field("http://127.0.0.1:8080", description="How readers reach this site")
    site_name: str = Field("billwatch", description="Shown on pages and in the From line: keep it neutral")
    contact: str = Field("", description="Mail address or page for site owners; crawling needs it")
    tag_authority: str = Field("", description="Domain in feed entry ids; empty: the host of base_url. Never change it")
    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: int = Field(8080, ge=0, le=65535, description="Port the web server listens on; 0: any free one")
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        ("us",), description='Legislatures to crawl while serving; "legiscan" or "openstates": all that it reads')
    crawl_every_minutes: int | None = Field(
        None, ge=10, description="Pause between crawls of one source; unset: each legislature's own cadence")
    witnesses: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Aggregators to compare our own reading with, as us-wa:legiscan; empty: nobody is asked")
    source_keys: dict[str, SecretStr] = Field(
        {}, description='Your own keys, of a source or a platform, as {"us-ny": "...", "legiscan": "..."}; or each as '
                        'BILLWATCH_KEY_US_NY, BILLWATCH_KEY_LEGISCAN')
    crawl_base_url: str = Field("", description="Crawl a mirror instead of the legislature's own site")
    crawl_delay: float | None = Field(None, ge=0, description="Seconds between requests to one host")
    mail: Literal["off", "smtp", "folder"] = Field(
        "off", description='Where messages go; "folder" keeps them in plain words and is for trying things out')
    mail_from: str = Field("billwatch@localhost", description="Sender address of messages")
    smtp_host: str = Field("localhost", description="Mail server")
    smtp_port: int = Field(587, description="Port of the mail server")
    smtp_user: str = Field("", description="User name at the mail server; empty: none")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    smtp_security: Literal["starttls", "tls", "opportunistic", "off"] = Field(
        "starttls", description="Encryption on the way to the mail server")
    smtp_connections: int = Field(2, ge=1, le=16, description="Connections to the mail server at once")
    smtp_per_connection: int = Field(100, ge=1, description="Messages over one connection, then a new one")
    mail_domain_per_minute: int = Field(
        300, ge=0, description="Messages a minute to addresses of one domain; 0: as fast as the mail server takes them")
    bounce_address: str = Field(
        "", description="Address that bounces come back to, +token is added to its name; empty: they go to mail_from")
    bounce_soft_limit: int = Field(5, ge=1, description="Soft bounces after which an address is left alone for a while")
    bounce_soft_days: int = Field(14, ge=1, description="Days within which they count, and for which it is left alone")
    websub_hub: str = Field("", description="WebSub hub to tell of news in the feeds; empty: none")
    webhook_private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts of your own network that webhooks (and the hub) may reach; all others must be public")
    stale_after_hours: int | None = Field(
        None, ge=1, description="Hours without a good crawl until a source is called stale; unset: by its cadence")
    api_per_minute: int = Field(300, ge=1, description="Requests to the API a minute of one network without a key")
    api_per_minute_with_key: int = Field(3000, ge=1, description="Requests to the API a minute of one key")
    operator: str = Field("", description="Mail address that hears of sources that cannot be read; empty: nobody does")

    @field_validator("home", mode="before")
    @classmethod
    def _home(cls, value: object) -> object:
        """An empty value means the default; ~ is the user's home."""
        return Path(str(value)).expanduser() if str(value) else home_folder()

    @field_validator("sources", "witnesses", "webhook_private_hosts", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        """`us, us-wa` in the environment, a list in the file."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("witnesses")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := next((v for v in value if not re.fullmatch(r"us-[a-z]{2}:(?:legiscan|openstates)", v)), None):
            raise ValueError(f"expected pairs like us-wa:legiscan or us-ny:openstates, got {wrong!r}")
        return value

    @field_validator("base_url", "crawl_base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"expected an address that starts with http:// or https://, got {value!r}")
        if re.search(r"[?#\s]", value):
            raise ValueError("expected an address without blanks, ? and #")
        return value.rstrip("/")

    @field_validator("websub_hub")
    @classmethod
    def _hub(cls, value: str) -> str:
        """To the letter: hubs compare addresses as they stand."""
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"expected an address that starts with http:// or https://, got {value!r}")
        return value

    @field_validator("mail_from", "contact", "site_name")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if "\n" in value or "\r" in value:
            raise ValueError("must be one line")
        return value

    @field_validator("site_name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty: it is the name on pages and in From")
        return value

    @field_validator("tag_authority")
    @classmethod
    def _authority(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?:,\d{4}(?:-\d\d){0,2})?", value):
            raise ValueError("expected a domain like example.org, or domain and date like example.org,2026")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        """`Name <address>` or an address; empty: noreply at our domain."""
        if value:
            _addr_spec(parseaddr(value)[1])
        return value

    @field_validator("operator", "bounce_address")
    @classmethod
    def _address(cls, value: str) -> str:
        return _addr_spec(value) if value else value

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = home_folder() / "billwatch.toml"
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'billwatch.db'}"

    @property
    def archive(self) -> Path:
        """Folder of runs: one folder a crawl, with its WARC and its spool."""
        return self.home / "archive"

    @property
    def certificates(self) -> Path:
        """Folder of intermediate certificates that sites forget to send; see spiders/trust.py."""
        return self.home / "certificates"

    @property
    def key_file(self) -> Path:
        return self.home / "keys.json"

    @property
    def exports(self) -> Path:
        """Folder of nightly exports; `current` in it leads to the newest."""
        return self.home / "exports"

    @property
    def outbox_folder(self) -> Path:
        return self.home / "mail"


def load_settings(**overrides: Any) -> Settings:
    """Raises ConfigError that names each wrong setting."""
    try:
        return Settings(**overrides)
    except ValidationError as problem:
        lines = [f"setting {'.'.join(map(str, e['loc'])) or '?'}: {_in_words(e['type'], e['msg'], e['loc'])}"
                 for e in problem.errors()]
        raise ConfigError("; ".join(lines)) from None
    except SettingsError as problem:  # says the field, and never the value: that may be a key
        field = re.search(r'field "(\w+)"', str(problem))
        raise ConfigError(f"setting {field[1] if field else '?'}: expected JSON") from None
    except ValueError as problem:  # a torn TOML file
        raise ConfigError(f"{home_folder() / 'billwatch.toml'} cannot be read: {problem}") from None


def unknown_variables(names: Iterable[str]) -> tuple[str, ...]:
    """Variables that look like settings of ours and are none, each with what was probably meant."""
    known = [f"BILLWATCH_{name.upper()}" for name in Settings.model_fields]
    strange = sorted(n for n in names if n.startswith("BILLWATCH_") and n not in known
                     and not n.startswith("BILLWATCH_KEY_"))
    return tuple(n + "".join(f" (did you mean {near}?)" for near in get_close_matches(n, known, 1)) for n in strange)


def _addr_spec(value: str) -> str:
    try:
        if (address := Address(addr_spec=value)).username and address.domain:
            return address.addr_spec
    except (ValueError, IndexError, HeaderParseError):
        pass
    raise ValueError("expected one mail address like name@example.org")


def _in_words(kind: str, message: str, place: tuple[int | str, ...]) -> str:
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[0]), Settings.model_fields, 1)
        return "there is no such setting" + "".join(f"; did you mean {name}?" for name in near)
    return message.removeprefix("Value error, ")
