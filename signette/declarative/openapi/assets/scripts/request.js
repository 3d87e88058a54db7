/* Requests: parameters in their places (OpenAPI 3.1 §4.8.12, `style` and `explode`), for fetch and for curl. */

/** {method, url, headers, cookies, credentials, body} of an operation with values: [parameter, value] pairs, empty ones left out. */
function requestOf(operation, server, values, body) {
  const request = { method: operation.method, headers: [], query: [], cookies: [], body };
  const segments = new Map();
  for (const [parameter, value] of values) {
    if (parameter.in === "path") segments.set(parameter.name, segmentOf(parameter, value));
    else if (parameter.in === "header") request.headers.push([parameter.name, joined(parameter, value)]);
    else if (parameter.in === "query") request.query.push(...pairsOf(parameter, value));
    else if (parameter.in === "cookie") request.cookies.push(...pairsOf(parameter, value));
  }
  authorize(request, operation.security);
  // Without the browser's credentials (and cookies), it shows no password prompt.
  request.credentials = asksForPassword(operation.security) && !request.cookies.length ? "omit" : "same-origin";
  const path = operation.path.replace(/{([^{}]+)}/g, (all, name) => segments.get(name) ?? all);
  const query = request.query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  request.url = server + path + (query ? `?${query}` : "");
  // The browser sets the type of a multipart body: only it knows the boundary.
  if (body?.type && !body.parts) request.headers.push(["Content-Type", body.type]);
  return request;
}

/** The name and text pairs of a query parameter or a cookie. */
function pairsOf(parameter, value) {
  const { name, style = "form", explode = style === "form" } = parameter;
  if (parameter.content) return [[name, plain(value)]];
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, each]) => [key, plain(each)]);
    if (style === "deepObject") return members.map(([key, each]) => [`${name}[${key}]`, each]);
    return explode ? members : [[name, members.flat().join(",")]];
  }
  if (!Array.isArray(value)) return [[name, plain(value)]];
  if (explode) return value.map((each) => [name, plain(each)]);
  return [[name, value.map(plain).join({ spaceDelimited: " ", pipeDelimited: "|" }[style] ?? ",")]];
}

/** The text of a header or a path parameter: style `simple`. */
function joined(parameter, value, write = plain) {
  if (parameter.content) return write(value);
  const glue = parameter.explode ? "=" : ",";
  if (isObject(value)) return Object.entries(value).map(([key, each]) => write(key) + glue + write(each)).join(",");
  return Array.isArray(value) ? value.map((each) => write(each)).join(",") : write(value);
}

function segmentOf(parameter, value) {
  const before = { label: ".", matrix: `;${parameter.name}=` }[parameter.style] ?? "";
  return before + joined(parameter, value, (each) => encodeURIComponent(plain(each)));
}

/** The request as arguments of fetch. */
function fetchOptions(request, signal) {
  const headers = new Headers();
  for (const [name, value] of request.headers) headers.append(name, value);
  const { method, credentials, body } = request;
  const options = { method, credentials, headers, signal, cache: "no-store" };
  if (body?.parts) {
    options.body = new FormData();
    for (const [name, value] of body.parts) options.body.append(name, value);
  } else if (body) options.body = body.file ?? body.text;
  return options;
}

/** Why a browser cannot send the request; undefined if it can. */
function cannotSend(request) {
  if (request.body && ["GET", "HEAD"].includes(request.method)) return `Browsers send no body with ${request.method}.`;
  if (["TRACE", "CONNECT"].includes(request.method)) return `Browsers do not send ${request.method}.`;
  if (request.cookies.length && new URL(request.url, location.href).origin !== location.origin) {
    return "Browsers let this page set cookies for its own server only.";
  }
  return undefined;
}

/** Sets cookies for one request. Returns a function that restores them, unless the response has changed them. */
function setCookies(cookies) {
  const now = () => new Map(document.cookie.split("; ").map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)]));
  const before = now();
  const write = (name, value, more = "") => (document.cookie = `${name}=${value}; path=/; SameSite=Strict${more}`);
  const temporary = cookies.map(([name, value]) => [name, value.replace(/[;\s]/g, encodeURIComponent)]);
  for (const [name, value] of temporary) write(name, value);
  return () => {
    const after = now();
    for (const [name, value] of temporary) {
      if (after.get(name) !== value) continue;
      if (before.has(name)) write(name, before.get(name));
      else write(name, "", "; max-age=0");
    }
  };
}

/** The request as a command for a shell. */
function curlOf(request) {
  const { method, body } = request;
  const words = ["curl", { GET: "", HEAD: "--head" }[method] ?? `--request ${shellWord(method)}`, shellWord(request.url)];
  const lines = [words.filter(Boolean).join(" ")];
  // curl drops a header without a value, unless it ends in a semicolon.
  for (const [name, value] of request.headers) lines.push(`--header ${shellWord(value ? `${name}: ${value}` : `${name};`)}`);
  if (request.cookies.length) lines.push(`--cookie ${shellWord(request.cookies.map((pair) => pair.join("=")).join("; "))}`);
  if (body?.parts) {
    for (const [name, value] of body.parts) {
      lines.push(value instanceof File
        ? `--form ${shellWord(`${name}=@"${value.name.replace(/["\\]/g, "\\$&")}"`)}`
        : `--form-string ${shellWord(`${name}=${value}`)}`);
    }
  } else if (body?.file) lines.push(`--data-binary ${shellWord(`@${body.file.name}`)}`);
  else if (body) lines.push(`--data-raw ${shellWord(body.text)}`);
  return lines.join(" \\\n  ");
}

/** The text as one word of a POSIX shell. */
function shellWord(text) {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
