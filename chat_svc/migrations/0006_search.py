import django.db.models.deletion
from django.db import migrations, models


def keep_blocks_in_their_rows(apps, schema_editor):
    """PostgreSQL packs what is longer than 2 KB, and unpacking takes longer than looking through it."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('ALTER TABLE chat_svc_searchblock ALTER folded SET STORAGE EXTERNAL')
        schema_editor.execute('ALTER TABLE chat_svc_searchblock ALTER senders SET STORAGE EXTERNAL')
        schema_editor.execute('ALTER TABLE chat_svc_searchblock ALTER facts SET STORAGE EXTERNAL')
        schema_editor.execute('ALTER TABLE chat_svc_searchblock SET (toast_tuple_target = 8160)')


class Migration(migrations.Migration):

    dependencies = [
        ('chat_svc', '0005_message_edits_and_reactions'),
    ]

    operations = [
        migrations.AddField(
            model_name='chat',
            name='sealed_seq',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='SearchBlock',
            fields=[
                ('pk', models.CompositePrimaryKey('chat_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('folded', models.TextField(null=True)),
                ('senders', models.TextField(blank=True)),
                ('facts', models.TextField(blank=True)),
                ('oldest_us', models.BigIntegerField()),
                ('newest_us', models.BigIntegerField()),
                ('chat', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat_svc.chat')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('folded__isnull', True)), fields=['chat'], name='search_block_unsealed')],
            },
        ),
        migrations.RunPython(keep_blocks_in_their_rows, migrations.RunPython.noop),
    ]
