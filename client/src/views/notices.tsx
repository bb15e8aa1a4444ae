import { X } from "lucide";
import type { Session } from "../session";
import { Icon } from "./icon";

export function Notices({ session }: { session: Session }) {
  return (
    <div class="notices" role="status" aria-label="Notices">
      {session.notices.value.map(({ id, text }) => (
        <div key={id} class="notice">
          <p>{text}</p>
          <button
            type="button"
            class="button quiet icon-only"
            aria-label="Dismiss"
            onClick={() => session.dismiss(id)}
          >
            <Icon of={X} />
          </button>
        </div>
      ))}
    </div>
  );
}
