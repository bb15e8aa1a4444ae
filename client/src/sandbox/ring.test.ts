import { expect, test } from "vitest";
import { followRing, readRing, writeRing } from "./ring";
import { allocateShared, RING_BYTES, viewShared, Word } from "./shared";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("what is written is read in order, with its stream", () => {
  const shared = viewShared(allocateShared());
  writeRing(shared, "stdout", encode("one"));
  writeRing(shared, "stderr", encode("two"));
  writeRing(shared, "reports", encode("three"));
  writeRing(shared, "stdout", encode(""));
  expect(readRing(shared).map(({ channel, bytes }) => [channel, decode(bytes)])).toEqual([
    ["stdout", "one"],
    ["stderr", "two"],
    ["reports", "three"],
  ]);
  expect(readRing(shared)).toEqual([]);
});

test("nothing is lost when the ring and its counters wrap around", () => {
  const shared = viewShared(allocateShared());
  // Close to the end of what a word counts to.
  Atomics.store(shared.control, Word.written, -1000);
  Atomics.store(shared.control, Word.read, -1000);
  let seed = 7;
  for (let round = 0; round < 400; round++) {
    seed = (seed * 48271) % 2147483647;
    const bytes = new Uint8Array(seed % 30_000).map((_, index) => (round + index) % 251);
    writeRing(shared, "stdout", bytes);
    const read = Buffer.concat(readRing(shared).map((piece) => piece.bytes));
    expect(read.equals(bytes)).toBe(true);
  }
});

test("counters that a program has spoilt don't keep the reader busy for ever", () => {
  const shared = viewShared(allocateShared());
  shared.ring.fill(255);
  Atomics.store(shared.control, Word.written, RING_BYTES * 3 + 1);
  readRing(shared);
  expect(readRing(shared)).toEqual([]);
});

test("a follower hears of what is written later, and ends when it is aborted", async () => {
  const shared = viewShared(allocateShared());
  const end = new AbortController();
  const heard: string[] = [];
  const following = followRing(shared, end.signal, () => {
    for (const { bytes } of readRing(shared)) {
      heard.push(decode(bytes));
      end.abort();
    }
  });
  writeRing(shared, "stdout", encode("later"));
  await following;
  expect(heard).toEqual(["later"]);
});
