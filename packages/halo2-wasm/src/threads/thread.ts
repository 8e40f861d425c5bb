/** A worker that has joined. */
export interface Thread {
  end(): Promise<void>;
}
