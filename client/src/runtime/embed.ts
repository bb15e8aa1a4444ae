// Puts the sandbox frame into the page and opens the one port to it.

const FRAME_URL = "/sandbox";
/** What the frame says when it listens; see sandbox/frame.ts. */
const GREETING = "caretroom-sandbox";
/** A frame that may not load is blank and says nothing. */
const GREETING_TIMEOUT_MS = 20_000;

/** Resolves with the page's end of the port; aborting `signal` removes the frame. */
export function openSandbox(signal: AbortSignal): Promise<MessagePort> {
  const frame = document.createElement("iframe");
  frame.src = FRAME_URL;
  // Of an opaque origin: without our cookies, our storage and our network.
  frame.sandbox.add("allow-scripts");
  frame.allow = "cross-origin-isolated";
  frame.title = "Python";
  frame.tabIndex = -1;
  frame.ariaHidden = "true";
  // Not `display: none`: browsers slow the timers of frames that are not rendered.
  Object.assign(frame.style, { position: "fixed", width: "0", height: "0", border: "0" });

  const { promise, resolve, reject } = Promise.withResolvers<MessagePort>();
  const greeted = new AbortController();
  const timer = setTimeout(() => {
    greeted.abort();
    reject(new Error("the sandbox did not load"));
  }, GREETING_TIMEOUT_MS);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    frame.remove();
  });
  addEventListener(
    "message",
    ({ source, data }: MessageEvent<unknown>) => {
      // Its origin is "null", as anyone's can be: only the window tells who speaks.
      if (source !== frame.contentWindow || data !== GREETING) return;
      greeted.abort();
      clearTimeout(timer);
      const { port1, port2 } = new MessageChannel();
      frame.contentWindow?.postMessage(null, "*", [port2]);
      resolve(port1);
    },
    { signal: AbortSignal.any([signal, greeted.signal]) },
  );
  document.body.append(frame);
  return promise;
}
