import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Run } from "../outputs";
import type { Session } from "../session";
import type { Colour, Line, Piece, Style } from "../transcript";
import { DisplayView } from "./display-view";

interface TranscriptViewProps {
  readonly session: Session;
  readonly run: Run | null;
  readonly label: string;
}

/**
 * Draws a transcript's text outside of Preact, at most once in a frame: lines only ever come at the end and go at the
 * beginning, so a flood of output costs what is kept of it and not what was printed.
 */
export function TranscriptView({ session, run, label }: TranscriptViewProps) {
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = log.current;
    if (element === null || run === null) return;
    const drawing = new Drawing(element, run, session);
    let frame = 0;
    const unsubscribe = run.revision.subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        drawing.draw();
      });
    });
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
      drawing.destroy();
      element.replaceChildren();
    };
  }, [session, run]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={log} role="log" aria-label={label} class="transcript" tabIndex={0} />
  );
}

/** Further from the end than this, and the reader has scrolled up on purpose. */
const AT_END_PIXELS = 24;

class Drawing {
  readonly #log: HTMLElement;
  readonly #run: Run;
  readonly #session: Session;
  readonly #lines: HTMLElement[] = [];
  readonly #ending = new AbortController();
  readonly #resized: ResizeObserver;
  #first = 0;
  /** Whether the reader looks at the newest output: then they go on doing so. */
  #following = true;
  #top = 0;

  constructor(log: HTMLElement, run: Run, session: Session) {
    this.#log = log;
    this.#run = run;
    this.#session = session;
    this.#resized = new ResizeObserver(() => this.#follow());
    this.#resized.observe(log);
    log.addEventListener(
      "scroll",
      () => {
        const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PIXELS;
        // What is far from the end without having moved up is only a pane that became smaller.
        if (atEnd || log.scrollTop < this.#top) this.#following = atEnd;
        this.#top = log.scrollTop;
      },
      { signal: this.#ending.signal, passive: true },
    );
    log.addEventListener(
      "click",
      ({ target }) => {
        const { file, line } = (target as Element).closest<HTMLElement>(".place-link")?.dataset ?? {};
        if (file !== undefined && line !== undefined) session.show(file, Number(line));
      },
      { signal: this.#ending.signal },
    );
  }

  destroy(): void {
    this.#ending.abort();
    this.#resized.disconnect();
    for (const line of this.#lines) render(null, line);
  }

  draw(): void {
    const { transcript } = this.#run;
    const gone = Math.min(this.#lines.length, transcript.first - this.#first);
    for (const line of this.#lines.splice(0, gone)) this.#remove(line);
    this.#first = transcript.first;
    // The last line may have changed since it was drawn.
    const last = this.#lines.pop();
    if (last) this.#remove(last);
    const fresh = document.createDocumentFragment();
    const files = new Set(this.#session.files.list.value.map((file) => file.name));
    for (let number = this.#first + this.#lines.length; number < transcript.end; number++) {
      const line = drawLine(transcript.line(number), files);
      if (line.classList.contains("display")) this.#resized.observe(line);
      this.#lines.push(line);
      fresh.append(line);
    }
    this.#log.append(fresh);
    this.#follow();
  }

  #remove(line: HTMLElement): void {
    this.#resized.unobserve(line);
    render(null, line);
    line.remove();
  }

  #follow(): void {
    if (this.#following) this.#log.scrollTop = this.#log.scrollHeight;
  }
}

/** Whatever a program prints stays characters, and what it shows is for `DisplayView` to tame. Places in one of `files` can be gone to. */
function drawLine({ pieces, shown, ended }: Line, files: ReadonlySet<string>): HTMLElement {
  if (shown !== null) {
    const place = document.createElement("div");
    place.className = "display";
    render(<DisplayView shown={shown} />, place);
    return place;
  }
  const end = ended ? "\n" : "";
  // Nearly all lines are one piece, and there may be thousands: those take one element.
  const [only, ...more] = pieces;
  if (only !== undefined && more.length === 0) return drawPiece(only, end, files);
  const line = document.createElement("span");
  line.append(...pieces.map((piece) => drawPiece(piece, "", files)), end);
  return line;
}

function drawPiece({ voice, style, text }: Piece, end: string, files: ReadonlySet<string>): HTMLElement {
  const piece = document.createElement("span");
  piece.className = `voice-${voice}`;
  if (voice === "hint") piece.append(...withCode(text), end);
  else if (text.includes(ROOM)) piece.append(...withLinks(text, files), end);
  else piece.textContent = text + end;
  if (style !== null) dress(piece, style);
  return piece;
}

/** What stands between backticks is code. */
const withCode = (text: string): (string | HTMLElement)[] =>
  text.split("`").map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });

const ROOM = "/room/";
/** As tracebacks and warnings name a place. */
const PLACE = /File "\/room\/([^"]+)", line (\d+)|\/room\/([^":]+):(\d+)(?=:)/g;

function* withLinks(text: string, files: ReadonlySet<string>): Generator<string | HTMLElement> {
  let at = 0;
  for (const match of text.matchAll(PLACE)) {
    const [words, file = match[3] ?? "", line = match[4] ?? ""] = match;
    if (!files.has(file)) continue;
    yield text.slice(at, match.index);
    at = match.index + words.length;
    const link = document.createElement("button");
    link.type = "button";
    link.className = "place-link";
    link.textContent = words;
    link.ariaLabel = `Go to ${file} line ${line}`;
    Object.assign(link.dataset, { file, line });
    yield link;
  }
  yield text.slice(at);
}

function dress(piece: HTMLElement, { foreground, background, decorations }: Style): void {
  for (const decoration of decorations) piece.classList.add(`text-${decoration}`);
  paint(piece, foreground, "color", "ink");
  paint(piece, background, "background-color", "paper");
}

function paint(piece: HTMLElement, colour: Colour | null, property: string, kind: "ink" | "paper"): void {
  if (colour?.type === "named") piece.classList.add(`${kind}-${colour.name}`);
  if (colour?.type === "mixed") piece.style.setProperty(property, `rgb(${colour.rgb.join(" ")})`);
}
