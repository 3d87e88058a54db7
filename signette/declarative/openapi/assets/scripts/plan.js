/* The tab "Plan" of an operation, which the server sends with `debug=True` only. */

/** The parts of an operation as tabs: what it is, and its plan. Without plans, only the first, without tabs. */
function withPlanTab(operation, parts) {
  const address = document.documentElement.dataset.plansUrl;
  if (!address || operation.sent) return parts;
  const titles = ["Operation", "Plan"];
  const prefix = `${encodeURIComponent(operation.id)}-tab`;
  const panels = titles.map((title, index) => h("div", {
    role: "tabpanel", id: `${prefix}-panel-${index}`, "aria-labelledby": `${prefix}-${index}`, hidden: index > 0, class: `${title.toLowerCase()}-panel`,
  }));
  const tabs = titles.map((title, index) => h("button", {
    type: "button", role: "tab", id: `${prefix}-${index}`, "aria-selected": String(index === 0),
    "aria-controls": `${prefix}-panel-${index}`, tabindex: index === 0 ? undefined : "-1", onclick: () => select(index),
  }, title));
  panels[0].append(...parts.flat(Infinity).filter(Boolean));

  function select(chosen) {
    tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    if (chosen === 1 && !panels[1].childNodes.length) showPlan(address + encodeURIComponent(operation.id), panels[1]);
  }

  const bar = h("div", { role: "tablist", "aria-label": "Views", onkeydown: (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = (tabs.indexOf(event.target) + 1) % tabs.length; // there are two
    select(other);
    tabs[other].focus();
  } }, tabs);
  return [bar, panels];
}

/** Fetches a plan, and shows it with the source of its binder. */
async function showPlan(address, panel) {
  panel.append(h("p", { class: "note", role: "status" }, "Loading the plan …"));
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { plan, source } = await response.json();
    const part = (title, note, text) => [
      h("h4", {}, title), h("p", { class: "note" }, note),
      h("pre", { class: "code", tabindex: 0, "aria-label": title }, text), copyButton(() => text),
    ].filter(Boolean);
    panel.replaceChildren(
      ...part("Plan", "What the application does for a request, in order. Shown because of debug=True.", plan),
      ...part("Binder", "The function that signette generates from the plan.", source));
  } catch (error) {
    panel.replaceChildren(h("p", { class: "failed", role: "alert" }, `The plan could not be loaded: ${error.message}.`));
  }
}
