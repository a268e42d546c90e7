/** Waits for the person to confirm who it is; whoever asks meanwhile waits for the same answer. */
let pending: { promise: Promise<boolean>; settle: (confirmed: boolean) => void } | null = null;
let show: ((isAsked: boolean) => void) | null = null;

/** @returns whether it was confirmed; false when the person thought better of it. */
export function askForConfirmation(): Promise<boolean> {
  if (pending === null) {
    let settle: (confirmed: boolean) => void = () => undefined;
    const promise = new Promise<boolean>((resolve) => (settle = resolve));
    pending = { promise, settle };
    show?.(true);
  }
  return pending.promise;
}

export function answerConfirmation(confirmed: boolean): void {
  pending?.settle(confirmed);
  pending = null;
  show?.(false);
}

/** The one dialog that asks. */
export function onConfirmationAsked(listener: (isAsked: boolean) => void): () => void {
  show = listener;
  return () => {
    if (show === listener) show = null;
  };
}
