import type { Session } from "../session";
import { closedSentence, connectionWords, kebab, pythonWords } from "./words";

/** The slim bar at the bottom: how connection, document and Python are. */
export function StatusBar({ session }: { session: Session }) {
  return (
    <footer class="status-bar">
      <ConnectionStatus session={session} />
      <SavedStatus session={session} />
      <PythonStatus session={session} />
      <span class="status-space" />
      <span id="editor-keys" class="status-hint">
        <kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor
      </span>
      <a class="status-link" href="/about" target="_blank" rel="noopener">
        About
      </a>
    </footer>
  );
}

function ConnectionStatus({ session }: { session: Session }) {
  const connection = session.connection.value;
  return (
    <div role="status" aria-label="Connection" class="status" data-state={connection.state}>
      <span class="dot" aria-hidden="true" />
      <span>{connectionWords[connection.state]}</span>
      {connection.state === "closed" && <span class="unseen">. {closedSentence(connection.code)}</span>}
    </div>
  );
}

function SavedStatus({ session }: { session: Session }) {
  const word = session.saved.value ? "Saved" : "Saving";
  return (
    <div role="status" aria-label="Saved" class="status" data-state={kebab(word)}>
      <span class="dot" aria-hidden="true" />
      {word}
    </div>
  );
}

function PythonStatus({ session }: { session: Session }) {
  const phase = session.python.phase.value;
  const progress = phase.phase === "loading" ? phase.progress : null;
  return (
    <>
      <span class="status-label">Python</span>
      <div role="status" aria-label="Python" class="status" data-state={kebab(pythonWords[phase.phase])}>
        <span class="dot" aria-hidden="true" />
        {pythonWords[phase.phase]}
      </div>
      {progress !== null && <progress class="status-progress" aria-label="Loading Python" value={progress} />}
    </>
  );
}
