// The browser's own answer to whether anyone looks and whether there is a network.

import type { Surroundings } from "./socket";

export const browserSurroundings: Surroundings = {
  visible: () => document.visibilityState === "visible",
  online: () => navigator.onLine,
  watch(changed) {
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener("visibilitychange", changed, { signal });
    window.addEventListener("online", changed, { signal });
    window.addEventListener("offline", changed, { signal });
    return () => listening.abort();
  },
};
