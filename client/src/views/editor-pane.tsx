import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Editor } from "../editor/editor";
import { Help } from "../editor/help";
import { isPython } from "../file-names";
import type { File } from "../files";
import type { Session } from "../session";
import { FILE_SIZE_WORDS } from "../texts";
import { EDITOR_PANEL, FileTabs, tabId } from "./files";
import { HelpBar } from "./help-bar";
import { VIEW_ONLY } from "./words";

export function EditorPane({ session }: { session: Session }) {
  const file = session.files.active.value;
  const help = useHelp(session);
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
          <EditorOn key={`${file.id} ${isPython(file.name)}`} session={session} file={file} help={help} />
        )}
      </div>
    </section>
  );
}

function useHelp(session: Session): Help {
  // Whoever comes to run something shouldn't wait for help with writing it.
  const rested = useComputed(() => session.python.phase.value.phase !== "loading");
  const help = useMemo(
    () => new Help({ files: session.files.list, rested, tell: (sentence) => session.notify(sentence) }),
    [session, rested],
  );
  useEffect(() => () => help.destroy(), [help]);
  return help;
}

function EditorOn({ session, file: { name, text }, help }: { session: Session; file: File; help: Help }) {
  const python = isPython(name);
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(null);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const made = new Editor({
      parent,
      text,
      isPython: python,
      awareness: session.awareness,
      owners: session.members.byClient,
      canEdit: session.canEdit.peek(),
      nonce: document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "",
      describedBy: "editor-keys",
      run: () => session.runOrStop(),
      refused: () => session.notify(VIEW_ONLY),
      overfull: () =>
        session.notify(`That was too much: a file of the room holds at most ${FILE_SIZE_WORDS}.`),
    });
    editor.current = made;
    // On entry the caret is where the work is; a dialog or a field that has the focus keeps it.
    if (document.activeElement === document.body) made.focus();
    return () => made.destroy();
  }, [session, text, python]);
  useEffect(
    () => (editor.current === null ? undefined : help.attend(editor.current, name)),
    [help, text, name],
  );
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
  return (
    <>
      <div ref={place} class="editor-place" />
      {isPython(name) && (
        <HelpBar
          help={help}
          canEdit={session.canEdit.value}
          perform={(command) => void editor.current?.perform(command)}
        />
      )}
    </>
  );
}
