// Sends the reader to the language chosen before, else to the browser's; without scripts the page's two links do.
{
  let language = null;
  try {
    language = localStorage.getItem("lecture-notes-that-run.language");
  } catch {
    // storage is switched off: the browser's language decides
  }
  if (language !== "zh" && language !== "en") {
    const spoken = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
    language = spoken.find((tag) => tag === "zh" || tag === "en") ?? "en";
  }
  location.replace(language + "/" + location.search + location.hash);
}
