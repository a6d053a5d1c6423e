// Lines about the connection, and short notes.

const NOTE = 6; // seconds that a note stays
const PATIENCE = 1; // seconds without a connection before anybody is told

const $ = (id) => document.getElementById(id);

export class Notices {
  #status = 0;
  #note = 0;

  constructor(words, { onRefused }) {
    Object.assign(this, { words, onRefused });
  }

  note(text) {
    $("note").textContent = text;
    $("note").hidden = false;
    clearTimeout(this.#note);
    this.#note = setTimeout(() => ($("note").hidden = true), NOTE * 1000);
  }

  // A short loss is nobody's business; while it lasts the line keeps saying what is wrong, not that it tries again.
  show(status) {
    const line = $("connection");
    if (status === "open") return this.#connected();
    if (status === "refused") this.onRefused();
    if (status === "offline" || status === "refused") line.hidden = false;
    else this.#status ||= setTimeout(() => (line.hidden = false), PATIENCE * 1000);
    if (status === "connecting" && line.dataset.status) return;
    line.dataset.status = status;
    $("connection-text").textContent = this.words.say(status);
  }

  #connected() {
    const line = $("connection");
    clearTimeout(this.#status);
    this.#status = 0;
    if (!line.hidden) this.note(this.words.say("back"));
    line.hidden = true;
    line.dataset.status = "";
  }
}
