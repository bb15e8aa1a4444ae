import { Brand } from "./brand";
import { goneSentence } from "./words";

export function GonePage({ status }: { status: number }) {
  return (
    <div class="page">
      <header class="page-head">
        <Brand />
      </header>
      <main class="gone">
        <h1>This room can't be opened</h1>
        <p class="lead">{goneSentence(status)}</p>
        <p class="gone-actions">
          <a class="button primary" href="/">
            Start or join another room
          </a>
          <button type="button" class="button" onClick={() => location.reload()}>
            Try again
          </button>
        </p>
      </main>
    </div>
  );
}
