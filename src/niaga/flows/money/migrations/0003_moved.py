from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('money', '0002_cards'),
    ]

    operations = [
        migrations.AddField(
            model_name='gatewayoperation',
            name='moved_minor',
            field=models.BigIntegerField(default=0),
        ),
    ]
