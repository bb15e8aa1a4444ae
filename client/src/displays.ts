// What programs show besides text: pictures and HTML. Their bytes are a program's own, perhaps another member's:
// here stands what of them may come near the screen. Knows no DOM.

import { type Fields, isText } from "./runtime/checks";

const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/svg+xml"] as const;
export const MIMES = [...PICTURES, "text/html"] as const;
export type Mime = (typeof MIMES)[number];

export interface Display {
  /** One of the same id takes the place of the one before. */
  readonly id: string;
  readonly mime: Mime;
  /** What it is, in words. */
  readonly alt: string;
  /** In CSS pixels; null: as large as it is. */
  readonly width: number | null;
  readonly payload: Uint8Array;
}

export const MOST_BYTES = 8 * 1024 * 1024;
export const ID_CHARACTERS = 64;
export const ALT_CHARACTERS = 200;
const WIDTH_PIXELS = 10_000;
/** A few compressed bytes can stand for more pixels than a tab has memory for: four bytes each. */
const MOST_PIXELS = 2 ** 24;

const known = new Set<unknown>(MIMES);

/** The display in these fields, or null when they are none. */
export function readDisplay({ id, mime, alt, width, payload }: Fields): Display | null {
  return isText(id, ID_CHARACTERS) &&
    known.has(mime) &&
    isText(alt, ALT_CHARACTERS) &&
    (width === null || (typeof width === "number" && width >= 1 && width <= WIDTH_PIXELS)) &&
    payload instanceof Uint8Array &&
    payload.length <= MOST_BYTES
    ? { id, mime: mime as Mime, alt, width, payload }
    : null;
}

/** Why this can't be shown, as a sentence; null when it can. */
export function displayProblem({ mime, payload }: Display): string | null {
  switch (mime) {
    case "image/png":
      return sizeProblem(pngSize(payload));
    case "image/jpeg":
      return sizeProblem(jpegSize(payload));
    case "image/webp":
      return sizeProblem(webpSize(payload));
    // Both are text, and looked at where they are drawn.
    case "image/svg+xml":
    case "text/html":
      return null;
    default:
      return mime satisfies never;
  }
}

type Size = readonly [width: number, height: number];

function sizeProblem(size: Size | null): string | null {
  if (size === null) return "This picture can't be read.";
  const [width, height] = size.map((pixels) => pixels.toLocaleString("en"));
  return size[0] * size[1] > MOST_PIXELS
    ? `This picture is too large to show: ${width} × ${height} pixels.`
    : null;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  return [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
}

function pngSize(bytes: Uint8Array): Size | null {
  if (bytes.length < 24 || !startsWith(bytes, "\x89PNG\r\n\x1a\n") || !startsWith(bytes, "IHDR", 12))
    return null;
  const view = viewOf(bytes);
  return [view.getUint32(16), view.getUint32(20)];
}

/** The size stands in the frame header, which comes after segments that each tell their length. */
function jpegSize(bytes: Uint8Array): Size | null {
  if (!startsWith(bytes, "\xff\xd8")) return null;
  const view = viewOf(bytes);
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isFrameHeader(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function webpSize(bytes: Uint8Array): Size | null {
  if (bytes.length < 30 || !startsWith(bytes, "RIFF") || !startsWith(bytes, "WEBP", 8)) return null;
  const view = viewOf(bytes);
  if (startsWith(bytes, "VP8 ", 12))
    return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  if (startsWith(bytes, "VP8L", 12)) {
    const bits = view.getUint32(21, true);
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  }
  if (startsWith(bytes, "VP8X", 12))
    return [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1];
  return null;
}
