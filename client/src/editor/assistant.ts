// What help while typing is made of, and a first look at a room doesn't need: help.ts loads it in its own time.

export { Knowledge } from "./knowledge";
export { Ruff } from "./ruff";
