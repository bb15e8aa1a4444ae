import { expect, test } from "vitest";
import type { Report } from "../runtime/runs";
import { Reports } from "./reports";

const error = (message: string): Report => ({
  kind: "error",
  failures: [{ errorType: "ValueError", message, places: [] }],
  hint: null,
  missing: null,
});

function bytesOf(header: unknown, payload = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + payload.length);
  const lengths = new DataView(bytes.buffer);
  lengths.setUint32(0, json.length, true);
  lengths.setUint32(4, payload.length, true);
  bytes.set(json, 8);
  bytes.set(payload, 8 + json.length);
  return bytes;
}

function heard(...pieces: Uint8Array[]): Report[] {
  const reports: Report[] = [];
  const reader = new Reports((report) => reports.push(report));
  for (const piece of pieces) reader.push(piece);
  return reports;
}

test("reports are read from pieces of any size", () => {
  const all = Buffer.concat([bytesOf(error("one")), bytesOf(error("two"), new Uint8Array(5))]);
  for (let size = 1; size <= all.length; size++) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
    expect(heard(...pieces)).toEqual([error("one"), error("two")]);
  }
});

test.each<[string, Uint8Array]>([
  ["no JSON", Buffer.concat([new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{]")])],
  ["an unknown kind", bytesOf({ kind: "script" })],
  ["a field of the wrong type", bytesOf({ ...error("x"), failures: [{ file: 1 }] })],
  ["an empty one", bytesOf({})],
  ["one that is too large", bytesOf(error("x"), new Uint8Array(17 * 1024 * 1024))],
])("a report that is %s is passed over, and the next is heard", (_, hostile) => {
  expect(heard(hostile, bytesOf(error("next")))).toEqual([error("next")]);
});
