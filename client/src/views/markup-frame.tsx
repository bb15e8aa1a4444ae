import { useEffect, useRef, useState } from "preact/hooks";
import type { Display } from "../displays";

/** What the frame says when it listens; see sandbox/markup.ts. */
const GREETING = "caretroom-markup";
const LOWEST_PIXELS = 56;
const HIGHEST_PIXELS = 340;

interface MarkupFrameProps {
  readonly display: Display;
  readonly large: boolean;
}

/** HTML of a program's, in a frame of opaque origin that keeps it in another one without scripts. */
export function MarkupFrame({ display, large }: MarkupFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [listening, setListening] = useState(false);
  useEffect(() => {
    const listener = new AbortController();
    const hear = ({ source, data }: MessageEvent<unknown>) => {
      const element = frame.current;
      if (element === null || source !== element.contentWindow) return;
      if (data === GREETING) setListening(true);
      // A guess: what is in the inner frame can't be measured from anywhere.
      else if (typeof data === "number" && data >= 0)
        element.style.height = `${Math.min(Math.max(data, LOWEST_PIXELS), HIGHEST_PIXELS)}px`;
    };
    addEventListener("message", hear, { signal: listener.signal });
    return () => listener.abort();
  }, []);
  useEffect(() => {
    if (listening) frame.current?.contentWindow?.postMessage(new TextDecoder().decode(display.payload), "*");
  }, [display, listening]);
  return (
    <iframe
      ref={frame}
      class="markup"
      data-large={large}
      title={display.alt}
      src="/markup"
      sandbox="allow-scripts"
      loading="lazy"
    />
  );
}
