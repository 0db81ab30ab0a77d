import django.db.models.deletion
import niaga.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('money', '0013_four_sides'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReconciliationRun',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('ran_at', models.DateTimeField()),
                ('bank_heard', models.BooleanField()),
                ('compared', models.PositiveIntegerField()),
                ('differing', models.PositiveIntegerField()),
                ('opened', models.PositiveIntegerField()),
                ('gone', models.PositiveIntegerField()),
                ('totals', models.JSONField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='bankentry',
            name='matched_entry_has_payout',
        ),
        migrations.AddField(
            model_name='bankentry',
            name='account',
            field=models.CharField(blank=True, default='', max_length=30),
        ),
        migrations.AddField(
            model_name='bankentry',
            name='receipt',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_entries', to='money.bankreceipt'),
        ),
        migrations.AddField(
            model_name='bankentry',
            name='settlement',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_entries', to='money.reconciliation'),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='about_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='account',
            field=models.CharField(blank=True, default='', max_length=30),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='bank_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='orders_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='settled_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='bankentry',
            name='state',
            field=models.CharField(choices=[('matched', 'Matched'), ('unmatched', 'Unmatched'), ('booked', 'Booked'), ('cleared', 'Explained')], max_length=9),
        ),
        migrations.AlterField(
            model_name='reconciliationdifference',
            name='currency',
            field=models.CharField(max_length=3),
        ),
        migrations.AlterField(
            model_name='reconciliationdifference',
            name='day',
            field=models.DateField(),
        ),
        migrations.AlterField(
            model_name='reconciliationdifference',
            name='reconciliation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='money.reconciliation'),
        ),
        migrations.AlterField(
            model_name='reconciliationdifference',
            name='reference',
            field=models.CharField(max_length=120),
        ),
        migrations.AddConstraint(
            model_name='bankentry',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'matched'), models.Q(('payout__isnull', True), ('receipt__isnull', True), ('settlement__isnull', True)), _connector='XOR'), name='matched_entry_has_its_match'),
        ),
        migrations.AddConstraint(
            model_name='bankentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'booked'), _negated=True), models.Q(('account', ''), _negated=True), _connector='OR'), name='booked_against_an_account'),
        ),
        migrations.AddIndex(
            model_name='reconciliationrun',
            index=models.Index(fields=['-ran_at'], name='latest_runs'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationrun',
            constraint=models.CheckConstraint(condition=models.Q(('differing__gte', models.F('opened'))), name='what_was_opened_differs'),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='found', to='money.reconciliationrun'),
        ),
        migrations.AddField(
            model_name='reconciliationdifference',
            name='seen',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='last_seen', to='money.reconciliationrun'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationdifference',
            constraint=models.UniqueConstraint(condition=models.Q(('about_id__isnull', False), ('state', 'open')), fields=('kind', 'about_id'), name='one_open_difference_each'),
        ),
        migrations.AddConstraint(
            model_name='reconciliationdifference',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'settled'), models.Q(('account', ''), ('settled_minor', 0)), _connector='XOR'), name='settled_against_an_account'),
        ),
    ]
