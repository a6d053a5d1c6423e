// The messages on the page: each once, in the order of `seq`, one's own unsent ones last.

import { ownPath } from "./attachments.js";
import { element, link, plain, rich } from "./markup.js";
import { day, hour } from "./times.js";

const GROUP = 5 * 60 * 1000; // messages of one author this close share one author line
const FRESH = 8 * 60 * 1000; // milliseconds that a file's link is good for, with some to spare
const NEAR = 120; // pixels from the end that still count as "at the end"

export class Log {
  #entries = new Set();
  #byId = new Map();
  #byMessageId = new Map();

  // `scroller` holds `list`; onPress(button), onAgain(message), onOver() when passed choices are pressed, onStale(file)
  // when a file's link has ended
  constructor(scroller, list, words, { onPress, onAgain, onOver, onStale }) {
    Object.assign(this, { scroller, list, words, onPress, onAgain, onOver, onStale });
  }

  get isEmpty() {
    return this.#entries.size === 0;
  }

  get isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  // How much of it was written to the visitor after `seq`.
  countAfter(seq) {
    return [...this.#entries].filter((entry) => entry.message.author !== "customer" && entry.seq > seq).length;
  }

  // Returns whether it was not known yet.
  add(message) {
    if (this.#byId.has(message.id)) return false;
    const known = this.#byId.get(message.replaces) ?? this.#byMessageId.get(message.message_id);
    if (known) this.#change(known, message);
    else if (message.text || message.attachments?.length || !message.replaces) this.#insert({ message, seq: message.seq, version: message.seq });
    return !known;
  }

  // One's own words on their way: shown at once, confirmed when they come back with their `message_id`.
  addUnsent({ id, text, attachments, at }) {
    if (this.#byMessageId.has(id)) return this.#mark(this.#byMessageId.get(id), "unsent");
    const message = { message_id: id, author: "customer", text, attachments, at: new Date(at).toISOString() };
    this.#insert({ message, seq: Infinity, version: 0, status: "unsent" });
  }

  isUnsent(id) {
    return this.#byMessageId.get(id)?.status === "unsent";
  }

  failed(id) {
    const entry = this.#byMessageId.get(id);
    if (entry) this.#mark(entry, "failed");
  }

  clear() {
    for (const known of [this.#entries, this.#byId, this.#byMessageId]) known.clear();
    this.list.replaceChildren();
  }

  // Another language: everything is written again, without being read aloud again.
  redraw() {
    this.scroller.setAttribute("aria-busy", "true");
    for (const entry of this.#entries) this.#draw(entry);
    for (const entry of this.#entries) this.#place(entry);
    requestAnimationFrame(() => this.scroller.removeAttribute("aria-busy"));
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #insert(entry) {
    entry.item = element("li");
    entry.item.entry = entry;
    this.#entries.add(entry);
    this.#index(entry, entry.message);
    this.#draw(entry);
    this.#settleChoices(entry);
    this.#move(entry);
  }

  #change(entry, message) {
    this.#index(entry, message);
    if (message.seq < entry.version) return;
    const isEcho = entry.seq === Infinity;
    Object.assign(entry, { version: message.seq, status: null, isEdited: !isEcho });
    entry.message = { ...message, at: isEcho ? message.at : entry.message.at };
    if (isEcho) entry.seq = message.seq;
    this.#draw(entry);
    this.#settleChoices(entry);
    if (isEcho) this.#move(entry);
    else this.#place(entry);
  }

  #index(entry, message) {
    if (message.id) this.#byId.set(message.id, entry);
    if (message.message_id && message.author === "customer") this.#byMessageId.set(message.message_id, entry);
  }

  #move({ item, seq }) {
    let before = this.list.lastElementChild;
    while (before && (before === item || before.entry.seq > seq)) before = before.previousElementSibling;
    const next = before ? before.nextElementSibling : this.list.firstElementChild;
    if (next !== item) this.list.insertBefore(item, next);
    for (const neighbour of [item, item.nextElementSibling]) if (neighbour) this.#place(neighbour.entry);
  }

  // What depends on the message before: the day's line, and whether the author is named again.
  #place({ item, message }) {
    const before = item.previousElementSibling?.entry.message;
    const isNewDay = !before || new Date(before.at).toDateString() !== new Date(message.at).toDateString();
    const isSame = before && before.author === message.author && before.name === message.name;
    item.classList.toggle("same", Boolean(isSame && !isNewDay && new Date(message.at) - new Date(before.at) < GROUP));
    item.querySelector(".day")?.remove();
    if (isNewDay) item.prepend(element("p", "day", element("span", "", day(message.at, this.words))));
  }

  #draw(entry) {
    const { item, message } = entry;
    item.className = `message ${message.author}`;
    const text = element("div", "text", ...this.#text(entry), ...this.#attachments(message));
    const bubble = element("div", "bubble", text, this.#meta(entry));
    bubble.classList.toggle("gone", this.#isGone(entry));
    const avatar = element("span", "avatar", message.author === "agent" ? (message.name || "·").slice(0, 1) : "");
    avatar.ariaHidden = "true";
    item.replaceChildren(avatar, element("div", "body", element("p", "author", this.#author(message)), bubble));
    if (message.buttons?.length && !this.#isGone(entry)) item.lastChild.append(this.#choices(entry));
    this.#mark(entry, entry.status);
  }

  #isGone({ message, isEdited }) {
    return Boolean(isEdited && !message.text && !message.attachments?.length);
  }

  #text(entry) {
    if (this.#isGone(entry)) return [element("p", "", this.words.say("takenBack"))];
    return entry.message.author === "customer" ? plain(entry.message.text) : rich(entry.message.text ?? "");
  }

  #attachments({ attachments = [] }) {
    return (attachments ?? []).map((file) => element("p", "file", this.#file(file)));
  }

  #file(file) {
    const name = file.name || this.words.say("attachment");
    const shown = file.url && link(name, ownPath(file.url));
    if (!shown) return name;
    const since = Date.now();
    shown.onclick = (event) => {
      if (Date.now() - since < FRESH) return;
      event.preventDefault();
      this.onStale(file);
    };
    if (/^image\/(jpeg|png|webp)$/.test(file.media_type)) shown.replaceChildren(this.#picture(shown, name));
    return shown;
  }

  #picture(shown, name) {
    const picture = element("img");
    Object.assign(picture, { src: shown.getAttribute("href"), alt: this.words.say("picture", { name }), loading: "lazy" });
    picture.onerror = () => shown.replaceChildren(name);
    return picture;
  }

  #meta(entry) {
    const time = element("time", "", hour(entry.message.at, this.words));
    time.dateTime = entry.message.at;
    const edited = entry.isEdited && !this.#isGone(entry) ? [`${this.words.say("edited")} · `] : [];
    return element("p", "meta", ...edited, time, element("span", "mark"));
  }

  #author({ author, name }) {
    if (author === "customer") return this.words.say("you");
    return author === "agent" ? this.words.say("person", { name: name || this.words.say("colleague") }) : this.words.say("bot");
  }

  #mark(entry, status) {
    entry.status = status;
    const mark = entry.item.querySelector(".mark");
    if (entry.message.author !== "customer") return mark.remove();
    entry.item.classList.toggle("unsent", status === "unsent");
    entry.item.classList.toggle("failed", status === "failed");
    mark.replaceChildren(element("span", "hidden", this.words.say(status || "sent")));
    entry.item.querySelector(".again")?.remove();
    if (status !== "failed") return;
    const again = element("button", "again", this.words.say("again"));
    again.onclick = () => this.onAgain(entry.message);
    entry.item.lastChild.append(again);
  }

  #choices(entry) {
    const group = element("div", "choices", ...entry.message.buttons.map((button) => this.#choice(entry, button)));
    group.role = "group";
    group.ariaLabel = this.words.say("options");
    return group;
  }

  #choice(entry, button) {
    const made = element("button", "choice", button.label);
    made.type = "button";
    made.button = button;
    made.onclick = () => {
      if (entry.isOver) return this.onOver();
      this.#settle(entry, button);
      this.onPress(button);
    };
    this.#showChoice(entry, made);
    return made;
  }

  // A choice that is over keeps the focus if it has it, but is no stop on the way to others.
  #showChoice(entry, made) {
    made.classList.toggle("chosen", entry.chosen === made.button.id);
    made.ariaDisabled = String(Boolean(entry.isOver));
    made.tabIndex = entry.isOver ? -1 : 0;
  }

  #settle(entry, button) {
    Object.assign(entry, { isOver: true, chosen: button?.id });
    for (const made of entry.item.querySelectorAll(".choice")) this.#showChoice(entry, made);
  }

  // Only the latest choices stay open; they are settled by their own words too, pressed or typed.
  #settleChoices({ message, seq }) {
    const open = [...this.#entries].filter((entry) => !entry.isOver && entry.message.buttons?.length);
    const latest = Math.max(...open.map((entry) => entry.seq));
    for (const entry of open) {
      const said = message.author === "customer" && seq > entry.seq;
      const button = said && entry.message.buttons.find(({ label }) => label === message.text);
      if (button || entry.seq < latest) this.#settle(entry, button || undefined);
    }
  }
}
