"""What people gave as their address becomes a pending address: nobody was ever asked to confirm it.

User.email, which from now on holds confirmed addresses only, keeps the old ones for this release. The release before
logs people in by it while both run, and after a way back; here too it leads to the person who gave it, as no address does
that is given from now on before it is confirmed. It is no proof: letters and resets go by the rows written here, and the
first person to confirm an address takes it out of whosever User.email it still stands in (user_svc.services.set_email).
What the release before writes after this has run is found by login in the same way, and is pending only when its person
has given it again. The release after this one repeats this copy for those, and then empties User.email where no
confirmed row stands behind it.
"""

from django.db import migrations

AT_ONCE = 1000


def make_pending(apps, schema_editor):
    User = apps.get_model("user_svc", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    known = EmailAddress.objects.values("user_id")
    unknown = User.objects.exclude(email=None).exclude(email="").exclude(id__in=known).values_list("id", "email")
    while given := list(unknown[:AT_ONCE]):
        EmailAddress.objects.bulk_create(EmailAddress(user_id=user_id, email=email.lower()) for user_id, email in given)


class Migration(migrations.Migration):
    dependencies = [
        ("auth_svc", "0004_authentication_times"),
        ("user_svc", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(make_pending, migrations.RunPython.noop)]
