// Where the build has put Python beside the pages, buttons below each block run and change it. What they need is loaded
// at the first touch.
{
  const { src, dataset } = document.currentScript;
  const lost = { zh: "没有网络，代码没有取到", en: "No network: what runs code did not come" };
  const { href: assets } = new URL(".", src);
  const key = "lecture-notes-that-run.typed" + location.pathname.replace(/\/(zh|en)\//, "/"); // both languages, one code
  globalThis.book = {
    assets, key, runtime: new URL(`../runtime/${dataset.runtime}/`, assets).href,
    offline: "keep" in dataset && new URL("../offline.js", assets).href,
  };

  let loaded;
  const act = async (action, index) => {
    loaded ??= import(assets + "run.js").catch(() => null);
    const module = await loaded;
    if (module) module.act(action, index);
    else loaded = null; // the next press asks again
    return module;
  };

  document.documentElement.classList.add("runnable"); // before the first paint: keeps the room for the buttons
  addEventListener("click", async ({ target }) => {
    const button = target.closest(".cell-bar :is(.run, .edit)");
    if (!button) return;
    const codes = [...document.querySelectorAll(".cell-code")];
    const module = await act(button.classList[0], codes.indexOf(button.closest(".cell-code")));
    if (!module) button.textContent = lost[document.documentElement.lang];
  });
  addEventListener("DOMContentLoaded", () => {
    try {
      if (localStorage.getItem(key)) act();
    } catch {
      // storage is switched off
    }
  });
}
