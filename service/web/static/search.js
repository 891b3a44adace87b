// Results follow what is typed. The last search that was asked is the last one shown, whichever answer comes
// first, and nothing moves meanwhile: the old results stay, paler, until the new ones are there.
const PAUSE = 180;
const AGAIN = 2000;
const field = document.getElementById("find");
let asked = 0;
let pause;
let stop;

function address() {
  const query = new URLSearchParams(location.search);
  query.set("q", field.value);
  query.delete("page");
  return `${location.pathname}?${query}`;
}

async function show(where) {
  const turn = ++asked;
  stop?.abort();
  stop = new AbortController();
  const found = document.getElementById("found");
  found.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(where, { signal: stop.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return;
    const fresh = page.getElementById("found");
    if (!fresh) return location.assign(where); // signed out, or a mistake that the server explains
    found.replaceWith(document.adoptNode(fresh));
    history.replaceState(null, "", where);
    document.title = page.title;
    document.querySelector("a.language").href = page.querySelector("a.language").href;
    awaitMeaning();
  } catch (error) {
    if (turn !== asked || error.name === "AbortError") return;
    found.removeAttribute("aria-busy");
    found.querySelector(".busy").textContent = found.dataset.failed;
    found.classList.add("failed");
  }
}

// Until the models are loaded only words are looked for; then the page fills in, unless somebody is in it.
let later;
function awaitMeaning() {
  clearTimeout(later);
  const found = document.getElementById("found");
  if (!found.querySelector("[data-again]")) return;
  later = setTimeout(() => {
    if (document.hidden || found.contains(document.activeElement)) awaitMeaning();
    else show(location.pathname + location.search);
  }, AGAIN);
}
awaitMeaning();

field.addEventListener("input", (event) => {
  clearTimeout(pause);
  if (!event.isComposing) pause = setTimeout(() => show(address()), PAUSE);
});
// While Japanese is being converted the letters are not what is meant.
field.addEventListener("compositionend", () => {
  clearTimeout(pause);
  pause = setTimeout(() => show(address()), PAUSE);
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  show(address());
});
