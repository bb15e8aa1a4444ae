import { useSignal } from "@preact/signals";
import { GraduationCap, type IconNode, MessagesSquare, Users } from "lucide";
import { useId } from "preact/hooks";
import { createRoom, joinRoom, Refused } from "../rooms";
import type { Kind } from "../wire/protocol";
import { Brand } from "./brand";
import { Icon } from "./icon";

const KINDS: readonly { kind: Kind; name: string; what: string; icon: IconNode }[] = [
  { kind: "pair", name: "Pair", what: "Write one program together.", icon: Users },
  { kind: "interview", name: "Interview", what: "Think out loud, side by side.", icon: MessagesSquare },
  { kind: "class", name: "Class", what: "Show, run and let everyone follow.", icon: GraduationCap },
];

export function LandingPage() {
  return (
    <div class="page">
      <header class="page-head">
        <Brand />
      </header>
      <main class="landing">
        <div class="landing-words">
          <h1>Python, written together.</h1>
          <p class="lead">
            Open a room, send the link, and type in the same file. Every program runs safely in your own
            browser, with nothing to install.
          </p>
          <Start />
          <Join />
        </div>
        <Picture />
      </main>
      <PageFoot />
    </div>
  );
}

export function PageFoot() {
  return (
    <footer class="page-foot soft">
      <p>No account needed. Whoever has the link can join.</p>
      <a href="/about">About</a>
    </footer>
  );
}

function Start() {
  const starting = useSignal<Kind | null>(null);
  const problem = useSignal<string | null>(null);
  const start = async (kind: Kind) => {
    starting.value = kind;
    problem.value = null;
    try {
      const { links } = await createRoom(kind);
      location.assign(links.host);
    } catch (reason) {
      problem.value = sentence(reason);
      starting.value = null;
    }
  };
  return (
    <section aria-labelledby="start" class="start">
      <h2 id="start">Start a room</h2>
      <div class="start-buttons">
        {KINDS.map(({ kind, name, what, icon }) => (
          <div key={kind} class="start-card">
            <Icon of={icon} />
            <button
              type="button"
              class="start-button"
              aria-describedby={`what-${kind}`}
              disabled={starting.value !== null}
              onClick={() => start(kind)}
            >
              {name}
            </button>
            <p id={`what-${kind}`}>{what}</p>
          </div>
        ))}
      </div>
      <p role="status" class="problem">
        {problem}
      </p>
    </section>
  );
}

function Join() {
  const id = useId();
  const given = useSignal("");
  const problem = useSignal<string | null>(null);
  const join = async () => {
    problem.value = null;
    const text = given.value.trim();
    if (text === "") return;
    try {
      location.assign(roomLink(text) ?? (await joinRoom(text)).url);
    } catch (reason) {
      problem.value = sentence(reason);
    }
  };
  return (
    <section aria-labelledby="join" class="join">
      <h2 id="join">Join a room</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void join();
        }}
      >
        <label for={id}>Join code or link</label>
        <div class="field-row">
          <input
            id={id}
            value={given}
            onInput={(event) => {
              given.value = event.currentTarget.value;
            }}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            aria-describedby={`${id}-problem`}
          />
          <button type="submit" class="button primary">
            Join
          </button>
        </div>
        <p id={`${id}-problem`} role="status" class="problem">
          {problem}
        </p>
      </form>
    </section>
  );
}

/** The address, when what was pasted is a link to a room of this server; a link to elsewhere is refused. */
function roomLink(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.origin !== location.origin || !url.pathname.startsWith("/r/"))
    throw new Refused(400, "This link leads somewhere else. Open it in your browser's address bar.");
  return url.href;
}

const sentence = (reason: unknown): string =>
  reason instanceof Refused
    ? reason.message
    : "The server can't be reached. Check your connection and try again.";

/** What a room looks like, for whoever has never been in one. */
function Picture() {
  return (
    <div class="picture" aria-hidden="true">
      <div class="picture-bar">
        <span class="picture-tab">main.py</span>
        <span class="avatar member-0">A</span>
        <span class="avatar member-4">M</span>
      </div>
      <pre class="picture-code">
        <span class="tok-keyword">def</span> <span class="tok-name">greet</span>(name):{"\n"}
        {"    "}
        <span class="tok-keyword">return</span> <span class="tok-string">f"Hello, {"{name}"}!"</span>
        <span class="picture-caret member-0">
          <span>Ada</span>
        </span>
        {"\n\n"}
        <span class="tok-keyword">for</span> name <span class="tok-keyword">in</span> room:{"\n"}
        {"    "}
        <span class="tok-name">print</span>(greet(name))
        <span class="picture-caret member-4">
          <span>Mei</span>
        </span>
      </pre>
      <pre class="picture-output">Hello, Ada!{"\n"}Hello, Mei!</pre>
    </div>
  );
}
