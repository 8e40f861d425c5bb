import { expect, it } from 'vitest';
import * as zkml from '../src/index.js';

it('exports exactly what is documented', () => {
  expect(Object.keys(zkml).sort()).toEqual([
    'ComplianceEngine',
    'ZkmlEngine',
    'parseCompliance',
    'verifyComplianceProof',
  ]);
});
