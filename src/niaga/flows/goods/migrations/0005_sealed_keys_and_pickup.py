from django.db import migrations, models

import niaga.kernel.clock
from niaga.plumbing.sealing import mark, seal


def seal_keys(apps, _editor):
    for key in apps.get_model("goods", "LicenceKey").objects.all().iterator():
        key.sealed = seal(key.text, place=str(key.id))
        key.mark = mark(key.text, place=str(key.pool_id))
        key.save(update_fields=["sealed", "mark"])


class Migration(migrations.Migration):

    dependencies = [
        ('goods', '0004_parcels_calendars_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrackingSender',
            fields=[
                ('seller_id', models.UUIDField(primary_key=True, serialize=False)),
                ('sealed', models.CharField(max_length=300)),
                ('made_at', models.DateTimeField(default=niaga.kernel.clock.now)),
            ],
        ),
        migrations.AddField('calendar', 'cancel_h', models.PositiveSmallIntegerField(default=24)),
        migrations.AddField('shipment', 'pickup_code', models.CharField(blank=True, default='', max_length=6)),
        migrations.AddField('shipment', 'pickup_tries', models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField('deliveryservice', 'kind', models.CharField(choices=[('flat', 'Flat'), ('zone', 'Zone'), ('own', 'Own'), ('pickup', 'Pickup')], max_length=6)),
        migrations.AddField('licencekey', 'sealed', models.CharField(default='', max_length=1200), preserve_default=False),
        migrations.AddField('licencekey', 'mark', models.CharField(default='', max_length=64), preserve_default=False),
        migrations.RunPython(seal_keys, migrations.RunPython.noop),
        migrations.RemoveConstraint('licencekey', 'licence_key_once'),
        migrations.RemoveField('licencekey', 'text'),
        migrations.AddConstraint('licencekey', models.UniqueConstraint(fields=('pool', 'mark'), name='licence_key_once')),
    ]
