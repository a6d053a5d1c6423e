"""`/me`: what is known of the customer, corrections, consents, a copy, erasure; and asking for the birthday."""

import re
from dataclasses import replace
from types import MappingProxyType

from conversations.complaints import is_question
from conversations.intents import Intent, Meaning
from conversations.memory import Choice, Dialogue, Idle, Memory, OwnFile
from conversations.steps import (
    AskPrivacy,
    ChangeFile,
    ChoiceRows,
    Facts,
    Handler,
    MarkBirthday,
    Moment,
    Rows,
    Say,
    SetConsent,
    SetContactWish,
    Step,
)
from conversations.values import Language
from conversations.zones import find_zone
from core.errors import InvalidInput
from customers.birthdays import Birthday, parse_birthday
from customers.values import BirthdayCalendar, BirthdayQuestion, ConsentKind, ContactWish, Origin, Tier
from knowledge_base.values import Outcome

#: A text that is longer is no birthday and no place.
_LONGEST = 40
_ENGLISH_DAY = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3})[a-z]*|([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?)"
    r",?(?: (\d{4}))?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: What the file says -> the line that shows it.
_PROFILE_LINES = {
    "name": "me.name",
    "phone": "me.phone",
    "email": "me.email",
    "organisation": "me.organisation",
    "needs": "me.needs",
}
_TIERS = {
    Tier.VIP: "me.tier_vip",
    Tier.GOLD: "me.tier_gold",
    Tier.SILVER: "me.tier_silver",
    Tier.STANDARD: "me.tier_standard",
}
_ZONES = {
    None: "me.zone_assumed",
    Origin.CUSTOMER: "me.zone_told",
    Origin.CHANNEL: "me.zone_seen",
    Origin.AGENT: "me.zone_recorded",
    Origin.IMPORT: "me.zone_recorded",
}
_LANGUAGES = {"zh": "me.language_zh", "en": "me.language_en"}
#: What is asked for -> the meaning of words that do not say it.
_MISREAD = {"birthday": Meaning.GAVE_BIRTHDAY, "zone": Meaning.GAVE_ZONE}


def _show(moment: Moment) -> Step:
    customer = moment.facts.customer
    birthday = customer.birthday
    about = _profile_slots(moment.facts)
    slots = {"birthday": birthday.text if birthday else "", "zone": customer.zone.key, **about}
    below = (
        *(line for slot, line in _PROFILE_LINES.items() if about[slot]),
        _LANGUAGES[moment.facts.language],
        _birthday_line(birthday),
        _ZONES[customer.profile.zone_from],
        "me.care_on" if customer.care else "me.care_off",
        "me.promotion_on" if customer.promotion else "me.promotion_off",
        *(("me.writes_first",) if customer.profile.writes_first else ()),
        *((_TIERS[customer.profile.tier],) if about["benefits"] else ()),
    )
    key = "me.known" if customer.recognised else "me.visitor"
    return moment.reply(Say(key, slots, _choices(moment.facts), below=below), dialogue=OwnFile())


def _profile_slots(facts: Facts) -> dict[str, str]:
    profile = facts.customer.profile
    told = {slot: getattr(profile, slot) for slot in _PROFILE_LINES}
    return told | {"benefits": profile.benefits.get(facts.language, "") if facts.customer.recognised else ""}


def _show_tier(moment: Moment) -> Step:
    """What being a good customer brings, to whoever it is theirs."""
    about = _profile_slots(moment.facts)
    customer = moment.facts.customer
    key = _TIERS[customer.profile.tier] if about["benefits"] else "me.tier_none"
    return moment.reply(Say(key if customer.recognised else "me.tier_unknown", about))


def _write_first(wish: ContactWish, key: str) -> Handler:
    def handler(moment: Moment) -> Step:
        return moment.reply(Say(key), effects=(SetContactWish(wish),))

    return handler


def _birthday_line(birthday: Birthday | None) -> str:
    if birthday is None:
        return "me.birthday_none"
    if birthday.calendar is BirthdayCalendar.LUNAR:
        return "me.birthday_leap" if birthday.leap_month else "me.birthday_lunar"
    return "me.birthday"


def _choices(facts: Facts) -> tuple[Choice, ...]:
    care, promotion = facts.customer.care, facts.customer.promotion
    return (
        Choice(token="my_language", text_key="button.my_language"),
        Choice(token="my_birthday", text_key="button.my_birthday"),
        Choice(token="my_zone", text_key="button.my_zone"),
        Choice(token="care_off" if care else "care_on", text_key="button.care_off" if care else "button.care_on"),
        Choice(
            token="offers_off" if promotion else "offers_on",
            text_key="button.offers_off" if promotion else "button.offers_on",
        ),
        Choice(token="my_copy", text_key="button.my_copy"),
        Choice(token="erase_me", text_key="button.erase_me"),
    )


def _consent(kind: ConsentKind, given: bool, key: str) -> Handler:
    def handler(moment: Moment) -> Step:
        return moment.reply(Say(key), effects=(SetConsent(kind, given),), dialogue=Idle())

    return handler


def _ask_birthday(moment: Moment) -> Step:
    return moment.reply(Say("me.ask_birthday"), dialogue=OwnFile(asks="birthday"))


def _ask_zone(moment: Moment) -> Step:
    return moment.reply(Say("me.ask_zone"), dialogue=OwnFile(asks="zone"))


def _changed(key: str) -> Handler:
    def handler(moment: Moment) -> Step:
        return moment.reply(Say(key), effects=(ChangeFile(moment.intent.changes),), dialogue=Idle())

    return handler


def _gave_birthday(moment: Moment) -> Step:
    """Who was asked for it so that they may be greeted, and says it, wants to be greeted."""
    dialogue = moment.memory.dialogue
    if not isinstance(dialogue, OwnFile) or not dialogue.greets:
        return _changed("me.birthday_kept")(moment)
    step = _changed("birthday.kept")(moment)
    return replace(step, effects=(*step.effects, SetConsent(ConsentKind.CARE, True)))


def _not_understood(moment: Moment) -> Step:
    dialogue = moment.memory.dialogue
    asks = dialogue.asks if isinstance(dialogue, OwnFile) else None
    return moment.reply(Say("me.zone_unknown" if asks == "zone" else "me.birthday_unknown"))


def _ask_copy(moment: Moment) -> Step:
    """Confirmed first: whoever looks over the shoulder would read it too."""
    choices = (
        Choice(token="my_copy_yes", text_key="button.my_copy_yes", means="yes"),
        Choice(token="my_copy_no", text_key="button.not_now", means="no"),
    )
    return moment.reply(Say("me.copy_confirm", choices=choices), dialogue=OwnFile(asks="copy"))


def _copy(moment: Moment) -> Step:
    return moment.reply(Say("me.copy"), effects=(AskPrivacy("copy"),), dialogue=Idle())


def _ask_erasure(moment: Moment) -> Step:
    choices = (
        Choice(token="erase_me_yes", text_key="button.erase_me_yes", means="yes"),
        Choice(token="erase_me_no", text_key="button.erase_me_no", means="no"),
    )
    comma = "、" if moment.facts.language is Language.ZH else ", "
    open_cases = comma.join(str(case.number) for case in moment.facts.cases.live)
    below = ("me.erasure_ends_cases",) if open_cases else ()
    said = Say("me.erasure_confirm", {"cases": open_cases}, choices, below=below)
    return moment.reply(said, dialogue=OwnFile(asks="erasure"))


def _erase(moment: Moment) -> Step:
    return moment.reply(Say("me.erasure_asked"), effects=(AskPrivacy("erasure"),), dialogue=Idle())


def _leave(moment: Moment) -> Step:
    return moment.reply(Say("small_talk.ok"), dialogue=Idle())


def with_birthday_question(step: Step, facts: Facts) -> Step:
    """`step`, which ends a solved matter, and the one question for the birthday, if it may be asked."""
    if not facts.customer.may_ask_birthday:
        return step
    no = Choice(token="no_birthday", text_key="button.no_birthday", means="no")
    memory = step.memory.model_copy(update={"dialogue": OwnFile(asks="birthday", greets=True)})
    asked = MarkBirthday(BirthdayQuestion.ASKED)
    return replace(
        step, memory=memory, says=(*step.says, Say("birthday.ask", choices=(no,))), effects=(*step.effects, asked)
    )


def _no_birthday(moment: Moment) -> Step:
    return moment.reply(Say("birthday.declined"), effects=(MarkBirthday(BirthdayQuestion.DECLINED),), dialogue=Idle())


def _declined_or_left(moment: Moment) -> Step:
    dialogue = moment.memory.dialogue
    return _no_birthday(moment) if isinstance(dialogue, OwnFile) and dialogue.greets else _leave(moment)


def _read(dialogue: Dialogue, intent: Intent) -> Intent:
    """What was asked for, if that is what was written; a question in between stays one."""
    asks = dialogue.asks if isinstance(dialogue, OwnFile) else None
    if intent.meaning is not Meaning.ASKED or len(intent.text) > _LONGEST:
        return intent
    if asks == "zone":
        zone = find_zone(intent.text)
        changes: dict[str, str | bool] = {"timezone": zone} if zone else {}
        return replace(intent, meaning=Meaning.GAVE_ZONE, changes=MappingProxyType(changes)) if zone else intent
    return _read_birthday(intent) if asks == "birthday" else intent


def _read_birthday(intent: Intent) -> Intent:
    try:
        day = parse_birthday(_without_words(intent.text))
    except InvalidInput:
        has_digit = any(sign.isdigit() for sign in intent.text)
        return replace(intent, meaning=Meaning.GAVE_BIRTHDAY) if has_digit else intent
    changes = {"birthday": day.text, "birthday_calendar": day.calendar.value, "birthday_leap_month": day.leap_month}
    return replace(intent, meaning=Meaning.GAVE_BIRTHDAY, changes=MappingProxyType(changes))


def _without_words(text: str) -> str:
    """`15 August 1955` and `August 15` as dates are written in numbers."""
    found = _ENGLISH_DAY.fullmatch(" ".join(text.lower().strip(" .").split()))
    month = (found[2] or found[3]) if found else ""
    if found is None or month not in _MONTHS:
        return text
    year, day = found[5], int(found[1] or found[4])
    return f"{f'{year}-' if year else ''}{_MONTHS.index(month) + 1}-{day}"


def place_misread(memory: Memory, intent: Intent) -> Intent:
    """What was written where a day or a place was asked for, is neither, and means nothing else, is asked for again."""
    dialogue = memory.dialogue
    asks = dialogue.asks if isinstance(dialogue, OwnFile) and not dialogue.greets else None
    misread = _MISREAD.get(asks or "")
    is_answer = len(intent.text) <= _LONGEST and not is_question(intent.text)
    if misread is None or intent.meaning is not Meaning.ASKED or intent.result is None or not is_answer:
        return intent
    return replace(intent, meaning=misread) if intent.result.outcome is Outcome.NONE else intent


def _gave(handler: Handler) -> Handler:
    return lambda moment: handler(moment) if moment.intent.changes else _not_understood(moment)


ROWS: Rows = {
    (Meaning.ASKED_FILE, None): _show,
    (Meaning.ASKED_TIER, None): _show_tier,
    (Meaning.WILL_WRITE_FIRST, None): _write_first(ContactWish.ONLY_WHEN_I_WRITE_FIRST, "me.writes_first_now"),
    (Meaning.MAY_BE_WRITTEN_TO, None): _write_first(ContactWish.ANY_TIME, "me.any_time_now"),
    (Meaning.ASKED_COPY, None): _ask_copy,
    (Meaning.ASKED_ERASURE, None): _ask_erasure,
    (Meaning.GAVE_BIRTHDAY, None): _gave(_gave_birthday),
    (Meaning.GAVE_ZONE, None): _gave(_changed("me.zone_kept")),
    (Meaning.CANCELLED, "own_file"): _declined_or_left,
    (Meaning.SAID_NO, "own_file"): _declined_or_left,
}
CHOICES: ChoiceRows = {
    "my_birthday": _ask_birthday,
    "my_zone": _ask_zone,
    "care_on": _consent(ConsentKind.CARE, True, "me.care_now_on"),
    "care_off": _consent(ConsentKind.CARE, False, "me.care_now_off"),
    "offers_on": _consent(ConsentKind.PROMOTION, True, "me.promotion_now_on"),
    "offers_off": _consent(ConsentKind.PROMOTION, False, "me.promotion_now_off"),
    "my_copy": _ask_copy,
    "my_copy_yes": _copy,
    "my_copy_no": _leave,
    "erase_me": _ask_erasure,
    "erase_me_yes": _erase,
    "erase_me_no": _leave,
    "no_birthday": _no_birthday,
}
READERS = {"own_file": _read}
NEEDS_CUSTOMER = frozenset({Meaning.ASKED_FILE, Meaning.ASKED_TIER, "helped"})
NEEDS_CASES = frozenset({Meaning.ASKED_ERASURE, "erase_me"})
