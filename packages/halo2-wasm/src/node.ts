export { makeFolder, writeFileAtomic } from './node/atomicFile.js';
export {
  cacheDir,
  DEVELOPMENT_WARNING,
  developmentSrs,
  importPtau,
  inspectSrs,
  readSrs,
  type Srs,
} from './node/srsStore.js';
