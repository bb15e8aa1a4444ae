// The memory that the frame and one worker share, and how its words are used.
// All of it is allocated by the frame; a worker gets its own.

/** Indexes into `control`. Words change by Atomics only. */
export const Word = {
  /** Bytes ever written to the ring, and read from it, modulo 2^32. */
  written: 0,
  read: 1,
  /** Counts up to wake a worker that sleeps or waits for input. */
  wake: 2,
  /** The signal that Python is to see, or 0. */
  signal: 3,
  /** 1 once the present Stop reached Python, by message or by signal, so that it never arrives by both. */
  delivered: 4,
  /** Bytes waiting in `input`, 0 for the end of input, -1 while there is no answer. */
  answered: 5,
} as const;

export const RING_BYTES = 256 * 1024;
export const INPUT_BYTES = 64 * 1024;
const CONTROL_BYTES = 64;

export interface Shared {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly input: Uint8Array<SharedArrayBuffer>;
  readonly ring: Uint8Array<SharedArrayBuffer>;
}

export function allocateShared(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + INPUT_BYTES + RING_BYTES);
}

export function viewShared(buffer: SharedArrayBuffer): Shared {
  return {
    control: new Int32Array(buffer, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT),
    input: new Uint8Array(buffer, CONTROL_BYTES, INPUT_BYTES),
    ring: new Uint8Array(buffer, CONTROL_BYTES + INPUT_BYTES, RING_BYTES),
  };
}
