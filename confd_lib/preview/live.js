// Follows the server: asks for views and the overview, again after each change of a file, and waits
// for a server that is away. A frozen page shows the view that it carries and asks nobody.

// The server remembers the last rendering of each tab.
const tabOf = () => sessionStorage.tab ??= Math.random().toString(36).slice(2);

// Returns a function that runs the work; calls during a run are one more run after it.
function oneAtATime(work) {
  let running = null, again = false;
  const run = async () => {
    try {
      while (again) { again = false; await work(); }
    } finally {
      running = null;
    }
  };
  return () => { again = true; return running ??= run(); };
}

class Fault extends Error {}
class Away extends Fault {}
class Refused extends Fault {}

// Returns the text of an answer; throws a fault if there is no good one.
async function answer(name) {
  let response, text;
  try {
    response = await fetch(`${name}?${query({ tab: tabOf() })}`, { cache: "no-store" });
    text = await response.text();
  } catch {
    throw new Away();
  }
  if (response.status === 403) throw new Refused();
  if (!response.ok) throw new Fault(text);
  return text;
}

// -- Views

let shown = null;

const refreshView = oneAtATime(async () => {
  const asked = location.search;
  by("view").setAttribute("aria-busy", "true");
  try {
    shown = JSON.parse(await answer("view"));
    drawView(shown);
    // A control that has moved on since must not jump back.
    if (asked === location.search) drawControls(shown);
  } catch (error) {
    fail(error);
  }
  by("view").setAttribute("aria-busy", "false");
  by("export").href = `export?${query()}`;
});

const refreshOverview = oneAtATime(async () => {
  try {
    for (let isComplete = false; !isComplete;) {
      await viewing;
      const overview = JSON.parse(await answer("overview"));
      drawOverview(overview);
      isComplete = overview.is_complete;
    }
  } catch (error) {
    fail(error);
  }
});

// The view comes first: the overview is more work for the server.
let viewing = Promise.resolve();
function refresh() {
  viewing = refreshView();
  refreshOverview();
}

function fail(error) {
  if (error instanceof Refused) return refused();
  if (error instanceof Away) return wait();
  if (!(error instanceof Fault)) throw error;
  drawView({ ...shown, error: error.message });
}

// -- The connection

let events = null, pause = 250, timer = 0, since = null;
const LONGEST = 4000;

function showState(kind, text) {
  by("live").className = `label ${kind}`;
  by("live").hidden = false;
  if (by("live").textContent !== text) by("live").textContent = text;
}

function connect() {
  clearTimeout(timer);
  if (events) events.close();
  events = new EventSource(`events?token=${encodeURIComponent(token)}`);
  events.addEventListener("open", () => {
    pause = 250;
    since = null;
    showState("is-live", "live");
    showText("away", "");
  });
  events.addEventListener("changed", refresh);
  events.addEventListener("error", wait);
}

function wait() {
  if (events) events.close();
  since ??= new Date();
  showState("is-away", "away");
  showText("away", `The server is away since ${since.toLocaleTimeString()}. This is its last ` +
    "answer; the page follows again as soon as the server is back.");
  clearTimeout(timer);
  timer = setTimeout(probe, pause);
  pause = Math.min(2 * pause, LONGEST);
}

// An event source does not distinguish a refusal from a server that is away; a request does.
async function probe() {
  try {
    const { status } = await fetch(`./?${query()}`, { method: "HEAD", cache: "no-store" });
    if (status === 403) refused(); else connect();
  } catch {
    wait();
  }
}

function refused() {
  if (events) events.close();
  clearTimeout(timer);
  showState("is-away", "refused");
  showText("away", "The server does not accept the token of this address; it may have started " +
    "again. Open the address that `confd-lib preview` printed.");
}

for (const name of ["online", "focus"]) addEventListener(name, () => {
  if (since) { pause = 250; probe(); }
});
addEventListener("popstate", refresh);

// -- Sharing

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    confirmOn(button, "Copied");
  } catch {
    confirmOn(button, "Not allowed");
  }
}

function confirmOn(button, text) {
  button.dataset.name ??= button.textContent;
  button.textContent = text;
  say(text);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = button.dataset.name; }, 1600);
}

by("copy-link").addEventListener("click", () =>
  copy(`${location.origin}${location.pathname}?${query({ token: null })}`, by("copy-link")));
by("make-test").addEventListener("click", async () => {
  try {
    by("test-lines").textContent = await answer("pytest");
    by("test").showModal();
  } catch (error) {
    fail(error);
  }
});
by("copy-test").addEventListener("click", () =>
  copy(by("test-lines").textContent, by("copy-test")));

// -- The start

function facts({ state }) {
  return Object.entries(state).flatMap(([name, value]) => {
    const [kind, ...rest] = name.split("."), of = rest.join(".");
    if (kind === "scale") return [`${of} × ${value}`];
    if (kind === "set" || kind === "answer") return [`${of} = ${value}`];
    return name === "version" ? [`version ${value}`] : [];
  }).join(" · ");
}

const frozen = by("frozen");
if (frozen) {
  const view = JSON.parse(frozen.textContent);
  drawView(view, { frozen: true });
  showText("facts", facts(view));
  document.body.classList.add("frozen");
} else {
  for (const id of ["side", "actions", "against", "set-key"]) by(id).hidden = false;
  if (matchMedia("(max-width: 64rem)").matches)
    for (const id of ["scales", "answers", "overview"]) by(id).open = false;
  connect();
}
