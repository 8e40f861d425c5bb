/**
 * What the peers needed on another machine: shown, and labelled so, where a peer is not run.
 * All single runs, proving alone. EZKL: full step, batch 8, 7 fractional bits. circom: the update alone, no commitments.
 */
export const STORED = {
  date: '2026-11-21',
  machine: '2-core Xeon, 23 GB',
  ezkl: {
    version: '23.0.5',
    960: {
      keygenMs: 13_200,
      provingMs: 13_200,
      verifyingMs: 60,
      proofBytes: 10_176,
      peakBytes: 975e6,
      logrows: 15,
    },
    8832: {
      keygenMs: 103_800,
      provingMs: 105_900,
      verifyingMs: 420,
      proofBytes: 10_176,
      peakBytes: 7445e6,
      logrows: 18,
    },
    22876: {
      keygenMs: 397_000,
      provingMs: 284_500,
      verifyingMs: 1260,
      proofBytes: 13_088,
      peakBytes: 19_366e6,
      logrows: 19,
    },
  },
  /**
   * shared/spikes/weights.rs in WebAssembly, one thread, built with its own field patch: the weights part of a step
   * alone, exact, 7 columns of 36-bit weights at k = 14. The least of six proofs, on the machine of benchmarks/results.
   */
  spike: { cells: 114_240, provingMs: 4510 },
  /**
   * PUBLISHED, not measured by us: zkLoRA's Halo2 backend (zklora-halo2-v3), benchmarks/native_v3_results.md of
   * github.com/bageldotcom/zkLoRA at 8a5847f: one proof of the forward product `scaling B (A x)` of one row, 64 x 4 x 64,
   * with its key at hand; with the key 47.2 s. 20 fractional bits. Their newer backend is no Halo2 circuit
   * (sigma_v4_results.md at 23d9bfd): the same product in 35 ms, proofs of 99 KB, after a proof about each adapter that is made once.
   */
  zklora: {
    version: 'zklora-halo2-v3',
    published: '2026-06-10',
    machine: '4 cores, 15 GB',
    provingMs: 10_800,
    coldMs: 47_200,
    verifyingMs: 220,
    logrows: 17,
    newer: { version: 'sigma-v4', provingMs: 35, verifyingMs: 36, proofBytes: 99_000 },
  },
  circom: {
    version: 'circom2, snarkjs 0.7.6, Groth16',
    1000: { keygenMs: 13_800, provingMs: 1350, verifyingMs: 385, proofBytes: 801, peakBytes: 228e6 },
    10000: { keygenMs: 192_000, provingMs: 8770, verifyingMs: 540, proofBytes: 805, peakBytes: 804e6 },
  },
};

/** A peer's figures at a size: of this run, or the stored ones, or undefined. `source` says which. */
export function peerFigures(run, peer, weights) {
  const record = run.records.find((r) => r.id === `${peer}/${weights}`);
  if (record?.status === 'done') return { ...record.result, source: 'this run', stored: false };
  const figures = STORED[peer][weights];
  if (!figures) return undefined;
  const why = record ? `; here: ${record.error.message}` : '';
  return { ...figures, source: `stored, ${STORED.date}, ${STORED.machine}${why}`, stored: true };
}
