"""What steps do beside talking. Another feature adds its effect's class to `steps.Effect` and its row to `_ROWS`."""

from collections.abc import Mapping

import structlog

from conversations import case_effects, customer_effects
from conversations.scene import Results, Row, Scene
from conversations.steps import AskForPerson, ChooseLanguage, Effect, LogFeedback, LogQuestion
from conversations.values import Owner
from core import signals
from knowledge_base import question_log

log = structlog.get_logger(__name__)


async def apply(scene: Scene, effect: Effect) -> Results:
    """Does it, and returns what the texts may name."""
    return await _ROWS[type(effect)](scene, effect)


async def _ask_for_person(scene: Scene, effect: AskForPerson) -> Results:
    conversation = scene.thread.conversation
    conversation.owner = Owner.WAITING
    conversation.owner_since = scene.now
    conversation.unanswered_since = conversation.unanswered_since or scene.now
    scene.session.signal(signals.CONVERSATIONS)
    log.info("person_asked_for", conversation=conversation.id, reason=effect.reason.value)
    return {}


async def _log_question(scene: Scene, effect: LogQuestion) -> Results:
    customer_id = scene.thread.conversation.customer_id
    question_id = await question_log.record(
        scene.session, effect.text, effect.language, effect.result, customer_id, scene.now
    )
    return {"question_id": str(question_id)}


async def _log_feedback(scene: Scene, effect: LogFeedback) -> Results:
    await question_log.add_feedback(scene.session, effect.question_id, effect.helpful, effect.followed_by)
    return {}


async def _choose_language(scene: Scene, effect: ChooseLanguage) -> Results:
    scene.thread.conversation.language = effect.language
    scene.thread.conversation.chosen_language = True
    await customer_effects.remember_language(scene, effect.language)
    return {}


_ROWS: Mapping[type[Effect], Row] = {
    AskForPerson: _ask_for_person,
    LogQuestion: _log_question,
    LogFeedback: _log_feedback,
    ChooseLanguage: _choose_language,
    **customer_effects.ROWS,
    **case_effects.ROWS,
}
