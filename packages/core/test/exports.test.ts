import { expect, it } from 'vitest';
import * as core from '../src/index.js';

it('exports exactly what is documented', () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot();
});
