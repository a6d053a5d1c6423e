"""What to answer to a batch, decided before the transaction that says it: search is slow, and the rest is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from conversations import language, pace
from conversations.case_facts import ReadCases, Writer
from conversations.customer_facts import ReadCustomer
from conversations.dialogues.blocked import blocked_step
from conversations.dialogues.complaints import count_together, place, place_by_topic
from conversations.dialogues.follow_ups import place_answer, without_old
from conversations.dialogues.own_file import place_misread
from conversations.dialogues.ratings import place_rating
from conversations.flow import heed, needs_cases, needs_customer, needs_search, next_step, without_orders
from conversations.intents import Intent, Meaning
from conversations.knowledge import Knowledge
from conversations.memory import Choice, Memory
from conversations.rendering import read_offers
from conversations.steps import AskForPerson, ChooseLanguage, Facts, Say, Step
from conversations.turns import Entry, Original, own_phone, take_turn
from conversations.values import Language, Owner, Visitor
from core.shop_facts import ShopFacts
from knowledge_base.values import SearchContext


@dataclass(frozen=True, slots=True)
class Context:
    """What was read of the conversation; `version` is checked again before anything is written.

    `recent`: when the customer wrote lately, newest first. `limit`: messages a minute; None: the door counts itself.
    `blocked_until`: what the customer writes before then is kept, and not answered. `writer` None: not known yet.
    """

    version: int
    owner: Owner
    memory: Memory
    is_readable: bool
    language: Language | None
    has_chosen: bool
    shop: ShopFacts
    is_sample: bool
    staffed: bool
    shares_phone: bool
    known: Mapping[str, Original]
    recent: tuple[datetime, ...]
    limit: int | None
    blocked_until: datetime | None = None
    writer: Writer | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Rows to add, and the step that answers them; `language` is what the answer is in. No step: nothing is said.

    `choice` is the button that was pressed or meant.
    """

    entries: tuple[Entry, ...]
    language: Language
    step: Step | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What is looked up while planning: articles, what is known of the customer, and of their tickets."""

    knowledge: Knowledge
    customer: ReadCustomer
    cases: ReadCases


class Planner:
    """Reads the entries of one batch, turn by turn."""

    def __init__(self, context: Context, visitor: Visitor, sources: Sources, default: Language, now: datetime) -> None:
        self._context = context
        self._visitor = visitor
        self._knowledge = sources.knowledge
        self._read_customer = sources.customer
        self._read_cases = sources.cases
        self._now = now
        self._memory = without_old(context.memory, now)
        self._owner = context.owner
        self._chosen = context.language if context.has_chosen else None
        self._language = context.language
        self._default = default
        self._times = list(context.recent)
        self._restarts = not context.is_readable

    async def plan(self, entries: Sequence[Entry]) -> tuple[Turn, ...]:
        turns: list[Turn] = []
        waiting = list(entries)
        while waiting:
            turn = await self._next_turn(waiting)
            waiting = waiting[len(turn.entries) :]
            turns.append(turn)
        return tuple(turns)

    async def _next_turn(self, waiting: Sequence[Entry]) -> Turn:
        first = waiting[0]
        if not first.wants_answer:
            return Turn((first,), self._spoken(first.text))
        if self._is_over_limit(first.at):
            return self._slow_down(first)
        allowed = self._leading_allowed(waiting)
        offers = read_offers(self._memory.menu, self._context.shop)
        count, intent = take_turn(allowed, self._memory.menu, offers)
        count, intent = take_turn(allowed[: await self._together(allowed[:count], intent)], self._memory.menu, offers)
        taken = tuple(allowed[:count])
        self._times.extend(entry.at for entry in taken)
        self._language = self._spoken("\n".join(entry.text for entry in taken))
        if self._context.blocked_until is not None:
            step = blocked_step(self._memory, intent, self._facts(), self._context.blocked_until)
        else:
            step = self._politely_restarted(await self._step(heed(self._memory, intent, own_phone(taken))))
        self._advance(step)
        return Turn(taken, step.language or self._language, step, intent.choice)

    async def _together(self, entries: Sequence[Entry], intent: Intent) -> int:
        """How many of the entries of a turn are about one thing."""
        if len(entries) == 1 or intent.meaning is not Meaning.ASKED or not needs_cases(intent, self._owner):
            return len(entries)
        return count_together(self._memory, intent, [each.text for each in entries], await self._read_cases(self._now))

    async def _step(self, intent: Intent) -> Step:
        facts = self._facts()
        if needs_customer(self._memory, intent, self._owner):
            facts = replace(facts, customer=await self._read_customer(intent.given, self._now))
            intent = without_orders(intent, facts.customer)
        if needs_cases(intent, self._owner):
            facts = replace(facts, cases=await self._read_cases(self._now))
            intent = place_rating(self._memory, place(self._memory, intent, facts.cases), facts.cases)
        found = await self._searched(intent)
        found = place_by_topic(found, facts.cases, self._knowledge)
        found = place_misread(self._memory, place_answer(self._memory, found))
        return next_step(self._memory, found, facts)

    def _spoken(self, text: str) -> Language:
        return language.choose(
            text, chosen=self._chosen, before=self._language, client=self._visitor.language, default=self._default
        )

    def _facts(self) -> Facts:
        return Facts(
            language=self._language or self._default,
            now=self._now,
            owner=self._owner,
            catalogue=self._knowledge,
            shop=self._context.shop,
            sample=self._context.is_sample,
            staffed=self._context.staffed,
            shares_phone=self._context.shares_phone,
        )

    async def _searched(self, intent: Intent) -> Intent:
        if not needs_search(self._memory, intent, self._owner):
            return intent
        memory = self._memory
        context = SearchContext(self._language, memory.last_question, memory.last_article)
        return replace(intent, result=await self._knowledge.search(intent.text, context))

    def _advance(self, step: Step) -> None:
        self._memory = step.memory
        for effect in step.effects:
            if isinstance(effect, AskForPerson):
                self._owner = Owner.WAITING
            elif isinstance(effect, ChooseLanguage):
                self._chosen = self._language = effect.language

    def _politely_restarted(self, step: Step) -> Step:
        if not self._restarts or not step.says:
            return step
        self._restarts = False
        return replace(step, says=(Say("restart.polite"), *step.says))

    def _is_over_limit(self, at: datetime) -> bool:
        limit = self._context.limit
        is_answered = self._context.blocked_until is None
        return is_answered and limit is not None and pace.is_over(at, self._times, limit)

    def _leading_allowed(self, waiting: Sequence[Entry]) -> list[Entry]:
        """The entries, from the first, that want an answer and are within the limit."""
        before, allowed = list(self._times), list[Entry]()
        for entry in waiting:
            limit = self._context.limit
            if not entry.wants_answer or (limit is not None and pace.is_over(entry.at, before, limit)):
                break
            before.append(entry.at)
            allowed.append(entry)
        return allowed

    def _slow_down(self, entry: Entry) -> Turn:
        """One polite line a minute; the message itself is kept."""
        self._times.append(entry.at)
        spoken, told_at = self._spoken(entry.text), self._memory.slowed_at
        if self._owner is Owner.TAKEN or (told_at is not None and entry.at - told_at < pace.MINUTE):
            return Turn((entry,), spoken)
        self._memory = self._memory.model_copy(update={"slowed_at": entry.at})
        return Turn((entry,), spoken, Step(self._memory, (Say("limit.slow_down"),)))
