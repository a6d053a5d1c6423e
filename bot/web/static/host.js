// The shop's page around the chat, when the widget shows it in a frame. Only sites that the shop named may speak to it
// (the browser shows the frame on no others), and answers go to the site that spoke first.

export const isEmbedded = window.parent !== window && document.documentElement.classList.contains("embedded");

export class Host {
  #origins;
  #site = null;
  #waiting = [];
  #isGreeted = false;
  isShown = false;

  // onShown() when the frame is opened or closed; onIdentify(signed or null); onReset()
  constructor(origins, { onShown, onIdentify, onReset }) {
    this.#origins = new Set([location.origin, ...origins]);
    const heard = {
      hello: () => this.#greeted(),
      shown: ({ shown }) => onShown((this.isShown = shown === true)),
      identify: ({ signed }) => onIdentify(signed),
      reset: () => onReset(),
    };
    window.addEventListener("message", ({ origin, source, data }) => {
      if (source !== window.parent || !this.#origins.has(origin)) return;
      if (this.#site && origin !== this.#site) return;
      this.#site = origin;
      if (Object.hasOwn(heard, data?.kefu)) heard[data.kefu](data);
    });
  }

  tell(kefu, more = {}) {
    if (this.#site) window.parent.postMessage({ kefu, ...more }, this.#site);
    else this.#waiting.push([kefu, more]);
  }

  #greeted() {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.tell("ready");
    for (const [kefu, more] of this.#waiting.splice(0)) this.tell(kefu, more);
  }
}
