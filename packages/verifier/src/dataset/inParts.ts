/** Work that can be done in parts: it stops after each, for whoever does it to do something else. */
export type InParts<T> = Generator<void, T>;

/** Does it all at once. */
export function atOnce<T>(work: InParts<T>): T {
  for (;;) {
    const part = work.next();
    if (part.done) return part.value;
  }
}
