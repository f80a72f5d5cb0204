// Where the build has put Python beside the pages, each block gets buttons that run and change it. What they need is
// loaded at the first touch.
{
  const { src, dataset } = document.currentScript;
  const words = {
    zh: { run: "运行", edit: "修改", of: "第 # 块", lost: "没有网络，代码没有取到" },
    en: { run: "Run", edit: "Edit", of: "block #", lost: "No network: what runs code did not come" },
  };
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
  // After the other scripts have begun, in a task of its own, so that a phone can answer in between.
  addEventListener("DOMContentLoaded", () => setTimeout(() => {
    const said = words[document.documentElement.lang];
    document.querySelectorAll(".cell-code").forEach((code, index) => {
      const bar = document.createElement("div");
      bar.className = "cell-bar";
      for (const action of ["run", "edit"]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = action;
        button.textContent = said[action];
        button.ariaLabel = `${said[action]}, ${said.of.replace("#", index + 1)}`;
        if (action === "run") button.title = "Ctrl+Enter";
        button.addEventListener("click", async () => {
          if (!await act(action, index)) button.textContent = said.lost;
        });
        bar.append(button);
      }
      code.append(bar);
    });
    try {
      if (localStorage.getItem(key)) act();
    } catch {
      // storage is switched off
    }
  }));
}
