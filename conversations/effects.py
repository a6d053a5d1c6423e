"""What steps do beside talking. Another feature adds its effect's class to `steps.Effect` and its row to `_ROWS`."""

from collections.abc import Mapping

from conversations import case_effects, customer_effects, offer_effects, prompt_effects
from conversations.scene import Results, Row, Scene
from conversations.steps import ChooseLanguage, Effect, LogFeedback, LogQuestion
from knowledge_base import question_log


async def apply(scene: Scene, effect: Effect) -> Results:
    """Does it, and returns what the texts may name."""
    return await _ROWS[type(effect)](scene, effect)


async def _log_question(scene: Scene, effect: LogQuestion) -> Results:
    customer_id = scene.thread.conversation.customer_id
    question_id = await question_log.record(
        scene.session, effect.text, effect.language, effect.result, customer_id, scene.now
    )
    return {"question_id": str(question_id)}


async def _log_feedback(scene: Scene, effect: LogFeedback) -> Results:
    await question_log.add_feedback(scene.session, effect.question_id, effect.helpful, effect.followed_by, scene.now)
    return {}


async def _choose_language(scene: Scene, effect: ChooseLanguage) -> Results:
    scene.thread.conversation.language = effect.language
    scene.thread.conversation.chosen_language = True
    await customer_effects.remember_language(scene, effect.language)
    return {}


_ROWS: Mapping[type[Effect], Row] = {
    LogQuestion: _log_question,
    LogFeedback: _log_feedback,
    ChooseLanguage: _choose_language,
    **customer_effects.ROWS,
    **case_effects.ROWS,
    **offer_effects.ROWS,
    **prompt_effects.ROWS,
}
