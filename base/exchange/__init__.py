"""Import of any resource: upload, map columns, dry run, run, undo; one page, one API, one command for all.

A domain names what can be imported in its `resources.py`: a class of columns (django-import-export's fields and
widgets) and how rows are found, made and changed by the domain's services. Everything else is done here.

    @register
    class AccountResource(ImportResource):
        name = Column(_("Name"), Text(250), names="company firm 公司名称", required=True)
        …

An import (`access.Import`) keeps its file, its mapping and its counts; each row that changed something, or could not,
is an `access.ImportedRow` with what stood before and after. A chunk of rows commits as one, together with the place in
the file where the next one starts: whoever goes on after a crash doubles nothing.
"""

from base.exchange.columns import Choice, Column, Day, Moment, Number, Person, Text, Whole, YesNo
from base.exchange.resources import ImportResource, Item, register

__all__ = [
    "Choice",
    "Column",
    "Day",
    "ImportResource",
    "Item",
    "Moment",
    "Number",
    "Person",
    "Text",
    "Whole",
    "YesNo",
    "register",
]
