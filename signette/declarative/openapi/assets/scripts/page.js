/* The page: loads and shows the document. */

let chosenServer = { url: "/" };

/** The URL of the server for an operation: its own, or the chosen one. */
function serverFor(operation) {
  return serverUrl(operation.servers?.[0] ?? chosenServer);
}

async function start() {
  const main = document.getElementById("main");
  const address = document.documentElement.dataset.openapiUrl;
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`status ${response.status} ${response.statusText}`);
    contractUrl = response.url;
    contract = await response.json();
  } catch (error) {
    main.replaceChildren(h("p", { class: "failed", role: "alert" },
      "The OpenAPI document ", link(address), ` could not be loaded: ${error.message}.`));
    return;
  } finally {
    main.removeAttribute("aria-busy");
  }
  showDocument(main);
}

function showDocument(main) {
  const info = contract.info ?? {};
  document.title = info.title ?? document.title;
  document.getElementById("about").replaceChildren(...aboutParts(info));
  const views = [];
  const all = operations();
  const sections = groups(all).map((group) => groupView(group, views));
  const schemas = Object.entries(contract.components?.schemas ?? {});
  main.replaceChildren(
    h("div", { class: "toolbar" }, searchArea(all), serverChoice(), authorizeArea()),
    ...sections,
    ...(sections.length ? [] : [h("p", { class: "note" }, "The document has no operations.")]),
    ...(schemas.length ? [schemaSection(schemas)] : []),
  );
  const goThere = () => openLinked(views);
  window.addEventListener("hashchange", goThere);
  goThere();
}

function aboutParts(info) {
  const { contact = {}, license } = info;
  const reach = contact.url ?? (contact.email && `mailto:${contact.email}`);
  const { openapiUrl, asyncapiUrl } = document.documentElement.dataset;
  const more = [
    link(openapiUrl, "OpenAPI document"),
    asyncapiUrl && link(asyncapiUrl, "AsyncAPI document"),
    info.termsOfService && link(info.termsOfService, "Terms of service"),
    reach && link(reach, contact.name ?? contact.email ?? contact.url),
    license && (license.url ? link(license.url, license.name) : license.name),
    contract.externalDocs && link(contract.externalDocs.url, contract.externalDocs.description ?? "More information"),
  ].filter(Boolean);
  return [
    h("h1", {}, info.title, " ", h("span", { class: "version" }, info.version)),
    info.summary && h("p", { class: "lead" }, info.summary),
    info.description && prose(info.description),
    h("p", { class: "links" }, more.flatMap((each, index) => (index ? [" · ", each] : [each]))),
  ].filter(Boolean);
}

/** A tag with its operations. Adds a view per operation. */
function groupView(group, views) {
  const section = h("section", { class: "group" },
    h("h2", {}, group.name || (contract.tags?.length ? "Others" : "Operations")),
    group.description && prose(group.description),
    group.externalDocs && h("p", {}, link(group.externalDocs.url, group.externalDocs.description ?? "More information")));
  for (const operation of group.operations) {
    const element = operationView(operation);
    views.push({ element, id: operation.id });
    element.addEventListener("toggle", () => {
      // Put the open operation into the address, so that the link can be shared; a link to a part of it stays.
      const id = encodeURIComponent(operation.id);
      if (element.open && location.hash.slice(1).split("/")[0] !== id) history.replaceState(null, "", `#${id}`);
    });
    section.append(element);
  }
  return section;
}

/** The servers to choose from. A single server is shown as text. */
function serverChoice() {
  const servers = contract.servers?.length ? contract.servers : [{ url: "/" }];
  [chosenServer] = servers;
  const label = (server) => (server.description ? `${serverUrl(server)} (${server.description})` : serverUrl(server));
  if (servers.length === 1) return h("span", { class: "server note" }, label(chosenServer));
  const select = h("select", { class: "server", "aria-label": "Server" }, servers.map((server) => h("option", {}, label(server))));
  select.addEventListener("change", () => {
    chosenServer = servers[select.selectedIndex];
    document.dispatchEvent(new Event("server"));
  });
  return select;
}

function schemaSection(schemas) {
  return h("section", { class: "group schemas" }, folded({}, h("h2", {}, `Schemas (${schemas.length})`), () =>
    schemas.map(([name, schema]) => h("div", { class: "tree", "data-schema": name },
      schemaRow(typeOf(schema) === name ? undefined : name, schema, false, false)))));
}

start();
