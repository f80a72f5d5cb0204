// Loads the page's other scripts when the page has been drawn: it can be read while they come.
{
  const scripts = document.importNode(document.getElementById("after-paint").content, true);
  const all = [...scripts.querySelectorAll("script")];
  for (const script of all) script.async = false; // in their order
  all[0].addEventListener("load", () => document.dispatchEvent(new Event("DOMContentLoaded"))); // Material's waits for it
  requestAnimationFrame(() => setTimeout(() => document.head.append(scripts)));
}
