// Output on its way from the worker to the frame: one ring for both streams and the reports, so that their order is kept.
// It shows what was printed even while Python never comes back to its event loop, and a writer that runs ahead waits for the reader.

import type { Channel, Piece } from "../runtime/protocol";
import { RING_BYTES, type Shared, Word } from "./shared";

const HEADER_BYTES = 4;
/** A header is the piece's length and, in its two lowest bits, the index of its channel. */
const CHANNELS: readonly Channel[] = ["stdout", "stderr", "reports"];
/** A long write is cut, so that the reader need not wait for room as large as the write. */
const PIECE_BYTES = 16 * 1024;
/** The reader's pace: a flood costs one turn in this time, not one for each print. */
const PAUSE_MS = 8;

export function writeRing({ control, ring }: Shared, channel: Channel, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const piece = bytes.subarray(start, start + PIECE_BYTES);
    const size = HEADER_BYTES + piece.length;
    const written = Atomics.load(control, Word.written);
    for (;;) {
      const read = Atomics.load(control, Word.read);
      if (RING_BYTES - ((written - read) >>> 0) >= size) break;
      Atomics.wait(control, Word.read, read);
    }
    const header = (piece.length << 2) | CHANNELS.indexOf(channel);
    for (let index = 0; index < HEADER_BYTES; index++) {
      ring[offsetOf(written + index)] = header >>> (8 * index);
    }
    copyInto(ring, offsetOf(written + HEADER_BYTES), piece);
    Atomics.store(control, Word.written, (written + size) | 0);
    Atomics.notify(control, Word.written);
  }
}

/** Takes everything out of the ring. */
export function readRing({ control, ring }: Shared): Piece[] {
  const pieces: Piece[] = [];
  const written = Atomics.load(control, Word.written);
  let read = Atomics.load(control, Word.read);
  while (read !== written) {
    let header = 0;
    for (let index = 0; index < HEADER_BYTES; index++) {
      header |= (ring[offsetOf(read + index)] ?? 0) << (8 * index);
    }
    const length = (header >>> 2) % RING_BYTES;
    pieces.push({
      channel: CHANNELS[header & 3] ?? "stdout",
      bytes: copyOut(ring, offsetOf(read + HEADER_BYTES), length),
    });
    read = (read + HEADER_BYTES + length) | 0;
    // A program can reach this memory: a ring that no longer adds up ends here instead of being read for ever.
    if ((written - read) >>> 0 > RING_BYTES) read = written;
  }
  Atomics.store(control, Word.read, read);
  Atomics.notify(control, Word.read);
  return pieces;
}

/** Calls `drain` whenever something was written, until aborted. */
export async function followRing({ control }: Shared, signal: AbortSignal, drain: () => void): Promise<void> {
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let written = Atomics.load(control, Word.read);
  while (!signal.aborted) {
    await Atomics.waitAsync(control, Word.written, written).value;
    if (signal.aborted) return;
    written = Atomics.load(control, Word.written);
    drain();
    // Not setTimeout: browsers slow the timers of frames that nobody sees.
    await Atomics.waitAsync(pause, 0, 0, PAUSE_MS).value;
  }
}

/** Counters wrap at 2^32, of which the ring's size is a divisor. */
function offsetOf(position: number): number {
  return (position >>> 0) % RING_BYTES;
}

function copyInto(ring: Uint8Array, offset: number, bytes: Uint8Array): void {
  const first = Math.min(bytes.length, RING_BYTES - offset);
  ring.set(bytes.subarray(0, first), offset);
  ring.set(bytes.subarray(first), 0);
}

function copyOut(ring: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const first = Math.min(length, RING_BYTES - offset);
  bytes.set(ring.subarray(offset, offset + first));
  bytes.set(ring.subarray(0, length - first), first);
  return bytes;
}
