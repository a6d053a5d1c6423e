// A short sound for news that nobody is looking at. Off until the visitor turns it on in this browser.

import { forget, read, write } from "./keep.js";

const HERTZ = 660;
const SECONDS = 0.18;
let context = null;

export function isOn() {
  return read("sound") === "on";
}

export function turn(on) {
  if (on) write("sound", "on");
  else forget("sound");
  if (on) play();
}

export function play() {
  if (!isOn() || !window.AudioContext) return;
  context ??= new AudioContext();
  const [tone, loudness] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = HERTZ;
  loudness.gain.setValueAtTime(0.12, context.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, context.currentTime + SECONDS);
  tone.connect(loudness).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + SECONDS);
}
