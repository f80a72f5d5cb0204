// Small services; the pages are complete without them.

// The language switch takes the reader to the section that stands in the window, and remembers the choice.
for (const link of document.querySelectorAll("a[data-language]")) {
  const page = link.href;
  const aim = () => { link.href = page + section(); };
  const choose = () => {
    aim();
    try {
      localStorage.setItem("lecture-notes-that-run.language", link.dataset.language);
    } catch {
      // storage is switched off: the choice holds for this click
    }
  };
  link.addEventListener("click", choose);
  link.addEventListener("auxclick", choose);
  link.addEventListener("contextmenu", aim);
}

function section() {
  const top = (element) => element.getBoundingClientRect().top;
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && top(target) >= 0 && top(target) < innerHeight) return location.hash;
  const headings = [...document.querySelectorAll(".md-content :is(h2, h3, h4)[id]")];
  const current = headings.filter((heading) => top(heading) < innerHeight / 3).pop();
  return current ? "#" + current.id : "";
}

// A report begins with the section that stands in the window.
for (const link of document.querySelectorAll("a.book-report")) {
  const page = link.href;
  const aim = () => { link.href = page + encodeURIComponent(section()); };
  for (const kind of ["click", "auxclick", "contextmenu"]) link.addEventListener(kind, aim);
}

// Boxes wider than the window can be scrolled with the keyboard. Material does so for code where a mouse is, and takes it
// back elsewhere, block by block as they come into view; and it makes a landmark without a name of each copy button.
const SCROLLS = ".equation-body, .math-long, .cell-output > pre, .md-typeset__scrollwrap, pre > code";
const mend = () => {
  // What lies in a closed fold would be laid out, fold by fold, to be measured: this is called again when it opens.
  const boxes = [...document.querySelectorAll(SCROLLS)].filter((box) => !box.closest("details:not([open])"));
  const wide = new Set(boxes.filter((box) => box.scrollWidth > box.clientWidth)); // all are measured before one is changed
  for (const box of boxes) {
    if (wide.has(box) && !box.hasAttribute("tabindex")) box.tabIndex = 0;
    if (!wide.has(box) && box.hasAttribute("tabindex")) box.removeAttribute("tabindex");
  }
  for (const buttons of document.querySelectorAll(".md-code__nav:not([role])")) buttons.setAttribute("role", "none");
};
new ResizeObserver(mend).observe(document.querySelector(".md-content")); // the window, a fold, a font that comes late
new MutationObserver(mend).observe(document.querySelector(".md-content"),
  { childList: true, subtree: true, attributeFilter: ["tabindex"] });

// The search listens to keys only; text may also be pasted, dictated or cleared. What it searches comes with the first query.
const query = document.querySelector(".md-search__input");
query?.addEventListener("input", () => {
  query.dispatchEvent(new KeyboardEvent("keyup"));
  if (query.value.trim() && !document.querySelector(".md-search-result__item")) {
    document.querySelector(".md-search-result__meta").textContent =
      { zh: "正在载入…", en: "Loading…" }[document.documentElement.lang];
  }
});

// On the pages of terms and symbols: a box that leaves only the entries that hold what is typed.
const filter = document.querySelector(".book-filter");
if (filter) {
  const words = { zh: "只看含有", en: "Show only" }[document.documentElement.lang];
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "search";
  label.append(words, box);
  filter.append(label);
  const entries = [...document.querySelectorAll("dl > dt")].map((dt) => {
    const all = [dt];
    while (all.at(-1).nextElementSibling?.matches("dd")) all.push(all.at(-1).nextElementSibling);
    return { all, text: `${dt.id} ${all.map((one) => one.textContent).join(" ")}`.normalize("NFKC").toLowerCase() };
  });
  box.addEventListener("input", () => {
    const wanted = box.value.normalize("NFKC").toLowerCase().trim();
    for (const { all, text } of entries) for (const one of all) one.hidden = !text.includes(wanted);
    for (const part of document.querySelectorAll("article :is(h2, h3)")) {
      const list = part.nextElementSibling;
      if (list?.matches("dl")) part.hidden = list.hidden = !list.querySelector("dt:not([hidden])");
    }
  });
}

// After a reload the menu and the search are closed, though Firefox keeps the state of check boxes.
for (const toggle of document.querySelectorAll("[data-md-toggle]")) toggle.checked = false;
