"""What is typed wrongly is answered with one line on stderr and exit code 2."""

import pytest

from tests.support.command_line import CommandLine

#: What was typed, what the line says, and where it sends one.
WRONG = {
    "no such command": ("nosuch", "No such command 'nosuch'", "kefu --help"),
    "a noun without its verb": ("kb", "Missing command", "kefu kb --help"),
    "something is missing": ("ask", "Missing argument 'text'", "kefu ask --help"),
    "something is too much": ("ask one two", "unexpected extra argument(s) (two)", "kefu ask --help"),
    "no such option": ("kb import --nosuch x", "No such option: --nosuch", "kefu kb import --help"),
    "not one of the choices": ("ask --language fr x", "'fr' is not one of 'zh', 'en'", "kefu ask --help"),
    "not a number": ("run --port abc", "'--port'", "kefu run --help"),
    "out of range": ("run --port 99999", "less than or equal to 65535", "kefu run --help"),
}


@pytest.mark.parametrize(("typed", "says", "sends_to"), WRONG.values(), ids=WRONG)
def test_wrong_use_is_one_line_that_names_it(kefu: CommandLine, typed: str, says: str, sends_to: str) -> None:
    ran = kefu(*typed.split())
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.rstrip("\n").count("\n") == 0
    assert ran.err.startswith("kefu: ")
    assert says in ran.err
    assert ran.err.rstrip().endswith(f"; see {sends_to}")


def test_the_bare_word_shows_what_there_is(kefu: CommandLine) -> None:
    ran = kefu()
    assert (ran.code, ran.err) == (2, "")
    assert "ask" in ran.out
