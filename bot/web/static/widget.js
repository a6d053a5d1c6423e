// The chat on a shop's own page: a button, and a frame that holds the chat page. What is said stays in the frame, whose
// storage this page cannot read. The two speak in messages, and each looks where a message comes from.
// Served as `/widget.js`, which calls `begin` with the script's element and the shop's own colour.

const PHONE = matchMedia("(max-width: 480px), (max-height: 480px) and (pointer: coarse)");
const PATIENCE = 8; // seconds that the frame has to answer once it is loaded
const GREETINGS = 10; // a second
const TALKED = "kefu.talked"; // there is a conversation, so that news of it is worth a connection
const ENDS = "kefu.ends"; // a reset that the chat has not confirmed, on whichever page it was
const NEWS = "kefu:ready";

const WORDS = {
  zh: {
    open: "打开对话",
    close: "收起对话",
    title: "与客服对话",
    news: "{count} 条新消息",
    failed: "这里暂时打不开对话。",
    elsewhere: "在新页面里打开",
  },
  en: {
    open: "Open the chat",
    close: "Close the chat",
    title: "Chat with us",
    news: "{count} new messages",
    oneNew: "1 new message",
    failed: "The chat can't be opened here right now.",
    elsewhere: "Open it in a new page",
  },
};

const ICONS = {
  chat: "M4 4.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5h-7.2L7.5 21.5v-4H4A1.5 1.5 0 0 1 2.5 16V6A1.5 1.5 0 0 1 4 4.5Z",
  close: "M5 8.5l7 7 7-7",
};

const STYLE = `
:host { all: initial; position: fixed; width: 0; height: 0; z-index: 2147483000; color-scheme: light dark; --on-brand: #fff;
  font: 16px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
@supports (color: oklch(from red l c h)) { :host { --on-brand: oklch(from var(--brand) clamp(0.1, (0.57 - l) * 1000, 1) 0 h); } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.launcher { position: fixed; bottom: calc(var(--up) + env(safe-area-inset-bottom, 0px)); display: flex; align-items: center; gap: 10px;
  min-width: 60px; height: 60px; max-width: calc(100vw - 2 * var(--aside)); padding: 0 16px; border: 0; border-radius: 30px;
  background: var(--brand); color: var(--on-brand); font: inherit; font-weight: 600; cursor: pointer;
  box-shadow: 0 4px 18px rgb(0 0 0 / 25%); touch-action: manipulation; }
.launcher:focus-visible, a:focus-visible { outline: 3px solid Highlight; outline-offset: 3px; }
.launcher svg { flex: none; width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.badge { position: absolute; top: -4px; inset-inline-end: -4px; min-width: 24px; height: 24px; padding: 0 6px; border: 2px solid #fff; border-radius: 12px;
  background: #b3261e; color: #fff; font-size: 13px; line-height: 20px; text-align: center; }
.spoken { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.panel { position: fixed; bottom: calc(var(--up) + 72px + env(safe-area-inset-bottom, 0px)); width: min(400px, calc(100vw - 2 * var(--aside)));
  height: min(640px, calc(100dvh - var(--up) - 96px)); border-radius: 16px; overflow: hidden; background: Canvas; color: CanvasText;
  box-shadow: 0 8px 40px rgb(0 0 0 / 30%); visibility: hidden; opacity: 0; }
.right .launcher, .right .panel { right: calc(var(--aside) + env(safe-area-inset-right, 0px)); }
.left .launcher, .left .panel { left: calc(var(--aside) + env(safe-area-inset-left, 0px)); }
.open .panel { visibility: visible; opacity: 1; }
iframe { display: block; width: 100%; height: 100%; border: 0; }
.failed { display: grid; place-content: center; gap: 12px; height: 100%; padding: 24px; text-align: center; }
.failed a { color: inherit; }
.cover .launcher { display: none; }
.cover .panel { top: 0; right: 0; bottom: auto; left: 0; width: 100%; height: 100dvh; border-radius: 0; box-shadow: none;
  padding: env(safe-area-inset-top, 0px) env(safe-area-inset-right, 0px) env(safe-area-inset-bottom, 0px) env(safe-area-inset-left, 0px); }
@media (prefers-reduced-motion: no-preference) {
  .panel { transform: translateY(12px); transition: opacity 0.16s ease-out, transform 0.16s ease-out; }
  .open .panel { transform: none; }
  .cover .panel { transition: none; }
}
@media print { :host { display: none; } }
`;

// Storage may be forbidden; then nothing is kept.
function kept(work) {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

function make(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

// Not by `innerHTML`, which a careful page forbids.
function icon(shape) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shape);
  drawn.append(path);
  return drawn;
}

