// Two small services; the pages are complete without them.

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

// Output wider than the window can be scrolled with the keyboard.
for (const output of document.querySelectorAll(".cell-output > pre")) {
  if (output.scrollWidth > output.clientWidth) output.tabIndex = 0;
}

// Material leaves its search dialog without a name.
const search = document.querySelector(".md-search");
search?.setAttribute("aria-label", search.querySelector("input").getAttribute("aria-label"));
