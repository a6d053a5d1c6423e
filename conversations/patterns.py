"""Sayings too varied for a list, as patterns over folded words. Pure.

The alternatives of a repeated group never overlap, so that no text makes them try twice.
"""

import re

_ASKING_ZH = (
    r"(?:你好|您好|请问|麻烦|帮我|帮忙|我|想|查|询|一下|看|问|们|的|那个|这个|上次|昨天|前天|上周|买|下单|了|知道)*"
)
_RELATIVE_ZH = (
    r"(?:妈妈|妈|爸爸|爸|父母|母亲|父亲|老公|老婆|丈夫|妻子|女儿|儿子|奶奶|爷爷|外婆|外公|姐姐|姐|妹妹|妹|哥哥|哥"
    r"|弟弟|弟|婆婆|公公|朋友|同事|亲戚|家人|别人|邻居)(?:的|买的|订的|下的)?(?:那个|那单)?"
)
_THING_ZH = r"(?:快递|包裹|物流|订单|单子|货|东西|茶叶)"
_WHERE_ZH = (
    r"(?:现在|目前|都|到底|怎么|为什么|还|已经|发|送|寄)*"
    r"(?:到哪|在哪|走到哪|到什么地方|到什么位置|什么时候到|啥时候到|几时到|何时到|没到|没有到|没收到|没有收到|没来"
    r"|进度|状态|信息|情况|查询|货没|货了吗|了没|了吗|出了吗|到了吗|到了没|没动)(?:里|儿|了|呢|呀|吗|没)*"
)
_POLITE_EN = r"(?:hi |hello |please |can you |could you |tell me |do you know |i want to know |i'd like to know )*"
_PARCEL_EN = r"(?:(?:most )?recent |last |latest |tea )?(?:orders?|parcels?|packages?|delivery|shipment|stuff|tea)"
_OWN_EN = rf"(?:my|the|our) {_PARCEL_EN}"
_RELATIVE_EN = (
    r"my (?:mother|mom|mum|father|dad|wife|husband|daughter|son|sister|brother|friend|colleague|grandmother"
    rf"|grandfather|grandma|grandpa|aunt|uncle|partner|neighbou?r)'?s {_PARCEL_EN}"
)


def _where_en(whose: str) -> str:
    return (
        rf"{_POLITE_EN}(?:"
        rf"where(?:'s| is| are|s) {whose}|where {whose} is"
        rf"|(?:when will|when does|when is) {whose} (?:arrive|arriving|come|coming|get here|be here|be delivered)"
        rf"|(?:has|have) {whose} (?:shipped|been shipped|been sent|arrived|left)"
        rf"|{whose} (?:still )?(?:hasn't|has not|didn't|did not|never) (?:arrived?|come|shown up|show up)"
        rf"|(?:i )?(?:still )?(?:haven't|have not) (?:received|got|gotten) {whose}"
        rf"|(?:track|check) {whose}|(?:what's |what is )?(?:the )?status of {whose}"
        r")(?: now| yet| at| please| right now)*"
    )


_STOP_ZH = (
    r"(?:请|麻烦)?(?:你们|您)?(?:能不能|可以)?(?:别|不要|不想|停止|取消)(?:再)?(?:给我|向我|跟我)?"
    r"(?:发送|发|推送|推|收到|接收|收)(?:这些|这种|这类|任何)?(?:祝福|活动|促销|营销|推广|广告|优惠|通知|问候)?"
    r"(?:消息|短信|信息)?(?:给我|过来|来)?"
)
_STOP_EN = (
    r"(?:please )?(?:stop|don't|do not|quit) (?:send|sending|text|texting|message|messaging|write|writing)"
    r"(?: to)?(?: me)?(?: any| these| more| such| your)*(?: messages| offers| ads| promotions| greetings| texts| spam)?"
    r"(?: to me)?(?: anymore| any more| again| please)*"
)
_FILE_ZH = r"(?:看|查|看看|查看|改|修改|更改|更新)(?:一下)?我的(?:个人)?(?:资料|信息|档案|设置)"
_COPY_ZH = r"(?:请|我想|我要|麻烦)?(?:导出|下载|复制|要)(?:一份)?我的(?:全部|所有|个人)?(?:资料|数据|信息)"
_COPY_EN = (
    r"(?:please |i want |i'd like |can i have |give me |send me |export |download )+(?:a copy of )?"
    r"my (?:personal )?data"
)
_ERASE_ZH = (
    r"(?:请|我想|我要|麻烦)?(?:删除|删掉|清除|注销)(?:一下)?我的?(?:全部|所有|个人)?(?:资料|数据|信息|账号|账户|档案)"
)
_ERASE_EN = (
    r"(?:please |i want to |i'd like to |can you )*(?:delete|erase|remove|forget) (?:all )?(?:of )?"
    r"my (?:personal )?(?:data|account|information|file)"
)

#: Phrase name -> the whole saying; the first that fits wins.
PATTERNS = {
    "anothers_parcel": re.compile(rf"{_ASKING_ZH}{_RELATIVE_ZH}{_THING_ZH}{_WHERE_ZH}|{_where_en(_RELATIVE_EN)}"),
    "parcel": re.compile(rf"{_ASKING_ZH}{_THING_ZH}{_WHERE_ZH}|{_where_en(_OWN_EN)}"),
    "stop": re.compile(rf"{_STOP_ZH}|{_STOP_EN}"),
    "me": re.compile(_FILE_ZH),
    "copy": re.compile(rf"{_COPY_ZH}|{_COPY_EN}"),
    "erase": re.compile(rf"{_ERASE_ZH}|{_ERASE_EN}"),
}
