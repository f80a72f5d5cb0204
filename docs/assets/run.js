// Runs and changes the blocks of a page; loaded by blocks.js at the first touch. Python works in a worker, one for the
// page: it knows what the blocks above have defined, and is ended by "stop".
import { Cell, make, words } from "./run-cell.js";
import { keepTyped } from "./run-lab.js";

const { assets, runtime, offline, key } = globalThis.book;
const on = { run }; // what cells ask for
const cells = [...document.querySelectorAll(".cell-code")].map((box, index) => new Cell(box, index, on));
if (location.pathname.includes("/labs/")) on.changed = keepTyped(cells, key);
let worker, settle, now, queue = Promise.resolve();

export function act(action, index) {
  if (action === "run") run(index);
  if (action === "edit") cells[index].edit();
}

function run(index) {
  if (now && cells[index].root.ariaBusy === "true") return stop();
  cells[index].busy(true);
  cells[index].say(words.waits);
  queue = queue.then(() => runTo(index));
}

async function runTo(index) {
  const pressed = cells[index];
  if (pressed.root.ariaBusy !== "true") return; // stopped while it waited
  const began = performance.now();
  const first = cells.findIndex((cell, at) => at === index || cell.ran !== cell.text);
  for (let at = first; at <= index; at++) {
    const cell = cells[at];
    const text = cell.text;
    if (cell.ran !== text) cells.slice(at).forEach((below) => { below.ran = null; });
    now = { cell: pressed, at };
    const { result, failed } = await ask({ block: at, code: text });
    if (!result) {
      end();
      cells.forEach((one) => one.busy(false));
      pressed.say(failed === null ? words.stopped : `${words.lost}: ${failed}`);
      return;
    }
    const goesOn = cell.take(result, text);
    cells.forEach((one) => one.mark(null));
    if (!goesOn && result.at) cells[result.at[0]].mark(result.at[1]);
    if (!goesOn && at < index) {
      pressed.say(words.above(at + 1));
      break;
    }
    const took = at < index ? "" : ` · ${((performance.now() - began) / 1000).toFixed(1)} ${words.seconds}`;
    cell.say((cell.same ? `✓ ${words.same}` : result.error ? words.failed : words.done) + took);
  }
  now = null;
  pressed.busy(false);
}

function stop() {
  settle?.({ failed: null });
}

function end() {
  worker?.terminate();
  worker = settle = now = null;
  cells.forEach((cell) => { cell.ran = null; });
}

// The worker's answer; `stop` may answer before it.
function ask(message) {
  return new Promise(async (resolve) => {
    settle = resolve;
    worker ??= await begin();
    if (settle === resolve) worker.postMessage({ runtime, assets, ...message });
  });
}

async function begin() {
  await keepOffline();
  const started = new Worker(new URL("run-worker.js", assets), { type: "module" });
  const mega = (bytes) => (bytes / 1e6).toFixed(0);
  started.onerror = (event) => settle?.({ failed: event.message });
  started.onmessage = ({ data }) => {
    if (data.versions) tellVersions(data.versions);
    if (data.running) now?.cell.say(words.runs(now.at + 1));
    const { loaded, total } = data;
    if (total) now?.cell.say(loaded < total ? words.fetch(mega(loaded), mega(total)) : words.starts);
    if (data.result || "failed" in data) settle?.(data);
  };
  return started;
}

function tellVersions(versions) {
  const text = Object.entries(versions).map((one) => one.join(" ")).join(words.comma);
  const line = document.querySelector(".book-ran-here") ?? make("div", "md-copyright__highlight book-ran-here", "");
  line.textContent = words.versions + text + words.end;
  document.querySelector(".md-copyright").prepend(line);
}

// From now on this site's pages that were read, and Python, are there without a network.
async function keepOffline() {
  const workers = navigator.serviceWorker;
  if (!workers || !offline) return;
  try {
    await workers.register(offline);
    const { active } = await workers.ready;
    if (!workers.controller) {
      await new Promise((done) => {
        workers.addEventListener("controllerchange", done);
        setTimeout(done, 3000);
      });
    }
    const seen = performance.getEntriesByType("resource").map((entry) => entry.name);
    const notebook = document.querySelector(".book-notebook")?.href;
    const states = [...document.querySelectorAll("[data-states]")].map((cell) => new URL(`../${cell.dataset.states}`, assets).href);
    active.postMessage({ runtime, seen: [location.href.split("#")[0], ...seen, ...states, ...notebook ? [notebook] : []] });
  } catch {
    // storage is switched off, or the address is not secure: it runs all the same
  }
}
