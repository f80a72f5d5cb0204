// A lost reader's language is that of the path; without one, or without this script, the page says it in both.
{
  const language = location.pathname.match(/\/(zh|en)\//)?.[1];
  if (language) document.documentElement.lang = language;
  if (language) document.documentElement.dataset.language = language;
}
