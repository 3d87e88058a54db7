/* What came back: status, time, headers, and the body as text, picture or file. */

const SHOWN_CHARACTERS = 500_000;

/** Sends a request and shows its answer in a box; a second one in the same box ends the first. */
async function perform(operation, request, box) {
  box.stop?.();
  const ending = new AbortController();
  const stop = h("button", { type: "button", class: "small", onclick: () => ending.abort() }, "Stop");
  const state = h("p", { class: "state", role: "status" }, "Waiting for the answer … ");
  box.replaceChildren(state, stop);
  box.setAttribute("aria-busy", "true");
  let address;
  const own = box.stop = () => {
    ending.abort();
    if (address) URL.revokeObjectURL(address);
  };
  let takeBack = () => {};
  try {
    takeBack = lendCookies(request.cookies);
    const started = performance.now();
    const response = await fetch(request.url, fetchOptions(request, ending.signal)).finally(takeBack);
    const waited = performance.now() - started;
    const live = h("pre", { class: "body", tabindex: 0 });
    state.replaceChildren(...stateLine(response, waited));
    box.replaceChildren(state, stop, ...notesOn(operation, response), headerList(response), live);
    const bytes = await readBody(response, live, ending.signal);
    stop.remove();
    state.append(` · ${sizeInWords(bytes.size)}`, ending.signal.aborted ? " · stopped" : "");
    address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    live.replaceWith(...await bodyView(response, bytes, address));
  } catch (error) {
    stop.remove();
    state.classList.add("failed");
    state.textContent = ending.signal.aborted ? "Stopped." : `No answer: ${error.message}. ${whyNot(request)}`;
  } finally {
    if (box.stop === own) box.removeAttribute("aria-busy");
  }
}

function stateLine(response, waited) {
  const kind = `status s${String(response.status)[0]}`;
  return [h("span", { class: kind }, `${response.status} ${response.statusText}`.trim()), ` ${Math.round(waited)} ms`];
}

/** fetch does not tell why it failed; mostly it is one of these. */
function whyNot(request) {
  const { origin, protocol } = new URL(request.url, location.href);
  if (origin === location.origin) return "Is the server still there?";
  if (location.protocol === "https:" && protocol === "http:") return "A page from https may not ask http.";
  return `Is there a server at ${origin}, and does it allow this page (CORS)?`;
}

/** What the document says of such an answer, where it is more than the status line says already. */
function notesOn(operation, response) {
  const answers = operation.spec.responses ?? {};
  const said = answers[response.status] ?? answers[`${String(response.status)[0]}XX`] ?? answers.default;
  const words = said ? resolved(said).description : "The document does not tell of this status.";
  return [
    response.redirected && h("p", { class: "note" }, "Redirected to ", h("code", {}, response.url)),
    words !== response.statusText && h("p", { class: "note" }, words),
  ].filter(Boolean);
}

function headerList(response) {
  const all = [...response.headers];
  const rows = all.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)));
  return folded({ class: "headers" }, `Headers (${all.length})`, () => h("table", {}, h("tbody", {}, rows)));
}

/** The body's bytes. A stream of events or lines is shown while it comes, as it may have no end. */
async function readBody(response, live, signal) {
  const streamed = /event-stream|jsonl|ndjson|json-seq/.test(typeOfAnswer(response));
  const decoder = new TextDecoder();
  const chunks = [];
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      chunks.push(part.value);
      if (streamed && live.textContent.length < SHOWN_CHARACTERS) live.append(decoder.decode(part.value, { stream: true }));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return new Blob(chunks);
}

function typeOfAnswer(response) {
  return (response.headers.get("content-type") ?? "").toLowerCase();
}

/** The body: JSON indented, other text as it is, a picture, and always a file to keep. */
async function bodyView(response, bytes, address) {
  if (!bytes.size) return [h("p", { class: "note" }, "No body.")];
  const type = typeOfAnswer(response);
  const download = h("a", { class: "small", href: address, download: fileName(response) }, "Download");
  if (/^image\/(?!svg)/.test(type)) return [h("img", { src: address, alt: "The picture that was sent" }), download];
  if (!/^text\/|[/+](json|xml|yaml)|jsonl|ndjson|javascript|urlencoded/.test(type)) {
    return [h("p", { class: "note" }, type ? `A file of type ${type}. ` : "A file of no stated type. ", download)];
  }
  const charset = /charset="?([\w-]+)/.exec(type)?.[1];
  let text = new TextDecoder(charset === "latin-1" ? "iso-8859-1" : charset).decode(await bytes.arrayBuffer());
  if (isJson(type)) text = indented(text);
  const cut = text.length > SHOWN_CHARACTERS && h("p", { class: "note" }, "Only the beginning is shown; the file has it all.");
  const pre = h("pre", { class: "body", tabindex: 0, "aria-label": "Body" }, text.slice(0, SHOWN_CHARACTERS));
  return [pre, cut, h("div", { class: "bar" }, copyButton(() => text), download)].filter(Boolean);
}

/** JSON on lines of its own, number for number as it was sent: a parsed 12345678901234567890 would be another one. */
function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const lines = [];
  let line = "";
  let depth = 0;
  const end = () => {
    lines.push(line);
    line = "  ".repeat(depth);
  };
  tokens.forEach((token, index) => {
    const empty = "{[".includes(tokens[index - 1] || " ") && "}]".includes(token);
    if ("}]".includes(token)) {
      depth -= 1;
      if (!empty) end();
    }
    line += token === ":" ? ": " : token;
    if ("{[".includes(token)) depth += 1;
    const closes = "}]".includes(tokens[index + 1] || " ");
    if (token === "," || ("{[".includes(token) && !closes)) end();
  });
  return [...lines, line].join("\n");
}

function fileName(response) {
  const said = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return decoded(said ?? new URL(response.url).pathname.split("/").pop()) || "answer";
}

function sizeInWords(size) {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
