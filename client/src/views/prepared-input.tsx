import { useId } from "preact/hooks";
import { LONGEST_PREPARED_TEXT, type Stdin } from "../stdin";

/** A line high until it is used. */
export function PreparedInput({ stdin }: { stdin: Stdin }) {
  const { text, ends } = stdin.prepared.value;
  const id = useId();
  return (
    <div class="prepared-input">
      <label for={id}>Input for the program</label>
      <textarea
        id={id}
        class="code"
        rows={1}
        value={text}
        maxLength={LONGEST_PREPARED_TEXT}
        onInput={(event) => stdin.prepare({ text: event.currentTarget.value, ends })}
        placeholder="Optional: one line for each question"
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        aria-describedby={`${id}-what`}
      />
      <span id={`${id}-what`} class="unseen">
        Each run gets these lines first. After them it asks you.
      </span>
      {text !== "" && (
        <label class="prepared-input-end">
          <input
            type="checkbox"
            checked={ends}
            onChange={(event) => stdin.prepare({ text, ends: event.currentTarget.checked })}
          />
          No more after these lines
        </label>
      )}
    </div>
  );
}
