"""What steps do to the customer's file: consents, corrections, proofs, requests."""

from collections.abc import Mapping

from conversations import carrying
from conversations.days import day_words
from conversations.scene import FactsMoved, Results, Row, Scene
from conversations.steps import (
    AskPrivacy,
    ChangeFile,
    Effect,
    JoinByPhone,
    MakeLinkCode,
    MarkBirthday,
    RecordProof,
    RedeemCode,
    SetConsent,
    SetContactWish,
    StopMessages,
)
from conversations.values import Language
from core.errors import LimitExceeded
from customers import codes, consents, service, tasks
from customers.contacts import parse_phone
from customers.profile import ProfileChanges
from customers.values import BirthdayQuestion, Origin

_HERSELF = service.Writer("customer", Origin.CUSTOMER)


def _source(scene: Scene) -> str:
    return f"chat {scene.thread.account.name}"


async def remember_language(scene: Scene, language: Language) -> None:
    """The customer's own choice holds on every channel and against every import."""
    await _write(scene, {"language": language.value})


async def _write(scene: Scene, changes: Mapping[str, object]) -> None:
    wanted = ProfileChanges.model_validate(dict(changes))
    customer_id = scene.thread.conversation.customer_id
    await service.change_customer(scene.session, customer_id, None, wanted, _HERSELF, scene.now)


async def _change_file(scene: Scene, effect: ChangeFile) -> Results:
    await _write(scene, effect.changes)
    return {}


async def _set_contact_wish(scene: Scene, effect: SetContactWish) -> Results:
    await _write(scene, {"preferences": {"contact": effect.wish.value}})
    return {}


async def _stop(scene: Scene, _effect: StopMessages) -> Results:
    customer_id = scene.thread.conversation.customer_id
    await consents.stop_everything(scene.session, customer_id, source=_source(scene), now=scene.now)
    return {}


async def _set_consent(scene: Scene, effect: SetConsent) -> Results:
    answers = {effect.kind: effect.given}
    customer_id = scene.thread.conversation.customer_id
    await consents.record(scene.session, customer_id, answers, source=_source(scene), now=scene.now)
    return {}


async def _mark_birthday(scene: Scene, effect: MarkBirthday) -> Results:
    customer = await service.get_customer(scene.session, scene.thread.conversation.customer_id)
    if effect.what is BirthdayQuestion.ASKED and not service.may_ask_birthday(customer):
        raise FactsMoved("the birthday was asked for meanwhile")
    await service.mark_birthday_question(scene.session, customer.id, effect.what, scene.now)
    return {}


async def _ask_privacy(scene: Scene, effect: AskPrivacy) -> Results:
    conversation = scene.thread.conversation
    wish = tasks.PrivacyWish(effect.wish)
    task = await tasks.ask_privacy(scene.session, conversation.customer_id, wish, scene.now, conversation.id)
    assert task.due_at is not None
    return {"due": day_words(task.due_at, Language(conversation.language or Language.ZH))}


async def _make_link_code(scene: Scene, _effect: MakeLinkCode) -> Results:
    made = await codes.start_link(scene.session, scene.thread.identity, scene.now)
    return {"code": made.code, "minutes": str(int(codes.LINK_LASTS.total_seconds() // 60))}


async def _redeem(scene: Scene, effect: RedeemCode) -> Results:
    try:
        joined = await codes.redeem(scene.session, scene.thread.identity, effect.code, scene.now)
    except (codes.CodeInvalid, codes.CannotJoin):
        raise FactsMoved("the code was used meanwhile") from None
    await _follow_identity(scene)
    if joined.carries is not None:
        await carrying.bring(scene, joined.carries)
    return {}


async def _join_by_phone(scene: Scene, effect: JoinByPhone) -> Results:
    phone = parse_phone("+" + effect.phone.lstrip("+"))
    if await codes.recognise_phone(scene.session, scene.thread.identity, phone, scene.now) is None:
        raise FactsMoved("the number is not that of one customer any more")
    await _follow_identity(scene)
    return {}


async def _follow_identity(scene: Scene) -> None:
    """The conversation went along to the other file, past the session."""
    await scene.session.flush()
    await scene.session.refresh(scene.thread.conversation, ["customer_id"])


async def _record_proof(scene: Scene, effect: RecordProof) -> Results:
    subjects = codes.proof_subjects(scene.thread.identity, effect.number)
    if not effect.fits:
        await codes.record_try(scene.session, subjects, scene.now)
        return {}
    try:
        order = await codes.check_proof(scene.session, subjects, effect.number, effect.digits, scene.now)
    except LimitExceeded:
        order = None
    if order is None:
        raise FactsMoved("this proof does not hold any more")
    return {}


ROWS: Mapping[type[Effect], Row] = {
    RecordProof: _record_proof,
    StopMessages: _stop,
    SetConsent: _set_consent,
    ChangeFile: _change_file,
    SetContactWish: _set_contact_wish,
    MarkBirthday: _mark_birthday,
    AskPrivacy: _ask_privacy,
    MakeLinkCode: _make_link_code,
    RedeemCode: _redeem,
    JoinByPhone: _join_by_phone,
}
