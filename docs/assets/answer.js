// Figures that move and questions that answer. Without this script a figure stands still and an answer lies in its fold.

// A slider brings another state of its block: text, figure, and the value in the code. All states come in one file, a script
// since a page opened from a folder may fetch nothing else, at the first touch.
{
  const site = new URL("..", document.currentScript.src);
  const failed = { zh: "没有载入", en: "not loaded" }[document.documentElement.lang];

  for (const cell of document.querySelectorAll("[data-states]")) {
    const [move, output] = [cell.querySelector(".cell-move"), cell.querySelector(".cell-output")];
    const [slider, said] = [move.querySelector("input"), move.querySelector("output")];
    const values = JSON.parse(move.dataset.values);
    const announced = document.createElement("p"); // what a reader who does not see the figure is told
    announced.className = "book-hidden";
    announced.ariaLive = "polite";
    let states = null;

    const load = () => {
      if (states) return;
      states = [];
      move.append(announced);
      const script = document.createElement("script");
      script.src = new URL(cell.dataset.states, site);
      script.onload = () => {
        states = script.states;
        show();
      };
      script.onerror = () => {
        states = null;
        said.textContent = failed;
      };
      document.head.append(script);
    };

    const show = () => {
      const value = values[slider.value];
      const words = /^['"]/.test(value) ? value.slice(1, -1) : value.replaceAll("-", "−");
      said.textContent = slider.ariaValueText = words;
      if (states?.length) {
        output.innerHTML = states[slider.value];
        cell.querySelector("[data-moved]").textContent = value;
        announced.textContent = output.querySelector(".cell-figure").ariaLabel;
      }
    };

    for (const touch of ["pointerdown", "focus"]) slider.addEventListener(touch, load);
    slider.addEventListener("input", () => {
      load();
      show();
    });
    if (slider.value !== slider.defaultValue) slider.value = slider.defaultValue; // after a reload Firefox keeps it
  }
}
