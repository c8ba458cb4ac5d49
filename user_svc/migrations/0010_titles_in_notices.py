"""A notice says which chat it is about, and those that are not read are found at once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('user_svc', '0009_lists_of_the_admin'),
    ]

    operations = [
        migrations.AddField(
            model_name='staffnotice',
            name='chat_title',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddIndex(
            model_name='staffnotice',
            index=models.Index(condition=models.Q(('seen_at__isnull', True)), fields=['user'], name='notice_unseen'),
        ),
        migrations.AddIndex(
            model_name='staffnotice',
            index=models.Index(condition=models.Q(('chat_id__isnull', False)), fields=['chat_id'], name='notice_of_chat'),
        ),
    ]
