// The chat page: joins the parts, and shows who is answering.

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { newId, read, unsent, write } from "./keep.js";
import { Log } from "./log.js";
import { promised, since } from "./times.js";
import { chooseLanguage, Words } from "./words.js";

const TYPING = 20; // seconds that the dots last without an answer
const NOTE = 6; // seconds that a note stays
const PATIENCE = 1; // seconds without a connection before anybody is told

const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const asked = new URLSearchParams(location.search).get("lang");
const words = new Words(chooseLanguage(asked, read("language"), navigator.languages, page.language), page.words);

let state = { state: "bot" };
let unread = 0;
let seenSeq = 0;
let lastAt = 0;
const timers = {};

function later(name, seconds, work) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(work, seconds * 1000);
}

const log = new Log($("scroller"), $("messages"), words, {
  onPress: (button) => send({ type: "pressed", id: newId(), button: button.id, text: button.label }),
  onAgain: ({ message_id, text }) => send({ type: "said", id: message_id, text }),
  onOver: () => note(words.say("optionsOver")),
});
const composer = new Composer($("composer"), words, { onSend: (text) => send({ type: "said", id: newId(), text }), onNote: note });
const connection = new Connection({
  visitor: () => ({ language: words.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
  onFrame: (frame) => FRAMES[frame.type]?.(frame),
  onOpen: () => unsent.list().forEach(transmit),
  onNewSession: newSession,
  onStatus: showStatus,
});

const FRAMES = {
  message(message) {
    const wasAtEnd = log.isAtEnd;
    const wasOurs = log.isUnsent(message.message_id);
    const isNews = log.add(message);
    if (message.author === "customer") unsent.remove(message.message_id);
    if (wasOurs && state.state !== "taken") later("dots", 0.25, () => typing(true));
    if (message.author !== "customer") typing(false);
    follow(wasAtEnd || wasOurs, isNews);
  },
  state: (frame) => showState((state = frame)),
  typing: () => typing(true),
  error({ id, error, retry_after }) {
    typing(false);
    if (retry_after) return waitAndGoOn(retry_after);
    const waiting = unsent.list();
    const failed = id ?? (waiting.length === 1 ? waiting[0].id : null);
    if (failed) unsent.remove(failed);
    if (failed) log.failed(failed);
    note(words.say(error === "too_many" ? "tooFast" : "problem"));
  },
};

function waitAndGoOn(seconds) {
  note(words.say("slow"));
  later("goOn", seconds, () => unsent.list().forEach(transmit));
}

function send(entry) {
  lastAt = Math.max(Date.now(), lastAt + 1); // keeps the order of what is said within one millisecond
  const kept = { ...entry, at: lastAt };
  unsent.add(kept);
  log.addUnsent(kept);
  log.toEnd();
  showWelcome();
  transmit(kept);
}

function transmit({ type, id, text, button }) {
  connection.send(type === "pressed" ? { type, id, button } : { type, id, text });
}

// A button belongs to the conversation that showed it; words go along into a new one.
function newSession() {
  for (const entry of unsent.list()) if (entry.type === "pressed") unsent.remove(entry.id);
  log.clear();
  unsent.list().forEach((entry) => log.addUnsent(entry));
  seenSeq = 0;
  note(words.say("newSession"));
}

function follow(atEnd, isNews) {
  showWelcome();
  if (atEnd) showNewest();
  if (isNews && document.visibilityState === "hidden") unread += 1;
  $("latest").hidden = atEnd || log.isAtEnd;
  showTitle();
  tellSeen();
}

// To the end, unless that would scroll the beginning of a long answer out of sight.
function showNewest() {
  const newest = $("messages").lastElementChild;
  if (!newest) return;
  const { scroller } = log;
  const top = newest.offsetTop - scroller.offsetTop - 12;
  scroller.scrollTop = Math.min(top, scroller.scrollHeight - scroller.clientHeight);
}

function tellSeen() {
  if (document.visibilityState === "hidden" || !connection.isOpen || connection.lastSeq <= seenSeq) return;
  seenSeq = connection.lastSeq;
  connection.send({ type: "seen", seq: seenSeq });
}

function typing(isOn) {
  clearTimeout(timers.dots);
  const wasAtEnd = log.isAtEnd;
  $("typing").hidden = !isOn;
  if (!isOn) return;
  later("dots", TYPING, () => typing(false));
  if (wasAtEnd) log.toEnd();
}

function note(text) {
  $("note").textContent = text;
  $("note").hidden = false;
  later("note", NOTE, () => ($("note").hidden = true));
}

// A short loss is nobody's business; while it lasts the line keeps saying what is wrong, not that it tries again.
function showStatus(status) {
  const line = $("connection");
  if (status === "open") return connected();
  if (status === "refused") composer.close();
  if (status === "offline" || status === "refused") line.hidden = false;
  else timers.status ||= setTimeout(() => (line.hidden = false), PATIENCE * 1000);
  if (status === "connecting" && line.dataset.status) return;
  line.dataset.status = status;
  $("connection-text").textContent = words.say(status);
}

function connected() {
  const line = $("connection");
  clearTimeout(timers.status);
  timers.status = 0;
  if (!line.hidden) note(words.say("back"));
  line.hidden = true;
  line.dataset.status = "";
}

function showState() {
  const name = state.with || words.say("colleague");
  const isWaiting = state.state === "waiting";
  const subtitles = {
    taken: () => words.say("withPerson", { name, time: state.since ? since(state.since, words) : "" }),
    waiting: () => words.say("waitingShort"),
  };
  $("who").textContent = (subtitles[state.state] ?? (() => words.say("assistant")))();
  $("chat").dataset.state = state.state;
  $("waiting").hidden = !isWaiting;
  if (isWaiting) $("waiting").textContent = state.answer_by
    ? words.say("waitingUntil", { time: promised(state.answer_by, words) })
    : words.say("waiting");
}

function showWelcome() {
  $("welcome").hidden = !log.isEmpty;
}

function showTitle() {
  const name = words.pick(page.shop.name);
  document.title = unread ? `(${unread}) ${name}` : name;
}

function speak() {
  const shop = words.pick(page.shop.name);
  document.documentElement.lang = words.language === "zh" ? "zh-CN" : "en";
  words.fill(document);
  $("shop").textContent = shop;
  $("initial").textContent = [...shop][0] ?? "";
  $("greeting").textContent = words.pick(page.shop.greeting) || words.say("welcome", { shop });
  $("language").lang = words.language === "zh" ? "en" : "zh-CN";
  const operator = words.pick(page.shop.operator);
  $("operator").textContent = operator && words.say("operator", { operator });
  showState();
  showTitle();
  log.redraw();
}

function switchLanguage() {
  words.language = words.language === "zh" ? "en" : "zh";
  write("language", words.language);
  speak();
  connection.connect();
}

function cameBack() {
  if (document.visibilityState === "hidden") return;
  unread = 0;
  showTitle();
  tellSeen();
}

// A keyboard or a growing text takes room from the log: whoever was at its end stays there.
function stayAtEnd() {
  let wasAtEnd = true;
  $("scroller").addEventListener("scroll", () => {
    wasAtEnd = log.isAtEnd;
    if (wasAtEnd) $("latest").hidden = true;
  });
  new ResizeObserver(() => wasAtEnd && log.toEnd()).observe($("scroller"));
}

// Phones that lay the keyboard over the page instead of making it smaller.
function fitAboveKeyboard() {
  const height = window.visualViewport?.height;
  if (height) document.documentElement.style.setProperty("--height", `${height}px`);
}

// A personal link brings a one-time code behind the #, where no server and no log sees it.
function sayCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  send({ type: "said", id: newId(), text: `/link ${code}` });
}

function start() {
  if (page.shop.color) document.documentElement.style.setProperty("--brand", page.shop.color);
  if (asked) write("language", words.language);
  speak();
  unsent.list().forEach((entry) => log.addUnsent(entry));
  $("language").addEventListener("click", switchLanguage);
  $("retry").addEventListener("click", () => connection.connect());
  $("latest").addEventListener("click", () => log.toEnd());
  stayAtEnd();
  document.addEventListener("visibilitychange", cameBack);
  window.visualViewport?.addEventListener("resize", fitAboveKeyboard);
  fitAboveKeyboard();
  if (matchMedia("(pointer: fine)").matches) composer.field.focus();
  connection.connect();
  sayCode();
}

start();
