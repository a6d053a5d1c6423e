// The chat page: joins the parts, and shows who is answering.

import { Attachments, ownPath, renewed } from "./attachments.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Heading } from "./heading.js";
import { Host, isEmbedded } from "./host.js";
import { lasts, newId, onChangedElsewhere, read, unsent, write } from "./keep.js";
import { Log } from "./log.js";
import { Notices } from "./notices.js";
import { showNewest, stayAboveKeyboard, stayAtEnd } from "./scrolling.js";
import * as session from "./session.js";
import * as sound from "./sound.js";
import { Ways } from "./ways.js";
import { chooseLanguage, Words } from "./words.js";

const TYPING = 20; // seconds that the dots last without an answer
const WRITING = 5; // seconds between two words to the server that the visitor writes
const PAUSE = 5; // seconds before a log-in or a reset that did not reach the server is tried again
const FINAL = new Set([401, 403, 422]); // answers to a log-in that another try would not change

const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page").textContent);
const asked = new URLSearchParams(location.search).get("lang");
const chosen = isEmbedded ? [read("language"), asked] : [asked, read("language")];
const words = new Words(page.words);
await words.speak(chooseLanguage([...chosen, ...navigator.languages], page.language));
// A reset on an earlier page that may not have come to its end, as the page around remembers.
const isToEnd = isEmbedded && new URLSearchParams(location.search).has("reset");
const isAllKnown = isToEnd ? await session.endKept() : lasts || (await session.recall());
const NOBODY = { state: "bot" };

let state = NOBODY;
let changes = Promise.resolve(); // of who is logged in
let lastAt = 0;
let toldWritingAt = 0;
const timers = {};

function later(name, seconds, work) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(work, seconds * 1000);
}

const log = new Log($("scroller"), $("messages"), words, {
  onPress: (button) => send({ type: "pressed", id: newId(), button: button.id, text: button.label }),
  onAgain: ({ message_id, text, attachments }) => send({ type: "said", id: message_id, text, attachments }),
  onOver: () => note(words.say("optionsOver")),
  onStale: openFile,
});
const heading = new Heading(page.shop, words);
const notices = new Notices(words, { onRefused: () => [composer, files].forEach((part) => part.close()) });
const note = (text) => notices.note(text);
const files = new Attachments(words, page.limits, {
  session: () => session.ensureToken(visitor()),
  onNote: note,
  onChange: () => composer?.grow(),
});
const composer = new Composer($("composer"), words, files, {
  onSend: (text, attachments) => send({ type: "said", id: newId(), text, attachments }),
  onNote: note,
});
const ways = new Ways(page, words, {
  visitor,
  onContact: (frame) => connection.send(frame),
  onResumed: () => connection.connect(true),
  onNote: note,
});
const host = isEmbedded
  ? new Host(page.origins ?? [], {
      onShown: shown,
      onIdentify: (signed) => inTurn(() => identify(signed)),
      onReset: () => inTurn(reset),
    })
  : null;
const connection = new Connection({
  visitor,
  mayBegin: () => !host || host.isShown,
  onFrame: (frame) => FRAMES[frame.type]?.(frame),
  onOpen: () => unsent.list().forEach(transmit),
  onNewSession: newSession,
  onStatus: (status) => notices.show(status),
});

