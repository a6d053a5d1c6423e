"""One call and its answer: limits, faults, the method itself, and the entry in the log."""

from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.faults import Fault, FaultKind
from tests.telegram_server.log import CallRecord
from tests.telegram_server.methods.table import carry_out, find_name
from tests.telegram_server.values import ApiError, Json, too_many_requests
from tests.telegram_server.world import World


@dataclass(slots=True)
class Exchange:
    """What goes back to the bot. `fault`: how the line breaks on the way."""

    record: CallRecord
    status: int = 200
    body: Json = field(default_factory=dict)
    fault: Fault | None = None


async def answer(world: World, token: str, call: Call) -> Exchange:
    call = Call(find_name(call.method) or call.method, call.params, call.files)
    exchange = Exchange(world.log.arrived(call.method, call.chat_id))
    try:
        check_call(world, token, call)
        exchange.fault = strike(world, call)
        if exchange.fault is None or exchange.fault.carried_out:
            result = await carry_out(world, call)
            exchange.body = {"ok": True, "result": result}
            exchange.record.carried_out = True
            write_down(world, call, result)
        else:
            exchange.status, exchange.body = 500, ApiError(500, "Internal Server Error").body()
    except ApiError as refusal:
        exchange.status, exchange.body = refusal.code, refusal.body()
    exchange.record.status = exchange.status
    exchange.record.description = exchange.body.get("description", "")
    return exchange


def check_call(world: World, token: str, call: Call) -> None:
    """Raises the ApiError of a wrong token, an unknown method or flood control."""
    if token != world.token:
        raise ApiError(401, "Unauthorized")
    if find_name(call.method) is None:
        world.log.violated("unknown_method", call.method)
        raise ApiError(404, "Not Found: method not found")
    now = world.monotonic()
    if world.limits.is_violation(call, now):
        world.log.violated("call_before_retry_after", f"{call.method} to chat {call.chat_id}")
    wait = world.limits.refuse(call, world.is_group(call.chat_id), now)
    if wait:
        raise too_many_requests(wait)


def strike(world: World, call: Call) -> Fault | None:
    """The fault of the line that strikes this call. Raises the ApiError of one that refuses it."""
    fault = world.faults.strike(call)
    if fault is None or fault.is_on_the_line:
        return fault
    if fault.kind is FaultKind.FLOOD:
        world.limits.pause(fault.chat_id, world.monotonic(), fault.retry_after)
    raise fault.refusal()


def write_down(world: World, call: Call, result: Any) -> None:
    """Enter in the delivery log what reached a chat."""
    press = world.presses.get(call.text("callback_query_id"))
    chat_id = press.chat_id if press else call.chat_id
    if chat_id is None or call.method.startswith("get"):
        return
    for touched in result if isinstance(result, list) else [result]:
        message_id = touched.get("message_id") if isinstance(touched, dict) else call.find("message_id")
        message = world.chats[chat_id].messages.get(message_id or 0, {})
        world.log.delivered(world.clock.now(), chat_id, call.method, call.params, message_id, message)
