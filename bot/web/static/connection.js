// One session, one socket: opens, resumes after the last message, comes back after every loss.

import { onChangedElsewhere, read } from "./keep.js";
import { ended, ensureToken } from "./session.js";

const PAUSES = [0.3, 1, 2, 4, 8, 15]; // seconds before another try
const SLOW_PAUSE = 10;
const SILENCE = 12; // seconds without any frame after ours: the line is dead though the socket seems open
const EXPECT_ANSWER = new Set(["said", "pressed"]);
const AWAY = 60; // seconds hidden after which a socket is not trusted
const CODES = { badToken: 4401, badOrigin: 4403, tooFast: 4429 };

export class Connection {
  #socket = null;
  #token = null;
  lastSeq = 0;
  #tries = 0;
  #round = 0;
  #timer = 0;
  #silence = 0;
  #hiddenAt = 0;
  #isExpected = false;

  // visitor() -> {language, timezone}; mayBegin() -> whether a session is worth beginning; onNewSession(isExpected);
  // onStatus is told connecting, open, retrying, offline, slow or refused.
  constructor({ visitor, mayBegin, onFrame, onOpen, onNewSession, onStatus }) {
    Object.assign(this, { visitor, mayBegin, onFrame, onOpen, onNewSession, onStatus });
    window.addEventListener("online", () => this.connect());
    window.addEventListener("offline", () => this.#lost());
    document.addEventListener("visibilitychange", () => this.#visibility());
    onChangedElsewhere("token", (token) => token && token !== this.#token && this.connect());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // Returns whether there was a line to send it on.
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    if (EXPECT_ANSWER.has(frame.type)) this.#silence ||= setTimeout(() => this.#lost(), SILENCE * 1000);
    return true;
  }

  // `isExpected`: the visitor knows that another conversation is shown from now on.
  async connect(isExpected = false) {
    const round = ++this.#round;
    this.#isExpected ||= isExpected;
    this.#hangUp();
    if (!read("token") && !this.mayBegin()) return this.#forgotten();
    this.onStatus("connecting");
    try {
      const token = await ensureToken(this.visitor());
      if (round === this.#round) this.#dial(token);
    } catch (error) {
      if (round === this.#round) this.#sessionFailed(error);
    }
  }

  #dial(token) {
    if (this.#token && this.#token !== token) this.#startOver();
    this.#token = token;
    this.#isExpected = false;
    const address = new URL("/chat/socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(address));
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#received(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
  }

  // The conversation is over here; the next one is another.
  leave() {
    this.#round += 1;
    this.#hangUp();
    this.#token = null;
    this.lastSeq = 0;
  }

  // Another tab gave the session back.
  #forgotten() {
    if (!this.#token) return;
    this.#token = null;
    this.lastSeq = 0;
    this.onNewSession(true);
  }

  #startOver() {
    this.lastSeq = 0;
    this.onNewSession(this.#isExpected);
  }

  #opened() {
    this.send({ type: "hello", token: this.#token, after: this.lastSeq, ...this.visitor() });
    this.onStatus("open");
    this.onOpen();
  }

  #received(frame) {
    this.#tries = 0;
    this.#quiet();
    if (frame.type === "message") this.lastSeq = Math.max(this.lastSeq, frame.seq);
    this.onFrame(frame);
  }

  #closed(code) {
    if (code === CODES.badOrigin) return this.#stop();
    if (code === CODES.tooFast) return this.#retry("slow", SLOW_PAUSE);
    if (code === CODES.badToken) ended(this.#token);
    this.#lost();
  }

  #sessionFailed({ status, pause }) {
    if (status === 403) return this.#stop();
    if (status === 429) return this.#retry("slow", pause);
    this.#lost();
  }

  #lost() {
    const pause = PAUSES[Math.min(this.#tries++, PAUSES.length - 1)];
    this.#retry(navigator.onLine ? "retrying" : "offline", pause * (0.8 + 0.4 * Math.random()));
  }

  #retry(status, pause) {
    this.#hangUp();
    this.onStatus(status);
    this.#timer = setTimeout(() => this.connect(), pause * 1000);
  }

  #stop() {
    this.#hangUp();
    this.onStatus("refused");
  }

  #quiet() {
    clearTimeout(this.#silence);
    this.#silence = 0;
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#quiet();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #visibility() {
    const hidden = document.visibilityState === "hidden";
    const wasAway = !hidden && Date.now() - this.#hiddenAt > AWAY * 1000;
    if (hidden) this.#hiddenAt = Date.now();
    else if (!this.#socket || wasAway) this.connect();
  }
}
