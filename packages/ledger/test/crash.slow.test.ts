import { it } from 'vitest';
import { loseNothing } from './helpers/kills.js';

/** Of a run of this tier; more by hand: `POT_KILLS=1000 pnpm test:slow packages/ledger`. */
const KILLS = Number(process.env.POT_KILLS ?? 25);

it(
  `${KILLS} writers that are killed lose nothing that they acknowledged`,
  () => loseNothing(KILLS),
  3_600_000,
);
