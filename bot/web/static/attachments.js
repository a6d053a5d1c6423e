// Files that go along with the next message: picked, photographed, pasted or dropped, and on their way up at once.

import { element } from "./markup.js";
import { bearer } from "./session.js";

const LIMITS = { files: 10, bytes: 10_000_000 };
const FAULTS = { 413: "fileTooBig", 422: "fileRefused", 429: "fileTooMany" };

const $ = (id) => document.getElementById(id);

// Where a file lies on the page's own server, whatever name that server goes by.
export function ownPath(url) {
  const { protocol, pathname, search } = new URL(url, location.href);
  return protocol.startsWith("http") ? pathname + search : "";
}

// Links end after some minutes; whose file it is gets another.
export async function renewed({ id }) {
  const response = await fetch(`/chat/files/${encodeURIComponent(id)}`, { headers: bearer() });
  if (!response.ok) throw new Error(`no link: ${response.status}`);
  return response.json();
}

export class Attachments {
  #items = new Set();
  #depth = 0; // how many elements deep a file is being dragged

  constructor(words, limits, { onNote, onChange }) {
    Object.assign(this, { words, limits: { ...LIMITS, ...limits }, onNote, onChange });
    $("attach").addEventListener("click", () => this.#toggle());
    for (const [button, input] of [["choose", "picked"], ["camera", "shot"]]) {
      $(button).addEventListener("click", () => $(input).click());
      $(input).addEventListener("change", () => this.#take($(input)));
    }
    $("text").addEventListener("paste", (event) => this.#pasted(event));
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => this.#dragged(event));
  }

  get isSending() {
    return [...this.#items].some((item) => item.isSending);
  }

  get isEmpty() {
    return ![...this.#items].some((item) => item.sent);
  }

  // Returns when nothing is on its way any more.
  async settled() {
    await Promise.all([...this.#items].map((item) => item.done));
  }

  // What goes along; what failed stays, to be seen.
  takeAll() {
    const sent = [...this.#items].filter((item) => item.sent);
    sent.forEach((item) => this.#remove(item));
    this.#show(this.#items.size > 0);
    return sent.map((item) => item.sent);
  }

  clear() {
    [...this.#items].forEach((item) => this.#remove(item));
    this.#show(false);
  }

  close() {
    $("attach").disabled = true;
    this.clear();
  }

  speak() {
    const limit = this.words.say("fileLimit", { files: this.limits.files, size: Math.round(this.limits.bytes / 1e6) });
    for (const id of ["limit", "drop-limit"]) $(id).textContent = limit;
  }

  add(files) {
    const room = this.limits.files - this.#items.size;
    if (files.length > room) this.onNote(this.words.say("fileCount", { files: this.limits.files }));
    [...files].slice(0, Math.max(0, room)).forEach((file) => this.#begin(file));
    this.#show(true);
  }

  #take(input) {
    this.add(input.files);
    input.value = "";
    $("text").focus();
  }

  #toggle() {
    const isShown = $("tray").hidden;
    this.#show(isShown);
    if (isShown) $("choose").focus();
  }

  #show(isShown) {
    $("tray").hidden = !isShown;
    $("attach").ariaExpanded = String(isShown);
    this.onChange();
  }

  #pasted(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.add(event.clipboardData.files);
  }

  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files") || $("attach").disabled) return;
    event.preventDefault();
    this.#depth = { dragenter: this.#depth + 1, dragleave: this.#depth - 1, drop: 0 }[event.type] ?? this.#depth;
    $("drop").hidden = this.#depth < 1;
    if (event.type === "drop") this.add(event.dataTransfer.files);
  }

  #begin(file) {
    const item = { file, row: element("li"), isSending: false, sent: null };
    this.#items.add(item);
    $("files").append(item.row);
    if (file.size > this.limits.bytes) return this.#failed(item, "fileTooBig");
    if (!file.size) return this.#failed(item, "fileRefused");
    this.#send(item);
  }

  #send(item) {
    const bar = element("progress");
    Object.assign(bar, { max: 1, value: 0, ariaLabel: this.words.say("fileSending", { name: item.file.name }) });
    item.isSending = true;
    this.#draw(item, bar);
    item.done = this.#post(item, bar).then(
      (sent) => this.#arrived(item, sent),
      (status) => this.#failed(item, FAULTS[status] ?? "fileFailed", !FAULTS[status]),
    );
    this.onChange();
  }

  // Not `fetch`, which tells nothing of how far it is.
  #post({ file }, bar) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/chat/files");
      for (const [name, value] of Object.entries(bearer())) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
      request.onload = () => (request.status === 201 ? resolve(JSON.parse(request.responseText)) : reject(request.status));
      request.onerror = () => reject(0);
      const form = new FormData();
      form.append("file", file, file.name);
      request.send(form);
    });
  }

  #arrived(item, sent) {
    Object.assign(item, { isSending: false, sent });
    this.#draw(item, element("span", "ready", this.words.say("fileReady")));
    this.onChange();
  }

  #failed(item, key, mayTryAgain = false) {
    item.isSending = false;
    const fault = element("span", "fault", this.words.say(key, { size: Math.round(this.limits.bytes / 1e6) }));
    fault.role = "alert";
    this.#draw(item, fault);
    if (mayTryAgain) item.row.insertBefore(this.#button("again", "again", () => this.#send(item)), item.row.lastChild);
    this.onChange();
  }

  #draw(item, state) {
    const remove = this.#button("icon cross", "", () => this.#dropped(item));
    remove.ariaLabel = this.words.say("fileRemove", { name: item.file.name });
    item.row.replaceChildren(element("span", "name", item.file.name), state, remove);
  }

  #button(className, key, onClick) {
    const made = element("button", className, key && this.words.say(key));
    made.type = "button";
    made.onclick = onClick;
    return made;
  }

  #dropped(item) {
    this.#remove(item);
    this.onChange();
    $("text").focus();
  }

  #remove(item) {
    this.#items.delete(item);
    item.row.remove();
  }
}
