// Where the visitor writes. Enter sends, Shift+Enter starts a line, an input method's Enter only picks a word.

const LIMIT = 10_000; // characters a message

export class Composer {
  constructor(form, words, { onSend, onNote }) {
    Object.assign(this, { form, words, onSend, onNote, field: form.querySelector("textarea"), button: form.querySelector("button") });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => this.#grow());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.#grow();
  }

  close() {
    this.field.disabled = this.button.disabled = true;
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
    if (!text) return;
    this.field.value = "";
    this.#grow();
    this.onSend(text);
  }

  #grow() {
    this.form.classList.toggle("ready", this.field.value.trim() !== "");
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }
}
