/* The search for operations, parameters and schemas, and the links to them: `#read_order`, `#read_order/query/limit`,
   `#schema/Order`, `#schema/Order/pieces`. */

const SHOWN_RESULTS = 12;
const PLACES = ["path", "query", "header", "cookie", "form"];

/** What can be found: groups of {hash, name, note, own, around}; `own` must match a word, `around` may match the others. */
function searchIndex(all) {
  const entry = (hash, name, note, own, around = []) => ({
    hash: hash.map(encodeURIComponent).join("/"), name, note,
    own: [name, ...own].filter(Boolean).join(" ").toLowerCase(), around: around.filter(Boolean).join(" ").toLowerCase(),
  });
  const found = { Operations: [], Parameters: [], Schemas: [] };
  for (const { id, method, path, spec, tags, parameters } of all) {
    const place = [method, path];
    found.Operations.push(entry([id], place.join(" "), spec.summary, [id, spec.summary, spec.description, ...tags]));
    const fields = formFields(spec.requestBody).map(([name, schema]) => ({ name, in: "form", description: flat(schema).description }));
    for (const { name, in: where, description } of [...parameters, ...fields]) {
      found.Parameters.push(entry([id, where, name], name, `${where} · ${place.join(" ")}`, [where, description], [id, ...place]));
    }
  }
  for (const [name, schema] of Object.entries(contract.components?.schemas ?? {})) {
    const node = flat(schema);
    found.Schemas.push(entry(["schema", name], name, firstLine(node.description), [node.title, node.description]));
    for (const [property, each] of Object.entries(node.properties ?? {})) {
      const words = [property, flat(each).description];
      found.Schemas.push(entry(["schema", name, property], `${name}.${property}`, typeOf(each), words));
    }
  }
  return found;
}

/** The fields of a form body, as [name, schema]. */
function formFields(body) {
  const forms = mediaOf(resolved(body)).filter(({ type }) => /^multipart\/|urlencoded/.test(type));
  return Object.entries(forms[0]?.media.schema ? flat(forms[0].media.schema).properties ?? {} : {});
}

function firstLine(text) {
  return String(text ?? "").split("\n", 1)[0];
}

/** The entries of each group that match all words, the closest names first. */
function searched(index, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = ({ own, around }) =>
    words.some((word) => own.includes(word)) && words.every((word) => own.includes(word) || around.includes(word));
  const closeness = ({ name }) => {
    const last = name.toLowerCase().split(".").pop();
    return words.includes(last) ? 0 : words.some((word) => last.startsWith(word)) ? 1 : 2;
  };
  return Object.entries(index)
    .map(([group, entries]) => [group, entries.filter(matches).sort((a, b) => closeness(a) - closeness(b))])
    .filter(([, entries]) => entries.length);
}

/** The input, and the results below it. */
function searchArea(all) {
  const index = searchIndex(all);
  const results = h("nav", { class: "results", "aria-label": "Search results", hidden: true });
  const count = h("span", { class: "note", role: "status" });
  const input = h("input", {
    type: "search", placeholder: "Search, with /", "aria-label": "Search operations, parameters and schemas",
    autocomplete: "off", spellcheck: "false",
  });
  const links = () => [...results.querySelectorAll("a")];
  const close = () => (results.hidden = true);
  const follow = (event) => {
    close();
    // The address does not change, so that no event comes: it may name what has been closed since.
    if (event.currentTarget.hash === location.hash) window.dispatchEvent(new Event("hashchange"));
  };

  function update() {
    const groups = searched(index, input.value);
    const total = groups.reduce((sum, [, entries]) => sum + entries.length, 0);
    count.textContent = input.value.trim() ? `${total} found` : "";
    results.hidden = !total;
    results.replaceChildren(...groups.flatMap(([group, entries]) => [
      h("p", { class: "heading" }, group),
      h("ul", { "aria-label": group }, entries.slice(0, SHOWN_RESULTS).map(({ hash, name, note }) =>
        h("li", {}, h("a", { href: `#${hash}`, onclick: follow }, h("code", {}, name), " ", h("span", { class: "note" }, note))))),
      entries.length > SHOWN_RESULTS && h("p", { class: "note" }, `${entries.length - SHOWN_RESULTS} more`),
    ].filter(Boolean)));
  }

  function move(event) {
    if (event.key === "Escape") {
      input.value = "";
      update();
      input.focus();
    } else if (event.key === "Enter" && event.target === input) links()[0]?.click();
    else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      const stops = [input, ...links()];
      const next = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
      stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
    } else return;
    event.preventDefault();
  }

  input.addEventListener("input", update);
  input.addEventListener("focus", update);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  const area = h("search", { class: "search", onkeydown: move }, input, results);
  area.addEventListener("focusout", (event) => area.contains(event.relatedTarget) || close());
  return [area, count];
}

// -- links ------------------------------------------------------------------------------------------------------------

/** Opens and focuses what the address names. */
function openLinked(views) {
  const [first, ...rest] = location.hash.slice(1).split("/").map(decoded);
  if (first === "schema" && rest.length && !PLACES.includes(rest[0])) openSchema(...rest);
  else openOperation(views.find((view) => first && view.id === first)?.element, rest);
}

function openOperation(element, [place, name]) {
  if (!element) return;
  unfold(element);
  element.querySelector('[role="tab"]')?.click();
  const rows = [...element.querySelectorAll("[data-parameter]")];
  const row = rows.find((each) => name !== undefined && each.dataset.parameter === `${place}/${name}`);
  if (row) show(row, row.querySelector("input, select, textarea") ?? row);
  else show(element, element.querySelector("summary"));
}

function openSchema(name, property) {
  const section = document.querySelector(".schemas > details");
  if (!section) return;
  unfold(section);
  const tree = [...section.querySelectorAll("[data-schema]")].find((each) => each.dataset.schema === name);
  if (!tree) return;
  const row = tree.querySelector(".row");
  if (row.matches("details")) unfold(row);
  const inner = property !== undefined && [...row.querySelectorAll(":scope > .row")].find((each) =>
    each.querySelector(".name")?.textContent === property);
  show(inner || tree, inner || row.querySelector("summary") || row);
}

/** Scrolls to an element, marks it as found, and focuses it or a part of it. */
function show(element, focused) {
  for (const each of document.querySelectorAll(".found")) each.classList.remove("found");
  element.classList.add("found");
  element.scrollIntoView();
  if (focused.tabIndex < 0) focused.tabIndex = -1;
  focused.focus({ preventScroll: true });
}
