// Light or dark: the reader's choice, else the system's. Runs before the first paint, so nothing flashes.
{
  const key = "lecture-notes-that-run.scheme";
  const next = { auto: "light", light: "dark", dark: "auto" };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  const show = (choice) => {
    const isDark = choice === "dark" || (choice === "auto" && dark.matches);
    root.dataset.scheme = choice;
    root.dataset.mdColorScheme = isDark ? "slate" : "default";
  };
  const store = (choice) => {
    try {
      localStorage.setItem(key, choice);
    } catch {
      // storage is switched off: the choice holds for this page
    }
  };
  let stored = null;
  try {
    stored = localStorage.getItem(key);
  } catch {
    // as above
  }

  show(stored in next ? stored : "auto");
  root.classList.replace("no-js", "js"); // Material does so last of all, and then the side bars move
  root.classList.add("js-focus-visible"); // and this: then every element's style is worked out again
  dark.addEventListener("change", () => show(root.dataset.scheme));
  document.addEventListener("click", (event) => {
    if (event.target.closest(".book-scheme")) {
      show(next[root.dataset.scheme]);
      store(root.dataset.scheme);
    }
  });
}
