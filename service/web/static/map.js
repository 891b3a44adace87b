// The map of voices: dots on a canvas, names of themes where their dots are. It moves by wheel, pointer, pinch and
// keys; a dot under the pointer says one quote, a click opens its theme. The list below says the same without it.
const box = document.getElementById("map");
const canvas = box.querySelector("canvas");
const context = canvas.getContext("2d");
const state = box.querySelector(".map-state");
const again = box.querySelector(".map-again");
const card = box.querySelector(".map-said");
const KINDS = box.dataset.kinds.split(" ");
const LANGS = box.dataset.langs.split(" ");
const APART = 20; // map units between two dots, as the places are made
const CELL = 8 * APART;
const REACH = 14; // pixels from the pointer to the dot that it means
const NAMES = 500; // names that are tried in one picture, the largest first
const CLOSEST = 4; // pixels for a map unit
const PARTS_FROM = 120; // pixels that a theme reaches before its parts are named

let dots = null;
let view = { x: 0, y: 0, scale: 1 };
let least = 1;
let names = [];
let here = null; // the dot that is meant
let byKeys = false;
let colours = {};

function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { n, themes } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = 4 + length;
  const ends = [];
  for (const theme of themes) ends.push((ends.at(-1) ?? 0) + theme.n);
  return {
    n,
    themes,
    ends,
    x: new Int16Array(buffer, start, n),
    y: new Int16Array(buffer, start + 2 * n, n),
    marks: new Uint8Array(buffer, start + 4 * n, n),
  };
}

// What the filters of the page let through, in a grid, so that the dot at a place is found at once.
function arrange() {
  const kind = KINDS.indexOf(box.dataset.kind);
  const lang = LANGS.indexOf(box.dataset.lang);
  const passes = (mark) => (kind < 0 || mark % 8 === kind) && (lang < 0 || mark >> 3 === lang);
  dots.shown = [];
  dots.cells = new Map();
  dots.counts = new Array(dots.themes.length).fill(0);
  for (let i = 0; i < dots.n; i++) {
    if (!passes(dots.marks[i])) continue;
    dots.shown.push(i);
    const cell = `${Math.floor(dots.x[i] / CELL)} ${Math.floor(dots.y[i] / CELL)}`;
    if (!dots.cells.has(cell)) dots.cells.set(cell, []);
    dots.cells.get(cell).push(i);
    const theme = themeOf(i);
    if (theme >= 0) dots.counts[theme]++;
  }
  dots.order = [...dots.themes.keys()].filter((t) => dots.counts[t]).sort((a, b) => dots.counts[b] - dots.counts[a]);
}

function themeOf(dot) {
  let low = 0;
  let high = dots.ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dots.ends[middle] <= dot) low = middle + 1;
    else high = middle;
  }
  return low < dots.ends.length ? low : -1;
}

const across = (x) => (x - view.x) * view.scale + canvas.clientWidth / 2;
const down = (y) => (y - view.y) * view.scale + canvas.clientHeight / 2;
const mapX = (left) => (left - canvas.clientWidth / 2) / view.scale + view.x;
const mapY = (top) => (top - canvas.clientHeight / 2) / view.scale + view.y;

function whole() {
  if (!dots.shown.length) return;
  const ends = (all) => dots.shown.reduce(([a, b], i) => [Math.min(a, all[i]), Math.max(b, all[i])], [Infinity, -Infinity]);
  const [left, right] = ends(dots.x);
  const [top, bottom] = ends(dots.y);
  const room = 3 * APART;
  const fits = [canvas.clientWidth / (right - left + 2 * room), canvas.clientHeight / (bottom - top + 2 * room)];
  least = Math.min(...fits, CLOSEST);
  view = { x: (left + right) / 2, y: (top + bottom) / 2, scale: least };
}

function zoom(factor, left = canvas.clientWidth / 2, top = canvas.clientHeight / 2) {
  const [x, y] = [mapX(left), mapY(top)];
  view.scale = Math.max(least, Math.min(CLOSEST, view.scale * factor));
  view.x += x - mapX(left);
  view.y += y - mapY(top);
  redraw();
}

function pan(right, lower) {
  view.x += right / view.scale;
  view.y += lower / view.scale;
  redraw();
}

