"""Holds: money set aside, and how each ended; append-only."""

import django.db.models.deletion
import niaga.kernel.ids
from django.db import migrations, models

from niaga.plumbing.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ('ledger', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('cause_id', models.UUIDField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('held_at', models.DateTimeField()),
                ('credit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_credits', to='ledger.account')),
                ('debit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_debits', to='ledger.account')),
            ],
        ),
        migrations.CreateModel(
            name='HoldEnd',
            fields=[
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='ledger.hold')),
                ('outcome', models.CharField(choices=[('posted', 'Posted'), ('voided', 'Voided'), ('expired', 'Expired')], max_length=7)),
                ('ended_at', models.DateTimeField()),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.journalentry')),
            ],
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(fields=['cause_id'], name='ledger_hold_cause_i_f742f1_idx'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='hold_sets_something_aside'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='hold_between_two_accounts'),
        ),
        migrations.AddConstraint(
            model_name='holdend',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('outcome', 'posted')), models.Q(('entry__isnull', True), ('outcome__in', ['voided', 'expired'])), _connector='OR'), name='posted_by_an_entry'),
        ),
        append_only("ledger_hold"),
        append_only("ledger_holdend"),
    ]
