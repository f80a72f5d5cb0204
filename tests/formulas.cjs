// Sets formulas with KaTeX or MathJax: `node formulas.cjs <node_modules> katex|mathjax`, JSON in, JSON out.
const [folder, tool] = process.argv.slice(2);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));

function katex() {
  const {renderToString} = require(`${folder}/katex`);
  return (latex, displayMode) => renderToString(latex, {displayMode, output: "html", strict: "ignore"});
}

// As JupyterLab does, but for the two packages that print an error in place of the formula.
function mathjax() {
  const load = name => require(`${folder}/mathjax-full/js/${name}`);
  const {AllPackages} = load("input/tex/AllPackages.js");
  const {TeX} = load("input/tex.js");
  const {SVG} = load("output/svg.js");
  const {liteAdaptor} = load("adaptors/liteAdaptor.js");
  load("handlers/html.js").RegisterHTMLHandler(liteAdaptor());
  const packages = AllPackages.filter(name => !["noerrors", "noundefined", "bussproofs"].includes(name));
  const tex = new TeX({packages, formatError: (_, error) => { throw error; }});
  const page = load("mathjax.js").mathjax.document("", {InputJax: tex, OutputJax: new SVG({fontCache: "none"})});
  return (latex, display) => page.convert(latex, {display}) && "";
}

const set = {katex, mathjax}[tool]();
console.log(JSON.stringify(formulas.map(([latex, display]) => {
  try {
    return set(latex, display);
  } catch (error) {
    return `ERROR: ${error.message}`;
  }
})));
