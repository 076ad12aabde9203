"""The role with few rights that Gazetteer runs with on PostgreSQL; migrations run with the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections


def grant(using: str, **_: Any) -> None:
    """Let DATABASE_ROLE read and write rows, after migrations; nothing else, and nothing where none is named."""
    role = settings.DATABASE_ROLE
    if not role or connections[using].vendor != "postgresql":
        return
    from psycopg.sql import SQL, Identifier, Literal

    name = Identifier(role)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(SQL("CREATE ROLE {} NOLOGIN").format(name))
        if settings.DATABASE_ROLE_PASSWORD:
            password = Literal(settings.DATABASE_ROLE_PASSWORD)
            cursor.execute(SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, password))
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}",
        ):
            cursor.execute(SQL(statement).format(name))
