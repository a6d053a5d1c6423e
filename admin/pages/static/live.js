// A case that is open: what is said meanwhile appears at the end of the talk, above what can still be undone.

const LOOK = 3; // seconds between two looks
const talk = document.getElementById("talk");

const lastSeq = () => Math.max(0, ...Array.from(talk.querySelectorAll("[data-seq]"), (item) => Number(item.dataset.seq)));
const isThere = (list, held) => list.some((item) => item.dataset.held === held.dataset.held);

async function look() {
  if (document.visibilityState === "hidden") return;
  const answer = await fetch(`${talk.dataset.address}?after=${lastSeq()}`, { redirect: "error" });
  if (!answer.ok) return;
  const news = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [held, shown] = [news, talk].map((place) => Array.from(place.querySelectorAll("[data-held]")));
  for (const item of shown) if (!isThere(held, item)) item.remove();
  for (const item of news.querySelectorAll("[data-seq]"))
    if (Number(item.dataset.seq) > lastSeq()) talk.insertBefore(document.adoptNode(item), talk.querySelector("[data-held]"));
  for (const item of held) if (!isThere(shown, item)) talk.append(document.adoptNode(item));
}

async function keepLooking() {
  await look().catch(() => null); // signed out, or the line is down: the next look tells
  setTimeout(keepLooking, LOOK * 1000);
}

if (talk) {
  talk.scrollTop = talk.scrollHeight;
  setTimeout(keepLooking, LOOK * 1000);
}

// The other pages fold away again: with Escape, and when one goes on elsewhere.
const more = document.getElementById("more-pages");

if (more) {
  more.addEventListener("keydown", (press) => {
    if (press.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
  for (const kind of ["click", "focusin"])
    document.addEventListener(kind, (event) => {
      if (!more.contains(event.target)) more.open = false;
    });
}
