// Files that go along with the next message: picked, photographed, pasted or dropped, and on their way up at once.

import { tab } from "./keep.js";
import { element } from "./markup.js";
import { bearer } from "./session.js";

const LIMITS = { files: 10, bytes: 10_000_000 };
const FAULTS = { 413: "fileTooBig", 422: "fileRefused", 429: "fileTooMany" };
const PASSING = new Set(["fileFailed", "fileStalled"]); // what another try may mend
const STALLED = 30; // seconds without a sign of an upload after which it is given up

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

  // session() returns once there is one, as which files are uploaded
  constructor(words, limits, { session, onNote, onChange }) {
    Object.assign(this, { words, limits: { ...LIMITS, ...limits }, session, onNote });
    this.onChange = () => (this.#keep(), onChange());
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

  // What a reload found here: what was up already goes along, of the rest only the names are left.
  restore() {
    for (const { name, sent } of tab.read("tray") ?? []) {
      const item = this.#row({ name });
      if (sent) this.#arrived(item, sent);
      else this.#failed(item, "fileLost");
    }
    if (this.#items.size) this.#show(true);
  }

  #keep() {
    const open = [...this.#items].filter((item) => !item.isOver);
    tab.write("tray", open.map(({ file, sent }) => ({ name: file.name, sent })));
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
    const item = this.#row(file);
    if (file.size > this.limits.bytes) return this.#failed(item, "fileTooBig");
    if (!file.size) return this.#failed(item, "fileRefused");
    this.#send(item);
  }

  #row(file) {
    const item = { file, row: element("li"), isSending: false, isOver: false, sent: null };
    this.#items.add(item);
    $("files").append(item.row);
    return item;
  }

  #send(item) {
    const bar = element("progress");
    Object.assign(bar, { max: 1, value: 0, ariaLabel: this.words.say("fileSending", { name: item.file.name }) });
    item.isSending = true;
    this.#draw(item, bar);
    item.done = this.#upload(item, bar);
    this.onChange();
  }

  async #upload(item, bar) {
    await this.session().catch(() => null); // the server refuses whoever has none
    if (!this.#items.has(item)) return;
    await this.#post(item, bar).then(
      (sent) => this.#arrived(item, sent),
      (key) => this.#items.has(item) && this.#failed(item, key),
    );
  }

  // Not `fetch`, which tells nothing of how far it is.
  #post(item, bar) {
    return new Promise((resolve, reject) => {
      const request = (item.request = new XMLHttpRequest());
      let patience = 0;
      const wait = () => {
        clearTimeout(patience);
        patience = setTimeout(() => request.abort(), STALLED * 1000);
      };
      request.open("POST", "/chat/files");
      for (const [name, value] of Object.entries(bearer())) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => {
        bar.value = loaded / total;
        wait();
      };
      request.onload = () =>
        request.status === 201 ? resolve(JSON.parse(request.responseText)) : reject(FAULTS[request.status] ?? "fileFailed");
      request.onerror = () => reject("fileFailed");
      request.onabort = () => reject("fileStalled");
      request.onloadend = () => clearTimeout(patience);
      const form = new FormData();
      form.append("file", item.file, item.file.name);
      request.send(form);
      wait();
    });
  }

  #arrived(item, sent) {
    Object.assign(item, { isSending: false, sent });
    this.#draw(item, element("span", "ready", this.words.say("fileReady")));
    this.onChange();
  }

  #failed(item, key) {
    Object.assign(item, { isSending: false, isOver: !PASSING.has(key) });
    const fault = element("span", "fault", this.words.say(key, { size: Math.round(this.limits.bytes / 1e6) }));
    fault.role = "alert";
    this.#draw(item, fault);
    if (!item.isOver) item.row.insertBefore(this.#button("again", "again", () => this.#send(item)), item.row.lastChild);
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
    item.request?.abort();
  }
}
