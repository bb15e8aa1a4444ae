// Hands a file to the browser's downloads.

import { baseOf } from "../file-names";

/** The browser has read the address by then. */
const ADDRESS_LIVES_MS = 60_000;

export function save(name: string, content: Blob | BlobPart): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]));
  link.download = baseOf(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), ADDRESS_LIVES_MS);
}
