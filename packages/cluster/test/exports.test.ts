import { expect, it } from 'vitest';
import * as cluster from '../src/index.js';

it('exports these names and no others', () => {
  expect(Object.keys(cluster).sort()).toEqual([
    'ClusterWorker',
    'FolderStore',
    'LocalCluster',
    'QueueView',
    'S3Store',
    'connectLinks',
    'connectQueue',
    'makeIdentity',
    'queueState',
    'readIdentity',
  ]);
});
