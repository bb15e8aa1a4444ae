// What the room's files may be called: paths below the room's folder, such as `main.py` or `data/people.csv`.

export const LONGEST_FILE_NAME = 100;

/** Control characters, line separators, and those that turn the direction of text or take no place at all. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;

/** One way to write each letter, and no space around. */
export const tidyName = (name: string): string => name.trim().normalize("NFC");

/** Why no file can be called this, as a sentence; null when one can. */
export function nameProblem(name: string): string | null {
  const parts = name.split("/");
  if (name === "") return "A file needs a name.";
  if (name.length > LONGEST_FILE_NAME) return `A name has at most ${LONGEST_FILE_NAME} characters.`;
  if (UNSEEN.test(name) || !name.isWellFormed())
    return "A name can't contain line breaks or other characters that can't be seen.";
  if (name.includes("\\")) return "Please write folders with a slash, like data/people.csv.";
  if (name.startsWith("/")) return "Please leave out the slash at the beginning.";
  if (name.endsWith("/")) return "The name of the file is missing after the slash.";
  if (parts.includes("")) return "There are two slashes in a row.";
  if (parts.includes(".") || parts.includes("..")) return 'No part of a name can be "." or "..".';
  return null;
}

/** Why a file can't be called this beside the others, as a sentence; null when it can. */
export function clash(name: string, others: Iterable<string>): string | null {
  for (const other of others) {
    if (other === name) return `There is already a file called ${name}.`;
    if (other.startsWith(`${name}/`)) return `There is already a folder called ${name}.`;
    if (name.startsWith(`${other}/`)) return `${other} is a file, so nothing can be in it.`;
  }
  return null;
}

/** `helper.py`, `helper_2.py`, and so on: the first that `isTaken` lets through. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  const dot = name.lastIndexOf(".");
  const [stem, suffix] = dot > name.lastIndexOf("/") + 1 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 2; ; n++) {
    const other = `${stem}_${n}${suffix}`;
    if (!isTaken(other)) return other;
  }
}

/** The folders that a path goes through: `a` and `a/b` for `a/b/c.py`. */
export function* foldersOf(name: string): Generator<string> {
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) yield name.slice(0, at);
}

export const isPython = (name: string): boolean => name.endsWith(".py");

/** Where the last part begins. */
export const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

const collator = new Intl.Collator("en", { numeric: true });

/** `main.py` first, the others by path. */
export function compareNames(a: string, b: string): number {
  return Number(b === "main.py") - Number(a === "main.py") || collator.compare(a, b);
}
