"""The words of ./manage.py that concern the whole deployment."""


def run(word: str, rest: list[str]) -> int:
    """Do it; the number is the process's exit code."""
    print(f"./manage.py {word} comes with the supervisor.")
    return 2
