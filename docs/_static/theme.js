"use strict";
// The pages in frames (stepper, playground) have the colours that the reader chose for this one.
{
  const post = (frame) => frame.contentWindow?.postMessage({ theme: document.body?.dataset.theme || "auto" }, "*");
  const all = () => document.querySelectorAll("iframe.graphgrad-page").forEach(post);
  document.addEventListener("load", ({ target }) => { if (target.matches?.("iframe.graphgrad-page")) post(target); }, true);
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(all).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
    all();
  });
}
