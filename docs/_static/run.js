"use strict";
// A button "Run this" at each fence of Python: it runs the page's fences up to that one in the reader's browser, and
// shows what they print and draw. Nothing is loaded before the first click, and the page is whole without.
{
  const me = document.currentScript, beside = (name) => new URL(name, me.src).href;
  const sources = {
    pyodide: new URL(me.dataset.pyodide, me.src).href, // a folder, with a slash at its end
    viz: new URL(me.dataset.viz, me.src).href,
    packages: me.dataset.packages.split(" ").map((name) => (name.endsWith(".whl") ? beside(name) : name)),
    program: beside("run_fence.py"),
  };
  let worker = null, busy = null, done = 0, fences = [];

  const element = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  function stop() {
    worker?.terminate();
    worker = null;
    done = 0;
  }

  // The next answer of the worker that is no progress; an error if something could not be loaded.
  function asked(message, status) {
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.at) status.textContent = `${data.at} …`;
        else if (data.failed) reject(new Error(data.failed));
        else resolve(data);
      };
      worker.onerror = (event) => reject(new Error(event.message || "this browser starts no worker here"));
      worker.postMessage(message);
    });
  }

  async function python(status) {
    if (worker) return;
    if (location.protocol === "file:") throw new Error("Python needs a page that comes from a server, not from a file");
    worker = new Worker(beside("run_worker.js"));
    await asked({ start: sources }, status);
  }

  function show(fence, { text, shown, failed }) {
    fence.output.replaceChildren();
    if (text) fence.output.append(element("pre", failed ? "failed" : "", text));
    if (shown) {
      const picture = element("div", "picture");
      picture.innerHTML = shown; // written by the project's own code, in which texts are escaped
      fence.output.append(picture);
    }
    if (!text && !shown) fence.output.append(element("p", "quiet", "done: it prints nothing"));
    fence.output.hidden = false;
  }

  async function run(last) {
    if (busy) {
      busy.reject(new Error("stopped"));
      return;
    }
    const { button, status } = fences[last];
    const stopped = new Promise((_, reject) => { busy = { reject }; });
    stopped.catch(() => {});
    button.textContent = "Stop";
    for (const fence of fences) fence.button.disabled = fence.button !== button;
    try {
      if (last < done) stop(); // again from the top, with a Python of its own
      await Promise.race([stopped, python(status)]);
      for (; done <= last; done++) {
        status.textContent = done < last ? `running ${done + 1} of ${last + 1} …` : "running …";
        const { result } = await Promise.race([stopped, asked({ fence: fences[done].code }, status)]);
        show(fences[done], result);
        if (result.failed) throw new Error(done < last ? `example ${done + 1}, above, failed` : "it failed");
      }
      status.textContent = "";
    } catch (error) {
      stop();
      status.textContent = error.message;
    }
    busy = null;
    fences.forEach((fence, k) => {
      fence.button.disabled = false;
      fence.button.textContent = k < done ? "Run again" : "Run this";
    });
  }

  fences = [...document.querySelectorAll("div.highlight-python")].map((block, k) => {
    const bar = element("div", "run-bar"), button = element("button", "", "Run this"), status = element("span", "");
    const output = element("div", "run-output");
    const code = block.querySelector("pre").textContent;
    button.type = "button";
    status.setAttribute("role", "status");
    output.hidden = true;
    output.tabIndex = 0;
    output.setAttribute("role", "region");
    output.setAttribute("aria-label", `what example ${k + 1} prints and draws`);
    button.addEventListener("click", () => run(k));
    bar.append(button, status);
    block.after(bar, output);
    return { button, status, output, code };
  });
}
