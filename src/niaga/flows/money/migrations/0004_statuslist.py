from django.db import migrations, models

import niaga.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('money', '0003_moved'),
    ]

    operations = [
        migrations.CreateModel(
            name='StatusList',
            fields=[
                ('id', models.UUIDField(default=niaga.kernel.ids.new_id, primary_key=True, serialize=False)),
                ('subject', models.CharField(max_length=43)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('text', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'issued_at'), name='one_status_list_each')],
            },
        ),
    ]
