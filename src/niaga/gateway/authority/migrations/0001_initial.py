"""What the authority issued, ordered and withdrew."""

import django.db.models.deletion
import niaga.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Issuer',
            fields=[
                ('thumbprint', models.CharField(max_length=43, primary_key=True, serialize=False)),
                ('next_index', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Nonce',
            fields=[
                ('nonce', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('expires_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CertificateOrder',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=10)),
                ('use', models.CharField(max_length=9)),
                ('address', models.CharField(max_length=270)),
                ('name', models.CharField(max_length=120)),
                ('public_key', models.BinaryField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('issued', 'Issued'), ('refused', 'Refused')], default='waiting', max_length=7)),
                ('chain', models.JSONField(null=True)),
                ('ordered_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'issued'), ('chain__isnull', True), _connector='XOR'), name='issued_has_a_chain')],
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('thumbprint', models.CharField(max_length=43, primary_key=True, serialize=False)),
                ('index', models.PositiveIntegerField()),
                ('key_fingerprint', models.CharField(max_length=43, unique=True)),
                ('role', models.CharField(max_length=10)),
                ('use', models.CharField(max_length=9)),
                ('subject', models.CharField(max_length=270)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='authority.issuer')),
            ],
            options={
                'indexes': [models.Index(fields=['subject'], name='authority_c_subject_ecfcc7_idx')],
                'constraints': [models.UniqueConstraint(fields=('issuer', 'index'), name='one_certificate_per_index')],
            },
        ),
    ]
