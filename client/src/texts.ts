// The text of a file: how much it may be, how bytes become one, and how one becomes another.

import type * as Y from "yjs";

/** As UTF-8, so that a file fits into one frame of the wire. */
export const FILE_BYTES = 1024 * 1024;
/** The same for whoever types and has counted no bytes: the frame has room for three to a character. */
export const FILE_CHARACTERS = FILE_BYTES;
export const FILE_SIZE_WORDS = "1 MB";

/** With a newline as the only end of a line, as the editor has it; null when the bytes are no text. */
export function decodeText(bytes: Uint8Array): string | null {
  let text: string;
  try {
    // Takes the byte order mark away, too.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
  return text.includes("\0") ? null : withNewlines(text);
}

export const withNewlines = (text: string): string => text.replace(/\r\n?/g, "\n");

/** In one step, between what the two have in common at their beginnings and their ends. */
export function replaceText(text: Y.Text, wanted: string): void {
  const present = text.toString();
  if (present === wanted) return;
  const shorter = Math.min(present.length, wanted.length);
  let start = 0;
  while (start < shorter && present[start] === wanted[start]) start += 1;
  let end = 0;
  while (end < shorter - start && present.at(-1 - end) === wanted.at(-1 - end)) end += 1;
  // No cut through a pair of surrogates: half a character is none.
  if (start > 0 && (isLow(present, start) || isLow(wanted, start))) start -= 1;
  if (end > 0 && (isLow(present, present.length - end) || isLow(wanted, wanted.length - end))) end -= 1;
  const replace = () => {
    text.delete(start, present.length - end - start);
    text.insert(start, wanted.slice(start, wanted.length - end));
  };
  if (text.doc === null) replace();
  else text.doc.transact(replace);
}

const isLow = (text: string, at: number): boolean => /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
