// When people answer, on the visitor's own clock. `open` are the coming opening times: [start, end] instants, in order.

import { hour, locale, moment } from "./times.js";

const DAY = 24 * 60 * 60 * 1000; // an opening time that lasts longer needs no hour
const DAYS = 7;

export function peopleAre(open, words, now = Date.now()) {
  const [start, end] = open.map((pair) => pair.map((at) => new Date(at))).find(([, end]) => end > now) ?? [];
  if (!start) return "";
  if (start > now) return words.say("peopleFrom", { time: moment(start, words) });
  return end - start > DAY ? words.say("peopleNow") : words.say("peopleUntil", { time: moment(end, words) });
}

// The coming week, a line a day.
export function week(open, words, now = Date.now()) {
  const days = new Map();
  for (const [start, end] of open.map((pair) => pair.map((at) => new Date(at)))) {
    if (end <= now || start - now > DAYS * DAY || end - start > DAY) continue;
    const day = new Intl.DateTimeFormat(locale(words.language), { weekday: "long" }).format(start);
    days.set(day, [...(days.get(day) ?? []), `${hour(start, words)} – ${hour(end, words)}`]);
  }
  return [...days].map(([day, times]) => `${day} ${times.join(", ")}`);
}

// "Europe/London", as the browser knows it.
export function zone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
