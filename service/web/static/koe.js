// Keys for those who live here: j k move, Enter opens, / searches, a accepts, d dismisses, e edits, s puts off,
// u undoes, ? lists them.
// Everything works without this file; it only saves reaching for the mouse.
const rows = () => [...document.querySelectorAll("[data-row]")];
const press = (selector) => document.querySelector(selector)?.click();
const opener = (row) => (row.matches("a") ? row : row.querySelector("a"));

function move(step) {
  const all = rows();
  if (!all.length) return press(step > 0 ? "[data-next]" : "[data-previous]");
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? 0 : Math.max(0, Math.min(all.length - 1, here + step));
  const target = opener(all[next]);
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function search() {
  // A page with a field of its own is searched first; what is in all of them has its field above.
  const field = document.querySelector("main input[type=search]") ?? document.getElementById("find");
  field?.focus();
  field?.select();
}

function unfold(panel) {
  if (!panel) return;
  panel.open = true;
  panel.querySelector("textarea, input")?.focus();
}

function listKeys() {
  const keys = document.getElementById("keys");
  if (!keys) return;
  keys.open = !keys.open;
  if (keys.open) keys.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  "/": search,
  a: () => press("[data-accept]"),
  d: () => unfold(document.querySelector("[data-dismiss]")),
  e: () => press("[data-edit]"),
  s: () => press("[data-later]"),
  u: () => press("[data-undo]"),
  "?": listKeys,
};

// A letter after g leads to a place, if it comes soon.
const SOON = 1500;
let wentAt = -Infinity;
function goes(event) {
  const isSecond = event.timeStamp - wentAt < SOON;
  wentAt = event.key === "g" ? event.timeStamp : -Infinity;
  const place = isSecond && /^[a-z]$/.test(event.key) && document.querySelector(`[data-go="${event.key}"]`);
  if (place) place.click();
  return Boolean(place);
}

document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "Escape") fold(event.target.closest(".panel[open], .others[open]"));
  const kept = event.target.closest("[data-keeps]"); // what somebody writes: saved, or left for the buttons
  if (kept && event.key === "Enter" && (event.ctrlKey || event.metaKey)) kept.requestSubmit();
  if (kept && event.key === "Escape") document.querySelector(`button[form="${kept.id}"]`)?.focus();
  if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && goes(event)) return;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

// A panel opens with the focus in its first field, one at a time, and gives the focus back.
function fold(panel) {
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
}
for (const panel of document.querySelectorAll(".panel")) {
  panel.addEventListener("toggle", () => {
    if (!panel.open) return;
    for (const other of document.querySelectorAll(".panel[open]")) if (other !== panel) other.open = false;
    panel.querySelector("[autofocus], textarea, input")?.focus();
  });
}

// The other places fold away again when one is looked for elsewhere.
const others = document.querySelector(".others");
document.addEventListener("click", (event) => {
  if (others && !others.contains(event.target)) others.open = false;
});

// A filter applies as soon as it is chosen with the mouse; on the keyboard, passing a value is not choosing it.
for (const select of document.querySelectorAll(".filters select")) {
  let pointed = false;
  select.addEventListener("pointerdown", () => (pointed = true));
  select.addEventListener("keydown", () => (pointed = false));
  select.addEventListener("change", () => pointed && select.form.requestSubmit());
}

// A sentence of a draft lights what it rests on, and so do its numbers; a voice lights the sentences it holds up.
// Whoever chooses one is led to the other; whoever passes over it stays where they are.
const sentences = [...document.querySelectorAll(".sentence")];
const cites = (sentence) => sentence.dataset.cites.split(" ");
const cited = (sentence) => cites(sentence).map((id) => document.getElementById(id)).filter(Boolean);
const resting = (source) => sentences.filter((sentence) => cites(sentence).includes(source.id));

function light(chosen, others) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  for (const one of [...chosen, ...others]) one.classList.add("lit");
}
let passed;
function lights(one, related) {
  const lead = () => {
    const others = related(one);
    passed = one;
    light([one], others);
    others[0]?.scrollIntoView({ block: "nearest" });
  };
  one.addEventListener("click", lead);
  one.addEventListener("focusin", lead);
  // A page that moves under a pointer that rests is no wish.
  one.addEventListener("mousemove", (event) => {
    if (one !== passed && (event.movementX || event.movementY)) light([(passed = one)], related(one));
  });
}
for (const sentence of sentences) lights(sentence, cited);
for (const source of document.querySelectorAll(".source")) lights(source, resting);

// While somebody writes, the sentence that they are in lights what it rests on.
const writing = document.querySelector("textarea[data-cited]");
function follow() {
  const at = writing.selectionStart;
  const here = [...document.querySelectorAll("#cited li")].find(({ textContent: said }) => {
    const start = writing.value.indexOf(said);
    return start >= 0 && start <= at && at <= start + said.length;
  });
  light([], here ? cited(here) : []);
}
for (const kind of ["keyup", "click"]) writing?.addEventListener(kind, follow);

// What comes in while somebody looks is shown without a reload; a word says whether there is news.
const PAUSE = 3000;
async function look(live) {
  if (document.hidden || live.contains(document.activeElement)) return;
  const { mark } = await (await fetch(live.dataset.live)).json();
  if (!mark || mark === live.dataset.mark) return;
  const page = await (await fetch(live.dataset.live.replace(/\/live$/, ""))).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-live]");
  if (!fresh) return;
  live.replaceChildren(...fresh.childNodes);
  live.dataset.mark = fresh.dataset.mark;
}
for (const live of document.querySelectorAll("[data-live]")) {
  setInterval(() => look(live).catch(() => {}), PAUSE); // a server that is away is asked again
}

// What is to be put elsewhere is copied by a button, where the browser lets a page copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    button.textContent = button.dataset.copied;
  });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
