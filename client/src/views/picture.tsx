import { useEffect, useRef } from "preact/hooks";
import type { Display } from "../displays";
import { svgProblem } from "../svg";

interface PictureProps {
  readonly display: Display;
  readonly onProblem: (problem: string) => void;
}

/** A picture of a program's: bytes that only the browser's decoder of pictures ever reads. SVG runs no script there and loads nothing. */
export function Picture({ display, onProblem }: PictureProps) {
  const image = useRef<HTMLImageElement>(null);
  const reel = useRef<Reel | null>(null);
  useEffect(() => {
    if (image.current) reel.current = new Reel(image.current, onProblem);
    return () => reel.current?.destroy();
  }, []);
  useEffect(() => reel.current?.show(display), [display]);
  return (
    <img
      ref={image}
      class="exhibit-picture"
      alt={display.alt}
      width={display.width ?? undefined}
      decoding="sync"
    />
  );
}

/** Shows pictures one after the other without a gap: the next one loads when the one before is seen. */
class Reel {
  readonly #image: HTMLImageElement;
  readonly #onProblem: (problem: string) => void;
  readonly #end = new AbortController();
  #url: string | null = null;
  #loading: string | null = null;
  #next: Display | null = null;

  constructor(image: HTMLImageElement, onProblem: (problem: string) => void) {
    this.#image = image;
    this.#onProblem = onProblem;
    const { signal } = this.#end;
    image.addEventListener("load", () => this.#loaded(), { signal });
    image.addEventListener("error", () => onProblem("This picture can't be read."), { signal });
  }

  show(display: Display): void {
    if (this.#loading !== null) {
      this.#next = display;
      return;
    }
    const problem = display.mime === "image/svg+xml" ? svgProblem(textOf(display)) : null;
    if (problem !== null) {
      this.#onProblem(problem);
      return;
    }
    this.#loading = URL.createObjectURL(blobOf(display));
    this.#image.src = this.#loading;
  }

  destroy(): void {
    this.#end.abort();
    for (const url of [this.#url, this.#loading]) if (url !== null) URL.revokeObjectURL(url);
  }

  #loaded(): void {
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = this.#loading;
    this.#loading = null;
    const next = this.#next;
    this.#next = null;
    if (next) this.show(next);
  }
}

const EXTENSIONS: Readonly<Record<Display["mime"], string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/svg+xml": "svg",
  "text/html": "html",
};
/** Drawings have no pixels of their own: this many for each of the page's. */
const DRAWING_SCALE = 2;

export function savePicture(display: Display): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blobOf(display));
  link.download = `${fileName(display.alt)}.${EXTENSIONS[display.mime]}`;
  link.click();
  // The download has begun by then; there is no event that tells.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export async function asPng(display: Display): Promise<Blob> {
  if (display.mime === "image/png") return blobOf(display);
  const image = new Image();
  const url = URL.createObjectURL(blobOf(display));
  image.src = url;
  await image.decode();
  const scale = display.mime === "image/svg+xml" ? DRAWING_SCALE : 1;
  const canvas = new OffscreenCanvas(image.naturalWidth * scale, image.naturalHeight * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return canvas.convertToBlob();
}

const textOf = ({ payload }: Display): string => new TextDecoder().decode(payload);

/** What was looked at is what is drawn: SVG as the text that it was read as. */
function blobOf(display: Display): Blob {
  return display.mime === "image/svg+xml"
    ? new Blob([textOf(display)], { type: "image/svg+xml;charset=utf-8" })
    : new Blob([display.payload as Uint8Array<ArrayBuffer>], { type: display.mime });
}

const fileName = (alt: string): string =>
  alt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60) || "picture";
