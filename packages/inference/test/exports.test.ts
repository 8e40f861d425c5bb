import { expect, it } from 'vitest';
import * as anywhere from '../src/index.js';
import * as node from '../src/node.js';

it('exports exactly what is documented', () => {
  const both = [
    'checkModel',
    'commitModel',
    'exportOnnx',
    'memoryUses',
    'parseInference',
    'proveEvaluation',
    'proveForest',
    'proveInference',
    'proveRange',
    'readOnnx',
    'verifyEvaluation',
    'verifyForest',
    'verifyInference',
  ];
  expect(Object.keys(anywhere).sort()).toEqual(both);
  expect(Object.keys(node).sort()).toEqual(['fileUses', ...both].sort());
});
