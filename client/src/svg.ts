// Whether an SVG can be drawn in bounded time. In an <img> it runs no script and loads nothing, but parts that use parts that use
// parts can stand for more than any computer draws: a few kilobytes would hold up the page.

import { displayProblem } from "./displays";

const MOST_ELEMENTS = 100_000;
const DEEPEST = 1_000;
const UNREADABLE = "This picture can't be read.";
const TOO_MUCH = "This picture has too many parts to be shown.";
/** Any attribute can name a part: by `href`, by `url()`, or as the value that an animation gives to one of them. */
const REFERENCE = /#([^\s)"';]+)/g;
const EMBEDDED_PICTURE = /^\s*data:(image\/png|image\/jpeg);base64,([\w+/=\s]*)$/;

/** A sentence, or null when there is nothing against it. */
export function svgProblem(text: string): string | null {
  // Entities are one more way to multiply.
  if (/<!ENTITY/i.test(text)) return UNREADABLE;
  const { documentElement: root } = new DOMParser().parseFromString(text, "image/svg+xml");
  if (root.localName !== "svg" || root.querySelector("parsererror")) return UNREADABLE;
  return isTooMuch(root) ? TOO_MUCH : null;
}

/** Whether more would be drawn than anybody can look at, or it can't be told how much that is. */
export const isTooMuch = (root: Element): boolean => new Count(root).of(root, 0) > MOST_ELEMENTS;

/** Whether a value of an attribute holds a picture, a document or anything else; browsers read over spaces in it. */
export const isEmbedding = (value: string): boolean => /data:/i.test(value.replace(/\s/g, ""));

/** Counts elements as often as they are drawn: once where they stand, and once for each reference. */
class Count {
  readonly #parts: ReadonlyMap<string, Element>;
  readonly #counted = new Map<Element, number>();

  constructor(root: Element) {
    this.#parts = new Map([...root.querySelectorAll("[id]")].map((element) => [element.id, element]));
  }

  of(element: Element, depth: number): number {
    const counted = this.#counted.get(element);
    if (counted !== undefined) return counted;
    if (depth > DEEPEST) return Number.POSITIVE_INFINITY;
    // Whatever refers to itself is not drawn.
    this.#counted.set(element, 0);
    let sum = 1;
    for (const child of element.children) sum += this.of(child, depth + 1);
    for (const { value } of element.attributes) sum += this.#ofValue(value, depth);
    // A rule can give a reference to every element.
    if (element.localName === "style" && /url|@|\\/i.test(element.textContent))
      sum = Number.POSITIVE_INFINITY;
    this.#counted.set(element, sum);
    return sum;
  }

  #ofValue(value: string, depth: number): number {
    if (isEmbedding(value)) return isSmallPicture(value) ? 1 : Number.POSITIVE_INFINITY;
    // Escapes can hide a reference from this reader, but not from the browser.
    if (/\\|#[^\s]*%/.test(value)) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const [, id = ""] of value.matchAll(REFERENCE)) {
      const part = this.#parts.get(id);
      if (part) sum += this.of(part, depth + 1);
    }
    return sum;
  }
}

export function isSmallPicture(value: string): boolean {
  const [, mime, base64 = ""] = EMBEDDED_PICTURE.exec(value) ?? [];
  if (mime !== "image/png" && mime !== "image/jpeg") return false;
  try {
    const payload = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return displayProblem({ id: "", mime, alt: "", width: null, payload }) === null;
  } catch {
    return false;
  }
}
