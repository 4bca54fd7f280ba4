"""What a validator says of the cases of a suite, held against what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from srcos_contracts.evolve.cases import differing, listed
from srcos_contracts.evolve.conformance import Level, Suite, SuiteCase
from srcos_contracts.evolve.conversation import ENDED, RUNNING, CommandFailed, Conversation
from srcos_contracts.evolve.protocol import Answer, NoAnswer, answer_in, client_in, greeting, question
from srcos_contracts.named import NamedTuple
from srcos_contracts.processes import held_back
from srcos_contracts.wording import cut, quoted

__all__ = ["Difference", "Interview", "difference", "interview"]


class Difference(NamedTuple):
    """A case of which a validator does not say what is expected."""

    case: SuiteCase
    words: str
    rules: frozenset[str] = frozenset()
    """The rules that it sees otherwise, where that accounts for the whole difference."""


class Interview(NamedTuple):
    """What came of asking a command."""

    client: str
    """What it calls itself; empty where it did not come to that."""
    asked: tuple[SuiteCase, ...]
    unanswered: frozenset[str]
    """The ids of the cases of which it said nothing."""
    differences: tuple[Difference, ...]
    """In the order of the suite."""
    failure: str = ""
    """Why not all cases were answered."""
    remark: str = ""
    """What it did otherwise than it should, where that changes no answer."""

    @property
    def answered(self) -> bool:
        """Whether it said anything of any case."""
        return len(self.unanswered) < len(self.asked)


def interview(suite: Suite, level: Level, command: Sequence[str], timeout: float) -> Interview:
    """Asks a command about all cases that have an answer at a level. Raises CommandFailed where it cannot be started."""
    asked = {case.id: case for case in suite.cases if case.asked_at(level)}
    found: dict[str, Difference | None] = {}
    client, failure, remark = "", "", ""

    def told() -> Iterator[bytes]:
        yield greeting(suite, level, len(asked)).encode("ascii") + b"\n"
        for case in asked.values():
            yield question(case).encode("ascii") + b"\n"

    with ExitStack() as beginning:
        # An interrupt before the conversation can end its command would leave that behind.
        beginning.enter_context(held_back())
        with Conversation(command, timeout) as conversation:
            beginning.close()
            number = 0
            try:
                for number, line in enumerate(conversation.lines(told(), lambda: len(found) == len(asked)), 1):
                    if number == 1:
                        client = client_in(line)
                        continue
                    answer = answer_in(line, level)
                    case = asked.get(answer.id)
                    if case is None or answer.id in found:
                        known = "was not asked" if case is None else "it has answered before"
                        raise NoAnswer(f'answers "{quoted(answer.id, 200)}", which {known}')
                    found[answer.id] = difference(case, answer, level)
                ending = conversation.ending()
                if len(found) < len(asked) or not number:
                    failure = _left_early(ending, len(found), len(asked))
                else:
                    remark = _late(ending)
            except NoAnswer as error:
                failure = f"line {number:,} of what the command wrote {error}"
            except CommandFailed as error:
                failure = str(error)
    differences = (unlike for case in asked if (unlike := found.get(case)) is not None)
    return Interview(client, tuple(asked.values()), frozenset(asked.keys() - found.keys()), tuple(differences), failure, remark)


def _left_early(ending: str, answered: int, asked: int) -> str:
    return f"the command {'closed its output' if ending == RUNNING else ending} after {answered:,} of {asked:,} answers"


def _late(ending: str) -> str:
    if ending == RUNNING:
        return "the command did not end when its input did, and was stopped"
    return "" if ending == ENDED else f"the command {ending} after its last answer"


def difference(case: SuiteCase, answer: Answer, level: Level) -> Difference | None:
    """How an answer differs from what is expected at a level; None where it does not."""
    expected = case.findings or frozenset()
    if answer.error:
        return Difference(case, f"the validator has no verdict: {cut(answer.error, 300)}", frozenset(told.rule for told in expected))
    if level == "findings":
        given = answer.findings or frozenset()
        if given == expected:
            return None
        return Difference(case, differing(expected, given), frozenset(told.rule for told in expected ^ given))
    wanted, by = (case.schema_valid, " by plain JSON Schema") if level == "schema" else (case.valid, "")
    if answer.valid is wanted:
        return None
    errors = frozenset(told for told in expected if told.severity == "error")
    if wanted:
        came = frozenset(told for told in answer.findings or () if told.severity == "error")
        because = f"; {listed(came)} came" if came else ""
        return Difference(case, f"is valid{by}, and the validator says that it is not{because}", frozenset(told.rule for told in came))
    because = f" for {listed(errors)}" if errors else ""
    return Difference(case, f"is not valid{by}{because}, and the validator says that it is", frozenset(told.rule for told in errors))
