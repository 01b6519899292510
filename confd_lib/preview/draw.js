// Draws a view. Text of templates, outputs and values is inserted as text, never as HTML.
const by = id => document.getElementById(id);

// Returns an element; children are elements or texts.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Makes the children of a list follow the items. A child whose item is as before stays, so that it
// keeps its focus; where one in focus is replaced, its successor has the focus.
function follow(list, items, make) {
  const old = [...list.children];
  items.forEach((item, i) => {
    const print = JSON.stringify(item), before = old[i];
    if (before && before.print === print) return;
    const focused = before && before.contains(document.activeElement) && document.activeElement;
    const made = make(item);
    made.print = print;
    if (before) before.replaceWith(made); else list.append(made);
    if (focused) focus(focused === before ? made : made.querySelector(focused.tagName));
  });
  old.slice(items.length).forEach(one => one.remove());
}

function focus(successor) {
  if (!successor) return;
  if (successor.matches("li")) successor.tabIndex = 0;
  successor.focus();
}

function showText(id, text) {
  by(id).hidden = !text;
  if (by(id).textContent !== (text || "")) by(id).textContent = text || "";
}

// Says a text to screen readers.
const say = text => { by("said").textContent = text; };

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// -- The template: actions in colour, findings and the failure below their lines

// Returns the texts of a line with whether they are actions, and whether one is open at its end.
function split(text, open) {
  const parts = [];
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(open ? "}}" : "{{", at);
    const end = found < 0 ? text.length : open ? found + 2 : found;
    if (end > at) parts.push([text.slice(at, end), open]);
    if (found >= 0) open = !open;
    at = end;
  }
  return [parts, open];
}

// Returns the code of a line, with a caret below each place: severities by characters from 0.
function code(parts, places) {
  const made = element("code"), caret = (severity, text) =>
    element("u", { class: `caret at-${severity}` }, text);
  let start = 0;
  for (const [text, action] of parts) {
    const holder = action ? made.appendChild(element("b")) : made, letters = [...text];
    letters.forEach((letter, i) => {
      const severity = places.get(start + i);
      holder.append(severity ? caret(severity, letter) : letter);
    });
    holder.normalize();
    start += letters.length;
  }
  for (const [at, severity] of places) if (at >= start) made.append(caret(severity, " "));
  if (!made.textContent) made.append(" ");
  return made;
}

const OUTCOMES = ["hit", "default", "missing"];

// A hit is a dot, whose words are for screen readers and the mouse.
function outcome(name, count) {
  const text = count > 1 ? `${name} ×${count}` : name;
  return element("span", { class: `outcome ${name}`, title: text },
    name === "hit" ? element("span", { class: "unseen" }, text) : text);
}

function templateLine({ line, parts, faults, outcomes }) {
  const places = faults.filter(one => one.column).map(one => [one.column - 1, one.severity]);
  const made = element("li", { "data-line": line.number, class: line.use },
    code(parts, new Map(places)));
  const marks = OUTCOMES.filter(one => outcomes[one]).map(one => outcome(one, outcomes[one]));
  if (marks.length) made.append(element("span", { class: "outcomes" }, ...marks));
  made.append(...faults.map(one => faultOf("p", one)));
  return made;
}

const faultOf = (tag, { severity, rule, message }, ...before) =>
  element(tag, { class: `fault ${severity}` }, ...before, element("b", {}, rule), ` ${message}`);

// The findings of lint in the TOML file, of which no line is shown.
function drawResource({ resource }) {
  const items = resource.lines.flatMap(({ number, findings }) =>
    findings.map(finding => ({ number, finding })));
  by("resource-faults").hidden = !items.length;
  follow(by("resource-faults"), items, ({ number, finding }) => faultOf("li", finding,
    element("code", {}, `${resource.path}:${number}:${finding.column}`), " "));
}

// Returns a message without the place, which the line itself shows.
const cause = message =>
  message.replace(/^template: .*?:\d+(:\d+)?: (executing ".*?" at <.*?>: )?/, "");

function templateItems({ template, failure, reads }) {
  let open = false;
  const outcomes = {};
  for (const { line, outcome } of reads) {
    outcomes[line] ??= {};
    outcomes[line][outcome] = (outcomes[line][outcome] || 0) + 1;
  }
  return template.lines.map(line => {
    const [parts, after] = split(line.text, open);
    open = after;
    const fails = failure && failure.line === line.number && template.path.endsWith(failure.file);
    const faults = [...line.findings, ...fails ? [{ rule: "fails", severity: "error",
      column: failure.column, message: cause(failure.message) }] : []];
    return { line, parts, faults, outcomes: outcomes[line.number] || {} };
  });
}

// -- The output

function outputLine({ number, pieces, from, keys, conditions, outcomes, fresh }) {
  const shown = pieces.map((piece, i) => piece.keys.length
    ? element("mark", { class: outcomes[i], title: piece.keys.join("\n") }, piece.text)
    : piece.text);
  return element("li", { "data-line": number, "data-from": from.join(","),
    "data-keys": keys.join("\n"), "data-if": conditions.join("\n"), class: fresh ? "fresh" : "" },
  element("code", {}, ...shown.length ? shown : [" "]));
}

// Remembers the texts of the lines shown last, so that new ones can be marked for a moment.
let known = null;

