// The small markup of answers (**bold**, lists, [text](address), bare addresses) as DOM nodes.
// Text only ever becomes text nodes, so nothing that is stored can run. The bounds keep hostile text linear.

const TOKEN = /\*\*([^*\n]{1,1000})\*\*|\[([^[\]\n]{1,300})\]\(([^()\s]{1,2000})\)|(https?:\/\/[!#-;=?-~]{1,2000})/gi;
const ADDRESS = /https?:\/\/[!#-;=?-~]{1,2000}/gi;
const OUR_KINDS = /^(https?:\/\/|\/(?![/\\]))/i;
const ITEM = /^[-•] /;

export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// A link to an http or https address, or to a page of this shop; null for anything else.
export function link(text, address) {
  if (!OUR_KINDS.test(address)) return null;
  const made = element("a", "", text);
  Object.assign(made, { href: address, target: "_blank", rel: "noopener noreferrer nofollow" });
  return made;
}

// "see https://a.example/b)." ends at b: closing marks belong to the sentence, unless opened inside.
function withoutTail(address) {
  let end = address.replace(/[.,;:!?'*\]}]+$/, "");
  while (end.endsWith(")") && !end.includes("(")) end = end.slice(0, -1).replace(/[.,;:!?'*\]}]+$/, "");
  return end;
}

function bareLink(address) {
  const end = withoutTail(address);
  return [link(end, end) ?? end, address.slice(end.length)];
}

function split(text, pattern, replace) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    nodes.push(text.slice(from, match.index), ...replace(match));
    from = match.index + match[0].length;
  }
  return [...nodes, text.slice(from)].filter((node) => node !== "");
}

function inline(text) {
  return split(text, TOKEN, ([whole, bold, label, target, address]) => {
    if (bold) return [element("strong", "", ...inline(bold))];
    if (label) return [link(label, target) ?? whole];
    return bareLink(address);
  });
}

// What somebody typed: as it stands, with addresses to click.
export function plain(text) {
  return [element("p", "", ...split(text, ADDRESS, ([address]) => bareLink(address)))];
}

// An answer: paragraphs and lists.
export function rich(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const isItem = ITEM.test(line);
    const last = blocks.at(-1);
    if (last?.isItem === isItem) last.lines.push(line);
    else blocks.push({ isItem, lines: [line] });
  }
  return blocks.flatMap(block);
}

function block({ isItem, lines }) {
  if (isItem) return [element("ul", "", ...lines.map((line) => element("li", "", ...inline(line.slice(2)))))];
  const paragraphs = lines.join("\n").split(/\n{2,}/).map((text) => text.replace(/^\n|\s+$/g, ""));
  return paragraphs.filter(Boolean).map((text) => element("p", "", ...inline(text)));
}
