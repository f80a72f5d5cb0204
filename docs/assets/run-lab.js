// A lab: what was typed is kept, by the text that it replaces, and goes into the notebook that the page offers.

// Writes what was kept into the cells; gives what keeps it from now on.
export function keepTyped(cells, key) {
  const typed = () => Object.fromEntries(cells.filter((cell) => cell.text !== cell.printed.text)
    .map((cell) => [cell.printed.text, cell.text]));
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    // storage is switched off, or what it holds is damaged
  }
  for (const cell of cells) if (kept[cell.printed.text]) cell.type(kept[cell.printed.text]);
  document.querySelector(".book-notebook")?.addEventListener("click", (event) => {
    const mine = typed();
    if (!Object.keys(mine).length) return;
    event.preventDefault();
    download(event.currentTarget.href, mine);
  });
  return () => {
    const mine = typed();
    try {
      if (Object.keys(mine).length) localStorage.setItem(key, JSON.stringify(mine));
      else localStorage.removeItem(key);
    } catch {
      // storage is switched off: it holds for this page
    }
  };
}

async function download(address, typed) {
  const notebook = await (await fetch(address)).json();
  for (const cell of notebook.cells.filter((one) => one.cell_type === "code")) {
    const mine = typed[[cell.source].flat().join("").replace(/\n*$/, "\n")];
    if (mine) Object.assign(cell, { source: mine.trimEnd(), outputs: [], execution_count: null });
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: "application/x-ipynb+json" }));
  link.download = address.split("/").pop();
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