function outputItems({ output, reads, title }) {
  const worst = new Map();
  for (const { argument, outcome } of reads)
    if (OUTCOMES.indexOf(outcome) > OUTCOMES.indexOf(worst.get(argument)))
      worst.set(argument, outcome);
  const texts = output.lines.map(line => line.pieces.map(piece => piece.text).join(""));
  const fresh = known && known.title === title ? texts.map(text => !known.texts.has(text)) : [];
  known = { title, texts: new Set(texts) };
  return output.lines.map((line, i) => ({ ...line, fresh: Boolean(fresh[i]),
    outcomes: line.pieces.map(({ keys }) =>
      OUTCOMES.findLast(name => keys.some(key => worst.get(key) === name)) || "hit") }));
}

// -- The keys read, and the difference

const CHANGEABLE = new Set(["get", "getv", "exists"]);

function readRow({ read, count, byHand, frozen }) {
  const answer = read.value !== null ? read.value : read.keys.join("\n");
  const value = element("td", { "data-head": "Value or keys" }, element("code", {}, answer));
  if (byHand) value.append(element("span", { class: "label by-hand" }, "by hand"));
  if (!frozen && !read.masked && CHANGEABLE.has(read.function))
    value.append(element("button", { type: "button", class: "change", "data-key": read.argument,
      "data-value": read.value || "", "aria-label": `Change the value of ${read.argument}` },
    "Change"));
  return element("tr", { class: read.outcome },
    element("td", { "data-head": "Line" }, String(read.line)),
    element("td", { "data-head": "Asked" },
      element("code", {}, `${read.function} ${read.argument}`)),
    element("td", { "data-head": "Outcome" }, element("span", { class: "label" }, read.outcome),
      ...count > 1 ? [element("span", { class: "soft" }, ` ×${count}`)] : []),
    value);
}

function readItems({ reads, state }, frozen) {
  const counted = new Map();
  for (const read of reads) {
    const print = JSON.stringify(read);
    if (!counted.has(print)) counted.set(print, { read, count: 0, frozen,
      byHand: `set.${read.argument}` in state });
    counted.get(print).count += 1;
  }
  return [...counted.values()];
}

const KINDS = { "+": "ins", "-": "del", "@": "b" };

function differenceLine({ kind, text }) {
  const sign = kind === "@" ? "" : kind;
  return element("li", { class: { "+": "added", "-": "removed", "@": "hunk" }[kind] || null },
    element("code", {}, element(KINDS[kind] || "span", {}, sign + text)));
}

function drawDifference({ difference }) {
  const { label, lines, error } = difference || { label: "", lines: [], error: null };
  showText("difference-to", error || (lines.length ? `Compared with ${label}:`
    : label && `The output is the same as ${label}.`));
  follow(by("difference-lines"), lines, differenceLine);
}

// Returns how the output stands to a template that fails; empty if it does not fail.
function stands({ output, failure }) {
  if (output.is_last_good) return "The template fails now. This is its last good output.";
  return failure && output.lines.length ? "The template fails. This is its output before." : "";
}

// -- A whole view

const EMPTY = { title: "Preview", state: {}, reads: [],
  template: { path: "", lines: [] }, resource: { path: "", lines: [] },
  output: { lines: [], is_last_good: false }, difference: null, failure: null, error: null };

const sheetsOf = () => ["template", "output"].map(id => document.querySelector(`#${id} .lines`));
const refreshSheets = joinSheets(...sheetsOf(), by("links"),
  text => { by("origin").textContent = text; });

function counts({ output, reads, failure, error }) {
  if (failure && failure.line) return `fails in line ${failure.line}`;
  if (failure || error) return "fails";
  const keys = new Set(reads.flatMap(read => read.keys));
  const missing = reads.filter(read => read.outcome !== "hit").length;
  return `${plural(output.lines.length, "line")} from ${plural(keys.size, "key")}, ` +
    `${plural(reads.length, "read")}, ${missing} of missing keys`;
}

// The path of the file that the chosen resource writes.
const destOf = ({ controls, state }) => ((controls && controls.resources) || [])
  .filter(one => one.name === state.resource).map(one => one.dest)[0];

function drawView(given, { frozen = false } = {}) {
  const view = { ...EMPTY, ...given };
  const [template, output] = sheetsOf();
  by("title").textContent = view.title;
  document.title = `${view.failure || view.error ? "✗ " : ""}${view.title} – preview`;
  by("counts").textContent = counts(view);
  by("template-head").textContent = view.template.path || "Template";
  by("output-head").textContent = destOf(view) || "Output";
  drawResource(view);
  follow(template, templateItems(view), templateLine);
  follow(output, outputItems(view), outputLine);
  showText("error", view.error);
  showText("failure", view.failure && view.failure.message);
  showText("failure-place", view.failure && view.failure.block);
  showText("stands", stands(view));
  by("output").classList.toggle("stale", view.output.is_last_good);
  by("no-output").hidden = Boolean(view.output.lines.length || view.error || view.failure);
  const reads = readItems(view, frozen);
  by("no-reads").hidden = Boolean(reads.length || view.error);
  document.querySelector("#reads table").hidden = !reads.length;
  follow(document.querySelector("#reads tbody"), reads, readRow);
  drawDifference(view);
  refreshSheets();
  const fault = view.error || (view.failure && view.failure.message);
  say(fault ? `${view.title} fails: ${fault}` : `${view.title}: ${counts(view)}`);
}
