import { describe, expect, it } from "vitest";
import type { Display } from "./displays";
import { Transcript } from "./transcript";

const written = (...texts: string[]): Transcript => {
  const transcript = new Transcript();
  for (const text of texts) transcript.write("stdout", text);
  return transcript;
};

const pieces = (transcript: Transcript, line: number) => transcript.line(transcript.first + line).pieces;

describe("lines", () => {
  it("are whole even when they come in parts", () => {
    expect(written("hel", "lo\nwor", "ld").text).toBe("hello\nworld");
  });

  it("take Windows' ends as one", () => {
    expect(written("a\r\nb\r", "\nc").text).toBe("a\nb\nc");
  });

  it("tell stdout from stderr", () => {
    const transcript = written("out ");
    transcript.write("stderr", "err");
    expect(pieces(transcript, 0).map(({ voice, text }) => [voice, text])).toEqual([
      ["stdout", "out "],
      ["stderr", "err"],
    ]);
  });

  it("keep what looks like markup as characters", () => {
    expect(written("<b>&amp;</b>").text).toBe("<b>&amp;</b>");
  });

  it("give a remark its own", () => {
    const transcript = written("half");
    transcript.remark("remark", "Stopped.");
    transcript.write("stdout", "next");
    expect(transcript.text).toBe("half\nStopped.\nnext");
  });
});

describe("a carriage return", () => {
  it("goes back to the first column, and what follows replaces what stood there", () => {
    expect(written("10%\r20%\r100%").text).toBe("100%");
    expect(written("abcdef\rXY").text).toBe("XYcdef");
  });

  it("works over pieces of several voices and styles", () => {
    const transcript = written("aa\u001b[31mbb\u001b[0m");
    transcript.write("stderr", "cc\r___");
    expect(transcript.text).toBe("___bcc");
  });

  it("together with erasing leaves nothing of the line before", () => {
    expect(written("long line\r\u001b[Kok").text).toBe("ok");
    expect(written("long line\r\u001b[2Kok").text).toBe("ok");
  });

  it("is what a backspace does one column at a time", () => {
    expect(written("abc\b\bX").text).toBe("aXc");
  });
});

describe("colours", () => {
  it("hold until they are reset, over lines and parts", () => {
    const transcript = written("\u001b[1;31mred\n", "still", "\u001b[0m plain");
    expect(pieces(transcript, 0)[0]?.style).toMatchObject({
      foreground: { type: "named", name: "ansi-red" },
      decorations: ["bold"],
    });
    expect(pieces(transcript, 1).map(({ text, style }) => [text, style === null])).toEqual([
      ["still", false],
      [" plain", true],
    ]);
  });

  it("arrive even when the sequence is cut in two", () => {
    const transcript = written("\u001b[3", "2mgreen");
    expect(transcript.text).toBe("green");
    expect(pieces(transcript, 0)[0]?.style?.foreground).toEqual({ type: "named", name: "ansi-green" });
  });

  it("of the larger palettes become numbers", () => {
    const transcript = written("\u001b[38;5;208mo\u001b[48;2;1;2;3mt");
    expect(pieces(transcript, 0)[0]?.style?.foreground).toEqual({ type: "mixed", rgb: [255, 135, 0] });
    expect(pieces(transcript, 0)[1]?.style?.background).toEqual({ type: "mixed", rgb: [1, 2, 3] });
  });

  it("leave no trace of other sequences", () => {
    expect(written("\u001b[2J\u001b[?25lx\u0007\u001b[1A").text).toBe("x");
  });
});

describe("bounds", () => {
  const small = { lines: 3, characters: 1000, lineCharacters: 10, displays: 100, displayBytes: 1_000_000 };

  it("keep the last lines and say which is the first", () => {
    const transcript = new Transcript(small);
    transcript.write("stdout", "1\n2\n3\n4\n");
    expect(transcript.text).toBe("3\n4\n");
    expect(transcript.first).toBe(2);
    expect(transcript.end).toBe(5);
  });

  it("cut a line that never ends", () => {
    const transcript = new Transcript(small);
    transcript.write("stdout", "x".repeat(25));
    expect(transcript.line(0).ended).toBe(false);
    expect(transcript.line(0).pieces[0]?.text).toHaveLength(10);
    expect(transcript.text).toBe("x".repeat(25));
  });

  it("count characters too", () => {
    const transcript = new Transcript({
      lines: 100,
      characters: 20,
      lineCharacters: 10,
      displays: 100,
      displayBytes: 1_000_000,
    });
    for (let n = 0; n < 10; n++) transcript.write("stdout", "12345678\n");
    expect(transcript.text.replaceAll("\n", "").length).toBeLessThanOrEqual(20);
    expect(transcript.text).toMatch(/12345678\n$/);
  });

  it("hold a flood of a hundred thousand lines", () => {
    const transcript = new Transcript();
    for (let n = 0; n < 100; n++)
      transcript.write(
        "stdout",
        Array.from({ length: 1000 }, (_, line) => `line ${n * 1000 + line}\n`).join(""),
      );
    expect(transcript.end - transcript.first).toBe(5000);
    expect(transcript.text).toMatch(/line 99999\n$/);
  });
});

describe("what is shown", () => {
  const picture = (id: string, bytes = 10): Display => ({
    id,
    mime: "image/png",
    alt: id,
    width: null,
    payload: new Uint8Array(bytes),
  });
  const shownIn = (transcript: Transcript) =>
    Array.from(
      { length: transcript.end - transcript.first },
      (_, n) => transcript.line(transcript.first + n).shown,
    )
      .filter((shown) => shown !== null)
      .map((shown) => shown.value?.id ?? null);

  it("stands on a line of its own, after an unfinished one", () => {
    const transcript = new Transcript();
    transcript.write("stdout", "half");
    transcript.show(picture("a"));
    transcript.write("stdout", "after");
    expect(
      [0, 1, 2].map((n) => transcript.line(n).shown?.value?.id ?? transcript.line(n).pieces[0]?.text),
    ).toEqual(["half", "a", "after"]);
  });

  it("is shown anew in its place", () => {
    const transcript = new Transcript();
    transcript.show(picture("a"));
    transcript.write("stdout", "text\n");
    transcript.show(picture("a", 20));
    expect(transcript.end).toBe(3);
    expect(transcript.line(0).shown?.value?.payload.length).toBe(20);
  });

  it("makes way when there is too much, the oldest first, but keeps its place", () => {
    const transcript = new Transcript({
      lines: 100,
      characters: 100,
      lineCharacters: 100,
      displays: 3,
      displayBytes: 1_000,
    });
    for (const id of ["a", "b", "c", "d"]) transcript.show(picture(id));
    expect(shownIn(transcript)).toEqual([null, "b", "c", "d"]);
    transcript.show(picture("e", 985));
    expect(shownIn(transcript)).toEqual([null, null, null, "d", "e"]);
    transcript.show(picture("f", 5_000));
    expect(shownIn(transcript).at(-1)).toBe("f");
  });

  it("goes with its line, and comes anew on another one", () => {
    const transcript = new Transcript({
      lines: 3,
      characters: 1_000,
      lineCharacters: 100,
      displays: 3,
      displayBytes: 1_000,
    });
    transcript.show(picture("a"));
    transcript.write("stdout", "1\n2\n3\n");
    expect(shownIn(transcript)).toEqual([]);
    transcript.show(picture("a"));
    expect(shownIn(transcript)).toEqual(["a"]);
  });
});
