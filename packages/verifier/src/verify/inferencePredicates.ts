import { type GraphInfo, PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceProof } from '../bundle/inference.js';
import { predicateKey, predicatesOf, type Reveal } from './reveal.js';

/**
 * That a proof shows these predicates of a network's last layer, and nothing else. Errors: `EXPECTED_MISMATCH`.
 *
 * Weights that are named as a network's say that the graph is one, and that its predicates are of the last layer: the engine derives no
 * digest of others (docs/protocol/graph-proof.md, section 3).
 */
export function expectPredicates(
  { settings }: InferenceProof,
  { outputs }: GraphInfo,
  reveal: Reveal | readonly Reveal[],
): string {
  const said = outputs.flatMap(({ says }) => (says ? [says] : []));
  const { weights } = JSON.parse(settings) as { weights?: unknown };
  const found = said.map(({ predicate }) => predicateKey(predicate));
  if (said.length === outputs.length && weights !== 'graph') {
    const wanted = predicatesOf('verifyInference', reveal, { bits: said[0]!.bits }).map(predicateKey);
    if (wanted.length === found.length && wanted.every((key) => found.includes(key)))
      return "predicates of the network's outputs, as expected";
  }
  throw new PotError(
    'EXPECTED_MISMATCH',
    'the proof does not show the predicates that the verifier expects',
    {
      details: { name: 'reveal', found },
    },
  );
}
