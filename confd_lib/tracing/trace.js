const links = document.getElementById("links"), origin = document.getElementById("origin");
const template = new Map([...document.querySelectorAll("#template li")]
  .map(line => [line.dataset.line, line]));
const output = [...document.querySelectorAll("#output li")];
const joined = output.flatMap(line => line.dataset.from.split(",").filter(Boolean)
  .map(number => ({ from: template.get(number), to: line, path: curve(line) })));

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

function point(test) {
  for (const { from, to, path } of joined) {
    const on = test(from, to);
    if (on) { from.classList.add("on"); to.classList.add("on"); path.classList.add("on"); }
  }
}

function clear() {
  document.querySelectorAll(".on").forEach(one => one.classList.remove("on"));
  document.body.classList.remove("pointing");
}

function show(line) {
  const keys = line.dataset.keys || "no key", asked = line.dataset.if;
  origin.textContent = keys + (asked ? "\nif " + asked.split("\n").join(", ") : "");
}

function listen(line, test, then) {
  line.addEventListener("mouseenter", () => {
    clear(); document.body.classList.add("pointing"); point(test); then(); });
  line.addEventListener("mouseleave", clear);
}

output.forEach(line => listen(line, (from, to) => to === line, () => show(line)));
template.forEach(line => listen(line, from => from === line, () => {}));
addEventListener("resize", draw);
draw();
