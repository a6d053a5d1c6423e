// Where the visitor writes. Enter sends, Shift+Enter starts a line, an input method's Enter only picks a word.

import { tab } from "./keep.js";

const LIMIT = 10_000; // characters a message

export class Composer {
  #isWaiting = false;

  // `files` go along with the words; onSend(text, attachments)
  constructor(form, words, files, { onSend, onNote }) {
    Object.assign(this, { form, words, files, onSend, onNote });
    this.field = form.querySelector("textarea");
    this.button = form.querySelector("[type=submit]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => this.grow());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.value ||= tab.read("draft") ?? ""; // what was typed before this ran stays
    this.grow();
  }

  clear() {
    this.field.value = "";
    this.grow();
  }

  close() {
    this.field.disabled = this.button.disabled = true;
  }

  grow() {
    tab.write("draft", this.field.value);
    this.form.classList.toggle("ready", this.field.value.trim() !== "" || !this.files.isEmpty);
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  #key(event) {
    const isPicking = event.isComposing || event.keyCode === 229; // 229: Safari ends the composition before its Enter
    if (event.key !== "Enter" || event.shiftKey || isPicking) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = (this.field.value.toWellFormed?.() ?? this.field.value).trim(); // half an emoji is no JSON
    const count = [...text].length;
    this.field.focus();
    if (count > LIMIT) return this.onNote(this.words.say("tooLong", { limit: LIMIT, count }));
    if (this.files.isSending) return this.#submitLater();
    if (!text && this.files.isEmpty) return;
    this.clear();
    this.onSend(text, this.files.takeAll());
  }

  // Words wait for the files that were picked before them.
  async #submitLater() {
    this.onNote(this.words.say("fileWait"));
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    await this.files.settled();
    this.#isWaiting = false;
    this.#submit();
  }
}
