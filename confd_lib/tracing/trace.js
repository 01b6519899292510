const links = document.getElementById("links"), origin = document.getElementById("origin");
const template = [...document.querySelectorAll("#template li")];
const output = [...document.querySelectorAll("#output li")];
const byNumber = new Map(template.map(line => [line.dataset.line, line]));
const joined = output.flatMap(line => line.dataset.from.split(",").filter(Boolean)
  .map(number => ({ from: byNumber.get(number), to: line, path: curve(line) })));

function curve(line) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  if (line.dataset.keys) path.classList.add("keyed");
  return links.appendChild(path);
}

function draw() {
  const box = links.getBoundingClientRect();
  const middle = line => { const at = line.getBoundingClientRect();
    return at.top + at.height / 2 - box.top; };
  for (const { from, to, path } of joined) {
    const left = middle(from), right = middle(to), half = box.width / 2;
    path.setAttribute("d",
      `M 0 ${left} C ${half} ${left} ${half} ${right} ${box.width} ${right}`);
  }
}

// -- Pointing at a line, with the mouse, the keyboard or a finger

const others = line => joined.filter(one => one.from === line || one.to === line)
  .map(one => one.from === line ? one.to : one.from);
const numbers = lines => lines.length ? `line${lines.length > 1 ? "s" : ""} ` +
  lines.map(line => line.dataset.line).join(", ") : "no line";

function clear() {
  document.querySelectorAll(".on").forEach(one => one.classList.remove("on"));
  document.body.classList.remove("pointing");
}

function point(line) {
  clear();
  document.body.classList.add("pointing");
  line.classList.add("on");
  for (const { from, to, path } of joined)
    if (from === line || to === line) [from, to, path].forEach(one => one.classList.add("on"));
  origin.textContent = said(line);
}

function said(line) {
  if (line.dataset.from === undefined) return `writes ${numbers(others(line))} of the output`;
  const keys = line.dataset.keys || "no key", asked = line.dataset.if;
  return `from ${numbers(others(line))} of the template\n${keys}` +
    (asked ? "\nif " + asked.split("\n").join(", ") : "");
}

function leave() {
  const line = document.activeElement.closest(".lines li");
  if (line) point(line); else clear();
}

function go(line) {
  if (line) line.focus();
}

function press(event, lines, i) {
  const side = lines === output ? "ArrowLeft" : "ArrowRight";
  const to = { ArrowDown: lines[i + 1], ArrowUp: lines[i - 1], Home: lines[0],
    End: lines[lines.length - 1], [side]: others(lines[i])[0] }[event.key];
  if (event.key === "Escape") lines[i].blur();
  if (!to) return;
  event.preventDefault();
  go(to);
}

for (const lines of [template, output]) lines.forEach((line, i) => {
  line.tabIndex = i ? -1 : 0;
  line.addEventListener("mouseenter", () => point(line));
  line.addEventListener("mouseleave", leave);
  line.addEventListener("focus", () => {
    lines.forEach(one => { one.tabIndex = one === line ? 0 : -1; }); point(line); });
  line.addEventListener("blur", clear);
  line.addEventListener("click", () => go(line));
  line.addEventListener("keydown", event => press(event, lines, i));
});
new ResizeObserver(draw).observe(document.body);
draw();
