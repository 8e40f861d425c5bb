export { createFileAtomic, makeFolder, writeFileAtomic } from './node/atomicFile.js';
export { ContentCache, type ContentCacheOptions } from './node/cache/contentCache.js';
export {
  cacheDir,
  DEVELOPMENT_WARNING,
  defaultCache,
  developmentSrs,
  importPtau,
  inspectSrs,
  readSrs,
  type Srs,
  warnOfDevelopment,
} from './node/srsStore.js';
