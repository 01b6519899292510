// The controls. The state is in the address: a control changes the address, and the page follows.
const token = new URLSearchParams(location.search).get("token") || "";

function query(edits = {}) {
  const now = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(edits))
    if (value === null) now.delete(name); else now.set(name, value);
  return now;
}

// Changes the state: a new step of the browser's history. All values that one control passes, in a
// drag or while it has the focus, are one step.
let passing = "";
function change(edits, control = "") {
  const next = `?${query(edits)}`;
  if (next === location.search) return;
  history[control && control === passing ? "replaceState" : "pushState"](null, "", next);
  passing = control;
  refresh();
}
for (const name of ["pointerdown", "focusout"]) addEventListener(name, () => { passing = ""; });

// -- Resource, container, version, and what the difference compares with

function options(id, items, chosen) {
  follow(by(id), items, ([value, text]) => element("option", { value }, text));
  if (by(id).value !== chosen) by(id).value = chosen || "";
  for (const one of [by(id), ...by(id).labels]) one.hidden = !items.length;
}

for (const id of ["resource", "container", "version"])
  by(id).addEventListener("change", () => change({ [id]: by(id).value }));
by("against").addEventListener("change", ({ target }) =>
  change({ against: target.value === "last" ? null : target.value }));

// -- Scale

const most = ({ scale, defined }) => Math.max(10, 2 * defined, scale);

function scaleRow({ name, defined }) {
  const shared = { min: 0, "data-service": name };
  return element("li", {}, element("span", { class: "name" }, name),
    element("input", { type: "range", ...shared, "aria-label": `Scale of ${name}` }),
    element("input", { type: "number", ...shared, "aria-label": `Scale of ${name}, as a number` }),
    element("span", { class: "soft" }, `${defined} in the files`));
}

function drawScales(services) {
  by("scales").hidden = !services.length;
  const list = by("scales").querySelector("ul");
  follow(list, services.map(({ name, defined }) => ({ name, defined })), scaleRow);
  services.forEach((service, i) => {
    const [slider, number] = list.children[i].querySelectorAll("input");
    slider.max = most(service);
    for (const input of [slider, number])
      if (input.value !== String(service.scale)) input.value = service.scale;
  });
}

by("scales").addEventListener("input", ({ target }) => {
  if (!target.validity.valid || target.value === "") return;
  for (const input of target.parentElement.querySelectorAll("input")) input.value = target.value;
  const name = `scale.${target.dataset.service}`;
  change({ [name]: target.value }, name);
});

// -- Answers of a catalog entry

const choices = values => element("select", {}, ...values.map(value =>
  element("option", { value }, value)));
const field = attributes => element("input", { autocomplete: "off", ...attributes });
const INPUTS = new Map([
  ["boolean", () => choices(["true", "false"])],
  ["enum", ({ options }) => choices(options)],
  ["int", () => field({ type: "number", step: 1 })],
  ["multiline", () => element("textarea", { rows: 3, spellcheck: "false" })],
  ["password", () => field({ type: "password" })],
  ["string", () => field({ spellcheck: "false" })],
]);

function questionRow(question) {
  const id = `answer-${question.variable}`, about = `${id}-about`, doubt = `${id}-doubt`;
  const input = (INPUTS.get(question.type) || INPUTS.get("string"))(question);
  input.id = id;
  input.dataset.variable = question.variable;
  input.required = question.required;
  input.setAttribute("aria-describedby", `${about} ${doubt}`);
  return element("div", {}, element("label", { for: id }, question.label || question.variable),
    input, element("span", { class: "soft", id: about }, question.description),
    element("span", { class: "doubt", id: doubt }));
}

function drawAnswers(questions) {
  by("answers").hidden = !questions.length;
  const list = by("answers").querySelector(".fields");
  follow(list, questions.map(({ answer, doubt, ...rest }) => rest), questionRow);
  questions.forEach(({ variable, answer, doubt = "" }) => {
    const input = by(`answer-${variable}`);
    if (input.value !== answer) input.value = answer;
    input.ariaInvalid = String(Boolean(doubt));
    by(`answer-${variable}-doubt`).textContent = doubt;
  });
}

by("answers").addEventListener("input", ({ target }) => {
  const name = `answer.${target.dataset.variable}`;
  change({ [name]: target.value }, name);
});

// -- Keys set by hand

function openEditor(key, value) {
  by("edit-key").value = key;
  by("edit-key").readOnly = Boolean(key);
  by("edit-value").value = value;
  by("edit").returnValue = "";
  by("edit").showModal();
  (key ? by("edit-value") : by("edit-key")).focus();
}

