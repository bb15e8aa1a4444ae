import { describe, expect, it } from "vitest";
import { clash, compareNames, freeName, nameProblem, tidyName } from "./file-names";

describe("a name", () => {
  it.each([
    "main.py",
    "pkg/__init__.py",
    "data/people.csv",
    ".env",
    "Straße 7.txt",
    "名前.py",
    "a b/c d.txt",
    "..a",
    "🐍.py",
  ])("can be %s", (name) => expect(nameProblem(name)).toBeNull());

  it.each([
    ["", "needs a name"],
    ["/etc/passwd", "slash at the beginning"],
    ["../secret", '".."'],
    ["a/../../b", '".."'],
    ["a/./b", '"."'],
    ["..", '".."'],
    ["a//b", "two slashes"],
    ["data/", "missing after the slash"],
    ["a\\b", "with a slash"],
    ["a\nb", "can't be seen"],
    ["a\0b", "can't be seen"],
    ["evil\u202eyp.exe", "can't be seen"],
    ["half\ud83d", "can't be seen"],
    ["x".repeat(101), "100 characters"],
  ])("can't be %j", (name, words) => expect(nameProblem(name)).toContain(words));

  it("is the same however its letters are composed", () => {
    expect(tidyName(" cafe\u0301.txt ")).toBe("caf\u00e9.txt");
  });
});

describe("two names", () => {
  it("clash when they are the same, or one is the other's folder", () => {
    expect(clash("a", ["a"])).toContain("already a file");
    expect(clash("a", ["a/b"])).toContain("already a folder");
    expect(clash("a/b", ["a"])).toContain("a is a file");
    expect(clash("a/b", ["a/c", "ab", "a.py"])).toBeNull();
  });

  it("stand in an order of which main.py is the first", () => {
    const names = ["b.py", "pkg/z.py", "file10.txt", "main.py", "pkg/a.py", "file9.txt", "pkg.py"];
    expect(names.sort(compareNames)).toEqual([
      "main.py",
      "b.py",
      "file9.txt",
      "file10.txt",
      "pkg.py",
      "pkg/a.py",
      "pkg/z.py",
    ]);
  });
});

it.each([
  ["a.py", "a_2.py"],
  ["data.old/people", "data.old/people_2"],
  [".env", ".env_2"],
  ["dir/.env", "dir/.env_2"],
])("the next free name after %s is %s", (name, next) => {
  expect(freeName(name, (other) => other === name)).toBe(next);
});
