from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('money', '0012_income_tax_withheld'),
        ('plumbing', '0003_tasks'),
    ]

    operations = [
        migrations.RenameField('reconciliationdifference', 'ours_minor', 'ledger_minor'),
        migrations.RenameField('reconciliationdifference', 'theirs_minor', 'gateway_minor'),
        migrations.RenameField('reconciliationdifference', 'remote_id', 'reference'),
        migrations.AddField('reconciliationdifference', 'day', models.DateField(null=True)),
        migrations.AddField(
            'reconciliationdifference', 'currency', models.CharField(max_length=3, default='IDR')
        ),
        migrations.AddField(
            'reconciliationdifference', 'state',
            models.CharField(
                choices=[('open', 'Differs'), ('gone', 'Gone by itself'), ('cleared', 'Explained'), ('settled', 'Booked')],
                default='open', max_length=7,
            ),
        ),
        # What was found with the gateway belongs to the day on which its period ended.
        migrations.RunSQL(
            """
            UPDATE money_reconciliationdifference d
               SET day = (r.until AT TIME ZONE 'Asia/Jakarta')::date, currency = r.currency,
                   state = CASE WHEN EXISTS (
                       SELECT 1 FROM plumbing_task t WHERE t.kind = 'difference'
                          AND t.subject_id = d.id AND t.state = 'done') THEN 'cleared' ELSE 'open' END
              FROM money_reconciliation r WHERE r.id = d.reconciliation_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
