/** Poseidon of two field elements, given and taken as 0x hex (circomlib's parameters). */
export type HashPair = (left: string, right: string) => string;
