import type { Download } from "../runtime/runs";
import type { Session } from "../session";

/** Which packages are on their way, or could be. */
export function PackagesNote({ session }: { session: Session }) {
  const phase = session.python.phase.value;
  const download = phase.phase === "loading-packages" ? phase.download : null;
  const offered = phase.phase === "idle" ? session.python.offered.value : null;
  return (
    <>
      {/* Heard once for each package; how much of it has come is for the eyes. */}
      <p class="unseen" role="status" aria-label="Packages">
        {download !== null && `Loading ${listed(download.names)}`}
      </p>
      {download !== null && (
        <p class="pane-note packages-note" aria-hidden="true">
          Loading {listed(download.names)}
          {progressWords(download)}
          {download.total !== null && <progress value={download.loaded / download.total} />}
        </p>
      )}
      {offered !== null && (
        <p class="pane-note packages-note">
          {offered} is not loaded yet.
          <button type="button" class="button" onClick={() => session.runOrStop()}>
            Load {offered} and run again
          </button>
        </p>
      )}
    </>
  );
}

const MOST_NAMES = 2;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

const MEGABYTE = 1_000_000;

function progressWords({ loaded, total }: Download): string {
  return total === null ? "…" : `, ${(loaded / MEGABYTE).toFixed(1)} of ${(total / MEGABYTE).toFixed(1)} MB`;
}
