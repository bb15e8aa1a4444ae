import { beforeEach, expect, test } from "vitest";
import * as Y from "yjs";
import { Files } from "./files";
import { Places } from "./places";
import type { Place } from "./runtime/runs";

const CODE = "a = 1\nb = 1/0\nc = 3\n";
let files: Files;
let text: Y.Text;
let places: Places;

beforeEach(() => {
  const doc = new Y.Doc();
  files = new Files(doc);
  text = new Y.Text(CODE);
  doc.getMap("files").set("main", new Y.Map<unknown>(Object.entries({ name: "main.py", text })));
  places = new Places();
  places.begin([{ name: "main.py", text: CODE }]);
});

function fail(place: Partial<Place> = {}): void {
  const raised = { file: "main.py", line: 2, column: 4, endColumn: 7, ...place };
  places.failed([{ errorType: "ZeroDivisionError", message: "no", places: [raised] }], files.list.value);
}

const marked = () =>
  places.marks.value.map(({ from, to, columns }) => [text.toString().slice(from, to), columns]);

test("the line that failed is marked, and in it what failed", () => {
  fail();
  expect(marked()).toEqual([["b = 1/0", [4, 7]]]);
  expect(places.marks.value[0]?.message).toBe("ZeroDivisionError: no");
});

test.each([
  ["the end of the line when there is no other", { endColumn: null }, [4, 7]],
  ["the whole line when nothing is known", { column: null, endColumn: null }, null],
  ["the whole line when it failed behind its end", { column: 7, endColumn: 8 }, null],
])("a mark reaches to %s", (_, place, columns) => {
  fail(place);
  expect(marked()).toEqual([["b = 1/0", columns]]);
});

test.each([
  ["a line that is not there", { line: 9 }],
  ["a file that is not there", { file: "other.py" }],
])("%s is not marked", (_, place) => {
  fail(place);
  expect(places.marks.value).toEqual([]);
});

test("a line that was changed while the program ran is not marked", () => {
  text.insert(6, "bb");
  fail();
  expect(places.marks.value).toEqual([]);
});

test.each([
  ["typed before it", () => text.insert(0, "# first\n")],
  ["deleted before it", () => text.delete(0, 6)],
  ["typed after it", () => text.insert(text.length, "d = 4\n")],
])("the mark stays on its line when something is %s", async (_, change) => {
  fail();
  change();
  await Promise.resolve();
  expect(marked()).toEqual([["b = 1/0", [4, 7]]]);
});

test.each([
  ["typed at its end", () => text.insert(13, " ")],
  ["typed at its beginning", () => text.insert(6, " ")],
  ["deleted from it", () => text.delete(12, 1)],
  ["deleted with it", () => text.delete(2, 15)],
])("the mark goes when something is %s", async (_, change) => {
  fail();
  change();
  await Promise.resolve();
  expect(places.marks.value).toEqual([]);
});

test("the next run takes the marks away", () => {
  fail();
  places.begin([]);
  expect(places.marks.value).toEqual([]);
});
