import { createDecoder, readVarString, readVarUint } from "lib0/decoding";
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from "lib0/encoding";
import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/wire.json";
import { type ClientFrame, decode, encode, type ServerFrame } from "./protocol";

type Written = Record<string, unknown>;

interface Entry {
  client: number;
  clock: number;
  state: unknown;
}

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function packed(entries: readonly Entry[]): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, entries.length);
  for (const { client, clock, state } of entries) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, clock);
    writeVarString(encoder, JSON.stringify(state));
  }
  return toUint8Array(encoder);
}

function unpacked(update: Uint8Array): Entry[] {
  const decoder = createDecoder(update);
  return Array.from({ length: readVarUint(decoder) }, () => ({
    client: readVarUint(decoder),
    clock: readVarUint(decoder),
    state: JSON.parse(readVarString(decoder)),
  }));
}

/** The vectors write bytes as hexadecimal digits and presence as its entries. */
function asFrame(message: Written): ClientFrame {
  const bytes = Object.fromEntries(
    ["update", "stateVector"]
      .filter((field) => field in message)
      .map((field) => [field, fromHex(message[field] as string)]),
  );
  const presence = message.kind === "presence" ? { update: packed(message.entries as Entry[]) } : {};
  return { ...message, ...bytes, ...presence } as unknown as ClientFrame;
}

function asWritten(frame: ServerFrame): Written {
  if (frame.kind === "presence") return { kind: frame.kind, entries: unpacked(frame.update) };
  if (frame.kind === "step1") return { kind: frame.kind, stateVector: toHex(frame.stateVector) };
  if (frame.kind === "step2" || frame.kind === "update")
    return { kind: frame.kind, update: toHex(frame.update) };
  return { ...frame };
}

const cases = vectors as readonly { name: string; direction: string; hex: string; message: Written }[];
const comes = cases.filter(({ direction }) => direction !== "client");
const malformed = comes.filter(({ message }) => message.kind === "malformed");
const wellFormed = comes.filter(({ message }) => message.kind !== "malformed");
const goes = cases.filter(
  ({ direction, message }) =>
    direction !== "server" && !["malformed", "unknown"].includes(message.kind as string),
);

describe("the wire's vectors", () => {
  it.each(wellFormed)("reads $name", ({ hex, message }) => {
    expect(asWritten(decode(fromHex(hex)))).toEqual(message);
  });

  it.each(malformed)("refuses $name", ({ hex }) => {
    expect(() => decode(fromHex(hex))).toThrow();
  });

  it.each(goes)("writes $name", ({ hex, message }) => {
    const frame = encode(asFrame(message));
    // JSON may order and escape as it likes: what counts is what the other end reads.
    if (frame[0] === 64 || frame[0] === 65) expect(jsonOf(frame)).toEqual(jsonOf(fromHex(hex)));
    else if (message.kind === "presence") expect(asWritten(decode(frame))).toEqual(message);
    else expect(toHex(frame)).toBe(hex);
  });
});

function jsonOf(frame: Uint8Array): unknown {
  const decoder = createDecoder(frame);
  readVarUint(decoder);
  return JSON.parse(readVarString(decoder));
}

describe("a newer server", () => {
  const room = (message: unknown) => {
    const encoder = createEncoder();
    writeVarUint(encoder, 65);
    writeVarString(encoder, JSON.stringify(message));
    return toUint8Array(encoder);
  };

  it("may send room messages that this client does not know", () => {
    expect(decode(room({ type: "weather", sunny: true }))).toEqual({ kind: "unknown", number: 65 });
  });

  it("is not believed when a known message lacks what it needs", () => {
    expect(decode(room({ type: "members", reset: true, present: [{ id: "m1" }], gone: [] })).kind).toBe(
      "unknown",
    );
  });
});