let waiting = false;
function redraw() {
  if (waiting || !dots) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

// All dots are put into one picture, pixel by pixel: that takes a few milliseconds where shapes take a hundred.
function draw() {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return;
  const ratio = window.devicePixelRatio || 1;
  const size = Math.max(1.5, Math.min(7, view.scale * 10));
  const meant = here === null ? -1 : themeOf(here);
  const first = dots.counts.slice(0, Math.max(meant, 0)).reduce((sum, count) => sum + count, 0);
  const picture = context.createImageData(canvas.width, canvas.height);
  const paint = painter(picture, disc(Math.round(size * ratio)), ratio);
  paint(0, dots.shown.length, pixel(colours.dot, 0.6));
  if (meant >= 0) paint(first, first + dots.counts[meant], pixel(colours.accent, 1));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.putImageData(picture, 0, 0);
  if (here !== null) {
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(across(dots.x[here]), down(dots.y[here]), size / 2 + 4, 0, 2 * Math.PI);
    context.stroke();
  }
  drawNames(width, height);
}

function painter(picture, shape, ratio) {
  const pixels = new Uint32Array(picture.data.buffer);
  const { width, height } = picture;
  const scale = view.scale * ratio;
  const [left, top] = [width / 2 - view.x * scale, height / 2 - view.y * scale];
  const edge = shape.reach + 1;
  const offsets = shape.places.map(([right, lower]) => right + lower * width);
  return (from, to, colour) => {
    for (let place = from; place < to; place++) {
      const i = dots.shown[place];
      const x = Math.round(dots.x[i] * scale + left);
      const y = Math.round(dots.y[i] * scale + top);
      if (x < edge || y < edge || x >= width - edge || y >= height - edge) continue;
      const middle = x + y * width;
      for (let each = 0; each < offsets.length; each++) pixels[middle + offsets[each]] = colour;
    }
  };
}

function disc(size) {
  const half = (size - 1) / 2;
  const along = [...Array(size).keys()].map((place) => place - (size >> 1));
  const within = ([x, y]) => size < 3 || Math.hypot(x + (size >> 1) - half, y + (size >> 1) - half) <= size / 2;
  return { reach: size, places: along.flatMap((x) => along.map((y) => [x, y])).filter(within) };
}

function pixel(token, alpha) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(token.slice(start, start + 2), 16));
  return new Uint32Array(new Uint8Array([red, green, blue, Math.round(255 * alpha)]).buffer)[0];
}

// Names stand where their dots are, the largest first; one that would cover another waits for a closer look.
function drawNames(width, height) {
  names = [];
  let tried = 0;
  for (const place of dots.order) {
    if (tried > NAMES) break;
    const theme = dots.themes[place];
    tried += tryName(theme, theme.id, 14, width, height);
    if (Math.sqrt(theme.n) * 0.6 * APART * view.scale < PARTS_FROM) continue;
    for (const part of theme.parts) tried += tryName(part, part.id, 12, width, height);
  }
}

function tryName(named, id, pixels, width, height) {
  const [left, top] = [across(named.x), down(named.y)];
  if (left < 0 || top < 0 || left > width || top > height) return 0;
  context.font = `${pixels > 12 ? 600 : 400} ${pixels}px ${colours.font}`;
  const [text, half] = fitting(named.title, Math.min(220, width * 0.4));
  const middle = Math.max(half, Math.min(width - half, left)); // a name is read to its end at the edge, too
  const label = { id, left: middle - half, right: middle + half, top: top - pixels, bottom: top + pixels };
  const covers = (other) =>
    label.left < other.right && label.right > other.left && label.top < other.bottom && label.bottom > other.top;
  if (names.some(covers)) return 1;
  names.push(label);
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
  context.strokeStyle = colours.paper;
  context.fillStyle = colours.ink;
  context.strokeText(text, middle, top);
  context.fillText(text, middle, top);
  return 1;
}

const fitted = new Map();
function fitting(title, most) {
  const key = `${context.font} ${most} ${title}`;
  if (!fitted.has(key)) {
    const letters = [...title];
    while (letters.length > 1 && context.measureText(`${letters.join("")}…`).width > most) letters.pop();
    const text = letters.length < [...title].length ? `${letters.join("").trim()}…` : title;
    fitted.set(key, [text, context.measureText(text).width / 2 + 4]);
  }
  return fitted.get(key);
}

function dotAt(left, top, reach = REACH) {
  const [x, y, far] = [mapX(left), mapY(top), reach / view.scale];
  let found = null;
  let nearest = far * far;
  for (let column = Math.floor((x - far) / CELL); column <= Math.floor((x + far) / CELL); column++) {
    for (let row = Math.floor((y - far) / CELL); row <= Math.floor((y + far) / CELL); row++) {
      for (const i of dots.cells.get(`${column} ${row}`) ?? []) {
        const away = (dots.x[i] - x) ** 2 + (dots.y[i] - y) ** 2;
        if (away <= nearest) [found, nearest] = [i, away];
      }
    }
  }
  return found;
}

const nameAt = (left, top) =>
  names.find((name) => left >= name.left && left <= name.right && top >= name.top && top <= name.bottom);

// One quote of the dot that is meant, asked for when the pointer rests.
const quotes = new Map();
let pause;
function mean(dot) {
  if (dot === here) return;
  here = dot;
  clearTimeout(pause);
  card.hidden = true;
  canvas.classList.toggle("over", dot !== null);
  redraw();
  if (dot !== null) pause = setTimeout(() => quote(dot).catch(() => {}), 80);
}

