import { expect, it } from 'vitest';
import * as errors from '../src/index.js';

it('exports these names and no others', () => {
  expect(Object.keys(errors).sort()).toEqual([
    'PotError',
    'asPotError',
    'errorCodes',
    'errorSections',
    'isPotError',
    'printable',
  ]);
});
