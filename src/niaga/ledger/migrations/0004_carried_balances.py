"""Balances carried forward; an account's lines are indexed in their order."""

import django.db.models.deletion
import niaga.kernel.ids
from django.db import migrations, models

from niaga.plumbing.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ('ledger', '0003_holds'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarriedBalance',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('through_id', models.UUIDField(db_index=True)),
                ('balance_minor', models.BigIntegerField()),
                ('lines', models.BigIntegerField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='carried', to='ledger.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'through_id'), name='carried_once')],
            },
        ),
        append_only("ledger_carriedbalance"),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['debit', 'id'], name='transfer_debited'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['credit', 'id'], name='transfer_credited'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='credit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='ledger.account'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='debit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='debits', to='ledger.account'),
        ),
    ]
