// What this browser keeps: token, language, unsent words. Where storage is forbidden, as it may be to a frame on another
// site, it lasts as long as the page.

const PREFIX = "kefu.";
const UNSENT = "unsent.";
const memory = new Map();

function attempt(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise();
  }
}

// Whether what is kept here is still there on the next page.
export const lasts = attempt(
  () => {
    localStorage.setItem(PREFIX, "");
    localStorage.removeItem(PREFIX);
    return true;
  },
  () => false,
);

export function read(key) {
  return memory.get(key) ?? attempt(() => localStorage.getItem(PREFIX + key), () => null);
}

export function write(key, value) {
  attempt(() => localStorage.setItem(PREFIX + key, value), () => memory.set(key, value));
}

export function forget(key) {
  memory.delete(key);
  attempt(() => localStorage.removeItem(PREFIX + key), () => null);
}

// Another tab of this browser changed `key`.
export function onChangedElsewhere(key, tell) {
  window.addEventListener("storage", (event) => event.key === PREFIX + key && tell(event.newValue));
}

export function keys(start) {
  const stored = attempt(() => Object.keys(localStorage), () => []);
  const here = stored.filter((key) => key.startsWith(PREFIX + start)).map((key) => key.slice(PREFIX.length));
  return [...here, ...[...memory.keys()].filter((key) => key.startsWith(start))];
}

// Not `crypto.randomUUID`: a page on plain http has none.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What outlasts a reload of this tab, and nothing more: words and files that are not said yet.
export const tab = {
  read: (key) => attempt(() => JSON.parse(sessionStorage.getItem(PREFIX + key)), () => null),
  write: (key, value) => attempt(() => sessionStorage.setItem(PREFIX + key, JSON.stringify(value)), () => null),
};

// Words on their way, one key each, so that two tabs never write over one another.
export const unsent = {
  add(entry) {
    write(UNSENT + entry.id, JSON.stringify(entry));
  },
  remove(id) {
    forget(UNSENT + id);
  },
  list() {
    const entries = keys(UNSENT).map((key) => JSON.parse(read(key)));
    return entries.filter(Boolean).sort((one, other) => one.at - other.at);
  },
};