by("set-key").addEventListener("click", () => openEditor("", ""));
by("reads").addEventListener("click", ({ target }) => {
  if (target.matches(".change")) openEditor(target.dataset.key, target.dataset.value);
  if (!target.matches(".remove")) return;
  by("set-key").focus();
  change({ [target.dataset.name]: null });
});
by("edit").addEventListener("close", () => {
  if (by("edit").returnValue === "set")
    change({ [`set.${by("edit-key").value}`]: by("edit-value").value });
});
by("edit-value").addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
    by("edit").querySelector("[value=set]").click();
});

function drawChanges(state) {
  const names = Object.keys(state).filter(name => name.startsWith("set."));
  by("changes").hidden = !names.length;
  follow(by("changes"), names.map(name => [name, state[name]]), ([name, value]) => {
    const key = name.slice("set.".length);
    return element("li", {}, element("code", {}, `${key} = ${value}`),
      element("button", { type: "button", class: "remove", "data-name": name,
        "aria-label": `Remove the value of ${key}` }, "×"));
  });
}

// -- All of a view's controls

function drawControls({ controls, state, reads, difference }) {
  const { resources = [], containers = [], versions = [], services = [], questions = [] } =
    controls || {};
  options("resource", resources.map(one => [one.name, one.name]), state.resource);
  options("container", containers.map(one => [one.name, one.name]), state.container);
  options("version", versions.map(one => [one, one]), state.version || "latest");
  drawScales(services);
  drawAnswers(questions);
  drawChanges(state);
  const keys = [...new Set((reads || []).flatMap(read => read.keys))];
  follow(by("keys"), keys, key => element("option", { value: key }));
  const against = (difference && difference.against) || state.against || "last";
  for (const input of by("against").querySelectorAll("input"))
    input.checked = input.value === against;
  markCurrent(state);
}

// -- The overview: one link for each resource and container; those far down are made on scrolling

const PAGE = 100;
let all = [], matching = [], limit = PAGE, current = {};
const STATUSES = { same: "", changed: "changed", failed: "fails" };

function overviewRow({ resource, container, status, error, isCurrent }) {
  return element("li", { class: status, title: error },
    element("a", { tabindex: -1, "aria-current": isCurrent ? "true" : null,
      href: `?${query({ resource, container })}` },
    element("span", { class: "name" }, container || resource),
    element("span", { class: "of" }, container ? resource : ""),
    element("span", { class: "status" }, STATUSES[status])));
}

// Rows come in steps: those that are still to come stay as they were.
function drawOverview({ rows, error, is_complete: isComplete }) {
  showText("overview-error", error);
  const nameOf = ({ resource, container }) => JSON.stringify([resource, container]);
  const given = new Set(rows.map(nameOf));
  all = isComplete ? rows : [...rows, ...all.filter(row => !given.has(nameOf(row)))];
  const count = status => all.filter(one => one.status === status).length;
  by("tally").textContent = [String(all.length), ...["changed", "failed"].filter(count)
    .map(status => `${count(status)} ${status}`), ...isComplete ? [] : ["…"]].join(" · ");
  filter();
}

function filter() {
  const words = by("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  matching = all.filter(({ resource, container, status }) => words.every(word =>
    status === word || `${resource} ${container}`.toLowerCase().includes(word)));
  by("unmatched").hidden = Boolean(matching.length || !all.length);
  drawRows();
}

function drawRows() {
  const address = String(query({ resource: null, container: null }));
  follow(by("rows"), matching.slice(0, limit).map(row => ({ ...row, address,
    isCurrent: row.resource === current.resource && row.container === current.container })),
  overviewRow);
  stopAt(by("rows").querySelector(":focus") || by("rows").querySelector("[aria-current]"));
}

function drawMore() {
  if (limit >= matching.length) return;
  limit += PAGE;
  drawRows();
}

function markCurrent({ resource = "", container = "" }) {
  current = { resource, container };
  drawRows();
}

// The list is one stop of the tab key: the row in focus, the current view, or the first.
function stopAt(link) {
  for (const one of by("rows").querySelectorAll("[tabindex='0']")) one.tabIndex = -1;
  const at = link || by("rows").querySelector("a");
  if (at) at.tabIndex = 0;
}

by("filter").addEventListener("input", () => { limit = PAGE; filter(); });
by("rows").addEventListener("scroll", ({ target }) => {
  if (target.scrollTop + 2 * target.clientHeight > target.scrollHeight) drawMore();
});
by("rows").addEventListener("click", event => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { resource, container } = matching[[...by("rows").children].indexOf(link.parentElement)];
  change({ resource, container });
});
by("rows").addEventListener("keydown", event => {
  const row = event.target.closest("li");
  if (event.key === "End") { limit = matching.length; drawRows(); }
  if (event.key === "ArrowDown" && row && !row.nextElementSibling) drawMore();
  const to = row && { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling,
    Home: by("rows").firstElementChild, End: by("rows").lastElementChild }[event.key];
  if (!to) return;
  event.preventDefault();
  stopAt(to.firstElementChild);
  to.firstElementChild.focus();
});
