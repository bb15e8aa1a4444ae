// How this machine's keyboard calls its keys, for hints.

const mac = navigator.platform.startsWith("Mac");

export const MOD = mac ? "⌘" : "Ctrl";
export const SHIFT = mac ? "⇧" : "Shift";
export const ALT = mac ? "⌥" : "Alt";
