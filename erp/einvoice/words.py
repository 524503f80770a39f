"""Rules of EN 16931 in the words of those who have to mend an invoice."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

RULES: dict[str, Words] = {
    "XSD": gettext_lazy("The XML is not built as its schema wants it."),
    "BR-01": gettext_lazy("It does not say which specification it follows."),
    "BR-02": gettext_lazy("The invoice number is missing."),
    "BR-03": gettext_lazy("The invoice date is missing."),
    "BR-04": gettext_lazy("It does not say what kind of document it is."),
    "BR-05": gettext_lazy("The currency is missing."),
    "BR-06": gettext_lazy("The seller's name is missing."),
    "BR-07": gettext_lazy("The buyer's name is missing."),
    "BR-08": gettext_lazy("The seller's address is missing."),
    "BR-09": gettext_lazy("The seller's country is missing."),
    "BR-10": gettext_lazy("The buyer's address is missing."),
    "BR-11": gettext_lazy("The buyer's country is missing, or is no country we know."),
    "BR-12": gettext_lazy("The sum of the lines is missing."),
    "BR-13": gettext_lazy("The total without tax is missing."),
    "BR-14": gettext_lazy("The total with tax is missing."),
    "BR-15": gettext_lazy("The amount to pay is missing."),
    "BR-16": gettext_lazy("It has no line."),
    "BR-21": gettext_lazy("A line has no number."),
    "BR-22": gettext_lazy("A line has no quantity."),
    "BR-23": gettext_lazy("A line has no unit."),
    "BR-24": gettext_lazy("A line has no net amount."),
    "BR-25": gettext_lazy("A line does not say what was sold."),
    "BR-26": gettext_lazy("A line has no price."),
    "BR-27": gettext_lazy("A price is negative."),
    "BR-28": gettext_lazy("A price before discount is negative."),
    "BR-29": gettext_lazy("The period of the invoice ends before it begins."),
    "BR-30": gettext_lazy("The period of a line ends before it begins."),
    "BR-45": gettext_lazy("A tax group has no taxable amount."),
    "BR-46": gettext_lazy("A tax group has no tax amount."),
    "BR-47": gettext_lazy("A tax group has no category."),
    "BR-48": gettext_lazy("A tax group has no rate."),
    "BR-49": gettext_lazy("It does not say how to pay."),
    "BR-50": gettext_lazy("The account to pay to is missing."),
    "BR-53": gettext_lazy("The tax in the accounting currency is missing."),
    "BR-55": gettext_lazy("It names an earlier invoice without its number."),
    "BR-57": gettext_lazy("The country of delivery is missing."),
    "BR-61": gettext_lazy("It asks for a bank transfer, and the account (IBAN) is missing."),
    "BR-62": gettext_lazy("The seller's electronic address does not say of which kind it is."),
    "BR-63": gettext_lazy("The buyer's electronic address does not say of which kind it is."),
    "BR-64": gettext_lazy("A standard item number does not say which standard."),
    "BR-65": gettext_lazy("A goods classification does not say which one."),
    "BR-CO-03": gettext_lazy("It gives the tax point both as a date and as a code."),
    "BR-CO-04": gettext_lazy("A line has no tax category."),
    "BR-CO-09": gettext_lazy("A VAT id does not begin with the letters of its country."),
    "BR-CO-10": gettext_lazy("The lines do not add up to their sum."),
    "BR-CO-11": gettext_lazy("The allowances do not add up to their sum."),
    "BR-CO-12": gettext_lazy("The charges do not add up to their sum."),
    "BR-CO-13": gettext_lazy("The total without tax is not lines less allowances plus charges."),
    "BR-CO-14": gettext_lazy("The tax of the groups does not add up to the total tax."),
    "BR-CO-15": gettext_lazy("The total with tax is not the total without tax plus tax."),
    "BR-CO-16": gettext_lazy("The amount to pay is not the total less what was paid before."),
    "BR-CO-17": gettext_lazy("The tax of a group is not its taxable amount times its rate."),
    "BR-CO-18": gettext_lazy("It has no tax group."),
    "BR-CO-25": gettext_lazy("Something is to be paid, and neither a due date nor terms say when."),
    "BR-CO-26": gettext_lazy(
        "The seller cannot be identified: a VAT id, a register number or a seller number is needed."
    ),
    "BR-B-01": gettext_lazy("Split payment is for invoices inside Italy only."),
    "BR-IC-11": gettext_lazy("A supply inside the EU needs a delivery date or a period."),
    "BR-IC-12": gettext_lazy("A supply inside the EU needs the country of delivery."),
    "BR-O-11": gettext_lazy("What is not subject to VAT cannot stand beside other tax groups."),
}

CATEGORIES: dict[str, Words] = {
    "S": gettext_lazy("Standard rate"),
    "Z": gettext_lazy("Zero rate"),
    "E": gettext_lazy("Exempt from tax"),
    "AE": gettext_lazy("Reverse charge"),
    "IC": gettext_lazy("Supply inside the EU"),
    "G": gettext_lazy("Export outside the EU"),
    "O": gettext_lazy("Not subject to VAT"),
    "AF": gettext_lazy("IGIC"),
    "AG": gettext_lazy("IPSI"),
}

# BR-<category>-<number>: the same ten questions for every category.
OF_CATEGORY: dict[str, Words] = {
    "01": gettext_lazy("lines and tax groups do not name the same categories."),
    "02": gettext_lazy("a VAT id or tax number is missing that a line of this category needs."),
    "03": gettext_lazy("a VAT id or tax number is missing that an allowance of this category needs."),
    "04": gettext_lazy("a VAT id or tax number is missing that a charge of this category needs."),
    "05": gettext_lazy("the rate of a line does not fit the category."),
    "06": gettext_lazy("the rate of an allowance does not fit the category."),
    "07": gettext_lazy("the rate of a charge does not fit the category."),
    "08": gettext_lazy("the taxable amount of the group is not the sum of its lines, allowances and charges."),
    "09": gettext_lazy("the tax amount of the group does not fit its rate."),
    "10": gettext_lazy("the reason why no tax is charged is missing, or stands where none belongs."),
}

_OF_CATEGORY = re.compile(r"^BR-(AE|AF|AG|IC|S|Z|E|G|O)-(\d\d)$")


def in_our_words(rule: str) -> str:
    """What breaking the rule means; empty where only the standard's own text says it.

    >>> in_our_words("BR-CO-10"), in_our_words("BR-S-09"), in_our_words("BR-B-99")
    ('The lines do not add up to their sum.', 'Standard rate: the tax amount of the group does not fit its rate.', '')
    """
    if rule in RULES:
        return str(RULES[rule])
    if (match := _OF_CATEGORY.match(rule)) and match[2] in OF_CATEGORY:
        category = str(CATEGORIES[match[1]])
        return _("{category}: {what}").format(category=category, what=OF_CATEGORY[match[2]])
    if rule.startswith("BR-DEC-"):
        return _("An amount has more than two digits after the point.")
    return ""
