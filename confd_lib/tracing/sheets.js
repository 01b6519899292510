// Joins the lines of two lists by curves. Pointing at a line, with the mouse, the keyboard or a
// finger, shows the lines that it is joined to. A line of the right list names those of the left
// in `data-from`, and its keys in `data-keys` and `data-if`.
// Returns a function to call when the lines have changed.
function joinSheets(left, right, links, say) {
  let joined = [];

  function refresh() {
    const byNumber = new Map([...left.children].map(line => [line.dataset.line, line]));
    links.replaceChildren();
    joined = [...right.children].flatMap(line => line.dataset.from.split(",")
      .filter(number => byNumber.has(number))
      .map(number => ({ from: byNumber.get(number), to: line, path: curve(line) })));
    for (const list of [left, right]) stop(list, list.querySelector("[tabindex='0']"));
    draw();
  }

  function curve(line) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    if (line.dataset.keys) path.classList.add("keyed");
    return links.appendChild(path);
  }

  function draw() {
    const box = links.getBoundingClientRect(), half = box.width / 2;
    const middle = line => { const at = line.firstElementChild.getBoundingClientRect();
      return at.top + at.height / 2 - box.top; };
    const ends = joined.map(({ from, to }) => [middle(from), middle(to)]);
    joined.forEach(({ path }, i) => path.setAttribute("d",
      `M 0 ${ends[i][0]} C ${half} ${ends[i][0]} ${half} ${ends[i][1]} ${box.width} ${ends[i][1]}`));
  }

  // -- Pointing

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
    say(said(line));
  }

  function said(line) {
    if (line.dataset.from === undefined) return `writes ${numbers(others(line))} of the output`;
    const keys = line.dataset.keys || "no key", asked = line.dataset.if;
    return `from ${numbers(others(line))} of the template\n${keys}` +
      (asked ? "\nif " + asked.split("\n").join(", ") : "");
  }

  function leave() {
    const line = lineOf(document.activeElement);
    if (line) point(line); else clear();
  }

  // -- The keyboard: a list is one stop of the tab key, arrows move inside

  const lineOf = target => target && [left, right].includes(target.closest(".lines"))
    ? target.closest("li") : null;

  function stop(list, line) {
    for (const one of list.children) one.tabIndex = -1;
    const at = line || list.firstElementChild;
    if (at) at.tabIndex = 0;
  }

  function press(event) {
    const line = lineOf(event.target), list = line && line.parentElement;
    if (!line) return;
    const side = list === right ? "ArrowLeft" : "ArrowRight";
    const to = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling,
      Home: list.firstElementChild, End: list.lastElementChild,
      [side]: others(line)[0] }[event.key];
    if (event.key === "Escape") line.blur();
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  const on = (list, name, act) => list.addEventListener(name, event => {
    const line = lineOf(event.target);
    if (line) act(line);
  });
  for (const list of [left, right]) {
    on(list, "mouseover", point);
    on(list, "focusin", line => { stop(list, line); point(line); });
    on(list, "click", line => line.focus());
    list.addEventListener("mouseleave", leave);
    list.addEventListener("focusout", clear);
    list.addEventListener("keydown", press);
  }
  new ResizeObserver(draw).observe(document.body);
  refresh();
  return refresh;
}
