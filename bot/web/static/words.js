// The page's own words, and which language they are said in. What the bot says comes from the server.

const WORDS = {
  zh: {
    assistant: "自动客服",
    welcome: "您好，我是{shop}的自动客服。想问什么，直接写给我就行；想找人，随时发“人工”。",
    log: "对话",
    placeholder: "写下您的问题…",
    message: "您的消息",
    send: "发送",
    otherLanguage: "English",
    you: "您",
    bot: "自动回复",
    person: "{name}（人工）",
    colleague: "同事",
    withPerson: "{name}（人工）· {time} 起",
    waiting: "您要找同事，已经记下了；这期间我照常回答您。",
    waitingUntil: "同事{time}前在这里回您；这期间我照常回答。",
    waitingShort: "自动客服 · 等同事来",
    typing: "正在回复",
    options: "可以选",
    optionsOver: "这几个选项已经过了，您直接写给我就行。",
    edited: "已修改",
    takenBack: "这条消息已撤回",
    unsent: "待发送",
    sent: "已发送",
    failed: "没有发出去",
    again: "再发一次",
    attachment: "附件",
    latest: "看最新消息",
    connecting: "正在连接…",
    retrying: "连接断了，正在重连。您写的不会丢。",
    offline: "现在没有网络。您写的先存在这里，连上就发出。",
    slow: "消息有点多，请稍等一会儿，我会自动接着发。",
    refused: "这里打不开对话，请从店铺自己的页面进来。",
    back: "又连上了。",
    tryNow: "现在重连",
    newSession: "上一段对话已经结束，这里是新的一段。",
    tooFast: "您发得有点快，请等一会儿再发这条。",
    problem: "这条没能处理，请再发一次。",
    tooLong: "一条最多 {limit} 字，现在 {count} 字，分开发就好。",
    privacy: "隐私说明",
    operator: "由{operator}运营",
    today: "今天",
    yesterday: "昨天",
    byToday: "今天 {hour} ",
    byTomorrow: "明天（{weekday}）{hour} ",
    byDay: "{weekday} {hour} ",
    byDate: "{date} {hour} ",
  },
  en: {
    assistant: "Automatic assistant",
    welcome: "Hello, I'm {shop}'s automatic assistant. Ask me anything; if you'd rather have a person, write “person” at any time.",
    log: "Conversation",
    placeholder: "Write your question…",
    message: "Your message",
    send: "Send",
    otherLanguage: "中文",
    you: "You",
    bot: "Automatic reply",
    person: "{name} (person)",
    colleague: "a colleague",
    withPerson: "with {name} since {time}",
    waiting: "You asked for a person; that is noted. Meanwhile I go on answering.",
    waitingUntil: "A colleague will answer you here by {time}. Meanwhile I go on answering.",
    waitingShort: "Automatic assistant · waiting for a person",
    typing: "Answering",
    options: "Choices",
    optionsOver: "These choices have passed. Just write to me instead.",
    edited: "edited",
    takenBack: "This message was taken back",
    unsent: "Waiting to be sent",
    sent: "Sent",
    failed: "Not sent",
    again: "Send again",
    attachment: "Attachment",
    latest: "Go to the latest message",
    connecting: "Connecting…",
    retrying: "The connection was lost; reconnecting. Nothing you write is lost.",
    offline: "You are offline. What you write is kept here and sent once you're back.",
    slow: "That was a lot at once. One moment, the rest follows by itself.",
    refused: "The chat can't be opened from here. Please use the shop's own page.",
    back: "Connected again.",
    tryNow: "Try now",
    newSession: "The earlier conversation has ended; this is a new one.",
    tooFast: "That was a little fast. Please wait a moment and send this again.",
    problem: "This one didn't go through. Please send it again.",
    tooLong: "A message holds {limit} characters; this one has {count}. Please send it in parts.",
    privacy: "Privacy",
    operator: "Run by {operator}",
    today: "Today",
    yesterday: "Yesterday",
    byToday: "{hour} today",
    byTomorrow: "{hour} tomorrow, {weekday}",
    byDay: "{hour} on {weekday}",
    byDate: "{hour} on {date}",
  },
};

export class Words {
  // `overrides` ({zh: {key: text}, en: {...}}) are the shop's own sentences.
  constructor(language, overrides = {}) {
    this.language = language;
    this.overrides = overrides;
  }

  say(key, values = {}) {
    const text = this.overrides[this.language]?.[key] ?? WORDS[this.language][key];
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

// The address says it (?lang=), else an earlier choice here, else the browser, else the shop.
export function chooseLanguage(asked, saved, preferred, shop) {
  const known = [asked, saved, ...preferred].map((tag) => String(tag || "").slice(0, 2).toLowerCase());
  return known.find((tag) => tag in WORDS) || (shop in WORDS ? shop : "zh");
}
