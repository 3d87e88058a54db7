/* Responses: status, time, headers, and the body as text, image or file. */

const SHOWN_CHARACTERS = 500_000;

/** Sends a request and shows its response in a box. A new request in the same box aborts the first. */
async function perform(operation, request, box) {
  box.stop?.();
  const ending = new AbortController();
  const stop = h("button", { type: "button", class: "small", onclick: () => ending.abort() }, "Stop");
  const state = h("p", { class: "state", role: "status" }, "Waiting for the response … ");
  box.replaceChildren(state, stop);
  box.setAttribute("aria-busy", "true");
  let address;
  const own = box.stop = () => {
    ending.abort();
    if (address) URL.revokeObjectURL(address);
  };
  let restoreCookies = () => {};
  try {
    restoreCookies = setCookies(request.cookies);
    const started = performance.now();
    const response = await fetch(request.url, fetchOptions(request, ending.signal)).finally(restoreCookies);
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
    state.textContent = ending.signal.aborted ? "Stopped." : `Request failed: ${error.message}. ${likelyCause(request)}`;
  } finally {
    if (box.stop === own) box.removeAttribute("aria-busy");
  }
}

function stateLine(response, waited) {
  const kind = `status s${String(response.status)[0]}`;
  return [h("span", { class: kind }, `${response.status} ${response.statusText}`.trim()), ` ${Math.round(waited)} ms`];
}

/** The likely cause of a failed fetch, which gives no reason itself. */
function likelyCause(request) {
  const { origin, protocol } = new URL(request.url, location.href);
  if (origin === location.origin) return "Is the server still running?";
  if (location.protocol === "https:" && protocol === "http:") return "A page loaded over https cannot send requests over http.";
  return `Is a server running at ${origin}, and does it allow this page (CORS)?`;
}

/** The documented description of a response, unless it repeats the status line. */
function notesOn(operation, response) {
  const documented = operation.spec.responses ?? {};
  const spec = documented[response.status] ?? documented[`${String(response.status)[0]}XX`] ?? documented.default;
  const description = spec ? resolved(spec).description : "This status is not documented.";
  return [
    response.redirected && h("p", { class: "note" }, "Redirected to ", h("code", {}, response.url)),
    description !== response.statusText && h("p", { class: "note" }, description),
  ].filter(Boolean);
}

function headerList(response) {
  const all = [...response.headers];
  const rows = all.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)));
  return folded({ class: "headers" }, `Headers (${all.length})`, () => h("table", {}, h("tbody", {}, rows)));
}

/** The bytes of the body. A stream of events or lines is shown as it arrives, as it may be endless. */
async function readBody(response, live, signal) {
  const streamed = /event-stream|jsonl|ndjson|json-seq/.test(contentTypeOf(response));
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

function contentTypeOf(response) {
  return (response.headers.get("content-type") ?? "").toLowerCase();
}

/** The body as indented JSON, text or image, with a link to download it. */
async function bodyView(response, bytes, address) {
  if (!bytes.size) return [h("p", { class: "note" }, "No body.")];
  const type = contentTypeOf(response);
  const download = h("a", { class: "small", href: address, download: fileName(response) }, "Download");
  if (/^image\/(?!svg)/.test(type)) return [h("img", { src: address, alt: "The image in the response" }), download];
  if (!/^text\/|[/+](json|xml|yaml)|jsonl|ndjson|javascript|urlencoded/.test(type)) {
    return [h("p", { class: "note" }, type ? `A file of type ${type}. ` : "A file of unknown type. ", download)];
  }
  const charset = /charset="?([\w-]+)/.exec(type)?.[1];
  let text = new TextDecoder(charset === "latin-1" ? "iso-8859-1" : charset).decode(await bytes.arrayBuffer());
  if (isJson(type)) text = indented(text);
  const cut = text.length > SHOWN_CHARACTERS && h("p", { class: "note" }, "Only the beginning is shown; download the file for the rest.");
  const pre = h("pre", { class: "body", tabindex: 0, "aria-label": "Body" }, text.slice(0, SHOWN_CHARACTERS));
  return [pre, cut, h("div", { class: "bar" }, copyButton(() => text), download)].filter(Boolean);
}

/** Indented JSON. Numbers are kept as text: parsing would change 12345678901234567890. */
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
  const name = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return decoded(name ?? new URL(response.url).pathname.split("/").pop()) || "response";
}

function sizeInWords(size) {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
