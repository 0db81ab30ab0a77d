"""Append-only tables, enforced by the database."""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Return a migration step after which `table` refuses UPDATE, DELETE and TRUNCATE."""
    return migrations.RunSQL(
        _FUNCTION
        + f"""
        CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """,
        f"""
        DROP TRIGGER {table}_no_change ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )
