"""The two ways to receive updates: long polling, or a webhook."""

import re

from tests.telegram_server.calls import Call
from tests.telegram_server.values import Json, bad_request, conflict
from tests.telegram_server.webhook import WebhookSettings
from tests.telegram_server.world import Method, World

LONGEST_POLL = 50
_WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


async def get_updates(world: World, call: Call) -> list[Json]:
    if world.webhook.settings.url:
        raise conflict(_WEBHOOK_ACTIVE)
    if "allowed_updates" in call.params:
        world.updates.allow(call.items("allowed_updates"))
    world.updates.confirm_before(call.number_or("offset", 0))
    timeout = min(call.number_or("timeout", 0), LONGEST_POLL)
    return await world.updates.poll(call.number_or("limit", 100), timeout)


async def set_webhook(world: World, call: Call) -> bool:
    secret = call.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if not call.text("url"):
        return await delete_webhook(world, call)
    if "allowed_updates" in call.params:
        world.updates.allow(call.items("allowed_updates"))
    if call.find("drop_pending_updates"):
        world.updates.drop_all()
    await world.webhook.set(WebhookSettings(call.text("url"), secret, call.number_or("max_connections", 40)))
    world.updates.end_poll("terminated by setWebhook request")
    return True


async def delete_webhook(world: World, call: Call) -> bool:
    if call.find("drop_pending_updates"):
        world.updates.drop_all()
    await world.webhook.stop()
    return True


async def get_webhook_info(world: World, call: Call) -> Json:
    return world.webhook.info()


METHODS: dict[str, Method] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
