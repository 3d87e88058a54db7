/* Building blocks. Content of the document and of responses is inserted as text nodes and attributes, never as markup;
   `require-trusted-types-for` in the policy enforces that. */
"use strict";

/** An element: h("p", {class: "note", onclick: act}, "text", child). Absent attributes and children are left out. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** A link for http, https and mailto; plain text for other addresses, such as `javascript:`. */
function link(address, text = address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return text;
  }
  const followed = ["http:", "https:", "mailto:"].includes(url.protocol);
  return followed ? h("a", { href: url.href, rel: "noreferrer noopener" }, text) : text;
}

/** A details element. Its content is created when it is first opened, as documents are large and schemas recursive. */
function folded(attributes, summary, make) {
  let made = false;
  const details = h("details", attributes, h("summary", {}, summary));
  const fill = () => {
    if (!made && details.open) {
      made = true;
      details.append(...[make()].flat(Infinity).filter(Boolean));
    }
  };
  details.addEventListener("toggle", fill);
  details.fill = fill;
  fill();
  return details;
}

/** Opens a folded element at once; its own event comes later. */
function unfold(details) {
  details.open = true;
  details.fill?.();
}

/** A button that copies text; null if the browser does not allow it (it requires https or localhost). */
function copyButton(text) {
  if (!navigator.clipboard) return null;
  const button = h("button", { type: "button", class: "small" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return button;
}

// -- descriptions ---------------------------------------------------------------------------------------------------

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?])/g;
const BULLET = /^\s*(?:[-*+]|(\d+)[.)])\s+/;

/** A description as elements. Supports the part of CommonMark that is common in docstrings. */
function prose(text) {
  const box = h("div", { class: "prose" });
  let lines = [];
  const flush = () => {
    if (lines.length) box.append(block(lines));
    lines = [];
  };
  let code = null;
  for (const line of String(text ?? "").split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) {
      if (code) box.append(h("pre", {}, code.join("\n")));
      else flush();
      code = code ? null : [];
    } else if (code) code.push(line);
    else if (!line.trim()) flush();
    else {
      // Lists and headings need no empty line before them.
      const starts = BULLET.test(line) !== BULLET.test(lines[0] ?? line) && !/^\s/.test(line);
      if (starts || /^#{1,6}\s/.test(line) || /^#{1,6}\s/.test(lines[0] ?? "")) flush();
      lines.push(line);
    }
  }
  if (code) box.append(h("pre", {}, code.join("\n")));
  flush();
  return box.childNodes.length ? box : null;
}

/** One paragraph, heading or list. */
function block(lines) {
  const heading = /^(#{1,6})\s+(.*)/.exec(lines[0]);
  if (heading) return h("p", { class: "heading" }, inline(heading[2]));
  const bullet = BULLET.exec(lines[0]);
  if (!bullet) return h("p", {}, inline(lines.join(" ")));
  const items = [];
  for (const line of lines) {
    if (BULLET.test(line)) items.push(line.replace(BULLET, ""));
    else items.push(`${items.pop()} ${line.trim()}`);
  }
  return h(bullet[1] ? "ol" : "ul", {}, items.map((item) => h("li", {}, inline(item))));
}

/** The inline elements of a line: code, strong, emphasis, links and text. */
function inline(text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, label, target, address] = found;
    pieces.push(text.slice(end, found.index));
    if (code) pieces.push(h("code", {}, code));
    else if (strong) pieces.push(h("strong", {}, strong));
    else if (emphasis) pieces.push(h("em", {}, emphasis));
    else pieces.push(link(target ?? address, label ?? address));
    end = found.index + whole.length;
  }
  pieces.push(text.slice(end));
  return pieces;
}
