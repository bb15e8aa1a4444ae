import { useSignal } from "@preact/signals";
import { ChevronDown } from "lucide";
import { useId } from "preact/hooks";
import type { Person, Session } from "../session";
import { Icon } from "./icon";
import { roleWords } from "./words";

/** One list in two shapes: a row of initials, and, opened, everyone with role and status. */
export function People({ session }: { session: Session }) {
  const open = useSignal(false);
  const id = useId();
  const people = session.people.value;
  const close = () => {
    open.value = false;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what the button in here opened
    <div
      class="people"
      onKeyDown={(event) => event.key === "Escape" && close()}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close();
      }}
    >
      <ul id={id} aria-label="People" class={open.value ? "people-card" : "people-row"}>
        {people.map((person) => (
          <PersonItem key={person.member.id} person={person} />
        ))}
      </ul>
      <button
        type="button"
        class="button quiet people-more"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <span class="unseen">Who is here: </span>
        {people.length}
        <Icon of={ChevronDown} />
      </button>
    </div>
  );
}

function PersonItem({ person }: { person: Person }) {
  const { member, me } = person;
  const status = statusOf(person);
  return (
    <li
      class={`person member-${member.colour}`}
      data-activity={person.activity}
      title={`${member.name} · ${roleWords[member.role]} · ${status}`}
    >
      <span class="avatar" aria-hidden="true">
        {initials(member.name)}
      </span>
      <span class="person-text">
        <span class="person-name">
          {member.name}
          {me && <span class="soft"> (you)</span>}
        </span>{" "}
        <span class="person-facts">
          <span>{roleWords[member.role]}</span>
          {" · "}
          <span>{status}</span>
        </span>
      </span>
    </li>
  );
}

function statusOf({ activity, elsewhere }: Person): string {
  switch (activity) {
    case "typing":
      return elsewhere === null ? "typing" : `typing in ${elsewhere}`;
    case "running":
      return "running";
    case "idle":
      return elsewhere === null ? "here" : `in ${elsewhere}`;
  }
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}
