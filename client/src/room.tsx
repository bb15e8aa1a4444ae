// The room page: what the address says becomes a session, and the session is put on the screen.

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/page.css";
import "./styles/room.css";
import "./styles/editor.css";
import "./styles/help.css";
import "./styles/output.css";
import "./styles/display.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { openMemory } from "./identity";
import { Runner } from "./runtime/runner";
import { Session } from "./session";
import { RoomPage } from "./views/room-page";
import { kindWords } from "./views/words";
import { browserSurroundings } from "./wire/surroundings";

const python = document.querySelector<HTMLMetaElement>("meta[name=python]")?.content ?? "";

const session = new Session({
  room: decodeURIComponent(location.pathname.split("/")[2] ?? ""),
  token: location.hash.slice(1),
  origin: location.origin.replace(/^http/, "ws"),
  memory: openMemory(() => localStorage),
  surroundings: browserSurroundings,
  python: (onEvent) => new Runner({ folder: python, onEvent }),
  moved: (link) => history.replaceState(null, "", link),
  stale: () => location.reload(),
});

effect(() => {
  const stage = session.stage.value;
  if (stage.stage === "open")
    document.title = `${stage.info.title || kindWords[stage.info.kind]} · Caretroom`;
});

// Another token in the same tab is another visit; so is a page that comes back from the browser's cache.
window.addEventListener("hashchange", () => location.reload());
window.addEventListener("pagehide", () => session.destroy());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

render(<RoomPage session={session} />, document.getElementById("page") as HTMLElement);
void session.start();
