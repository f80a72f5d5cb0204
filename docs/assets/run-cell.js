// One block of a page: its text, its buttons, what came out of it; run.js runs it.
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
export const words = WORDS[document.documentElement.lang];
const marks = globalThis.Highlight && new Highlight(); // lines at which errors came up
if (marks) CSS.highlights.set("error-line", marks);


export const make = (tag, name, text) => {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
};

export class Cell {
  constructor(box, index, on) {
    this.on = on;
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
    Object.assign(this.code, { spellcheck: false, autocapitalize: "off", role: "textbox", ariaMultiLine: "true",
      ariaLabel: words.code });
    this.code.focus();
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
      event.preventDefault();
      this.on.run(this.index);
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
    this.on.changed?.();
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
    this.ran = text;
    this.same = same;
    return same || !result.error;
  }
}

// What the output says, without what differs in every run.
function printed(output) {
  return [...output?.children ?? []].map((part) => part.className + part.textContent.trim()).join("\n");
}
