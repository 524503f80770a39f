"""What is told of a record that one may know of and not yet see."""


def masked(name: str) -> str:
    """The first letter of each word: enough to recognise whom one has in mind, too little to learn a name.

    >>> masked("Alfreds Futterkiste"), masked("和明贸易")
    ('A••• F•••', '和•••')
    """
    return " ".join(f"{word[0]}•••" for word in name.split())


def masked_phone(phone: str) -> str:
    """That there is a number, and its last two digits.

    >>> masked_phone("+49 30 007 43 21"), masked_phone("")
    ('••• 21', '')
    """
    digits = "".join(sign for sign in phone if sign.isdigit())
    return f"••• {digits[-2:]}" if len(digits) > 4 else "•••" if phone else ""


def masked_mail(email: str) -> str:
    """That there is an address, and its first letter.

    >>> masked_mail("maria@alfreds.example"), masked_mail("")
    ('m•••@•••', '')
    """
    return f"{email[0]}•••@•••" if email else ""
