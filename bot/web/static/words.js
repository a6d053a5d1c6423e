// The page's own words, and which language they are said in: only that one is loaded. What the bot says comes from the
// server.

const LANGUAGES = ["zh", "en"];

export class Words {
  #words = {};
  language = "";

  // `overrides` ({zh: {key: text}, en: {...}}) are the shop's own sentences. Nothing can be said before `speak`.
  constructor(overrides = {}) {
    this.overrides = overrides;
  }

  async speak(language) {
    this.#words[language] ??= (await import(`./words-${language}.js`)).default;
    this.language = language;
  }

  say(key, values = {}) {
    const text = this.overrides[this.language]?.[key] ?? this.#words[this.language][key];
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // A fact of the shop is one text, or one for each language.
  pick(fact) {
    if (fact === null || fact === undefined || typeof fact === "string") return fact || "";
    return fact[this.language] || fact.zh || fact.en || "";
  }

  // Fills every element that names its words: data-say (its text), data-label, data-placeholder.
  fill(root) {
    for (const element of root.querySelectorAll("[data-say]")) element.textContent = this.say(element.dataset.say);
    for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", this.say(element.dataset.label));
    for (const element of root.querySelectorAll("[data-placeholder]")) element.placeholder = this.say(element.dataset.placeholder);
  }
}

// The first of these that is one of ours, else the shop's.
export function chooseLanguage(preferred, shop) {
  const known = preferred.map((tag) => String(tag || "").slice(0, 2).toLowerCase());
  return known.find((tag) => LANGUAGES.includes(tag)) || (LANGUAGES.includes(shop) ? shop : "zh");
}
