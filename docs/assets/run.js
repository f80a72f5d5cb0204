// Runs and changes the blocks of a page; loaded by blocks.js at the first touch. Python works in a worker, one for the
// page: it knows what the blocks above have defined, and is ended by "stop".
const WORDS = {
  zh: {
    run: "运行", edit: "修改", stop: "停止", reset: "恢复原样", code: "代码，可修改", waits: "等待中", starts: "正在启动 Python",
    fetch: (loaded, total) => `正在取 Python：${loaded} / ${total} MB`, runs: (at) => `正在运行第 ${at} 块`, same: "与页面所印一致",
    done: "已运行", failed: "出错了", stopped: "已停止，变量已清空", above: (at) => `上面的第 ${at} 块出错了`, line: (at) => `第 ${at} 行：`,
    place: (block, at) => `第 ${block} 块第 ${at} 行：`, figure: "修改后的代码画出的图", lost: "没有取到 Python", seconds: "秒",
    versions: "本页刚才运行于 ", comma: "、", end: "。",
  },
  en: {
    run: "Run", edit: "Edit", stop: "Stop", reset: "Reset", code: "Code, can be changed", waits: "Waiting", starts: "Starting Python",
    fetch: (loaded, total) => `Fetching Python: ${loaded} of ${total} MB`, runs: (at) => `Running block ${at}`, same: "As printed",
    done: "Has run", failed: "Failed", stopped: "Stopped; all names are gone", above: (at) => `Block ${at} above fails`, line: (at) => `line ${at}: `,
    place: (block, at) => `block ${block}, line ${at}: `, figure: "A figure drawn by the changed code", lost: "Python did not come", seconds: "s",
    versions: "In this page it ran with ", comma: ", ", end: ".",
  },
};
const words = WORDS[document.documentElement.lang];
const { assets, runtime, key } = globalThis.book;
const lab = location.pathname.includes("/labs/");
const marks = globalThis.Highlight && new Highlight(); // lines at which errors came up
if (marks) CSS.highlights.set("error-line", marks);

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
};

class Cell {
  constructor(box, index) {
    this.index = index;
    this.root = box.closest(".cell");
    this.code = box.querySelector("code");
    this.bar = box.querySelector(".cell-bar");
    this.button = this.bar.querySelector(".run");
    this.output = this.root.querySelector(":scope > .cell-output");
    this.printed = { html: this.code.innerHTML, text: this.text, output: this.output?.cloneNode(true) };
    this.said = make("span", "said", "");
    this.said.role = "status";
    this.bar.append(this.said);
    this.resets = make("button", "reset", words.reset);
    this.resets.type = "button";
    this.resets.hidden = true;
    this.resets.addEventListener("click", () => this.reset());
    this.said.before(this.resets);
    this.code.addEventListener("input", () => this.changed());
    this.code.addEventListener("keydown", (event) => this.pressed(event));
    this.ran = null; // the text that ran last, in the names that stand
  }

  get text() {
    return this.code.textContent.replace(/\n*$/, "\n");
  }

  edit() {
    try {
      this.code.contentEditable = "plaintext-only";
    } catch {
      this.code.contentEditable = true; // Firefox before 136
    }
    Object.assign(this.code, { spellcheck: false, autocapitalize: "off", role: "textbox", ariaMultiLine: "true", ariaLabel: words.code });
    this.code.focus();
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
      event.preventDefault();
      run(this.index);
    } else if (event.key === "Enter" && this.code.isContentEditable && !event.isComposing) {
      event.preventDefault(); // a new line begins where the one above does
      const [, indent, colon] = this.before().match(/([ ]*)[^\n]*?(:?)[ ]*$/);
      document.execCommand("insertText", false, `\n${indent}${colon && "    "}`);
    } else if (event.key === "Escape") {
      this.button.focus();
    }
  }

  before() {
    const range = getSelection().getRangeAt(0).cloneRange();
    range.setStart(this.code, 0);
    return range.toString().split("\n").pop();
  }

  changed() {
    this.resets.hidden = this.text === this.printed.text;
    this.mark(null);
    if (lab) remember();
  }

  reset() {
    this.code.innerHTML = this.printed.html;
    this.show(this.printed.output?.cloneNode(true));
    this.say("");
    this.changed();
    this.button.focus();
  }

  type(text) {
    this.code.textContent = text;
    this.changed();
  }

  say(text) {
    this.said.textContent = text;
  }

  busy(is) {
    this.root.ariaBusy = is;
    this.button.textContent = is ? words.stop : words.run;
    this.button.ariaLabel = this.button.ariaLabel.replace(/^[^,]*/, this.button.textContent);
  }

  show(output) {
    if (output && this.output) this.output.replaceWith(output);
    else if (output) this.root.append(output);
    else this.output?.remove();
    this.output = output;
  }

  mark(line) {
    for (const range of [...marks ?? []]) if (this.code.contains(range.startContainer)) marks.delete(range);
    if (!line || !marks) return;
    const range = new Range();
    let left = line;
    const walker = document.createTreeWalker(this.code, NodeFilter.SHOW_TEXT);
    range.setStart(this.code, 0);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (let at = node.data.indexOf("\n"); at >= 0; at = node.data.indexOf("\n", at + 1)) {
        left -= 1;
        if (left === 1) range.setStart(node, at + 1);
        if (left === 0) {
          range.setEnd(node, at);
          marks.add(range);
          return;
        }
      }
    }
    range.setEnd(this.code, this.code.childNodes.length);
    marks.add(range);
  }

  // What ran, as the build shows it. Returns whether the page goes on below it.
  take(result, text) {
    const output = make("div", "cell-output", "");
    const add = (name, text) => text?.trim() && output.append(make("pre", name, text.replace(/\s+$/, "")));
    const [block, line] = result.at ?? [];
    const place = block === this.index ? words.line(line) : block === undefined ? "" : words.place(block + 1, line);
    add("cell-stdout", result.stdout);
    add("cell-stderr", result.stderr);
    add("cell-value", result.value);
    add("cell-error", result.error);
    const alts = [...this.printed.output?.querySelectorAll(".cell-figure") ?? []].map((figure) => figure.ariaLabel);
    result.figures.forEach((svg, index) => {
      const figure = make("div", "cell-figure", "");
      figure.role = "img";
      figure.ariaLabel = text === this.printed.text && alts[index] || words.figure;
      figure.innerHTML = svg;
      output.append(figure);
    });
    const same = printed(output) === printed(this.printed.output);
    if (!same && result.error) output.querySelector(".cell-error").prepend(place);
    if (this.printed.output?.dataset.varies !== undefined) output.dataset.varies = "";
    this.show(output.childNodes.length ? output : null);
    cells.forEach((cell) => cell.mark(null));
    if (result.error && !same && block !== undefined) cells[block].mark(line);
    this.ran = text;
    this.same = same;
    return same || !result.error;
  }
}

