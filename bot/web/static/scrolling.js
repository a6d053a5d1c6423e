// What is in sight: the newest message, also while the room for it grows and shrinks.

const $ = (id) => document.getElementById(id);

// To the end, unless that would scroll the beginning of a long answer out of sight.
export function showNewest({ scroller, list }) {
  const newest = list.lastElementChild;
  if (!newest) return;
  const top = newest.offsetTop - scroller.offsetTop - 12;
  scroller.scrollTop = Math.min(top, scroller.scrollHeight - scroller.clientHeight);
}

// A keyboard or a growing text takes room from the log: whoever was at its end stays there.
export function stayAtEnd(log) {
  let wasAtEnd = true;
  log.scroller.addEventListener("scroll", () => {
    wasAtEnd = log.isAtEnd;
    if (wasAtEnd) $("latest").hidden = true;
  });
  new ResizeObserver(() => wasAtEnd && log.toEnd()).observe(log.scroller);
  $("latest").addEventListener("click", () => log.toEnd());
}

// Phones that lay the keyboard over the page instead of making it smaller.
export function stayAboveKeyboard() {
  const fit = () => {
    const height = window.visualViewport?.height;
    if (height) document.documentElement.style.setProperty("--height", `${height}px`);
  };
  window.visualViewport?.addEventListener("resize", fit);
  fit();
}
