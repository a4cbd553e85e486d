"""Runs revisions on the connection that the program gives, within its transaction."""

from __future__ import annotations

from alembic import context

# Every table is in it once the personal ones are imported too.
import storage.contacts  # noqa: F401
from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by making it anew.
    render_as_batch=True,
)
context.run_migrations()
