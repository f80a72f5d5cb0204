// The book's language for lunr, the engine of Material's search, which loads it in its worker as it loads the file of
// any language but English. It takes the place of Material's segmenter of Chinese queries, which leaves out their last
// character. `terms`, put before this text by search.py, are the words of the glossary.

(() => {
  const isHan = (text) => text >= "\u3400" && text < "\ua000";
  // Chinese keys bear a mark: Material cuts a query by the Chinese words of the index, and here it shall find none.
  const key = (text) => "\u00b7" + text;
  const dictionary = new Set(terms.filter(isHan));
  const longest = Math.max(...[...dictionary, ""].map((word) => word.length));

  // Index: each Chinese character by itself and with the next, each other word as it stands and as its stem.

  lunr.TinySegmenter = class { // the name by which Material asks for a segmenter
    ctype_(text) { return isHan(text) ? "H" : ""; } // "H": to be segmented
    segment(text) { return text.split(""); }
  };

  function keysOf(token, i, tokens) {
    const text = token.toString();
    if (isHan(text)) {
      const next = i + 1 < tokens.length && follows(tokens[i + 1], token) ? [text + tokens[i + 1]] : [];
      return [text, ...next].map((word) => token.clone(() => key(word)));
    }
    const root = stem(text);
    return root === text ? token : [token, token.clone(() => root)];
  }

  // A position is the number of a block and a place in its row of tokens; the row holds start and length.
  function follows(next, token) {
    const [p, q] = [token, next].map((one) => one.metadata.position);
    const row = lunr.tokenizer.table[p >>> 20];
    return isHan(next.toString()) && p >>> 20 === q >>> 20 && (row[p & 0xfffff] >>> 12) + 1 === row[q & 0xfffff] >>> 12;
  }

  function stem(word) {
    const british = word.replace(/iz(?=(?:e|ed|er|es|ing|ations?)$)/, "is");
    return lunr.stemmer(new lunr.Token(british)).toString();
  }

  lunr.Pipeline.registerFunction(keysOf, "book");
  lunr.book = function () {
    this.pipeline.reset();
    this.pipeline.add(keysOf);
    this.searchPipeline.reset();
  };

  // Query: what to look for, and where in the phrase it stands.

  function unitsOf(term) {
    if (!isHan(term)) {
      return [{ at: 0, prefix: term, keys: [term, stem(term)], weight: lunr.stopWordFilter(term) ? 1 : 0.1 }];
    }
    return cut(term).flatMap(([start, word]) => pairs(word).map(([i, text]) => (
      { at: start + i, keys: [key(text)], weight: dictionary.has(word) ? 1 : 0.2 })));
  }

  const pairs = (word) => word.length < 2 ? [[0, word]] : [...word.slice(1)].map((_, i) => [i, word.slice(i, i + 2)]);

  // Terms of the glossary and what stands between them: the pair across such a bound need not be on a page.
  function cut(run) {
    const words = [];
    let begun = 0;
    for (let i = 0; i < run.length;) {
      let size = Math.min(longest, run.length - i);
      while (size && !dictionary.has(run.slice(i, i + size))) size--;
      if (size && begun < i) words.push([begun, run.slice(begun, i)]);
      if (size) words.push([i, run.slice(i, i + size)]);
      i += size || 1;
      if (size) begun = i;
    }
    return begun < run.length ? [...words, [begun, run.slice(begun)]] : words;
  }

  function clausesOf(text, fields) {
    const query = new lunr.Query(fields);
    new lunr.QueryParser(text, query).parse();
    let start = 0;
    return query.clauses.map(({ term, presence }) => {
      const word = term.replace(/^\*|\*$/g, "");
      const units = unitsOf(word).map((unit) => ({ ...unit, at: start + unit.at }));
      start += isHan(word) ? word.length : 1;
      return { word, presence, units };
    });
  }

  // Result: the share of the query that a section holds weighs most, the whole of it in one piece more still.

  const { REQUIRED, PROHIBITED } = lunr.Query.presence;
  const search = lunr.Index.prototype.search;
  lunr.Index.prototype.search = function (text) {
    if (/[~^:]/.test(text)) return search.call(this, text); // lunr's own language
    const clauses = clausesOf(text, this.fields);
    const units = clauses.flatMap((clause) => clause.units);
    const found = this.query((query) => {
      for (const { keys, prefix } of units) {
        for (const one of new Set(keys)) query.term(one, { usePipeline: false, boost: prefix ? 3 : 1 });
        if (prefix) query.term(prefix, { usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING });
      }
    });
    return found.filter((result) => weigh(result, clauses, units, this.fields)).sort((a, b) => b.score - a.score);
  };

  function weigh(result, clauses, units, fields) {
    const metadata = result.matchData.metadata;
    const names = Object.keys(metadata);
    for (const unit of units) {
      unit.found = names.filter((name) => unit.keys.includes(name) || unit.prefix && name.startsWith(unit.prefix));
    }
    const positions = (unit, field) => unit.found.flatMap((name) => metadata[name][field]?.position ?? []);
    const shown = Object.create(null); // by word of the query: Material marks these and names the missing ones
    for (const { word, units } of clauses) {
      if (share(units) < 0.5) continue;
      shown[word] = {};
      for (const field of fields) {
        const position = units.flatMap((unit) => positions(unit, field));
        if (position.length) shown[word][field] = { position };
      }
    }
    const held = share(units);
    const whole = held > 0.999 && fields.some((field) => {
      const [first, ...others] = units.map((unit) => new Set(positions(unit, field)));
      return [...first].some((p) => others.every((set, i) => set.has(p + units[i + 1].at - units[0].at)));
    });
    result.matchData.metadata = shown;
    result.score *= held ** 4 * (whole ? 100 : 1);
    return Object.keys(shown).length > 0 && clauses.every(({ word, presence }) => (
      presence === REQUIRED ? word in shown : presence !== PROHIBITED || !(word in shown)));
  }

  function share(units) {
    const sum = (some) => some.reduce((total, unit) => total + unit.weight, 0);
    return sum(units.filter((unit) => unit.found.length)) / sum(units);
  }
})();
