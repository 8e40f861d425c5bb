/**
 * The words of the insecure development SRS's [tau]_2 (its first coordinate) that a generated verifier has as
 * constants. Everybody can forge proofs for such a verifier.
 */
const DEVELOPMENT_WORDS = [
  '20ad765c689b118045db0795fd9aff55fe7f080b5bfc0e8ebf956915dce53814',
  '2746c85a26b074ea81ccaf4a0b97200fa76f1fd842da840048f0d194be1e9814',
];

/**
 * Whether a verifier's code (0x hex) is made with the insecure development SRS.
 *
 * @example
 * if (usesDevelopmentSrs(await connection.provider.getCode(address))) throw new Error('anyone can forge its proofs');
 */
export function usesDevelopmentSrs(code: string): boolean {
  const text = code.toLowerCase();
  return DEVELOPMENT_WORDS.every((word) => text.includes(word));
}
