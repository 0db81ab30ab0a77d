"""The gateway's tables, and the counter of trace numbers."""

import django.db.models.deletion
import django.db.models.expressions
import niaga.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Authorization',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('xid', models.CharField(max_length=64)),
                ('request_hash', models.CharField(default='', max_length=43)),
                ('ds_hash', models.CharField(default='', max_length=43)),
                ('buyer_x5t', models.CharField(default='', max_length=43)),
                ('merchant_x5t', models.CharField(default='', max_length=43)),
                ('checkout_hash', models.CharField(default='', max_length=43)),
                ('state', models.CharField(choices=[('authorizing', 'Asking the issuer'), ('approved', 'Held'), ('declined', 'Declined'), ('voided', 'Reversed before an answer'), ('captured', 'Captured whole'), ('reversed', 'Rest reversed'), ('expired', 'Rest expired')], default='authorizing', max_length=11)),
                ('reason', models.CharField(default='', max_length=40)),
                ('amount_minor', models.BigIntegerField(default=0)),
                ('captured_minor', models.BigIntegerField(default=0)),
                ('released_minor', models.BigIntegerField(default=0)),
                ('credited_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('hold_id', models.UUIDField(null=True)),
                ('approval_code', models.CharField(default='', max_length=6)),
                ('retrieval_number', models.CharField(default='', max_length=12)),
                ('admitted_at', models.DateTimeField()),
                ('answer_due_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('answer', models.TextField(default='')),
            ],
        ),
        migrations.CreateModel(
            name='Merchant',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('address', models.CharField(max_length=200, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('known_since', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Capture',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount_minor', models.BigIntegerField()),
                ('credited_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('captured_at', models.DateTimeField()),
                ('reversed_at', models.DateTimeField(null=True)),
                ('authorization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='captures', to='gateway.authorization')),
            ],
        ),
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('credited_at', models.DateTimeField()),
                ('reversed_at', models.DateTimeField(null=True)),
                ('capture', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='gateway.capture')),
            ],
        ),
        migrations.CreateModel(
            name='Instrument',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('card', 'Card'), ('account', 'Account')], default='card', max_length=7)),
                ('holder', models.CharField(max_length=64)),
                ('account', models.CharField(max_length=28)),
                ('passkey_id', models.CharField(max_length=700)),
                ('passkey_x', models.CharField(max_length=43)),
                ('passkey_y', models.CharField(max_length=43)),
                ('registered_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('holder', 'account'), name='one_instrument_each')],
            },
        ),
        migrations.AddField(
            model_name='authorization',
            name='instrument',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.instrument'),
        ),
        migrations.CreateModel(
            name='IssuerMessage',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=4)),
                ('processing_code', models.CharField(max_length=6)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('trace_number', models.CharField(max_length=6)),
                ('operation_id', models.UUIDField(null=True, unique=True)),
                ('state', models.CharField(choices=[('due', 'To be sent'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('unanswered', 'Unanswered')], default='due', max_length=10)),
                ('response_code', models.CharField(default='', max_length=2)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('transmitted_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('authorization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='gateway.authorization')),
                ('original', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.issuermessage')),
            ],
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('request_id', models.CharField(max_length=64)),
                ('request_hash', models.CharField(max_length=43)),
                ('state', models.CharField(choices=[('agreed', 'Both sides agree'), ('differs', 'Differs'), ('cleared', 'Difference cleared')], max_length=7)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('agreed', models.PositiveIntegerField()),
                ('captured_minor', models.BigIntegerField()),
                ('credited_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('compared_at', models.DateTimeField()),
                ('cleared_by', models.CharField(default='', max_length=150)),
                ('note', models.CharField(default='', max_length=500)),
                ('answer', models.TextField()),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.merchant')),
            ],
            options={
                'verbose_name_plural': 'batches',
            },
        ),
        migrations.AddField(
            model_name='authorization',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.merchant'),
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('request_id', models.CharField(max_length=64)),
                ('request_hash', models.CharField(max_length=43)),
                ('kind', models.CharField(max_length=20)),
                ('seq', models.BigIntegerField()),
                ('amount_minor', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('refused', models.CharField(default='', max_length=40)),
                ('admitted_at', models.DateTimeField()),
                ('answer', models.TextField()),
                ('authorization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='gateway.authorization')),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='gateway.batch')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='BatchDifference',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('operation_id', models.UUIDField()),
                ('ours_minor', models.BigIntegerField(null=True)),
                ('theirs_minor', models.BigIntegerField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='gateway.batch')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ours_minor__isnull', True), ('theirs_minor__isnull', False)), models.Q(('ours_minor__isnull', False), ('theirs_minor__isnull', True)), models.Q(('ours_minor', models.F('theirs_minor')), _negated=True), _connector='OR'), name='a_difference_differs')],
            },
        ),
        migrations.AddConstraint(
            model_name='capture',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='capture_takes_something'),
        ),
        migrations.AddConstraint(
            model_name='capture',
            constraint=models.CheckConstraint(condition=models.Q(('credited_minor__gte', 0), ('credited_minor__lte', models.F('amount_minor'))), name='credits_within_their_capture'),
        ),
        migrations.AddConstraint(
            model_name='capture',
            constraint=models.CheckConstraint(condition=models.Q(('reversed_at__isnull', True), ('credited_minor', 0), _connector='OR'), name='a_reversed_capture_has_no_credits'),
        ),
        migrations.AddConstraint(
            model_name='credit',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='credit_gives_something'),
        ),
        migrations.AddIndex(
            model_name='issuermessage',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['due_at'], name='message_due'),
        ),
        migrations.AddConstraint(
            model_name='issuermessage',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'due'), ('closed_at__isnull', False), _connector='XOR'), name='closed_message_has_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('merchant', 'request_id'), name='one_batch_per_request'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'cleared'), ('note', ''), _connector='XOR'), name='cleared_with_a_note'),
        ),
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(condition=models.Q(('state', 'authorizing')), fields=['answer_due_at'], name='unanswered'),
        ),
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(condition=models.Q(('state', 'approved')), fields=['expires_at'], name='live'),
        ),
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(fields=['admitted_at'], name='gateway_aut_admitte_5019bf_idx'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.UniqueConstraint(fields=('merchant', 'xid'), name='one_authorization_per_xid'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('captured_minor__gte', 0), ('credited_minor__gte', 0), ('released_minor__gte', 0)), name='amounts_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', django.db.models.expressions.CombinedExpression(models.F('captured_minor'), '+', models.F('released_minor')))), name='captures_within_the_live_amount'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('credited_minor__lte', models.F('captured_minor'))), name='credits_within_captures'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'voided'), models.Q(('amount_minor__gt', 0), ('instrument__isnull', False)), _connector='OR'), name='only_a_tombstone_lacks_an_instrument'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'authorizing'), ('decided_at__isnull', False), _connector='XOR'), name='decided_has_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['authorizing', 'voided']), models.Q(('answer', ''), _negated=True), _connector='OR'), name='decided_has_an_answer'),
        ),
        migrations.AddConstraint(
            model_name='authorization',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'approved'), ('hold_id__isnull', True), _connector='XOR'), name='approved_holds_money'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['merchant', 'admitted_at'], name='gateway_ope_merchan_94a846_idx'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(fields=('merchant', 'request_id'), name='one_operation_per_request'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(condition=models.Q(('refused', '')), fields=('authorization', 'seq'), name='one_operation_per_number'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.CheckConstraint(condition=models.Q(('refused', ''), models.Q(('amount_minor', 0), ('batch__isnull', True)), _connector='OR'), name='a_refused_operation_moves_nothing'),
        ),
        # Field 11 has six digits; the numbers begin again after a million messages.
        migrations.RunSQL(
            "CREATE SEQUENCE gateway_trace_number MINVALUE 1 MAXVALUE 999999 CYCLE",
            "DROP SEQUENCE gateway_trace_number",
        ),
    ]
