import { expect, test } from "vitest";
import { type Display, displayProblem, type Mime } from "./displays";

const display = (mime: Mime, payload: Uint8Array): Display => ({
  id: "d",
  mime,
  alt: "",
  width: null,
  payload,
});
const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );
const big = (value: number, size: number) =>
  Array.from({ length: size }, (_, n) => (value >>> (8 * (size - 1 - n))) & 0xff);
const little = (value: number, size: number) => big(value, size).reverse();

const png = (width: number, height: number) =>
  bytes("\x89PNG\r\n\x1a\n", big(13, 4), "IHDR", big(width, 4), big(height, 4), [8, 0, 0, 0, 0]);
const jpeg = (width: number, height: number) =>
  bytes(
    "\xff\xd8",
    "\xff\xe0",
    big(16, 2),
    "JFIF\0",
    Array(9).fill(0),
    "\xff\xff\xc2",
    big(17, 2),
    [8],
    big(height, 2),
    big(width, 2),
    Array(10).fill(0),
  );
const lossy = (width: number, height: number) =>
  bytes("RIFF____WEBPVP8 ____", [0, 0, 0, 0x9d, 0x01, 0x2a], little(width, 2), little(height, 2), "____");
const lossless = (width: number, height: number) =>
  bytes("RIFF____WEBPVP8L____", [0x2f], little((width - 1) | ((height - 1) << 14), 4), "______");
const extended = (width: number, height: number) =>
  bytes("RIFF____WEBPVP8X____", [0, 0, 0, 0], little(width - 1, 3), little(height - 1, 3));

test.each<[string, Mime, (width: number, height: number) => Uint8Array]>([
  ["PNG", "image/png", png],
  ["JPEG", "image/jpeg", jpeg],
  ["lossy WebP", "image/webp", lossy],
  ["lossless WebP", "image/webp", lossless],
  ["extended WebP", "image/webp", extended],
])("a %s is as large as its header says", (_, mime, make) => {
  expect(displayProblem(display(mime, make(640, 480)))).toBeNull();
  expect(displayProblem(display(mime, make(4_096, 4_096)))).toBeNull();
  expect(displayProblem(display(mime, make(16_000, 12_345)))).toBe(
    "This picture is too large to show: 16,000 × 12,345 pixels.",
  );
  const whole = make(640, 480);
  for (let length = 0; length < 20; length++)
    expect(displayProblem(display(mime, whole.subarray(0, length)))).toBe("This picture can't be read.");
});

test.each<[string, Mime, Uint8Array]>([
  ["of another kind", "image/png", jpeg(1, 1)],
  ["that only begins like one", "image/jpeg", bytes("\xff\xd8\xff\xe0", [0, 0], Array(40).fill(0))],
  ["with no chunk that is known", "image/webp", bytes("RIFF____WEBPANIM", Array(40).fill(0))],
])("a picture %s can't be read", (_, mime, payload) => {
  expect(displayProblem(display(mime, payload))).toBe("This picture can't be read.");
});
