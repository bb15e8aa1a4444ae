import type { Session } from "../session";
import { closedSentence } from "./words";

/** A sentence over the room while something is not as usual. */
export function Banner({ session }: { session: Session }) {
  const connection = session.connection.value;
  switch (connection.state) {
    case "closed":
      return (
        <div class="banner bad" role="alert">
          <p>{closedSentence(connection.code)}</p>
          <a class="button" href="/">
            Start or join another room
          </a>
        </div>
      );
    case "offline":
      return (
        <div class="banner">
          <p>You are offline. Your edits are kept on this device and will merge when the network is back.</p>
        </div>
      );
    case "reconnecting":
      return (
        <div class="banner">
          <p>
            The server is out of reach. Your edits are kept on this device and will merge when it answers.
          </p>
        </div>
      );
    case "connecting":
    case "live":
      return session.canEdit.value ? null : (
        <div class="banner view-only">
          <p>
            <strong>View only.</strong> You see all that happens and can run the code for yourself.
          </p>
        </div>
      );
  }
}
