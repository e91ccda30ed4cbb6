"use strict";
// Python in the reader's browser, beside the page: it answers {at} for each step of its start, {ready}, then {result}
// for each {fence}, and {failed} with a reason where something cannot be loaded.
let session;

async function loaded(what, load) {
  try {
    return await load();
  } catch (error) {
    throw new Error(`${what} could not be loaded (${error.message || error})`);
  }
}

async function start({ pyodide, viz, packages, program }) {
  const at = (text) => postMessage({ at: text });
  at("loading Python, about 10 MB, once");
  const python = await loaded(`Python, from ${pyodide},`, () => {
    importScripts(`${pyodide}pyodide.js`);
    return loadPyodide({ indexURL: pyodide, env: { HOME: "/home/pyodide", MPLBACKEND: "AGG" } });
  });
  at("loading NumPy");
  // loadPackage only reports what fails, so the import tells.
  const installed = (names) => python.loadPackage(names, { messageCallback() {}, errorCallback() {} });
  await loaded("NumPy", async () => { await installed(["numpy"]); python.runPython("import numpy"); });
  at("loading graphgrad");
  await loaded("graphgrad", async () => { await installed(packages); python.runPython("import autograd, graphviz"); });
  at("loading Graphviz");
  try {
    importScripts(viz);
    const graphviz = await Viz.instance();
    self.graphvizRender = (source, format, engine) => graphviz.renderString(source, { format, engine });
  } catch {
    at("without Graphviz, so without pictures");
  }
  const text = await loaded("the page's program", async () => {
    const answer = await fetch(program);
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  });
  python.FS.writeFile("run_fence.py", text);
  session = python.runPython("from run_fence import Session; Session()");
}

onmessage = async ({ data }) => {
  try {
    if (data.start) {
      await start(data.start);
      postMessage({ ready: true });
    } else {
      postMessage({ result: JSON.parse(session.run(data.fence)) });
    }
  } catch (error) {
    postMessage({ failed: String(error.message || error) });
  }
};
