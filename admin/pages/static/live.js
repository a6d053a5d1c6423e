// A case that is open: what is said meanwhile appears at the end of the talk.

const LOOK = 3; // seconds between two looks
const talk = document.getElementById("talk");

const lastSeq = () => Number(talk.lastElementChild?.dataset.seq ?? 0);

async function look() {
  if (document.visibilityState === "hidden") return;
  const answer = await fetch(`${talk.dataset.address}?after=${lastSeq()}`, { redirect: "error" });
  if (!answer.ok) return;
  const news = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("li");
  for (const item of news) if (Number(item.dataset.seq) > lastSeq()) talk.append(document.adoptNode(item));
}

async function keepLooking() {
  await look().catch(() => null); // signed out, or the line is down: the next look tells
  setTimeout(keepLooking, LOOK * 1000);
}

if (talk) setTimeout(keepLooking, LOOK * 1000);
