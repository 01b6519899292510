"use strict";
// Joins the lines of two lists by curves. Pointing at a line, with the mouse, the keyboard or a
// finger, shows the lines that it is joined to. A line of the right list names those of the left
// in `data-from`, and its keys in `data-keys` and `data-if`.
// Returns a function to call when the lines have changed.
function joinSheets(left, right, links, say) {
  const NAMED = 20;
  let byNumber = new Map(), written = new Map(), pointed = null;

  function refresh() {
    byNumber = new Map([...left.children].map(line => [line.dataset.line, line]));
    written = new Map([...left.children].map(line => [line, []]));
    for (const line of right.children)
      for (const from of origins(line)) written.get(from).push(line);
    for (const list of [left, right]) stop(list, list.querySelector("[tabindex='0']"));
    const line = pointed;
    clear();
    if (line && line.isConnected) point(line); else draw();
  }

  const origins = line => line.dataset.from.split(",")
    .map(number => byNumber.get(number)).filter(Boolean);
  const others = line => written.get(line) || origins(line);

  // -- Curves, of the lines that are in the window or near it

  function draw() {
    const box = links.getBoundingClientRect(), half = box.width / 2;
    if (!half) return;
    const middle = line => { const at = line.firstElementChild.getBoundingClientRect();
      return at.top + at.height / 2 - box.top; };
    links.replaceChildren(...near([...right.children]).flatMap(to => origins(to).map(from => {
      const start = middle(from), end = middle(to);
      return curve(from, to,
        `M 0 ${start} C ${half} ${start} ${half} ${end} ${box.width} ${end}`);
    })));
  }

  function near(lines) {
    const start = first(lines, line => line.getBoundingClientRect().bottom > -innerHeight);
    const end = first(lines, line => line.getBoundingClientRect().top > 2 * innerHeight);
    return lines.slice(start, end);
  }

  // Returns the index of the first line that passes; all after it pass too.
  function first(lines, passes) {
    let low = 0, high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passes(lines[middle])) high = middle; else low = middle + 1;
    }
    return low;
  }

  function curve(from, to, way) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", way);
    path.classList.toggle("keyed", Boolean(to.dataset.keys));
    path.classList.toggle("on", from === pointed || to === pointed);
    return path;
  }

  let waiting = 0;
  function drawSoon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  }

  // -- Pointing

  function numbers(lines) {
    if (!lines.length) return "no line";
    const named = lines.slice(0, NAMED).map(line => line.dataset.line).join(", ");
    const more = lines.length > NAMED ? ` and ${lines.length - NAMED} more` : "";
    return `line${lines.length > 1 ? "s" : ""} ${named}${more}`;
  }

  function clear() {
    pointed = null;
    document.querySelectorAll(".on").forEach(one => one.classList.remove("on"));
    document.body.classList.remove("pointing");
  }

  function point(line) {
    if (line === pointed) return;
    clear();
    pointed = line;
    document.body.classList.add("pointing");
    for (const one of [line, ...others(line)]) one.classList.add("on");
    draw();
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
    for (const one of list.querySelectorAll("li:not([tabindex]), [tabindex='0']"))
      one.tabIndex = -1;
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
  new ResizeObserver(drawSoon).observe(document.body);
  addEventListener("scroll", drawSoon, { passive: true });
  refresh();
  return refresh;
}
