import { expect, test } from "vitest";
import { MOST_FILES, NOTHING_CREATED, TOTAL_BYTES, withReport } from "./created";
import type { Report } from "./runtime/runs";

type FileReport = Extract<Report, { kind: "file" }>;

const file = (name: string, payload: Uint8Array<ArrayBuffer>, size = payload.length): FileReport => ({
  kind: "file",
  name,
  change: "created",
  size,
  payload,
});
const created = (...reports: Parameters<typeof withReport>[1][]) =>
  reports.reduce(withReport, NOTHING_CREATED);
const bytes = (text: string) => new TextEncoder().encode(text);

test("text can be seen, other bytes can be had, and what was too large is told of", () => {
  const { files } = created(
    file("a.txt", bytes("hi\r\n")),
    file("b.png", Uint8Array.of(0x89, 0)),
    file("c.bin", new Uint8Array(), 5e8),
    file("d.txt", bytes("x".repeat(2 ** 20 + 1))),
    file("empty.txt", new Uint8Array()),
  );
  expect(files.map(({ name, size, content, text }) => [name, size, content !== null, text])).toEqual([
    ["a.txt", 4, true, "hi\n"],
    ["b.png", 2, true, null],
    ["c.bin", 5e8, false, null],
    ["d.txt", 2 ** 20 + 1, true, null],
    ["empty.txt", 0, true, ""],
  ]);
});

test("a file that is told of twice is there once", () => {
  expect(created(file("a", bytes("1")), file("a", bytes("2"))).files.map(({ text }) => text)).toEqual(["2"]);
});

test("no program can bring more than there is room for", () => {
  const many = created(...Array.from({ length: MOST_FILES + 5 }, (_, n) => file(`${n}`, bytes("x"))), {
    kind: "more-files",
    count: 7,
  });
  expect([many.files.length, many.more]).toEqual([MOST_FILES, 12]);
  const large = created(...[1, 2, 3].map((n) => file(`${n}`, new Uint8Array(TOTAL_BYTES / 2))));
  expect(large.files.map(({ content }) => content !== null)).toEqual([true, true, false]);
});
