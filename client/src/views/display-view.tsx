import { Copy, Download, Expand, Shrink, ZoomIn } from "lucide";
import { useState } from "preact/hooks";
import { type Display, displayProblem } from "../displays";
import type { Shown } from "../transcript";
import { Icon } from "./icon";
import { MarkupFrame } from "./markup-frame";
import { Modal } from "./modal";
import { asPng, Picture, savePicture } from "./picture";

/** What a program showed, in its place between the lines. */
export function DisplayView({ shown }: { shown: Shown }) {
  const display = shown.value;
  if (display === null) return <Missing why="What was shown here had to make way for what came later." />;
  const problem = displayProblem(display);
  if (problem !== null) return <Missing why={problem} />;
  return display.mime === "text/html" ? <Markup display={display} /> : <Exhibit display={display} />;
}

function Missing({ why }: { why: string }) {
  return <p class="voice-gap">… {why}</p>;
}

function Exhibit({ display }: { display: Display }) {
  const [large, setLarge] = useState(false);
  const [copy, setCopy] = useState("Copy");
  const [problem, setProblem] = useState<string | null>(null);
  if (problem !== null) return <Missing why={problem} />;
  // Browsers offer no clipboard to pages that came over plain http.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  const write = () =>
    clipboard?.write([new ClipboardItem({ "image/png": asPng(display) })]).then(
      () => setCopy("Copied"),
      () => setCopy("Your browser does not allow it"),
    );
  const what = <span class="unseen"> {display.alt}</span>;
  return (
    <figure class="exhibit">
      <Picture display={display} onProblem={setProblem} />
      <div class="exhibit-tools">
        <button type="button" class="button quiet" onClick={() => setLarge(true)}>
          <Icon of={ZoomIn} />
          Enlarge{what}
        </button>
        <button type="button" class="button quiet" onClick={() => savePicture(display)}>
          <Icon of={Download} />
          Download{what}
        </button>
        {clipboard !== undefined && (
          <button type="button" class="button quiet" onClick={write} onBlur={() => setCopy("Copy")}>
            <Icon of={Copy} />
            <span aria-live="polite">{copy}</span>
            {what}
          </button>
        )}
      </div>
      {large && (
        <Modal title={display.alt} wide onClose={() => setLarge(false)}>
          <Picture display={display} onProblem={setProblem} />
          <div class="modal-actions">
            <button type="button" class="button" onClick={() => setLarge(false)}>
              Close
            </button>
          </div>
        </Modal>
      )}
    </figure>
  );
}

function Markup({ display }: { display: Display }) {
  const [large, setLarge] = useState(false);
  return (
    <figure class="exhibit">
      <MarkupFrame display={display} large={large} />
      <div class="exhibit-tools">
        <button type="button" class="button quiet" aria-expanded={large} onClick={() => setLarge(!large)}>
          <Icon of={large ? Shrink : Expand} />
          {large ? "Shrink" : "Expand"}
          <span class="unseen"> {display.alt}</span>
        </button>
      </div>
    </figure>
  );
}
