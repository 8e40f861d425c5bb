/** The files of this package that a page loads. */
export type Name = 'plain' | 'threaded' | 'ignition';

/** Copies of some inside modules, made when the package is packed (embed.mjs): base64 of the file, gzipped. */
export type Embedded = { [name in Name]?: () => Promise<{ default: string }> };
