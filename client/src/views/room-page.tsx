import { useEffect } from "preact/hooks";
import type { RoomInfo } from "../rooms";
import type { Session } from "../session";
import { ArrivalsView } from "./arrivals";
import { Banner } from "./banner";
import { EditorPane } from "./editor-pane";
import { GonePage } from "./gone-page";
import { NameDialog } from "./name-dialog";
import { Notices } from "./notices";
import { OutputPane } from "./output-pane";
import { StatusBar } from "./status";
import { Toolbar } from "./toolbar";

export function RoomPage({ session }: { session: Session }) {
  const stage = session.stage.value;
  switch (stage.stage) {
    case "opening":
      return (
        <p class="opening soft" role="status">
          Opening the room…
        </p>
      );
    case "gone":
      return <GonePage status={stage.status} />;
    case "open":
      return <Room session={session} info={stage.info} />;
  }
}

function Room({ session, info }: { session: Session; info: RoomInfo }) {
  useEffect(() => {
    const listening = new AbortController();
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.defaultPrevented || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        if (document.querySelector("dialog[open]") !== null) return;
        event.preventDefault();
        if (event.shiftKey) session.runTests();
        else session.runOrStop();
      },
      { signal: listening.signal },
    );
    return () => listening.abort();
  }, [session]);
  return (
    <div class="room">
      <Toolbar session={session} info={info} />
      <main>
        <Banner session={session} />
        <div class="panes">
          <EditorPane session={session} />
          <OutputPane session={session} />
        </div>
      </main>
      <StatusBar session={session} />
      <Notices session={session} />
      <ArrivalsView session={session} />
      {session.name.value === null && <NameDialog enter={(name) => session.enter(name)} />}
    </div>
  );
}
