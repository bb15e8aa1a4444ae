import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Arrivals } from "./arrivals";
import { Files } from "./files";

function room() {
  const files = new Files(new Y.Doc());
  files.create("main.py", "print(1)");
  files.create("data.csv", "a,1\n");
  const told: string[] = [];
  return { files, told, arrivals: new Arrivals(files, (sentence) => told.push(sentence)) };
}

const texts = (files: Files) =>
  Object.fromEntries(files.list.value.map(({ name, text }) => [name, text.toString()]));
const blob = (name: string, content: BlobPart) => Object.assign(new Blob([content]), { name });

describe("what is uploaded", () => {
  it("becomes files of the room, and the last one is shown", async () => {
    const { files, told, arrivals } = room();
    await arrivals.upload([blob("a.txt", "one\r\ntwo"), blob("b.py", "x = 1")]);
    expect(texts(files)).toMatchObject({ "a.txt": "one\ntwo", "b.py": "x = 1" });
    expect(files.active.value?.name).toBe("b.py");
    expect(told).toEqual(["Added a.txt and b.py."]);
  });

  it.each([
    [blob("photo.png", Uint8Array.of(0x89, 0xff)), "photo.png can't be added: it is not text"],
    [
      blob("big.csv", "x".repeat(1024 * 1024 + 1)),
      "big.csv can't be added: a file of the room holds at most 1 MB.",
    ],
    [blob("a\\b.py", ""), "a\\b.py can't be added. Please write folders with a slash"],
    [blob("data.csv/x", ""), "data.csv/x can't be added. data.csv is a file"],
    [
      { name: "folder", size: 0, arrayBuffer: () => Promise.reject(new Error()) },
      "folder could not be read.",
    ],
  ])("is refused with a sentence when it can't be a file here", async (wrong, sentence) => {
    const { files, told, arrivals } = room();
    await arrivals.upload([wrong]);
    expect(Object.keys(texts(files))).toEqual(["main.py", "data.csv"]);
    expect(told).toEqual([expect.stringContaining(sentence)]);
  });

  it("says a few sentences about many problems", async () => {
    const { told, arrivals } = room();
    await arrivals.upload(Array.from({ length: 50 }, (_, n) => blob(`${n}.png`, Uint8Array.of(0xff))));
    expect(told).toHaveLength(4);
    expect(told.at(-1)).toBe("47 more could not be added.");
  });

  it("stops where the room is full", async () => {
    const { files, told, arrivals } = room();
    const large = "x".repeat(1024 * 1024);
    await arrivals.upload(Array.from({ length: 11 }, (_, n) => blob(`${n}.txt`, large)));
    expect(files.list.value).toHaveLength(11);
    expect(told.at(-1)).toContain("The room is full: its files hold at most 10 MB together.");
  });
});

describe("a name that is taken", () => {
  it.each([
    ["replace", { "main.py": "print(1)", "data.csv": "a,2\n" }],
    ["keep-both", { "main.py": "print(1)", "data.csv": "a,1\n", "data_2.csv": "a,2\n" }],
    ["leave-out", { "main.py": "print(1)", "data.csv": "a,1\n" }],
  ] as const)("waits for the answer: %s", (answer, after) => {
    const { files, arrivals } = room();
    arrivals.add([{ name: "data.csv", text: "a,2\n" }]);
    expect(arrivals.waiting.value.map(({ name }) => name)).toEqual(["data.csv"]);
    expect(texts(files)["data.csv"]).toBe("a,1\n");
    arrivals.answer(answer);
    expect(texts(files)).toEqual(after);
    expect(arrivals.waiting.value).toEqual([]);
  });
});
