"""Revisions of the schema, for Alembic."""
