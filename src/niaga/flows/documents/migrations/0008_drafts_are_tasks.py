"""A refused draft is a task of the one room of tasks, with the owner it had."""

from django.db import migrations

FORWARD = """
INSERT INTO plumbing_task (id, kind, subject_id, state, owner_id, opened_at, due_at, taken_at, reason)
SELECT gen_random_uuid(), 'draft', id, CASE WHEN owner_id IS NULL THEN 'open' ELSE 'taken' END,
       owner_id, judged_at, judged_at + INTERVAL '1 day',
       CASE WHEN owner_id IS NULL THEN NULL ELSE judged_at END, ''
  FROM documents_draft WHERE rule <> ''
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_style_syntax"), ("plumbing", "0003_tasks")]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.RemoveField("draft", "owner_id"),
    ]
