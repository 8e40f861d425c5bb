/** First byte of an entry: the hash of an event's field commitments follows. */
export const EVENT = 1;
/** First byte of an entry: the hash of a note about keys follows. */
export const ROTATION = 2;
