from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("invoices", "0008_currencies"),
        ("ledger", "0019_houses_currency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Fapiao",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "colour",
                    models.CharField(
                        choices=[("blue", "Blue"), ("red", "Red letter")], max_length=4, verbose_name="colour"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("special", "Special VAT fapiao"), ("ordinary", "Ordinary fapiao")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("issued", "issued"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("red_requested", "red letter requested"),
                            ("reversed", "reversed"),
                        ],
                        default="requested",
                        max_length=50,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("invoicing_error", "Invoicing error"),
                            ("sales_return", "Sales return"),
                            ("service_terminated", "Service terminated"),
                            ("sales_allowance", "Sales allowance"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("seller_name", models.CharField(max_length=250, verbose_name="seller")),
                (
                    "seller_tax_number",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="seller's tax number"),
                ),
                ("buyer_name", models.CharField(max_length=250, verbose_name="buyer")),
                (
                    "buyer_tax_number",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="buyer's tax number"),
                ),
                ("remark", models.CharField(blank=True, default="", max_length=200, verbose_name="remark")),
                ("net", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="net")),
                ("tax", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="tax")),
                ("gross", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="gross")),
                ("code", models.CharField(blank=True, default="", max_length=12, verbose_name="fapiao code")),
                ("number", models.CharField(blank=True, default="", max_length=20, verbose_name="fapiao number")),
                ("issued_on", models.DateField(null=True, verbose_name="issued on")),
                (
                    "link",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(["http", "https"])],
                        verbose_name="document",
                    ),
                ),
                ("by_hand", models.BooleanField(default=False, verbose_name="issued by hand")),
                ("refusal", models.CharField(blank=True, default="", max_length=400, verbose_name="why not")),
                ("requested_by", models.CharField(blank=True, default="", max_length=150, verbose_name="requested by")),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="requested")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.company"
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="red_letters",
                        to="invoices.invoice",
                        verbose_name="credit note",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fapiaos",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reds",
                        to="fapiao.fapiao",
                        verbose_name="takes back",
                    ),
                ),
            ],
            options={
                "verbose_name": "fapiao",
                "verbose_name_plural": "fapiaos",
                "ordering": ("-id",),
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name="FapiaoAmount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tax_class", models.CharField(max_length=20, verbose_name="tax class")),
                ("rate", models.DecimalField(decimal_places=6, max_digits=7, verbose_name="tax rate")),
                ("net", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="net")),
                ("tax", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="tax")),
                (
                    "fapiao",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amounts",
                        to="fapiao.fapiao",
                        verbose_name="fapiao",
                    ),
                ),
            ],
            options={
                "verbose_name": "amount of a fapiao",
                "verbose_name_plural": "amounts of a fapiao",
                "ordering": ("fapiao", "-rate", "tax_class"),
            },
        ),
        migrations.CreateModel(
            name="HistoricalFapiao",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                (
                    "colour",
                    models.CharField(
                        choices=[("blue", "Blue"), ("red", "Red letter")], max_length=4, verbose_name="colour"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("special", "Special VAT fapiao"), ("ordinary", "Ordinary fapiao")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("issued", "issued"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("red_requested", "red letter requested"),
                            ("reversed", "reversed"),
                        ],
                        default="requested",
                        max_length=50,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("invoicing_error", "Invoicing error"),
                            ("sales_return", "Sales return"),
                            ("service_terminated", "Service terminated"),
                            ("sales_allowance", "Sales allowance"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("seller_name", models.CharField(max_length=250, verbose_name="seller")),
                (
                    "seller_tax_number",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="seller's tax number"),
                ),
                ("buyer_name", models.CharField(max_length=250, verbose_name="buyer")),
                (
                    "buyer_tax_number",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="buyer's tax number"),
                ),
                ("remark", models.CharField(blank=True, default="", max_length=200, verbose_name="remark")),
                ("net", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="net")),
                ("tax", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="tax")),
                ("gross", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="gross")),
                ("code", models.CharField(blank=True, default="", max_length=12, verbose_name="fapiao code")),
                ("number", models.CharField(blank=True, default="", max_length=20, verbose_name="fapiao number")),
                ("issued_on", models.DateField(null=True, verbose_name="issued on")),
                (
                    "link",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(["http", "https"])],
                        verbose_name="document",
                    ),
                ),
                ("by_hand", models.BooleanField(default=False, verbose_name="issued by hand")),
                ("refusal", models.CharField(blank=True, default="", max_length=400, verbose_name="why not")),
                ("requested_by", models.CharField(blank=True, default="", max_length=150, verbose_name="requested by")),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="requested")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.company",
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="invoices.invoice",
                        verbose_name="credit note",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="fapiao.fapiao",
                        verbose_name="takes back",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical fapiao",
                "verbose_name_plural": "historical fapiaos",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name="fapiao",
            index=models.Index(
                condition=models.Q(("sent_at", None), ("status", "requested")),
                fields=["requested_at"],
                name="fapiao_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.UniqueConstraint(
                condition=models.Q(("colour", "blue"), ("status__in", ["requested", "issued", "red_requested"])),
                fields=("invoice",),
                name="fapiao_one_effective",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "requested")),
                fields=("reverses",),
                name="fapiao_one_red_letter_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["refused", "withdrawn"]), _negated=True),
                fields=("reverses", "credit_note"),
                name="fapiao_credit_note_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number", ""), _negated=True), fields=("number", "code"), name="fapiao_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("code", ""),
                        ("issued_on", None),
                        ("link", ""),
                        ("number", ""),
                        ("status__in", ["requested", "refused", "withdrawn"]),
                    ),
                    models.Q(
                        ("issued_on__isnull", False),
                        ("status__in", ("issued", "red_requested", "reversed")),
                        models.Q(
                            models.Q(("code", ""), ("number__regex", "^[0-9]{20}$")),
                            models.Q(("code__regex", "^([0-9]{10}|[0-9]{12})$"), ("number__regex", "^[0-9]{8}$")),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="fapiao_number_with_its_issue",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("colour", "blue"),
                        ("credit_note", None),
                        ("gross__gt", 0),
                        ("net__gte", 0),
                        ("reason", ""),
                        ("reverses", None),
                        ("tax__gte", 0),
                    ),
                    models.Q(
                        ("colour", "red"),
                        ("gross__lt", 0),
                        ("net__lte", 0),
                        ("reason__in", ["invoicing_error", "sales_return", "service_terminated", "sales_allowance"]),
                        ("reverses__isnull", False),
                        ("tax__lte", 0),
                    ),
                    _connector="OR",
                ),
                name="fapiao_colour_and_signs",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("colour", "blue"),
                    models.Q(("status__in", ["red_requested", "reversed"]), _negated=True),
                    _connector="OR",
                ),
                name="fapiao_red_is_final",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gross", django.db.models.expressions.CombinedExpression(models.F("net"), "+", models.F("tax")))
                ),
                name="fapiao_gross_is_net_and_tax",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "ordinary"),
                    models.Q(("buyer_tax_number__regex", "^[0-9A-Z]{18}$"), ("kind", "special")),
                    _connector="OR",
                ),
                name="fapiao_special_names_its_buyer",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiao",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "refused"), _negated=True),
                    models.Q(("refusal", ""), _negated=True),
                    _connector="OR",
                ),
                name="fapiao_no_comes_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="fapiaoamount",
            constraint=models.UniqueConstraint(fields=("fapiao", "tax_class", "rate"), name="fapiao_rate_once"),
        ),
        sql.append_only("fapiao_fapiaoamount", app_inserts=True),
        sql.sql_file(SQL / "fapiao.sql"),
    ]
