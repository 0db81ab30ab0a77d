"""`niaga migrate`: bring the database's tables up to date."""

from niaga.project.cli.start import console, django_ready


def migrate() -> None:
    """Bring the database's tables up to date."""
    with django_ready():
        from niaga.project.preparation import migrate_if_needed

        done = migrate_if_needed()
    console.print("The tables are up to date now." if done else "Nothing to do.")
