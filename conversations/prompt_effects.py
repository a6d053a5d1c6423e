"""What an answer to a follow-up does: it is kept for the programme, a bad score is shown to a supervisor."""

from collections.abc import Mapping

from sqlalchemy import select

from conversations.desk.cases import find_case
from conversations.prompt_models import PromptAnswer
from conversations.scene import FactsMoved, Results, Row, Scene
from conversations.steps import AnswerPrompt, DeclineGift, Effect
from core.database import upsert_ignore
from tickets import desk, grants, repository, satisfaction
from tickets.scores import BAD
from tickets.timeline import CUSTOMER
from tickets.values import IllegalMove


async def _answer(scene: Scene, effect: AnswerPrompt) -> Results:
    await _keep(scene, effect)
    if effect.score is not None and effect.score <= BAD:
        await _show_to_supervisor(scene, effect.score, effect.words)
    return {}


async def _keep(scene: Scene, effect: AnswerPrompt) -> None:
    """Another answer to the same question takes its place."""
    same = (
        (PromptAnswer.follow_up == effect.follow_up)
        & (PromptAnswer.kind == effect.kind)
        & (PromptAnswer.question == effect.question)
    )
    insert = upsert_ignore(PromptAnswer, scene.session.get_bind().dialect.name)
    await scene.session.execute(
        insert.values(
            follow_up=effect.follow_up,
            programme=effect.programme,
            customer_id=scene.thread.conversation.customer_id,
            kind=effect.kind,
            question=effect.question,
            at=scene.now,
        )
    )
    row = (await scene.session.scalars(select(PromptAnswer).where(same))).one()
    row.value, row.words, row.at, row.applied_at = effect.value, effect.words, scene.now, None


async def _show_to_supervisor(scene: Scene, score: int, words: str | None) -> None:
    """With what was told, also where the case had been there before."""
    work = await scene.policies.work(scene.session, scene.now, CUSTOMER)
    ticket = await find_case(scene.session, scene.thread.conversation)
    if ticket is not None:
        locked = await repository.lock_ticket(scene.session, ticket.number)
        if words:
            await desk.note(work, locked, words)
        await satisfaction.show_to_supervisor(work, locked, score)


async def _decline_gift(scene: Scene, effect: DeclineGift) -> Results:
    work = await scene.policies.work(scene.session, scene.now, CUSTOMER)
    grant = await grants.lock_grant(work, effect.grant)
    if grant.customer_id != scene.thread.conversation.customer_id:
        raise FactsMoved(f"compensation {effect.grant} is somebody else's")
    try:
        await grants.decline(work, grant.id)
    except IllegalMove:
        return {}  # it has expired, or was taken: there is nothing to give back
    return {}


ROWS: Mapping[type[Effect], Row] = {AnswerPrompt: _answer, DeclineGift: _decline_gift}
