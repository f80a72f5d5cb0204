// Points at a symbol of a display formula: its link, with name, kind and shape, appears below the formula. By keyboard: Tab leads
// to the first symbol of a formula, the arrow keys to the others, Escape back. Without this script, all links of a
// formula appear when it is pointed at (math.css).
{
  const HIDE_AFTER = 150; // ms: time to move from the symbol to its link
  let shown = null; // the link and the tokens of the symbol that is pointed at
  let timer = 0;

  const linksOf = (equation) => [...equation.querySelectorAll(".symbols a")];
  const isUpright = (token) => token.getAttribute("mathvariant") === "normal" && /^\p{L}$/u.test(token.textContent);
  const belong = (link, token) =>
    link.firstElementChild.textContent === token.textContent && "upright" in link.dataset === isUpright(token);

  const hide = () => {
    clearTimeout(timer);
    shown?.link.classList.remove("shown");
    shown?.tokens.forEach((token) => token.classList.remove("picked"));
    shown = null;
  };

  const show = (equation, link, token) => {
    clearTimeout(timer);
    if (shown?.link !== link) {
      hide();
      const tokens = [...equation.querySelectorAll("mi, mo")].filter((other) => belong(link, other));
      tokens.forEach((other) => other.classList.add("picked"));
      link.classList.add("shown");
      shown = { link, tokens };
    }
    const [box, at] = [equation.getBoundingClientRect(), (token ?? shown.tokens[0]).getBoundingClientRect()];
    const left = at.left + at.width / 2 - box.left - link.offsetWidth / 2;
    link.style.left = `${Math.max(0, Math.min(left, box.width - link.offsetWidth))}px`;
    link.style.top = `${equation.querySelector(".equation-body").offsetHeight}px`; // so that it covers nothing of it
  };

  document.addEventListener("pointerover", ({ target }) => {
    const equation = target.closest(".equation");
    const token = equation && target.closest("mi, mo");
    const link = token && linksOf(equation).find((one) => belong(one, token));
    if (link) {
      show(equation, link, token);
    } else if (shown && shown.link !== document.activeElement) {
      clearTimeout(timer);
      if (!shown.link.contains(target)) {
        timer = setTimeout(hide, HIDE_AFTER);
      }
    }
  });

  // A click on the symbol is a click on its link; a finger needs to see the link first.
  document.addEventListener("click", ({ target, pointerType }) => {
    if (pointerType !== "touch" && shown?.tokens.includes(target.closest("mi, mo"))) {
      shown.link.click();
    }
  });

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".symbols a")) {
      show(target.closest(".equation"), target);
    } else if (!target.closest(".equation")) {
      hide();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches(".symbols a")) {
      return;
    }
    const equation = event.target.closest(".equation");
    const links = linksOf(equation);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      const next = links[(links.indexOf(event.target) + step + links.length) % links.length];
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      hide();
      equation.querySelector(".equation-body").focus();
    }
  });

  // One stop of the Tab key for each formula.
  document.querySelectorAll(".symbols a:not(:first-child)").forEach((link) => (link.tabIndex = -1));
}