// What the script's element says of the looks; what it says wrongly counts as not said.
function readOptions({ dataset }, shop) {
  const language = (dataset.language || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
  const [aside, up = aside] = (dataset.offset ?? "").split(/[\s,]+/).map(Number.parseFloat).filter((px) => px >= 0 && px < 2000);
  return {
    language: language in WORDS ? language : "en",
    side: /left/i.test(dataset.position ?? "") ? "left" : "right",
    aside: aside ?? 20,
    up: up ?? 20,
    color: CSS.supports("color", dataset.color ?? "") ? dataset.color : shop.color || "#1c6b52",
    ownColor: CSS.supports("color", dataset.color ?? "") ? dataset.color : "",
    label: dataset.label ?? "",
    hidesOnPhones: "hideOnPhones" in dataset && dataset.hideOnPhones !== "false",
  };
}

class Widget {
  #home;
  #options;
  #words;
  #frame = null;
  #isReady = false;
  #isOpen = false;
  #unread = 0;
  #queue = [];
  #before = null; // what had the focus
  #mark = null; // names the entry of the history that "back" leaves
  #covered = []; // what lies under a full screen

  constructor(home, options) {
    this.#home = home;
    this.#options = options;
    this.#words = WORDS[options.language];
    this.#build();
    addEventListener("message", (event) => this.#heard(event));
    addEventListener("popstate", (event) => this.#isOpen && this.#mark && event.state?.kefu !== this.#mark && this.#wentBack());
    addEventListener("storage", (event) => event.key === TALKED && event.newValue && this.#load());
    PHONE.addEventListener("change", () => this.#arrange());
    for (const change of ["resize", "scroll"]) window.visualViewport?.addEventListener(change, () => this.#fit());
    if (kept((storage) => storage.getItem(TALKED) || storage.getItem(ENDS))) this.#load();
  }

  open() {
    if (this.#isOpen) return;
    this.#before = document.activeElement;
    this.#isOpen = true;
    this.#load();
    this.#arrange();
    this.#tell("shown", { shown: true });
    this.#frame.focus();
  }

  // `byHand`: the visitor closed it, so that the page's history may go back to where it was.
  close(byHand = false) {
    if (!this.#isOpen) return;
    const mark = this.#mark;
    this.#isOpen = false;
    this.#mark = null;
    this.#arrange();
    this.#tell("shown", { shown: false });
    if (byHand && mark && history.state?.kefu === mark) history.back();
    const isHidden = getComputedStyle(this.launcher).display === "none";
    (isHidden ? this.#before : this.launcher)?.focus?.();
  }

  // Without an id nobody is logged in (any more): the talk of a customer ends, that of a visitor goes on.
  identify(signed) {
    const { id, expires, signature, name, email } = signed ?? {};
    const isSomebody = id !== undefined && id !== null && id !== "";
    if (!isSomebody && !this.#frame) return;
    this.#load();
    this.#tell("identify", { signed: isSomebody ? { id: String(id), expires: Number(expires), signature, name, email } : null });
  }

  reset() {
    kept((storage) => storage.removeItem(TALKED));
    kept((storage) => storage.setItem(ENDS, "1"));
    this.#showUnread(0);
    this.#load();
    this.#tell("reset");
  }

  #build() {
    const { side, aside, up, color, label } = this.#options;
    this.host = make("kefu-widget");
    for (const [name, value] of [["--aside", `${aside}px`], ["--up", `${up}px`], ["--brand", color]]) this.host.style.setProperty(name, value);
    const root = this.host.attachShadow({ mode: "open" });
    dress(root);
    this.box = make("div", side);
    this.box.role = "region";
    this.box.ariaLabel = this.#words.title;
    this.box.lang = this.#options.language === "zh" ? "zh-CN" : "en";
    this.panel = make("div", "panel");
    this.panel.role = "dialog";
    this.panel.id = "panel";
    this.panel.ariaLabel = this.#words.title;
    this.launcher = make("button", "launcher");
    this.launcher.type = "button";
    this.launcher.setAttribute("aria-controls", "panel");
    this.badge = make("span", "badge");
    this.badge.ariaHidden = "true";
    this.spoken = make("span", "spoken");
    this.spoken.role = "status";
    this.text = make("span", "label", label);
    this.text.hidden = !label;
    this.box.append(this.launcher, this.panel, this.spoken);
    root.append(this.box);
    this.launcher.addEventListener("click", () => (this.#isOpen ? this.close(true) : this.open()));
    for (const hint of ["pointerenter", "focus"]) this.launcher.addEventListener(hint, () => this.#load(), { once: true });
    root.addEventListener("keydown", ({ key }) => key === "Escape" && this.close(true));
    this.#arrange();
    document.body.append(this.host);
  }

  // The frame comes when it is wanted: a visitor who never opens the chat costs nobody a connection.
  #load() {
    if (this.#frame) return;
    const address = new URL("/", this.#home);
    const ends = kept((storage) => storage.getItem(ENDS)) ? { reset: "1" } : {};
    address.search = new URLSearchParams({ embedded: "1", lang: this.#options.language, color: this.#options.ownColor, ...ends });
    this.#frame = make("iframe");
    Object.assign(this.#frame, { src: address.href, title: this.#words.title, allow: "autoplay; clipboard-write" });
    this.#frame.addEventListener("load", () => this.#greet(PATIENCE * GREETINGS));
    this.panel.append(this.#frame);
  }

  // Until the page in the frame is ready to hear; where it may not be shown it never is.
  #greet(left) {
    if (this.#isReady) return;
    if (!left) return this.#failed();
    this.#post("hello");
    setTimeout(() => this.#greet(left - 1), 1000 / GREETINGS);
  }

  #failed() {
    console.warn(`Kefu: the chat does not answer from ${this.#home}. Is ${location.origin} in KEFU_WIDGET_ORIGINS there?`);
    const link = make("a", "", this.#words.elsewhere);
    Object.assign(link, { href: this.#home, target: "_blank", rel: "noopener" });
    const said = make("div", "failed");
    said.append(make("span", "", this.#words.failed), link);
    this.panel.replaceChildren(said);
    if (this.#isOpen) link.focus();
  }

  #tell(kefu, more = {}) {
    if (this.#isReady) this.#post(kefu, more);
    else this.#queue.push([kefu, more]);
  }

  #post(kefu, more = {}) {
    this.#frame.contentWindow?.postMessage({ kefu, ...more }, this.#home);
  }

  #heard({ origin, source, data }) {
    if (origin !== this.#home || !source || source !== this.#frame?.contentWindow) return;
    if (data?.kefu === "ready") this.#begin();
    if (data?.kefu === "close") this.close(true);
    if (data?.kefu === "unread") this.#showUnread(Number(data.count) || 0);
    if (data?.kefu === "talked") kept((storage) => storage.setItem(TALKED, "1"));
    if (data?.kefu === "forgotten") kept((storage) => storage.removeItem(ENDS));
    if (data?.kefu === "refused") console.warn(`Kefu.identify: ${data.detail}`);
  }

  #begin() {
    this.#isReady = true;
    for (const [kefu, more] of this.#queue.splice(0)) this.#post(kefu, more);
  }

  #showUnread(count) {
    if (count > this.#unread) this.spoken.textContent = this.#news(count);
    this.#unread = count;
    this.#arrange();
  }

  #news(count) {
    return count === 1 && this.#words.oneNew ? this.#words.oneNew : this.#words.news.replace("{count}", count);
  }

  // Everything that follows from: open or not, phone or not, how much is unread.
  #arrange() {
    const { side, label, hidesOnPhones } = this.#options;
    const isOpen = this.#isOpen;
    const covers = isOpen && PHONE.matches;
    this.box.className = `${side}${isOpen ? " open" : ""}${covers ? " cover" : ""}`;
    this.panel.ariaModal = String(covers);
    this.launcher.hidden = hidesOnPhones && PHONE.matches;
    const named = isOpen ? this.#words.close : label || this.#words.open;
    this.launcher.ariaLabel = this.#unread && !isOpen ? `${named} · ${this.#news(this.#unread)}` : named;
    this.launcher.ariaExpanded = String(isOpen);
    this.text.hidden = !label || isOpen;
    this.badge.textContent = this.#unread > 99 ? "99+" : this.#unread || "";
    this.badge.hidden = !this.#unread || isOpen;
    this.launcher.replaceChildren(icon(isOpen ? ICONS.close : ICONS.chat), this.text, this.badge);
    this.#cover(covers);
    this.#fit();
  }

  // On a phone the chat fills the screen: what lies under it neither scrolls nor has the focus, and "back" closes it.
  #cover(covers) {
    if (covers && !this.#covered.length) {
      this.#covered = [...document.body.children].filter((other) => other !== this.host && !other.inert);
      for (const other of this.#covered) other.inert = true;
      this.scrolling = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
      this.isCovering = true;
    }
    if (covers && !this.#mark) {
      this.#mark = `${Math.random()}`;
      history.pushState({ ...history.state, kefu: this.#mark }, "");
    }
    if (covers || !this.isCovering) return;
    for (const other of this.#covered.splice(0)) other.inert = false;
    document.documentElement.style.overflow = this.scrolling;
    this.isCovering = false;
  }

  #wentBack() {
    this.#mark = null;
    this.close();
  }

  // A keyboard makes the part that is seen smaller, and only the page outside can tell by how much.
  #fit() {
    const seen = window.visualViewport;
    const covers = this.#isOpen && PHONE.matches && seen;
    this.panel.style.height = covers ? `${seen.height}px` : "";
    this.panel.style.transform = covers ? `translateY(${seen.offsetTop}px)` : "";
  }
}

// A constructed sheet passes a page's `style-src`.
function dress(root) {
  if ("adoptedStyleSheets" in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else root.append(make("style", "", STYLE));
}

function begin(script, shop) {
  if (!script || window.Kefu) return;
  const options = readOptions(script, shop);
  const home = new URL(script.src).origin;
  const show = () => {
    const widget = new Widget(home, options);
    window.Kefu = Object.freeze({
      open: () => widget.open(),
      close: () => widget.close(),
      identify: (signed) => widget.identify(signed),
      reset: () => widget.reset(),
    });
    dispatchEvent(new Event(NEWS));
  };
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show, { once: true });
}
