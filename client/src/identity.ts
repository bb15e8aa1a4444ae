// What this device remembers of its user: a name, and for each room a secret that proves "the same one as before".

/** The part of `localStorage` that is needed. A browser may refuse to remember: then everything lasts as long as the page. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export const LONGEST_NAME = 40;
const NAME = "caretroom.name";

export function rememberedName(memory: Memory): string | null {
  return memory.getItem(NAME);
}

export function rememberName(memory: Memory, name: string): void {
  memory.setItem(NAME, name);
}

/** 128 random bits, made on the first visit to the room. */
export function memberKey(memory: Memory, room: string): string {
  const place = `caretroom.key.${room}`;
  const known = memory.getItem(place);
  if (known !== null) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  memory.setItem(place, key);
  return key;
}

/** `localStorage`, or, where that is refused, something that forgets with the page. */
export function openMemory(storage: () => Storage): Memory {
  try {
    const memory = storage();
    memory.setItem("caretroom.probe", "1");
    memory.removeItem("caretroom.probe");
    return memory;
  } catch {
    const kept = new Map<string, string>();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  }
}
