/** Two carets in one place: what Caretroom is. */
export function Brand() {
  return (
    <a class="brand" href="/" aria-label="Caretroom, to the start page">
      <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
        <path class="brand-one" d="M8 7h6M8 25h6M11 7v18" />
        <path class="brand-two" d="M18 7h6M18 25h6M21 7v18" />
      </svg>
      <span class="brand-word">Caretroom</span>
    </a>
  );
}
