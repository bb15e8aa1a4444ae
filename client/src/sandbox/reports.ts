// Puts reports together from the pieces in which they come. Each is a header and a payload, after the length of both
// (32 bits, little-endian, twice): the header is JSON, the payload bytes that JSON would only bloat. `python/reports.py` writes them.

import { readReport } from "../runtime/reports";
import type { Report } from "../runtime/runs";
import { joined } from "./bytes";

const LENGTHS_BYTES = 8;
/** Larger ones are passed over. */
const REPORT_BYTES = 16 * 1024 * 1024;

export class Reports {
  readonly #emit: (report: Report) => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** The size of the report that comes, once it is known. */
  #wanted = LENGTHS_BYTES;

  constructor(emit: (report: Report) => void) {
    this.#emit = emit;
  }

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const piece = rest.subarray(0, this.#wanted - this.#bytes);
      rest = rest.subarray(piece.length);
      this.#bytes += piece.length;
      if (this.#wanted <= REPORT_BYTES) this.#pieces.push(piece);
      if (this.#bytes === this.#wanted) this.#completed();
    }
  }

  #completed(): void {
    if (this.#wanted > REPORT_BYTES) {
      this.#begin();
      return;
    }
    const all = joined(this.#pieces);
    const lengths = new DataView(all.buffer);
    const header = lengths.getUint32(0, true);
    const size = LENGTHS_BYTES + header + lengths.getUint32(4, true);
    if (all.length < size) {
      this.#pieces = [all];
      this.#wanted = size;
      return;
    }
    const report = decode(
      all.subarray(LENGTHS_BYTES, LENGTHS_BYTES + header),
      all.slice(LENGTHS_BYTES + header),
    );
    this.#begin();
    if (report) this.#emit(report);
  }

  #begin(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#wanted = LENGTHS_BYTES;
  }
}

function decode(header: Uint8Array, payload: Uint8Array): Report | null {
  try {
    return readReport({ ...JSON.parse(new TextDecoder().decode(header)), payload });
  } catch {
    return null;
  }
}
