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

// A question says right, near, or which mistake. A number is right within its margin; a choice knows whether it is true.
{
  const words = {
    zh: { right: "对了。", near: "很接近，再精确一点。", mistake: "不对。", wrong: "不对，再想想。", number: "请填一个数，例如 0.5。" },
    en: { right: "Right. ", near: "Near: a little more exactly.", mistake: "No. ", wrong: "No; think again.",
      number: "Write a number, such as 0.5." },
  }[document.documentElement.lang];

  for (const question of document.querySelectorAll(".question")) {
    const said = question.querySelector("output");
    const answers = [...question.querySelectorAll("details li")];
    const say = (word, answer) => said.replaceChildren(word, ...(answer ? answer.lastChild.cloneNode(true).childNodes : []));

    question.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = event.target.querySelector("input").value.normalize("NFKC").replace(/[−–]/g, "-").replace(",", ".");
      const [over, under = 1] = typed.split("/").map((part) => (part.trim() ? Number(part) : NaN));
      const number = over / under;
      const value = (answer) => Number(answer.dataset.value.replace("−", "-").replaceAll(",", ""));
      const off = (answer) => Math.abs(number - value(answer));
      const found = answers.find((answer) => off(answer) <= Number(answer.dataset.margin) * (1 + 1e-9));
      if (Number.isNaN(number)) say(words.number);
      else if (found) say(found === answers[0] ? words.right : words.mistake, found);
      else say(off(answers[0]) <= 0.1 * Math.abs(value(answers[0])) ? words.near : words.wrong);
    });

    question.querySelectorAll("ul button").forEach((button, index) => {
      button.addEventListener("click", () => {
        const isRight = answers[index].dataset.value === "True";
        button.dataset.answered = isRight;
        say(isRight ? words.right : words.mistake, answers[index]);
      });
    });
  }
}
