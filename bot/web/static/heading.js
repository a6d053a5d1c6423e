// Who answers, whose shop this is, and how much is unread.

import { promised, since } from "./times.js";

const $ = (id) => document.getElementById(id);

export class Heading {
  constructor(shop, words) {
    Object.assign(this, { shop, words });
  }

  get name() {
    return this.words.pick(this.shop.name);
  }

  speak() {
    const { words, shop, name } = this;
    document.documentElement.lang = words.language === "zh" ? "zh-CN" : "en";
    words.fill(document);
    $("shop").textContent = name;
    $("initial").textContent = [...name][0] ?? "";
    $("greeting").textContent = words.pick(shop.greeting) || words.say("welcome", { shop: name });
    for (const id of ["language", "language-too"]) $(id).lang = words.language === "zh" ? "en" : "zh-CN";
    const operator = words.pick(shop.operator);
    $("operator").textContent = operator && words.say("operator", { operator });
  }

  showUnread(count) {
    document.title = count ? `(${count}) ${this.name}` : this.name;
  }

  showState({ state, with: person, since: start, answer_by: by }) {
    const { words } = this;
    const subtitles = {
      taken: () => words.say("withPerson", { name: person || words.say("colleague"), time: start ? since(start, words) : "" }),
      waiting: () => words.say("waitingShort"),
    };
    $("who").textContent = (subtitles[state] ?? (() => words.say("assistant")))();
    $("chat").dataset.state = state;
    $("waiting").hidden = state !== "waiting";
    if (state !== "waiting") return;
    $("waiting-text").textContent = by ? words.say("waitingUntil", { time: promised(by, words) }) : words.say("waiting");
  }
}
