"""The schema's migrations, run from the program itself."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_LOCK = 0x7461_6C61_6E6F_61
"""The program's name in ASCII: one upgrade at a time on a server."""


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision; nothing happens where it is there already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
