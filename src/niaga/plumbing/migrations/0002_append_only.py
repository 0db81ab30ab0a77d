"""What is written here stays: the database refuses to change it."""

from django.db import migrations

from niaga.plumbing.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("plumbing", "0001_initial"), ("plumbing", "0001_initial")]

    operations = [
        append_only("plumbing_storedevent"),
    ]