function visitor() {
  return { language: words.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

function isLookedAt() {
  return document.visibilityState !== "hidden" && (!host || host.isShown);
}

const FRAMES = {
  message(message) {
    const wasAtEnd = log.isAtEnd;
    const wasOurs = log.isUnsent(message.message_id);
    const isNew = log.add(message);
    if (message.author === "customer") isBack(message);
    if (isNew && !isLookedAt() && message.author !== "customer" && message.seq > Number(read("seen"))) sound.play();
    if (wasOurs && state.state !== "taken") later("dots", 0.25, () => typing(true));
    if (message.author !== "customer") typing(false);
    follow(wasAtEnd || wasOurs);
  },
  state(frame) {
    if (read("seen") === null) write("seen", connection.lastSeq); // what was there before the first look is no news
    heading.showState((state = frame));
    showUnread();
  },
  typing: () => typing(true),
  error({ id, error, retry_after }) {
    typing(false);
    if (!id && ways.contactAnswered(error)) return;
    if (retry_after) return waitAndGoOn(retry_after);
    const waiting = unsent.list();
    const failed = id ?? (waiting.length === 1 ? waiting[0].id : null);
    if (failed) unsent.remove(failed);
    if (failed) log.failed(failed);
    note(words.say(error === "too_many" ? "tooFast" : "problem"));
  },
};

// One's own words have come back.
function isBack({ message_id }) {
  ways.contactAnswered(null);
  unsent.remove(message_id);
  if (session.isKept) host?.tell("talked");
}

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

function transmit({ type, id, text, button, attachments = [] }) {
  const along = attachments.length ? { attachments: attachments.map((file) => file.id) } : {};
  connection.send(type === "pressed" ? { type, id, button } : { type, id, text, ...along });
}

// A link that has ended is asked for again. What comes is a download, which leaves the page where it is.
async function openFile(file) {
  try {
    location.assign(ownPath((await renewed(file)).url));
  } catch {
    note(words.say("notNow"));
  }
}

// Buttons and files belong to the conversation where they are; words go along into a new one.
function newSession(isExpected) {
  for (const entry of unsent.list()) {
    if (entry.text && entry.type !== "pressed") unsent.add({ ...entry, attachments: [] });
    else unsent.remove(entry.id);
  }
  log.clear();
  unsent.list().forEach((entry) => log.addUnsent(entry));
  if (!isExpected) note(words.say("newSession"));
}

// Who is named last is who is here, however long the one before took.
function inTurn(work) {
  changes = changes.then(work, work);
}

// Whom the shop's site has logged in; null: nobody.
async function identify(signed) {
  clearTimeout(timers.identify);
  const known = read("user");
  if (known && known !== signed?.id) leave();
  if (!signed) return begin();
  try {
    if (await session.identify(signed, visitor())) connection.connect(true);
    host.tell("talked");
  } catch (error) {
    if (!FINAL.has(error.status)) return later("identify", error.pause ?? PAUSE, () => inTurn(() => identify(signed)));
    host.tell("refused", { detail: error.detail });
    begin();
  }
}

function reset() {
  leave();
  settle();
  begin();
}

// The page around remembers the wish until the server has heard of it, or the next conversation has taken its place.
async function settle() {
  const isSettled = (isAllKnown || read("token")) && (await session.allGivenBack());
  if (!isSettled) return later("settle", PAUSE, settle);
  host.tell("forgotten");
}

// The next person at this browser sees nothing of the one before.
function leave() {
  clearTimeout(timers.identify);
  session.end();
  connection.leave();
  log.clear();
  composer.clear();
  files.clear();
  typing(false);
  heading.showState((state = NOBODY));
  showWelcome();
  showUnread();
}

function begin() {
  if (!connection.isOpen) connection.connect();
}

function follow(atEnd) {
  showWelcome();
  if (atEnd) showNewest(log);
  $("latest").hidden = atEnd || log.isAtEnd;
  tellSeen();
  showUnread();
}

function tellSeen() {
  if (!isLookedAt() || !connection.isOpen || connection.lastSeq <= Number(read("seen"))) return;
  write("seen", connection.lastSeq);
  connection.send({ type: "seen", seq: connection.lastSeq });
}

function showUnread() {
  const unread = isLookedAt() || read("seen") === null ? 0 : log.countAfter(Number(read("seen")));
  heading.showUnread(unread);
  host?.tell("unread", { count: unread });
}

function typing(isOn) {
  clearTimeout(timers.dots);
  const wasAtEnd = log.isAtEnd;
  $("typing").hidden = !isOn;
  if (!isOn) return;
  later("dots", TYPING, () => typing(false));
  if (wasAtEnd) log.toEnd();
}

function showWelcome() {
  $("welcome").hidden = !log.isEmpty;
  $("forgetful").hidden = session.isKept || log.isEmpty || Boolean(read("user"));
}

function speak() {
  heading.speak();
  files.speak();
  ways.speak();
  heading.showState(state);
  showUnread();
  log.redraw();
}

async function switchLanguage() {
  await words.speak(words.language === "zh" ? "en" : "zh");
  write("language", words.language);
  speak();
  connection.connect();
}

function cameBack() {
  if (isLookedAt()) tellSeen();
  showUnread();
}

// The widget was opened or closed.
function shown(isShown) {
  cameBack();
  if (!isShown) return;
  begin();
  if (matchMedia("(pointer: fine)").matches) composer.field.focus();
  else log.scroller.focus();
}

// A link brings a one-time code behind the #, where no server and no log sees it: a personal one, or to a conversation.
function takeCode() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [code, resume] = [given.get("code"), given.get("resume")];
  if (!code && !resume) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (resume) ways.offer(resume);
  else send({ type: "said", id: newId(), text: `/link ${code}` });
}

// The server hears that somebody writes, not what.
function tellWriting() {
  if (Date.now() - toldWritingAt < WRITING * 1000) return;
  if (connection.send({ type: "typing" })) toldWritingAt = Date.now();
}

function start() {
  const color = isEmbedded ? new URLSearchParams(location.search).get("color") : "";
  document.documentElement.style.setProperty("--brand", CSS.supports("color", color) ? color : page.shop.color);
  if (asked && !host) write("language", words.language);
  speak();
  files.restore();
  if (isToEnd) reset();
  unsent.list().forEach((entry) => log.addUnsent(entry));
  for (const id of ["language", "language-too"]) $(id).addEventListener("click", switchLanguage);
  $("retry").addEventListener("click", () => connection.connect());
  composer.field.addEventListener("input", tellWriting);
  window.addEventListener("hashchange", takeCode);
  stayAtEnd(log);
  document.addEventListener("visibilitychange", cameBack);
  onChangedElsewhere("seen", showUnread);
  $("close").addEventListener("click", () => host.tell("close"));
  if (host) document.addEventListener("keydown", ({ key, isComposing }) => key === "Escape" && !isComposing && !document.querySelector("dialog[open]") && host.tell("close"));
  stayAboveKeyboard();
  if (!host && matchMedia("(pointer: fine)").matches) composer.field.focus();
  connection.connect();
  takeCode();
}

start();
