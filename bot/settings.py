"""Settings: from the environment or a `.env` file; the table in the README is generated from this one."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its default and what it means; a secret one is never printed."""

    name: str
    default: str
    means: str
    secret: bool = False


DATABASE_URL = Setting(
    "TALANOA_DATABASE_URL",
    "sqlite+aiosqlite:///talanoa.db",
    "the embedded store; `postgresql+asyncpg://…` for production",
)
SECRET_KEY = Setting(
    "TALANOA_SECRET_KEY",
    "",
    "encrypts addresses, keys their hashes, signs links; made on first use beside SQLite, required on PostgreSQL",
    secret=True,
)
TELEGRAM_TOKEN = Setting("TALANOA_TELEGRAM_TOKEN", "", "the bot's token", secret=True)
TELEGRAM_API_URL = Setting(
    "TALANOA_TELEGRAM_API_URL",
    "",
    "another Bot API server than Telegram's own: `<url>/bot<token>/<method>`",
)
PUBLIC_URL = Setting("TALANOA_PUBLIC_URL", "", "where the world reaches this program")
WEBHOOK_SECRET = Setting(
    "TALANOA_WEBHOOK_SECRET", "", "what the webhook's secret header must hold", secret=True
)
FILES = Setting(
    "TALANOA_FILES",
    "",
    "where files that people send are kept: a folder or `s3://BUCKET/PREFIX`; unset, the folder `….files` beside an "
    "SQLite file, else `talanoa-files`",
)
FILE_LIMIT = Setting(
    "TALANOA_FILE_LIMIT", "20", "how large a file may be, in MB; Telegram hands over no more than 20"
)
CLAMD = Setting(
    "TALANOA_CLAMD", "", "where ClamAV's clamd looks for viruses: `HOST:PORT`, or the path of its socket"
)
S3_ACCESS_KEY = Setting(
    "AWS_ACCESS_KEY_ID", "", "S3: the name of the key; unset, what the machine's role allows"
)
S3_SECRET_KEY = Setting("AWS_SECRET_ACCESS_KEY", "", "S3: the key", secret=True)
S3_REGION = Setting("AWS_REGION", "", "S3: where the bucket is, such as `eu-west-1`")
S3_ENDPOINT = Setting(
    "AWS_ENDPOINT_URL", "", "S3: another server than Amazon's, such as MinIO's or Cloudflare's"
)

SETTINGS = (
    DATABASE_URL,
    SECRET_KEY,
    TELEGRAM_TOKEN,
    TELEGRAM_API_URL,
    PUBLIC_URL,
    WEBHOOK_SECRET,
    FILES,
    FILE_LIMIT,
    CLAMD,
    S3_ACCESS_KEY,
    S3_SECRET_KEY,
    S3_REGION,
    S3_ENDPOINT,
)
SHORTEST_SECRET = 16
MEGABYTE = 1024 * 1024
LARGEST_FILE_LIMIT = 100
"""In MB: a file is in memory while it is looked through and sealed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, and where each came from."""

    values: Mapping[str, str]
    origins: Mapping[str, str]

    def __getitem__(self, setting: Setting) -> str:
        return self.values[setting.name]

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file; `None` when it is not SQLite or is in memory."""
        scheme, _, path = self[DATABASE_URL].partition(":///")
        return Path(path) if scheme.startswith("sqlite") and path and path != ":memory:" else None


def load(environment: Mapping[str, str], env_file: Path, database_url: str | None = None) -> Settings:
    """The settings from the command line, the environment, the `.env` file and the defaults, in that order."""
    from_file = (
        {name: value or "" for name, value in dotenv_values(env_file).items()} if env_file.is_file() else {}
    )
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        name = setting.name
        if setting is DATABASE_URL and database_url:
            values[name], origins[name] = database_url, "--db"
        elif environment.get(name):
            values[name], origins[name] = environment[name], "environment"
        elif from_file.get(name):
            values[name], origins[name] = from_file[name], str(env_file)
        else:
            values[name], origins[name] = setting.default, "default"
    return Settings(values, origins)


def files_location(settings: Settings) -> str:
    """Where files are kept: a folder, or `s3://BUCKET/PREFIX`."""
    if settings[FILES]:
        return settings[FILES]
    file = settings.sqlite_file
    return str(file.with_name(file.name + ".files")) if file else "talanoa-files"


def s3_options(settings: Settings) -> dict[str, str]:
    """What of S3's settings is set, by the names that `storage.objects` takes."""
    options = {
        "access_key_id": settings[S3_ACCESS_KEY],
        "secret_access_key": settings[S3_SECRET_KEY],
        "region": settings[S3_REGION],
        "endpoint": settings[S3_ENDPOINT],
    }
    return {name: value for name, value in options.items() if value}


def file_limit(settings: Settings) -> int:
    """How large a file may be, in bytes; raises `ConfigurationError`."""
    given = settings[FILE_LIMIT]
    if not given.isdecimal() or not 1 <= int(given) <= LARGEST_FILE_LIMIT:
        raise ConfigurationError(
            f"{FILE_LIMIT.name} is {given}, which is no size in MB.",
            f"Give a whole number from 1 to {LARGEST_FILE_LIMIT}.",
        )
    return int(given) * MEGABYTE


def secret_key(settings: Settings) -> bytes:
    """The secret that all keys derive from; beside an SQLite file it is made on first use.

    Raises `ConfigurationError` where it is missing or too short.
    """
    given = settings[SECRET_KEY]
    if given:
        if len(given) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"{SECRET_KEY.name} is shorter than {SHORTEST_SECRET} characters.",
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        return given.encode()
    file = settings.sqlite_file
    if file is None:
        raise ConfigurationError(
            f"{SECRET_KEY.name} is not set; it is required on this database.",
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))' — and keep it: "
            "addresses cannot be read without it.",
        )
    return _key_beside(file)


def _key_beside(database: Path) -> bytes:
    key_file = database.with_name(database.name + ".key")
    try:
        if not key_file.exists():
            _make_key(key_file)
        key = key_file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"{key_file} cannot be made or read: {error.strerror}.",
            f"Check {DATABASE_URL.name} and the folder's permissions, or set {SECRET_KEY.name}.",
        ) from error
    if len(key) < SHORTEST_SECRET:
        raise ConfigurationError(
            f"{key_file} holds no usable key.",
            "Restore it from a backup: addresses cannot be read without it.",
        )
    return key


def _make_key(key_file: Path) -> None:
    """A new key, on disk as a whole before anything is sealed with it; of two made at once the first stays."""
    with tempfile.NamedTemporaryFile(dir=key_file.parent, prefix=key_file.name) as file:
        file.write(secrets.token_urlsafe(32).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, key_file)
