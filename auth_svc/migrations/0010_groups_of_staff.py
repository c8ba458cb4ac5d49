"""The groups of staff and what each may do. Moderators have the least that their work needs."""

from django.db import migrations

# As Right of chat_svc lists them at this moment; a right that comes later is a migration of its own.
MODERATORS = ("handle_reports", "moderate_messages", "moderate_people", "moderate_chats", "read_log")
ADMINISTRATORS = (*MODERATORS, "export_log", "appoint_staff", "set_rules", "see_system")


def make_groups(apps, schema_editor):
    """The rights themselves are made after all migrations, by Django; groups need them now."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    names = dict(apps.get_model("chat_svc", "ModerationEntry")._meta.permissions)
    log, _ = ContentType.objects.get_or_create(app_label="chat_svc", model="moderationentry")
    rights = {
        codename: Permission.objects.get_or_create(
            content_type=log, codename=codename, defaults={"name": names[codename]}
        )[0]
        for codename in ADMINISTRATORS
    }
    for group, codenames in (("Moderators", MODERATORS), ("Administrators", ADMINISTRATORS)):
        Group.objects.get_or_create(name=group)[0].permissions.set(rights[codename] for codename in codenames)


def gather_administrators(apps, schema_editor):
    """Who was one before there were groups."""
    administrators = apps.get_model("auth", "Group").objects.get(name="Administrators")
    for user in apps.get_model("user_svc", "User").objects.filter(is_superuser=True):
        user.groups.add(administrators)


class Migration(migrations.Migration):
    dependencies = [
        ("auth_svc", "0009_personal_tokens"),
        ("chat_svc", "0014_moderation"),
        ("user_svc", "0007_staff"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(gather_administrators, migrations.RunPython.noop),
    ]
