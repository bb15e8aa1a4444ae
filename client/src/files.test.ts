import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type File, Files } from "./files";

function room(...names: string[]) {
  const doc = new Y.Doc();
  names.forEach((name, n) => {
    const entry = new Y.Map<unknown>([
      ["name", name],
      ["text", new Y.Text(`# ${name}`)],
    ]);
    doc.getMap("files").set(`id${n}`, entry);
  });
  return { doc, files: new Files(doc) };
}

const names = (files: Files) => files.list.value.map((file) => file.name);

describe("the list of files", () => {
  it("begins with main.py", () => {
    expect(names(room("b.py", "a.py", "main.py").files)).toEqual(["main.py", "a.py", "b.py"]);
  });

  it("tells two files of one name apart, in the same way for everyone", () => {
    const { files } = room("a.py", "a.py");
    expect(files.list.value.map(({ id, name }) => [id, name])).toEqual([
      ["id0", "a.py"],
      ["id1", "a_2.py"],
    ]);
  });

  it("leaves out what another program put there that is no file", () => {
    const { doc, files } = room("main.py");
    doc.getMap("files").set("x", "not a file");
    doc.getMap("files").set("y", new Y.Map([["name", "../../etc/passwd"]]));
    expect(names(files)).toEqual(["main.py"]);
  });

  it("follows what others do", () => {
    const { doc, files } = room("main.py");
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    new Files(other).create("untitled.py", "");
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(names(files)).toEqual(["main.py", "untitled.py"]);
    expect(files.active.value?.name).toBe("main.py");
  });
});

describe("a file", () => {
  it("is made under a free name and shown at once", () => {
    const { files } = room("main.py", "untitled.py");
    files.create("untitled.py", "x = 1");
    expect(files.active.value?.name).toBe("untitled_2.py");
    expect(files.active.value?.text.toString()).toBe("x = 1");
  });

  it("can be renamed, but not to a name that is taken or leads elsewhere", () => {
    const { files } = room("main.py", "a.py");
    const id = files.list.value[1]?.id ?? "";
    expect(files.rename(id, "main.py")).toContain("already");
    expect(files.rename(id, "../y.py")).toContain("..");
    expect(files.rename(id, "main.py/y.py")).toContain("is a file");
    expect(files.rename(id, "  ")).toContain("needs a name");
    expect(files.rename(id, "b.py")).toBeNull();
    expect(files.rename(id, " pkg/b.py ")).toBeNull();
    expect(files.rename(id, "pkg")).toBeNull();
    expect(names(files)).toEqual(["main.py", "pkg"]);
  });

  it("keeps out of the way of a folder of its name", () => {
    const { files } = room("main.py", "data", "data/people.csv", "data_2");
    expect(names(files)).toEqual(["main.py", "data_3", "data_2", "data/people.csv"]);
  });

  it("that I delete gives way to its neighbour, and comes back with all that was in it", () => {
    const { files } = room("main.py", "a.py", "b.py");
    files.select("id1");
    const undo = files.remove(files.active.value as File);
    expect(names(files)).toEqual(["main.py", "b.py"]);
    expect(files.active.value?.name).toBe("b.py");
    undo();
    expect(names(files)).toEqual(["main.py", "a.py", "b.py"]);
    expect(files.active.value).toMatchObject({ id: "id1", name: "a.py" });
    expect(files.active.value?.text.toString()).toBe("# a.py");
  });

  it("that someone deletes gives way to another", () => {
    const { doc, files } = room("main.py", "a.py");
    files.select("id1");
    doc.getMap("files").delete("id1");
    expect(files.active.value?.name).toBe("main.py");
  });
});

describe("the program", () => {
  it("is every file, beginning with the one that is looked at", () => {
    const { files } = room("main.py", "util.py");
    files.select("id1");
    expect(files.program({ kind: "program" })).toEqual({
      entry: "util.py",
      files: [
        { name: "main.py", text: "# main.py" },
        { name: "util.py", text: "# util.py" },
      ],
      task: { kind: "program" },
    });
  });

  it("is the Python file that I looked at last while I look at data", () => {
    const { files } = room("main.py", "util.py", "data.csv");
    files.select("id2");
    expect(files.entry.value?.name).toBe("main.py");
    files.select("id1");
    files.select("id2");
    expect(files.program({ kind: "program" })?.entry).toBe("util.py");
    files.rename("id1", "util.txt");
    expect(files.program({ kind: "program" })?.entry).toBe("main.py");
  });

  it("is nothing without a Python file", () => {
    expect(room("notes.txt").files.program({ kind: "program" })).toBeNull();
  });

  it("is nothing while the room is still empty", () => {
    expect(room().files.program({ kind: "program" })).toBeNull();
  });
});
