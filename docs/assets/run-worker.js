// Python for one page, in a worker that run.js starts. All files come from this site; each is asked for once, all at the
// same time, and what arrives is counted.
const ask = self.fetch.bind(self);
const coming = new Map(); // answers that were asked for ahead, by the file's name
let runtime, lock, python, session;
let loaded = 0, total = 0, said = 0;

const tell = () => {
  if (Date.now() < said + 200 && loaded < total) return;
  said = Date.now();
  postMessage({ loaded, total });
};

// Pyodide asks through this.
self.fetch = (address, options) => {
  const name = String(address.url ?? address).split("/").pop();
  const answer = coming.get(name);
  coming.delete(name);
  return answer ?? ask(address, options);
};

async function counted(name) {
  const answer = await ask(runtime + name);
  if (!answer.ok) throw new Error(`${answer.status} ${runtime + name}`);
  const count = new TransformStream({
    transform(chunk, onward) {
      loaded += chunk.length;
      tell();
      onward.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(count), { headers: { "Content-Type": answer.headers.get("Content-Type") } });
}

function expect({ file_name, size }) {
  total += size;
  const answer = counted(file_name);
  answer.catch(() => {}); // who takes it sees the failure
  coming.set(file_name, answer);
}

// The packages that the code imports, with all that they need and that is not here yet. Who takes only the digits of
// scikit-learn gets them without it.
const here = new Set();
const DIGITS = /^[ \t]*from[ \t]+sklearn\.datasets[ \t]+import[ \t]+load_digits[ \t]*(?:#.*)?$/gm;
function wanted(code) {
  const names = [...code.replace(DIGITS, "import numpy").matchAll(/^[ \t]*(?:import|from)[ \t]+(\w+)/gm)]
    .map((found) => found[1]);
  const all = Object.entries(lock.packages);
  const waiting = all.filter(([, entry]) => entry.imports.some((name) => names.includes(name))).map(([name]) => name);
  const found = [];
  for (const name of waiting) {
    if (here.has(name)) continue;
    here.add(name);
    found.push(name);
    waiting.push(...lock.packages[name].depends);
  }
  return found;
}

async function start(message) {
  runtime = message.runtime;
  lock = await (await ask(runtime + "pyodide-lock.json")).json();
  lock.core.filter((file) => !file.file_name.endsWith(".mjs")).forEach(expect);
  const packages = wanted(message.code);
  packages.forEach((name) => expect(lock.packages[name]));
  const engine = ask(message.assets + "engine.zip").then((answer) => answer.arrayBuffer());
  const { loadPyodide } = await import(runtime + "pyodide.mjs");
  python = await loadPyodide({ indexURL: runtime, packageBaseUrl: runtime, lockFileContents: lock });
  await python.loadPackage(packages, { checkIntegrity: false, messageCallback() {} });
  python.unpackArchive(await engine, "zip", { extractDir: "/engine" });
  python.runPython("import sys; sys.path.append('/engine')");
  session = python.pyimport("book_engine.book.browser").PageSession("/engine/figures.mplstyle");
  const versions = Object.fromEntries(["numpy", "matplotlib"].filter((name) => here.has(name)).map((name) =>
    [lock.packages[name].name, lock.packages[name].version]));
  postMessage({ versions: { Python: python.runPython("sys.version.split()[0]"), ...versions } });
}

let ready;
onmessage = async ({ data }) => {
  try {
    await (ready ??= start(data));
    const packages = wanted(data.code);
    packages.forEach((name) => expect(lock.packages[name]));
    if (packages.length) await python.loadPackage(packages, { checkIntegrity: false, messageCallback() {} });
    postMessage({ running: true });
    postMessage({ result: JSON.parse(session.run(data.block, data.code)) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
