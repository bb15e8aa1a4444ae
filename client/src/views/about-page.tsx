import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Brand } from "./brand";

interface ThirdParty {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
  readonly url: string;
}

type Notices = { state: "asking" } | { state: "known"; list: readonly ThirdParty[] } | { state: "unknown" };

export function AboutPage() {
  return (
    <div class="page">
      <header class="page-head">
        <Brand />
      </header>
      <main class="about">
        <h1>About Caretroom</h1>
        <p class="lead">
          Caretroom is a room for writing Python together. Code is shared live between everyone who has the
          link; each program runs only in the browser of the person who pressed Run, shut off from the page
          around it.
        </p>
        <p>Caretroom is free software under the MIT licence. It stands on the work of many others:</p>
        <Thanks />
      </main>
    </div>
  );
}

function Thanks() {
  const notices = useSignal<Notices>({ state: "asking" });
  useEffect(() => {
    fetch("/notices.json")
      .then(async (response) => {
        if (!response.ok) throw new Error(`status ${response.status}`);
        notices.value = { state: "known", list: (await response.json()) as ThirdParty[] };
      })
      .catch(() => {
        notices.value = { state: "unknown" };
      });
  }, [notices]);
  switch (notices.value.state) {
    case "asking":
      return <p class="soft">Fetching the list…</p>;
    case "unknown":
      return <p class="soft">The list can't be fetched just now. Please try again in a moment.</p>;
    case "known":
      return (
        <ul class="thanks" aria-label="Third-party software">
          {notices.value.list.map(({ name, version, license, text, url }) => (
            <li key={`${name} ${version}`}>
              <details>
                <summary>
                  <strong>{name}</strong> {version} <span class="soft">{license}</span>
                </summary>
                {/^https:\/\//.test(url) && (
                  <p>
                    <a href={url} rel="noopener">
                      {url}
                    </a>
                  </p>
                )}
                <pre>{text}</pre>
              </details>
            </li>
          ))}
        </ul>
      );
  }
}
