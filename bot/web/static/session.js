// The right to one conversation: asked for, proven by the shop's site, found again, given back. The token lies in this
// browser's storage, or in a cookie; of several tabs one asks for it, the others take it.

import { forget, keys, lasts, newId, read, unsent, write } from "./keep.js";

const SLOW_PAUSE = 10;
const PATIENCE = 15; // seconds for a session
const RECALL = 4; // seconds for one that was kept, before which nothing else begins
const SPREAD = 0.3; // seconds until what one tab stored has surely reached the others
const ENDING = "ending.";
export let isKept = lasts; // whether the conversation is found again on the next page
let asking = null; // for a session, so that nobody else here asks for another
const givingBack = new Map(); // what is on its way to the server, by its key
let offered = null; // a signature that was not needed yet, for a session that ends while the customer is logged in

export class Refused extends Error {
  constructor(response, { error, detail } = {}) {
    super(`session refused: ${response.status} ${detail ?? ""}`);
    Object.assign(this, { status: response.status, error, detail });
    this.pause = Number(response.headers.get("Retry-After")) || SLOW_PAUSE;
  }
}

// Tabs may be processes of their own, and what one stores reaches another a little later: whoever changed the session
// lets the next in only then.
// Where storage is forbidden so are locks, and each tab has a session of its own.
function oneTabOnly(work) {
  if (!navigator.locks) return work();
  return new Promise((resolve, reject) => {
    const turn = () => work().then(resolve, reject).then(() => new Promise((done) => setTimeout(done, SPREAD * 1000)));
    navigator.locks.request("kefu.session", turn).catch(() => work().then(resolve, reject));
  });
}

export function bearer(token = read("token")) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function ask(body, headers = {}) {
  const response = await fetch("/chat/session", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(lasts ? body : { ...body, keep: true }),
    signal: AbortSignal.timeout?.(PATIENCE * 1000),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response, answer);
  forget("seen");
  write("token", answer.token);
  if (!lasts) await recall();
  return answer.token;
}

// Where storage is refused the server may keep the token in a cookie, which no script can read. Returns whether it said.
export async function recall() {
  const response = await fetch("/chat/session", { signal: AbortSignal.timeout?.(RECALL * 1000) }).catch(() => null);
  isKept = response?.status === 200;
  if (isKept) write("token", (await response.json()).token);
  return Boolean(response?.ok);
}

// What this browser has kept ends before anything of it is shown. Returns whether that is known to be all.
export async function endKept() {
  const isAll = lasts || (await recall());
  end();
  return isAll;
}

async function prove(signed, visitor) {
  const token = await ask({ ...visitor, identify: signed }, bearer());
  write("user", signed.id);
  return token;
}

async function begin(visitor) {
  const signed = offered;
  offered = null;
  try {
    if (signed) return await prove(signed, visitor);
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  return ask(visitor);
}

export async function ensureToken(visitor) {
  const owed = allGivenBack();
  if (!lasts) await owed; // its answer takes a cookie away, which must not be that of the next conversation
  return read("token") ?? (asking ??= askOnce(visitor));
}

async function askOnce(visitor) {
  try {
    return await oneTabOnly(async () => read("token") ?? begin(visitor));
  } finally {
    asking = null;
  }
}

// Whom the shop's site vouches for. Returns whether that is news here; raises Refused.
export function identify(signed, visitor) {
  return oneTabOnly(async () => {
    const isKnown = read("user") === signed.id && read("token");
    if (isKnown) offered = signed;
    else if (read("user")) end();
    if (!isKnown) await prove(signed, visitor);
    return !isKnown;
  });
}

// `how`: {code}, or {number, contact}. Raises Refused.
export function resume(how, visitor) {
  return oneTabOnly(async () => {
    const token = await ask({ ...visitor, resume: how });
    forget("user");
    return token;
  });
}

// Nothing of the conversation stays in this browser. Where the server cannot be told now, it is told later.
export function end() {
  const token = read("token");
  offered = null;
  for (const key of ["token", "user", "seen"]) forget(key);
  for (const { id } of unsent.list()) unsent.remove(id);
  if (!token) return;
  const key = ENDING + newId();
  write(key, token);
  giveBack(key);
}

// Whether the server knows of every conversation that ended here.
export async function allGivenBack() {
  const told = await Promise.all(keys(ENDING).map(giveBack));
  return told.every(Boolean);
}

function giveBack(key) {
  if (!givingBack.has(key)) givingBack.set(key, tellEnd(key).finally(() => givingBack.delete(key)));
  return givingBack.get(key);
}

async function tellEnd(key) {
  const [token, signal] = [read(key), AbortSignal.timeout?.(PATIENCE * 1000)];
  const asked = { method: "DELETE", headers: bearer(token), keepalive: true, signal };
  const response = token ? await fetch("/chat/session", asked).catch(() => null) : null;
  const isOver = !token || response?.ok || response?.status === 401;
  if (isOver) forget(key);
  return isOver;
}

// The server ended the session of `token`.
export function ended(token) {
  if (read("token") !== token) return;
  for (const key of ["token", "user"]) forget(key);
}
