import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Editor } from "../editor/editor";
import type { File } from "../files";
import type { Session } from "../session";
import { EDITOR_PANEL, FileTabs, tabId } from "./files";

export const VIEW_ONLY = "View only: ask the host for an editor link if you want to type here.";

export function EditorPane({ session }: { session: Session }) {
  const file = session.files.active.value;
  return (
    <section class="editor-pane" aria-label="Code">
      <FileTabs session={session} />
      <div
        id={EDITOR_PANEL}
        role="tabpanel"
        class="editor"
        aria-labelledby={file === null ? undefined : tabId(file)}
      >
        {file === null ? (
          <p class="editor-waiting soft">Fetching the code…</p>
        ) : (
          <EditorOn key={file.id} session={session} file={file} />
        )}
      </div>
    </section>
  );
}

function EditorOn({ session, file: { text } }: { session: Session; file: File }) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(null);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const made = new Editor({
      parent,
      text,
      awareness: session.awareness,
      owners: session.members.byClient,
      canEdit: session.canEdit.peek(),
      nonce: document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "",
      describedBy: "editor-keys",
      run: () => session.runOrStop(),
      refused: () => session.notify(VIEW_ONLY),
    });
    editor.current = made;
    // On entry the caret is where the work is; a dialog or a field that has the focus keeps it.
    if (document.activeElement === document.body) made.focus();
    return () => made.destroy();
  }, [session, text]);
  useSignalEffect(() => editor.current?.permit(session.canEdit.value));
  useSignalEffect(() =>
    editor.current?.mark(session.places.marks.value.filter((mark) => mark.text === text)),
  );
  useSignalEffect(() => {
    const target = session.places.target.value;
    if (target?.text !== text) return;
    place.current?.scrollIntoView({ block: "nearest" });
    editor.current?.show(target.line);
    session.places.arrived();
  });
  return <div ref={place} class="editor-place" />;
}
