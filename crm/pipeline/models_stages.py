"""The ways a deal goes: pipelines with their stages, which admins arrange."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, rate_field, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet


class Pipeline(TimeStamped):
    """A way of selling: its stages, and how far a rep may go down with a price alone."""

    READERS = ("rep", "agent", "manager", "admin")

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    discount_limit = rate_field(
        _("discount limit"),
        default=Decimal("0.25"),
        help_text=_("A discount from the list price beyond this fraction needs a manager's approval."),
    )
    promotion_limit = rate_field(
        _("promotion limit"),
        default=Decimal("0.25"),
        db_default=Decimal("0.25"),
        help_text=_("Promotions may take at most this fraction off; of several pipelines the lowest counts."),
    )

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(discount_limit__gte=0, discount_limit__lte=1), name="pipeline_limit_is_fraction"
            ),
            models.CheckConstraint(
                condition=Q(promotion_limit__gte=0, promotion_limit__lte=1), name="pipeline_promotions_are_fraction"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Stage(TimeStamped):
    """How far a deal is, and how likely such a deal is won."""

    READERS = ("rep", "agent", "manager", "admin")

    id = uuid7_pk()
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="stages", verbose_name=_("pipeline"))
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    probability = rate_field(_("probability"), default=Decimal(0))
    stale_after_days = models.PositiveSmallIntegerField(
        _("stale after days"),
        null=True,
        blank=True,
        default=30,
        db_default=30,
        help_text=_("A deal that stays longer in this stage is marked; empty: never."),
    )

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ("pipeline__position", "position")
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "position"], name="one_stage_per_position"),
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="stage_probability_is_fraction"
            ),
        ]

    def __str__(self) -> str:
        return self.name
