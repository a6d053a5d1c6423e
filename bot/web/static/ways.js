// What a visitor can do beside writing: go on elsewhere, leave an address, find an earlier case, take the talk along.

import { element } from "./markup.js";
import { bearer, resume } from "./session.js";
import * as hours from "./hours.js";
import * as sound from "./sound.js";

const $ = (id) => document.getElementById(id);
const REFUSED = { 404: "noWayBack", 429: "tooManyTries" };

async function ask(address, options = {}) {
  const response = await fetch(address, { ...options, headers: { "Content-Type": "application/json", ...bearer() } });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

export class Ways {
  #isLeaving = false; // an address is on its way

  // visitor() as for a session; onContact(frame) sends it; onResumed() when another conversation was opened
  constructor(page, words, { visitor, onContact, onResumed, onNote }) {
    Object.assign(this, { page, words, visitor, onContact, onResumed, onNote });
    for (const button of document.querySelectorAll("[data-opens]")) button.addEventListener("click", () => this.open(button.dataset.opens));
    for (const button of document.querySelectorAll("[data-shuts]")) button.addEventListener("click", () => button.closest("dialog").close());
    $("to-telegram").hidden = !page.telegram;
    for (const to of ["telegram", "page"]) $(`to-${to}`).addEventListener("click", () => this.#goOn(to));
    $("copy").addEventListener("click", () => this.#copy());
    $("transcript").addEventListener("click", () => this.#download());
    $("sound").addEventListener("click", () => this.#turnSound());
    $("contact").addEventListener("submit", (event) => this.#leaveContact(event));
    $("case").addEventListener("submit", (event) => this.#reopenCase(event));
  }

  speak() {
    $("sound").textContent = this.words.say(sound.isOn() ? "soundOn" : "soundOff");
    $("sound").ariaPressed = String(sound.isOn());
    const open = this.page.hours ?? [];
    for (const id of ["people", "people-too"]) $(id).textContent = hours.peopleAre(open, this.words);
    const lines = hours.week(open, this.words).map((line) => element("li", "", line));
    $("week").replaceChildren(...lines);
    $("hours").hidden = !lines.length;
    $("zone").textContent = this.words.say("hours", { zone: hours.zone() });
  }

  open(id) {
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    for (const fault of $(id).querySelectorAll(".fault")) fault.textContent = "";
    this.speak();
    if (id === "link-sheet") this.#makeLink();
    $(id).showModal();
  }

  // A link that somebody made opens their conversation, not one's own: so it is asked first.
  offer(code) {
    this.open("resume-sheet");
    $("resume").onclick = () => this.#resume({ code }, $("resume-fault"), "resume-sheet");
  }

  // The server's word on an address that was left; null: it was kept.
  contactAnswered(error) {
    if (!this.#isLeaving) return false;
    this.#isLeaving = false;
    if (error) $("contact-fault").textContent = this.words.say(error === "contact_invalid" ? "contactInvalid" : "tooManyTries");
    else $("contact-sheet").close();
    return true;
  }

  #leaveContact(event) {
    event.preventDefault();
    const [email, phone] = [$("email").value.trim(), $("phone").value.trim()];
    $("contact-fault").textContent = email || phone ? "" : this.words.say("contactEmpty");
    if (!email && !phone) return $("email").focus();
    this.#isLeaving = this.onContact({ type: "contact", ...(email && { email }), ...(phone && { phone }) });
    if (!this.#isLeaving) $("contact-fault").textContent = this.words.say("notNow");
  }

  #reopenCase(event) {
    event.preventDefault();
    const number = Number.parseInt($("number").value.replace(/\D/g, ""), 10);
    const contact = $("known-contact").value.trim();
    $("case-fault").textContent = number && contact ? "" : this.words.say("caseEmpty");
    if (number && contact) this.#resume({ number, contact }, $("case-fault"), "case-sheet");
  }

  async #resume(how, fault, sheet) {
    try {
      await resume(how, this.visitor());
      $(sheet).close();
      this.onResumed();
    } catch (error) {
      fault.textContent = this.words.say(REFUSED[error.status] ?? "notNow");
    }
  }

  async #link(to) {
    const response = await ask("/chat/links", { method: "POST", body: JSON.stringify({ to }) });
    return (await response.json()).url;
  }

  // The window is opened at the press, before the address is known: later it would be taken for a pop-up.
  async #goOn(to) {
    const tab = window.open("", "_blank");
    try {
      const url = await this.#link(to);
      if (!tab) return location.assign(url);
      tab.opener = null;
      tab.location = url;
      $("menu-sheet").close();
    } catch {
      tab?.close();
      this.#sayNotNow("menu-sheet");
    }
  }

  async #makeLink() {
    $("link").value = "";
    try {
      $("link").value = await this.#link("page");
      $("link").select();
    } catch {
      this.#sayNotNow("link-sheet");
    }
  }

  async #copy() {
    $("link").select();
    const isCopied = await navigator.clipboard?.writeText($("link").value).then(() => true, () => false);
    $("copied").textContent = this.words.say(isCopied ? "copied" : "copyByHand");
  }

  async #download() {
    try {
      const address = URL.createObjectURL(await (await ask("/chat/transcript")).blob());
      const link = element("a");
      Object.assign(link, { href: address, download: `${this.words.say("transcriptName")}.txt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      $("menu-sheet").close();
    } catch {
      this.#sayNotNow("menu-sheet");
    }
  }

  #turnSound() {
    sound.turn(!sound.isOn());
    this.speak();
  }

  #sayNotNow(sheet) {
    $(sheet).close();
    this.onNote(this.words.say("notNow"));
  }
}