// What the output says, without what differs in every run.
function printed(output) {
  return [...output?.children ?? []].map((part) => part.className + part.textContent.trim()).join("\n");
}

const cells = [...document.querySelectorAll(".cell-code")].map((box, index) => new Cell(box, index));
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
    if (!cell.take(result, text) && at < index) {
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

async function ask(message) {
  worker ??= await begin();
  worker.postMessage({ runtime, assets, ...message });
  return new Promise((resolve) => { settle = resolve; });
}

async function begin() {
  await keepOffline();
  const started = new Worker(new URL("run-worker.js", assets), { type: "module" });
  const mega = (bytes) => (bytes / 1e6).toFixed(0);
  started.onerror = (event) => settle?.({ failed: event.message });
  started.onmessage = ({ data }) => {
    if (data.versions) tellVersions(data.versions);
    if (data.running) now?.cell.say(words.runs(now.at + 1));
    if (data.total) now?.cell.say(data.loaded < data.total ? words.fetch(mega(data.loaded), mega(data.total)) : words.starts);
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
  if (!workers || !globalThis.book.offline) return;
  try {
    await workers.register(globalThis.book.offline);
    const { active } = await workers.ready;
    if (!workers.controller) {
      await Promise.race([new Promise((done) => workers.addEventListener("controllerchange", done)), new Promise((done) => setTimeout(done, 3000))]);
    }
    const seen = performance.getEntriesByType("resource").map((entry) => entry.name).filter((address) => address.startsWith(location.origin));
    const notebook = document.querySelector(".book-notebook")?.href;
    active.postMessage({ runtime, seen: [location.href.split("#")[0], ...seen, notebook].filter(Boolean) });
  } catch {
    // storage is switched off, or the address is not secure: it runs all the same
  }
}

// A lab: what was typed is kept, by the text that it replaces, and goes into the notebook that the page offers.
const typed = () => Object.fromEntries(cells.filter((cell) => cell.text !== cell.printed.text).map((cell) => [cell.printed.text, cell.text]));

function remember() {
  const said = typed();
  try {
    if (Object.keys(said).length) localStorage.setItem(key, JSON.stringify(said));
    else localStorage.removeItem(key);
  } catch {
    // storage is switched off: it holds for this page
  }
}

if (lab) {
  let said = {};
  try {
    said = JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    // as above, or damaged
  }
  for (const cell of cells) if (said[cell.printed.text]) cell.type(said[cell.printed.text]);
  document.querySelector(".book-notebook")?.addEventListener("click", async (event) => {
    const said = typed();
    if (!event.isTrusted || !Object.keys(said).length) return;
    event.preventDefault();
    const link = event.currentTarget;
    const notebook = await (await fetch(link.href)).json();
    for (const cell of notebook.cells) {
      const mine = said[[cell.source].flat().join("").replace(/\n*$/, "\n")];
      if (cell.cell_type === "code" && mine) Object.assign(cell, { source: mine.trimEnd(), outputs: [], execution_count: null });
    }
    const mine = document.createElement("a");
    mine.href = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: "application/x-ipynb+json" }));
    mine.download = link.href.split("/").pop();
    mine.click();
    URL.revokeObjectURL(mine.href);
  });
}
