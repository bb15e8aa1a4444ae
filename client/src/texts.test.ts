import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeText, replaceText } from "./texts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("bytes", () => {
  it("are text without a byte order mark and with one end of lines", () => {
    expect(decodeText(bytes("\ufeffa\r\nb\rc\n"))).toBe("a\nb\nc\n");
  });

  it.each([
    ["not UTF-8", Uint8Array.of(0xff, 0xfe, 0x41)],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0)],
    ["zeros", bytes("a\0b")],
  ])("that are %s are no text", (_, data) => expect(decodeText(data)).toBeNull());
});

describe("another text", () => {
  it.each([
    ["", "abc"],
    ["abc", ""],
    ["same", "same"],
    ["name,age\nAda,36\n", "name,age\nAda,37\n"],
    ["aaa", "aa"],
    ["😀", "😁"],
    ["x😀😀y", "x😀y"],
    ["\udc00a", "b"],
  ])("is made of %j: %j", (present, wanted) => {
    const text = new Y.Doc().getText();
    text.insert(0, present);
    replaceText(text, wanted);
    expect(text.toString()).toBe(wanted);
  });

  it("is made in one small step, so that carets stay", () => {
    const text = new Y.Doc().getText();
    text.insert(0, `${"x".repeat(500)}1${"y".repeat(500)}`);
    const deltas: unknown[] = [];
    text.observe((event) => deltas.push(event.delta));
    replaceText(text, `${"x".repeat(500)}2${"y".repeat(500)}`);
    expect(deltas).toEqual([[{ retain: 500 }, { delete: 1 }, { insert: "2" }]]);
  });
});
