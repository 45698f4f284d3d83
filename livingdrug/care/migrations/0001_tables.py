# ruff: noqa: RUF012
"""The tables of the record, of people and of projections."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django from the models."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="chain, order, collection, product or gate.", max_length=20)),
                ("value", models.CharField(help_text="The identifier; of a gate, its product.", max_length=200)),
                ("position", models.BigIntegerField(help_text="Log position of the event that took it.")),
                ("released", models.BigIntegerField(help_text="Log position of the event that gave it back.", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Journey",
            fields=[
                ("id", models.CharField(help_text="Token of the journey.", max_length=32, primary_key=True, serialize=False)),
                ("patient", models.CharField(db_index=True, help_text="Pseudonym of the patient.", max_length=100)),
                ("therapy", models.CharField(help_text="Name of the therapy.", max_length=100)),
                (
                    "definition",
                    models.CharField(
                        help_text="The therapy as it was defined at referral; the journey is judged by it to its end.",
                        max_length=64,
                    ),
                ),
                ("network", models.CharField(help_text="Name of the network.", max_length=100)),
                ("version", models.BigIntegerField(help_text="How many events there are.")),
                ("head", models.CharField(help_text="Hash of the last event.", max_length=64)),
                ("stage", models.CharField(help_text="Where the journey stands.", max_length=30)),
                ("center", models.CharField(help_text="Treating center.", max_length=100)),
                ("site", models.CharField(help_text="Manufacturing site, once ordered.", max_length=100)),
                ("payer", models.CharField(default="", help_text="Payer who was asked last; empty before.", max_length=100)),
                ("last_at", models.CharField(help_text="When the last event happened.", max_length=27)),
                (
                    "due_at",
                    models.CharField(blank=True, help_text="When the next thing is due; empty if nothing is.", max_length=27),
                ),
                ("due", models.CharField(blank=True, help_text="What is due then.", max_length=100)),
                ("blocked", models.TextField(help_text="What stops the journey now, as a JSON list of sentences.")),
                (
                    "held",
                    models.BooleanField(help_text="A deviation, mismatch, contraindication or withdrawn consent stops it."),
                ),
                ("severe", models.BooleanField(help_text="CRS of ASTCT grade 3 or more was charted.")),
            ],
        ),
        migrations.CreateModel(
            name="Definition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(db_index=True, help_text="SHA-256 of the text.", max_length=64)),
                ("kind", models.CharField(help_text="therapy, network or rules.", max_length=20)),
                ("name", models.CharField(help_text="Its name.", max_length=100)),
                ("text", models.TextField(help_text="The whole text: TOML, or the source of the rules.")),
                ("defined", models.CharField(help_text="When it was added.", max_length=27)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "position",
                    models.BigIntegerField(
                        help_text="Place in the log: 1, 2, 3 … in the order of commits.", primary_key=True, serialize=False
                    ),
                ),
                ("version", models.BigIntegerField(help_text="Place in the journey: 1, 2, 3 …")),
                ("name", models.CharField(help_text="Kind of event.", max_length=60)),
                ("at", models.CharField(help_text="When it happened.", max_length=27)),
                ("recorded", models.CharField(help_text="When the store learned of it.", max_length=27)),
                ("by", models.CharField(help_text="Who answers for it.", max_length=200)),
                ("account", models.CharField(help_text="Who sent it.", max_length=200)),
                ("content", models.TextField(help_text="The event's canonical JSON.")),
                ("therapy", models.CharField(help_text="Definition of the therapy it was judged by.", max_length=64)),
                ("network", models.CharField(help_text="Definition of the network it was judged by.", max_length=64)),
                ("rules", models.CharField(help_text="Definition of the rules it was judged by.", max_length=64)),
                (
                    "key",
                    models.CharField(
                        blank=True, help_text="Idempotency key of the request; empty if it had none.", max_length=200
                    ),
                ),
                ("previous", models.CharField(help_text="Hash of the journey's event before.", max_length=64)),
                ("hash", models.CharField(help_text="Hash of this event and the one before.", max_length=64)),
                ("log_hash", models.CharField(help_text="Hash of the whole log to here.", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("milestone", models.CharField(help_text="Name of the milestone.", max_length=100)),
                ("billed", models.BigIntegerField(help_text="Amount charged.")),
                ("waived", models.BigIntegerField(help_text="Amount waived.")),
                ("currency", models.CharField(help_text="ISO 4217 code.", max_length=3)),
                ("at", models.CharField(help_text="When it was settled.", max_length=27)),
                ("version", models.BigIntegerField(help_text="Place of the settlement in the journey.")),
                ("disputed", models.TextField(blank=True, help_text="Why a payer contests it; empty if none does.")),
            ],
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(help_text="Who asked.", max_length=200)),
                ("key", models.CharField(help_text="The key.", max_length=200)),
                ("request", models.CharField(help_text="SHA-256 of what was asked.", max_length=64)),
                ("answer", models.TextField(help_text="What was answered, as JSON.")),
                ("recorded", models.CharField(help_text="When.", max_length=27)),
            ],
        ),
        migrations.CreateModel(
            name="PatientKey",
            fields=[
                ("patient", models.CharField(help_text="Pseudonym.", max_length=100, primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField(help_text="Nonce and wrapped key.")),
                ("made", models.CharField(help_text="When.", max_length=27)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("patient", models.CharField(help_text="Pseudonym.", max_length=100, primary_key=True, serialize=False)),
                ("content", models.BinaryField(help_text="Nonce and AES-GCM ciphertext of the person as JSON.")),
                ("changed", models.CharField(help_text="When it was last written.", max_length=27)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slot", models.CharField(help_text="Its identifier within the journey.", max_length=200)),
                ("resource", models.CharField(help_text="What is occupied.", max_length=200)),
                ("start", models.CharField(help_text="From.", max_length=27)),
                ("end", models.CharField(help_text="To.", max_length=27)),
                (
                    "expires",
                    models.CharField(help_text="A slot that is held and not booked is free again from here.", max_length=27),
                ),
                ("status", models.CharField(help_text="held, booked, released or expired.", max_length=10)),
                ("position", models.BigIntegerField(help_text="Log position of the event that last changed it.")),
            ],
        ),
        migrations.CreateModel(
            name="Access",
            fields=[
                ("position", models.BigIntegerField(help_text="Place in the trail.", primary_key=True, serialize=False)),
                ("at", models.CharField(help_text="When.", max_length=27)),
                ("account", models.CharField(help_text="Who.", max_length=200)),
                ("action", models.CharField(help_text="C create, R read, U update, E execute (export, shred).", max_length=1)),
                ("journey", models.CharField(blank=True, help_text="Journey, if one.", max_length=32)),
                ("patient", models.CharField(blank=True, help_text="Pseudonym of the patient, if one.", max_length=100)),
                ("what", models.CharField(help_text="What was looked at or done.", max_length=200)),
                ("outcome", models.CharField(help_text="done, or why not.", max_length=200)),
                ("ip", models.CharField(blank=True, help_text="Address it came from.", max_length=45)),
                ("reason", models.CharField(blank=True, help_text="Reason that was given.", max_length=400)),
                ("hash", models.CharField(help_text="Hash of this row and the one before.", max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["patient", "position"], name="care_access_patient"),
                    models.Index(fields=["journey", "position"], name="care_access_journey"),
                    models.Index(fields=["account", "position"], name="care_access_account"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortRow",
            fields=[
                (
                    "journey",
                    models.OneToOneField(
                        help_text="Journey.",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="care.journey",
                    ),
                ),
                ("therapy", models.CharField(db_index=True, help_text="Name of the therapy.", max_length=100)),
                ("row", models.TextField(help_text="The columns of the cohort as JSON.")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["-last_at", "-id"], name="care_board_latest"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["stage", "center"], name="care_board_counts"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["stage", "-last_at", "-id"], name="care_board_stage"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["center", "-last_at", "-id"], name="care_board_center"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["site", "-last_at", "-id"], name="care_board_site"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["payer", "-last_at", "-id"], name="care_board_payer"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(
                condition=models.Q(("due_at", ""), _negated=True), fields=["due_at", "id"], name="care_board_due"
            ),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(condition=models.Q(("held", True)), fields=["-last_at", "-id"], name="care_board_held"),
        ),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(condition=models.Q(("severe", True)), fields=["-last_at", "-id"], name="care_board_severe"),
        ),
        migrations.AddField(
            model_name="claim",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                help_text="Journey.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.journey",
            ),
        ),
        migrations.AddIndex(
            model_name="definition",
            index=models.Index(fields=["kind", "name", "id"], name="care_definition_current"),
        ),
        migrations.AddField(
            model_name="event",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                help_text="Journey.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.journey",
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                help_text="Journey.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.journey",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="care_outcome_once"),
        ),
        migrations.AddField(
            model_name="slot",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                help_text="Journey.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.journey",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["journey"], name="care_claim_journey"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released", None)), fields=("kind", "value"), name="care_claim_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("journey", "version"), name="care_event_version"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["at", "id"], name="care_milestone_at"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(fields=("journey", "milestone"), name="care_milestone_once"),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(fields=["resource", "start"], name="care_slot_resource"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(fields=("journey", "slot"), name="care_slot_once"),
        ),
    ]
