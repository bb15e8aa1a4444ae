// Runs in every page before its own scripts: remembers when what arrived, to a tenth of a millisecond.
(() => {
  const now = () => performance.now();
  const marks = [];
  const waiting = [];
  window.mark = (name) => {
    marks.push({ name, at: now() });
    for (const look of [...waiting]) look();
  };
  // The first mark of this name that comes after that moment.
  window.marked = (name, since = 0) =>
    new Promise((done) => {
      const look = () => {
        const found = marks.find((mark) => mark.name === name && mark.at >= since);
        if (!found) return;
        const index = waiting.indexOf(look);
        if (index >= 0) waiting.splice(index, 1);
        done(found.at);
      };
      waiting.push(look);
      look();
    });
  if (location.pathname.startsWith("/r/")) {
    localStorage.setItem("caretroom.name", "Ada");
    const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
    Object.defineProperty(MessagePort.prototype, "onmessage", {
      set(listener) {
        set.call(this, (event) => {
          window.mark(`frame:${event.data?.type}`);
          listener.call(this, event);
        });
      },
    });
  }
  document.addEventListener("DOMContentLoaded", () => {
    let pressed = false;
    let last = "";
    let painting = false;
    new MutationObserver(() => {
      const run = document.querySelector("button.run:not(:disabled)");
      if (run && !pressed) {
        pressed = true;
        run.click();
      }
      const output = document.querySelector("#output, [role=log][aria-label=Output]");
      const text = output?.lastChild?.textContent || output?.lastChild?.previousSibling?.textContent || "";
      if (text === last) return;
      last = text;
      if (!text.trim() || painting) return;
      painting = true;
      // Painted is what stands there when a frame is over.
      requestAnimationFrame(() =>
        setTimeout(() => {
          painting = false;
          window.mark(`painted:${last.trim()}`);
          window.mark("painted");
        }),
      );
    }).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
  });
})();
