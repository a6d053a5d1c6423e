"""Buttons that several dialogues offer."""

from conversations.memory import Choice

TOPICS = Choice(token="topics", text_key="button.topics")
PERSON = Choice(token="person", text_key="button.person")
WRONG = Choice(token="wrong", text_key="button.wrong")
#: Makes a complaint of the question that an article did not settle.
REPORT = Choice(token="report", text_key="button.report", means="yes")
REPHRASE = Choice(token="rephrase", text_key="button.rephrase")
PASS_ON = Choice(token="person", text_key="button.pass_on", means="yes")
NOT_NOW = Choice(token="not_now", text_key="button.not_now", means="no")
NO_CALL = Choice(token="no_call", text_key="button.not_now", means="no")
HELPED = Choice(token="helped", text_key="button.helped", means="yes")
NOT_HELPED = Choice(token="not_helped", text_key="button.not_helped", means="no")
NONE_OF_THESE = Choice(token="none_of_these", text_key="button.none_of_these", means="no")
BACK = Choice(token="topics", text_key="button.back")
ZH = Choice(token="zh", text_key="button.zh")
EN = Choice(token="en", text_key="button.en")
PARCELS = Choice(token="parcels", text_key="button.parcels")

START = (TOPICS, WRONG, PERSON)
