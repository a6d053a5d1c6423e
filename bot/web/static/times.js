// Instants as the visitor's own clock and calendar show them.

const DAY = 24 * 60 * 60 * 1000;

// British or American hours stay as the browser has them; anything else follows the page's language.
export function locale(language) {
  if (language === "zh") return "zh-CN";
  return navigator.language.startsWith("en") ? navigator.language : "en-GB";
}

function format(at, language, options) {
  return new Intl.DateTimeFormat(locale(language), options).format(new Date(at));
}

// Whole local days from `now` to `at`: 0 today, 1 tomorrow, -1 yesterday.
export function daysAway(at, now = new Date()) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(at) - midnight(now)) / DAY);
}

export function hour(at, words) {
  return format(at, words.language, { hour: "numeric", minute: "2-digit" });
}

export function day(at, words) {
  const away = daysAway(at);
  if (away === 0) return words.say("today");
  if (away === -1) return words.say("yesterday");
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return format(at, words.language, { weekday: "long", day: "numeric", month: "long", year });
}

// "9:02", with the day before it when that was not today.
export function since(at, words) {
  return daysAway(at) === 0 ? hour(at, words) : `${day(at, words)} ${hour(at, words)}`;
}

// A time to come, as it is said aloud: a weekday and an hour.
export function moment(at, words, how = "at") {
  const away = daysAway(at);
  const key = how + (away === 0 ? "Today" : away === 1 ? "Tomorrow" : away > 1 && away < 7 ? "Day" : "Date");
  const weekday = format(at, words.language, { weekday: "long" });
  const date = format(at, words.language, { day: "numeric", month: "long" });
  return words.say(key, { hour: hour(at, words), weekday, date });
}

// A promised time, "by 10:00 on Monday": the next half hour, as the bot names it in its own sentences.
export function promised(at, words) {
  const due = new Date(at);
  due.setMinutes(Math.ceil(due.getMinutes() / 30) * 30, 0, 0);
  return moment(due, words, "by");
}
