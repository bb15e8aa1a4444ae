import { useSignal } from "@preact/signals";
import { LONGEST_NAME } from "../identity";
import { Modal } from "./modal";

export function NameDialog({ enter }: { enter: (name: string) => void }) {
  const name = useSignal("");
  return (
    <Modal title="Welcome">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const given = name.value.trim();
          if (given !== "") enter(given);
        }}
      >
        <p class="soft">Others in the room see it beside your caret. This device remembers it.</p>
        <label class="field">
          <span>Your name</span>
          <input
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
            maxLength={LONGEST_NAME}
            autoComplete="nickname"
            spellcheck={false}
            required
          />
        </label>
        <button type="submit" class="button primary">
          Join
        </button>
      </form>
    </Modal>
  );
}
