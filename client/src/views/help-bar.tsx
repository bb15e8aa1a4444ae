import type { Command } from "@codemirror/view";
import { CircleCheck, TextAlignStart, TriangleAlert } from "lucide";
import type { Help } from "../editor/help";
import { ALT, MOD, SHIFT } from "../keys";
import { Icon } from "./icon";

interface HelpBarProps {
  readonly help: Help;
  readonly canEdit: boolean;
  readonly perform: (command: Command) => void;
}

const LIST_KEYS = `${MOD} ${SHIFT} M, and F8 goes to the next`;
const FORMAT_KEYS = `${SHIFT} ${ALT} F`;

/** Under the code, as soon as there is help: how many problems it has, and Format. */
export function HelpBar({ help, canEdit, perform }: HelpBarProps) {
  const tools = help.tools.value;
  const problems = help.problems.value;
  return (
    <div class="help-bar">
      {tools !== null && problems !== null && (
        <>
          <button
            type="button"
            class="button quiet problems"
            data-state={problems === 0 ? "none" : "some"}
            aria-keyshortcuts="Control+Shift+M Meta+Shift+M"
            title={LIST_KEYS}
            onClick={() => perform(tools.listProblems)}
          >
            <Icon of={problems === 0 ? CircleCheck : TriangleAlert} />
            {problems === 0 ? "No problems" : problems === 1 ? "1 problem" : `${problems} problems`}
          </button>
          {canEdit && (
            <button
              type="button"
              class="button quiet"
              aria-keyshortcuts="Shift+Alt+F"
              title={FORMAT_KEYS}
              onClick={() => perform(tools.format)}
            >
              <Icon of={TextAlignStart} />
              Format
            </button>
          )}
        </>
      )}
    </div>
  );
}
