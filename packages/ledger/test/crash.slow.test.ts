import { it } from 'vitest';
import { loseNothing } from './helpers/kills.js';

it('100 writers that are killed lose nothing that they acknowledged', () => loseNothing(100));