async function quote(dot) {
  const said = await asked(dot);
  if (dot !== here || !said) return;
  const [words, link] = [card.querySelector("q"), card.querySelector("a")];
  words.textContent = said.text;
  words.lang = said.lang ?? "";
  link.textContent = said.theme?.title ?? box.dataset.unthemed;
  link.lang = said.theme?.lang ?? "";
  link.href = said.address;
  card.hidden = false;
}

async function asked(dot) {
  const where = `${box.dataset.voice}?x=${dots.x[dot]}&y=${dots.y[dot]}`;
  if (!quotes.has(where)) {
    const answer = await fetch(where);
    quotes.set(where, answer.ok ? await answer.json() : null);
  }
  return quotes.get(where);
}

async function open(left, top) {
  const dot = dotAt(left, top);
  const id = nameAt(left, top)?.id ?? dots.themes[dot === null ? -1 : themeOf(dot)]?.id;
  if (id) location.assign(`/themes/${encodeURIComponent(id)}`);
  else if (dot !== null) {
    const said = await asked(dot);
    if (said) location.assign(said.address);
  }
}

const pointers = new Map();
let travelled = 0;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button || !dots) return;
  if (!pointers.size) travelled = 0;
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
});
canvas.addEventListener("pointermove", (event) => {
  if (!dots) return;
  byKeys = false;
  const before = pointers.get(event.pointerId);
  if (!before) return mean(dotAt(event.offsetX, event.offsetY));
  const [right, lower] = [event.clientX - before.clientX, event.clientY - before.clientY];
  const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
  if (other) {
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const edge = canvas.getBoundingClientRect();
    const left = (event.clientX + other.clientX) / 2 - edge.left;
    zoom(apart(event) / Math.max(apart(before), 1), left, (event.clientY + other.clientY) / 2 - edge.top);
    pan(-right / 2, -lower / 2);
  } else pan(-right, -lower);
  travelled += Math.hypot(right, lower);
  pointers.set(event.pointerId, event);
});
canvas.addEventListener("pointerup", (event) => {
  const isClick = pointers.has(event.pointerId) && pointers.size === 1 && travelled < 6;
  pointers.delete(event.pointerId);
  if (!isClick) return;
  // A finger covers what it means: it asks first, and the card leads on.
  if (event.pointerType === "touch") mean(dotAt(event.offsetX, event.offsetY, 2 * REACH));
  else open(event.offsetX, event.offsetY).catch(failed);
});
canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
canvas.addEventListener("pointerleave", (event) => {
  if (event.pointerType !== "touch" && !byKeys && dots) mean(null);
});
canvas.addEventListener(
  "wheel",
  (event) => {
    if (!dots || (event.deltaY > 0 && view.scale <= least)) return; // all of it is seen: the page moves on
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.offsetX, event.offsetY);
  },
  { passive: false },
);

const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2];
const keys = {
  ArrowLeft: () => pan(-60, 0),
  ArrowRight: () => pan(60, 0),
  ArrowUp: () => pan(0, -60),
  ArrowDown: () => pan(0, 60),
  "+": () => zoom(1.4),
  "=": () => zoom(1.4),
  "-": () => zoom(1 / 1.4),
  0: () => (whole(), redraw()),
  Enter: () => here !== null && open(across(dots.x[here]), down(dots.y[here])).catch(failed),
};
canvas.addEventListener("keydown", (event) => {
  if (!dots || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  byKeys = true;
  keys[event.key]();
  mean(dotAt(...middle(), Math.max(...middle())));
});
for (const button of box.querySelectorAll("[data-press]")) {
  button.addEventListener("click", () => dots && keys[button.dataset.press]());
}

function dress() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  colours = { dot: token("--edge"), accent: token("--accent"), ink: token("--ink"), paper: token("--paper") };
  colours.font = style.fontFamily;
  redraw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);

new ResizeObserver(() => {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  if (!dots) return;
  const wasWhole = view.scale <= least;
  const before = view;
  whole();
  if (!wasWhole) view = { ...before, scale: Math.max(least, before.scale) };
  draw();
}).observe(canvas);

function lookAt(id) {
  const theme = dots.themes.find((each) => each.id === id);
  if (!theme) return;
  const reach = Math.sqrt(theme.n) * 0.6 * APART;
  view = { x: theme.x, y: theme.y, scale: Math.min(CLOSEST, Math.max(least, canvas.clientHeight / (6 * reach))) };
}

function failed() {
  state.textContent = box.dataset.failed;
  state.hidden = again.hidden = false;
}

async function load() {
  again.hidden = true;
  state.textContent = box.dataset.loading;
  try {
    const answer = await fetch(box.dataset.points);
    if (!answer.ok) throw new Error(answer.statusText);
    dots = unpacked(await answer.arrayBuffer());
  } catch {
    return failed();
  }
  arrange();
  whole();
  lookAt(box.dataset.theme);
  state.textContent = dots.shown.length ? "" : box.dataset.nothing;
  state.hidden = dots.shown.length > 0;
  draw();
  box.dataset.ready = "yes";
}
again.addEventListener("click", load);
dress();
load();
