"""Notes, calls, visits, meetings and tasks from files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, Item, Moment, Text, register
from base.exchange.resources import Key
from crm.accounts.resources import IMPORTERS, AboutAccount, account_column, contact_column
from crm.accounts.services import refuse_unwritable
from crm.activities import services
from crm.activities.models import WRITTEN_KINDS, Entry, Outcome

_NAMES = UUID("6f3b1d6a-5f0e-5a4f-9c58-2f4c1d0c8a37")
_KINDS = (
    ("note", gettext_lazy("Note")),
    ("call", gettext_lazy("Call")),
    ("visit", gettext_lazy("Visit")),
    ("meeting", gettext_lazy("Meeting")),
    ("task", gettext_lazy("Task")),
)
_ABOUT = ("contact", "next_step", "next_step_on", "occurred_at")


@register
class ActivityResource(AboutAccount):
    """What was said and done with our accounts, written by whoever imports it."""

    key = "activities"
    label = gettext_lazy("Activities")
    about = gettext_lazy(
        "Notes, calls, visits, meetings and open tasks of your accounts; they are written in your name."
    )
    icon = "notes"
    model = Entry
    roles = IMPORTERS
    match_on = (("reference",),)
    updatable = False

    reference = Column(
        gettext_lazy("Reference elsewhere"),
        Text(80),
        names="id activityid taskid callid noteid 编号 活动编号",
        required=True,
        sample="ACT-1",
        help=gettext_lazy("Its number in the system it came from: by it the same file again changes nothing."),
        match=True,
    )
    account = account_column()
    kind = Column(
        gettext_lazy("Kind"),
        Choice(
            _KINDS,
            note="comment|备注|笔记",
            call="phone|phone call|电话",
            visit="拜访",
            meeting="appointment|会议",
            task="to-do|todo|任务|待办",
        ),
        names="type activitytype 类型 活动类型",
        help=gettext_lazy("A note, if left out."),
        sample="call",
    )
    text = Column(
        gettext_lazy("Text"), Text(10_000, lines=True), names="note notes subject description comment body 内容 备注 描述",
        sample="Wants a new price list",
    )  # fmt: skip
    outcome = Column(
        gettext_lazy("Outcome"),
        Choice(Outcome.choices),
        names="result 结果",
        help=gettext_lazy("How a call or a visit went."),
        sample="interested",
    )
    occurred_at = Column(
        gettext_lazy("When"), Moment(), names="date at time datetime activitydate duedate createdat 日期 时间",
        sample="2026-03-31 10:15",
    )  # fmt: skip
    contact = contact_column()
    next_step = Column(
        gettext_lazy("Next step"),
        names="todo task followup 下一步 跟进内容 任务",
        sample="Send the list",
        help=gettext_lazy("Of a task: what is to be done."),
    )
    next_step_on = Column(gettext_lazy("Next step on"), Day(), names="nextstepdate 下一步日期", sample="2026-04-02")

    def rows(self) -> QuerySet[Entry]:
        found = Entry.objects.visible_to(self.user).filter(kind__in=WRITTEN_KINDS, account__isnull=False)
        return found.select_related("account", "contact", "author")

    def prepare(self, items: Sequence[Item]) -> None:
        super().prepare(items)
        for item in items:
            kind = item.values.setdefault("kind", "note")
            if kind == "note" and not item.values.get("text"):
                item.refuse("text", _("Write a word or two."))
            if kind == "task" and not item.values.get("next_step"):
                item.refuse("next_step", _("What is to be done?"))
            if kind in ("note", "task"):
                if item.values.get("outcome"):
                    item.refuse("outcome", _("Notes and tasks have none; calls and visits have."))
            elif not item.values.get("outcome"):
                item.refuse("outcome", _("How did it go? Choose one."))

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {self._id(key[0]): key for key in keys}
        return {wanted[entry.pk]: [entry] for entry in self.rows().filter(pk__in=wanted)}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        return {name: value for name, value in super().changes(item, record).items() if name != "reference"}

    def named(self, record: Any) -> str:
        return f"{record.account.name}: {capfirst(record.text[:60] or record.kind)}"

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._write(item.values) for item in items]

    def _write(self, told: dict[str, Any]) -> Entry:
        refuse_unwritable(told["account"], self.user)
        about = {name: told[name] for name in _ABOUT if told.get(name)}
        about |= {"by": self.user, "text": told.get("text", ""), "id": self._id(told["reference"])}
        if told["kind"] == "note":
            return services.note(told["account"], **about)
        if told["kind"] == "task":
            about |= {"on": about.pop("next_step_on", None), "what": about.pop("next_step")}
            return services.plan_task(told["account"], **about)
        write = {"call": services.log_call, "visit": services.log_visit, "meeting": services.log_meeting}[told["kind"]]
        return write(told["account"], told["outcome"], **about)

    def _id(self, reference: str) -> UUID:
        """Everybody's references are their own: an entry is its author's."""
        return uuid5(_NAMES, f"{self.user.pk}:{reference}")

    def remove(self, record: Any) -> None:
        services.remove_entry(record, self.user)
