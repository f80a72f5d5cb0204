// The search's worker, in the place of Material's: it knows Chinese and what readers call things. The page sends SETUP
// once and QUERY for each text; the sections, several times the weight of a page, are fetched with the first query.
{
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3]; // Material's kinds of messages
  const SHOWN = 40; // sections of an answer
  const HAN = /[\u3400-\u9fff]/;
  const STOP = new Set(`a an and are as at be by can do does for from how i if in is it its not of on or so that the
    there this to too was what when where which who why will with you`.split(/\s+/));
  const EMPTY = new Set("的是了吗呢么什怎为何如和与在有会把被要能就都也这那哪个些样请问中里用做不吧啊");
  let sections = null; // a promise once there was a query
  let simplified = new Map();
  let words = new Map(); // by stem, and by "=" and word: by section, how often
  let vocabulary = new Map(); // by word: its stem
  let names = new Map(); // by compact name: by section, its weight

  addEventListener("message", async ({ data: { type, data } }) => {
    if (type === SETUP) {
      if (data.docs.length) sections = prepare({ sections: data.docs, ...data.config.book }); // an offline copy has all
      postMessage({ type: READY });
    } else if (type === QUERY && !data.trim()) {
      postMessage({ type: RESULT, data: { items: [] } });
    } else if (type === QUERY) {
      sections ??= load();
      try {
        postMessage({ type: RESULT, data: { items: grouped(answer(data, await sections)) } });
      } catch (error) {
        sections = null; // the next query tries again
        throw error;
      }
    }
  });

  async function load() {
    const answer = await fetch(new URL("../../../search/sections.json", location));
    if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
    return prepare(await answer.json());
  }

  // What is known of the sections.

  const plain = (text) => [...text.normalize("NFKC").toLowerCase()].map((one) => simplified.get(one) ?? one).join("");
  const solid = (text) => text.replace(/\s+/g, ""); // readers write "ReLU单元" and "ReLU 单元"
  function stem(word) {
    const british = word.replace(/([iy])z(?=[aei]|$)/, "$1s");
    const root = british.replace(/ies$/, "y")
      .replace(/(?:isations?|is(?:ed|ing|es?)|ations?|ings?|ed|es|(?<![suia])s|e)$/, "");
    return root.length < 3 ? british : root.replace(/([bdgklmnprt])\1$/, "$1");
  }

  // A name without what tells spellings of it apart: spaces, signs, endings.
  const bare = (text) => (plain(text).match(/[a-z0-9]+|[^\s\w\-\\{}$^*().,?!，。？！、：“”"']/g) ?? [])
    .map((word) => /\w/.test(word) ? stem(word) : word).join("");
  const exact = (text) => `=${text.normalize("NFKC").trim()}`;

  function prepare({ sections, traditional, simple }) {
    simplified = new Map([...traditional].map((one, i) => [one, [...simple][i]]));
    const tops = sections.filter(({ location }) => !location.includes("#"));
    const titles = new Map(tops.map(({ location, title }) => [location, title]));
    sections.forEach((section, index) => {
      section.page = titles.get(section.location.split("#")[0]);
      section.heading = plain(section.title);
      section.above = plain(section.page);
      section.hay = `${section.heading}\n${plain(section.text)}`;
      section.solid = solid(section.hay);
      for (const [word] of section.hay.matchAll(/[a-z0-9]+/g)) {
        const root = vocabulary.get(word) ?? stem(word);
        vocabulary.set(word, root);
        for (const key of [root, `=${word}`]) {
          if (!words.has(key)) words.set(key, new Map());
          words.get(key).set(index, (words.get(key).get(index) ?? 0) + 1);
        }
      }
      for (const [name, weight] of Object.entries(section.names ?? {})) {
        for (const key of [bare(name), exact(name)]) {
          if (!names.has(key)) names.set(key, new Map());
          names.get(key).set(index, Math.max(weight, names.get(key).get(index) ?? 0));
        }
      }
    });
    const mean = sections.reduce((sum, { hay }) => sum + hay.length, 0) / sections.length;
    for (const section of sections) section.length = section.hay.length / mean;
    return sections;
  }

  // The query: words, runs of Chinese cut at names, other signs; and the names that stand in it.

  function unitsOf(query, sections) {
    const parts = plain(query).match(/[a-z0-9]+|[\u3400-\u9fff]+|[^\s\w.,;:!?()，。；：！？、（）“”"'+\-]/g) ?? [];
    const units = parts.flatMap((part) => (
      HAN.test(part) ? cut(part) : /\w/.test(part) ? latin(part) : [{ text: part, weight: 1 }]));
    for (const unit of units) {
      unit.in = new Map(unit.stems ? unit.stems.flatMap((root) => [...words.get(root)]) : sections.flatMap(
        ({ hay }, index) => hay.includes(unit.text) ? [[index, hay.split(unit.text).length - 1]] : []));
      unit.weight *= Math.log(1 + sections.length / (1 + unit.in.size));
    }
    return units;
  }

  function latin(word) {
    const longer = [...vocabulary].filter(([other]) => word.length > 2 && other.startsWith(word));
    const stems = [...new Set([stem(word), ...longer.map(([, root]) => root)])].filter((root) => words.has(root));
    const weight = STOP.has(word) ? 0.1 : 1;
    if (stems.length || word.length < 4) return [{ text: word, stems, weight }];
    for (let i = 2; i < word.length - 1; i++) { // "batchsize"
      const halves = [word.slice(0, i), word.slice(i)];
      if (halves.every((half) => vocabulary.has(half) && half.length > 2)) return halves.flatMap(latin);
    }
    const near = closest(word, [...vocabulary.keys()], word.length < 8 ? 1 : 2);
    return [{ text: near ?? word, stems: near ? [vocabulary.get(near)] : [], weight }];
  }

  function cut(run) {
    const units = [];
    const rest = (text) => {
      for (let i = 0; i < Math.max(1, text.length - 1); i++) {
        const pair = text.slice(i, i + 2);
        const empty = [...pair].filter((one) => EMPTY.has(one)).length / pair.length;
        units.push({ text: pair, weight: (1 - 0.9 * empty) / (text.length > 2 ? 2 : 1) });
      }
    };
    let begun = 0;
    for (let i = 0; i < run.length;) {
      let size = Math.min(12, run.length - i);
      while (size && !names.has(run.slice(i, i + size))) size--;
      if (size) {
        if (begun < i) rest(run.slice(begun, i));
        units.push({ text: run.slice(i, i + size), weight: size > 1 ? 1.5 : 1 });
        begun = i + size;
      }
      i += size || 1;
    }
    if (begun < run.length) rest(run.slice(begun));
    return units;
  }

  // Names in a row of units: the longest at each place, and which part of the query it is; else a name like the query.
  function namesIn(units) {
    const found = [];
    for (let i = 0; i < units.length;) {
      let size = Math.min(5, units.length - i);
      const key = () => bare(units.slice(i, i + size).map(({ text }) => text).join(" "));
      while (size && !(names.has(key()) && (units.length === size || !/^[a-z0-9]?$/.test(key())))) size--;
      if (size) found.push([key(), units.slice(i, i + size)]);
      i += size || 1;
    }
    return found;
  }

  function closest(word, others, most) {
    let best = null;
    for (const other of others) {
      if (Math.abs(other.length - word.length) > most || other.length < 3) continue;
      const far = distance(word, other, most);
      if (far <= most && (far < most || best === null)) [best, most] = [other, far];
    }
    return best;
  }

  function distance(a, b, most) { // of typing: letters changed, left out, put in, or two exchanged
    let [last, row] = [[], [...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
        const isTurned = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (isTurned) next[j] = Math.min(next[j], last[j - 2] + 1);
      }
      if (Math.min(...next) > most) return most + 1;
      [last, row] = [row, next];
    }
    return row[b.length];
  }

  // The answer: sections by what share of the query they hold and where; a name of what was asked for weighs most.

  function answer(query, sections) {
    const wanted = [...query.matchAll(/(?<=^|\s)([+-])(\S+)/g)]
      .map(([, sign, word]) => [sign === "+", unitsOf(word, sections)]);
    const text = query.replace(/(?<=^|\s)-\S+/g, "");
    const units = unitsOf(text, sections);
    const typed = solid(plain(text));
    const whole = units.reduce((sum, { weight }) => sum + weight, 0) || 1;
    const share = (some) => some.reduce((sum, { weight }) => sum + weight, 0) / whole;
    let called = namesIn(units).map(([key, some]) => [key, share(some)]);
    const key = bare(text);
    if (names.has(key)) called = [[key, 1], [exact(text), 0.4]].filter(([key]) => names.has(key));
    const strange = units.some((unit) => unit.in.size === 0);
    const open = strange && key.length > 2 && called.every(([, part]) => part < 0.9);
    const near = open && closest(key, [...names.keys()], key.length < 8 ? 1 : 2);
    if (near) called = [[near, 0.9]];
    const scores = sections.map((section, index) => {
      const held = units.filter((unit) => unit.in.has(index) || section.above.includes(unit.text));
      let score = 0;
      for (const unit of held) {
        const often = unit.in.get(index) ?? 0;
        const asTyped = words.get(`=${unit.text}`)?.has(index) ? 0.5 : 0; // not another form of the word
        const within = often / (often + 0.4 + 0.6 * section.length);
        const title = heads(section.heading, unit) ? 1.5 : 0;
        score += unit.weight * (within + title + asTyped + (section.above.includes(unit.text) ? 0.3 : 0));
      }
      score *= share(held) ** 2 * (section.boost ?? 1);
      if (units.length > 1 && section.solid.includes(typed)) score = 1.6 * score + 0.3 * whole;
      const here = called.filter(([key]) => names.get(key).has(index));
      const part = here.reduce((sum, [, part]) => sum + part, 0);
      score += Math.max(0, ...here.map(([key]) => names.get(key).get(index))) * part ** 3 * whole;
      return { section, index, held, score, isNamed: here.length > 0 };
    });
    const fits = ({ index }) => wanted.every(([must, some]) => some.every((unit) => unit.in.has(index)) === must);
    return scores.filter((one) => one.score > 0.02 * whole && fits(one)).sort((a, b) => b.score - a.score)
      .slice(0, SHOWN).map((one) => shown(one, units));
  }

  const heads = (heading, unit) => unit.stems
    ? (heading.match(/[a-z0-9]+/g) ?? []).some((word) => unit.stems.includes(vocabulary.get(word)))
    : heading.includes(unit.text);

  // What the page shows: marks around whole words, each once; a piece of the text where most of them stand.

  const escapeHtml = (text) => text.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);

  function shown({ section, held, score, isNamed }, units) {
    const forms = (unit) => unit.stems ? [...new Set(section.hay.match(/[a-z0-9]+/g))].filter(
      (word) => unit.stems.includes(vocabulary.get(word))) : [unit.text];
    const telling = (unit) => unit.weight > 0.3 && (unit.text.length > 1 || units.length < 3 || !/\w/.test(unit.text));
    const marked = [...new Set(held.filter(telling).flatMap(forms))].sort((a, b) => b.length - a.length);
    const pattern = marked.map((word) => /^[a-z0-9]/.test(word) ? `(?<![a-z0-9])${word}(?![a-z0-9])`
      : word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const mark = (text) => {
      if (!marked.length) return escapeHtml(text);
      let at = 0;
      let html = "";
      for (const match of text.matchAll(new RegExp(`(?:${pattern.join("|")})+`, "gi"))) {
        html += `${escapeHtml(text.slice(at, match.index))}<mark data-md-highlight>${escapeHtml(match[0])}</mark>`;
        at = match.index + match[0].length;
      }
      return html + escapeHtml(text.slice(at));
    };
    const size = HAN.test(section.title) ? 100 : 200;
    const terms = Object.fromEntries([...marked.map((word) => [word, true]),
      ...units.filter((unit) => !isNamed && !held.includes(unit) && unit.weight > 1).map(({ text }) => [text, false])]);
    return { location: section.location, title: mark(section.title), page: mark(section.page), score, terms,
      text: mark(piece(section.text, marked.length ? new RegExp(pattern.join("|"), "gi") : /^/g, size)) };
  }

  function piece(text, pattern, size) {
    const places = [...text.matchAll(pattern)].map((match) => [match.index, match[0].toLowerCase()]);
    let [best, start] = [0, 0];
    for (const [place] of places) {
      const near = places.filter(([other]) => other >= place && other < place + size * 0.8);
      const here = new Set(near.map(([, word]) => word));
      if (here.size > best) [best, start] = [here.size, place];
    }
    let from = start < size * 0.4 ? 0 : start - size * 0.2;
    if (from) from = text.slice(0, Math.ceil(from)).search(/[\s，。；：、][^\s，。；：、]*$/) + 1;
    return `${from > 0 ? "…" : ""}${text.slice(from, from + size).trim()}${from + size < text.length ? "…" : ""}`;
  }

  // Material's form: a page and its sections, those with a lower score folded; the last one is the page's own line.
  function grouped(found) {
    const pages = new Map();
    for (const one of found) {
      const page = one.location.split("#")[0];
      pages.set(page, [...(pages.get(page) ?? []), one]);
    }
    return [...pages.values()].map((some) => {
      const best = some[0];
      const [first, ...others] = some.map((one, i) => (
        { ...one, score: i < 2 && one.score > 0.7 * best.score ? best.score : 0.99 * one.score }));
      if (!first.location.includes("#")) return [first, ...others.map((one) => ({ ...one, score: best.score * 0.99 }))];
      const below = others.map((one) => one.location.includes("#") ? one : { ...one, location: `${one.location}#` });
      return [first, ...below, { ...first, title: first.page, text: "" }];
    });
  }
}
