export { createFileAtomic, makeFolder, writeFileAtomic } from './node/atomicFile.js';
export { ContentCache, type ContentCacheOptions } from './node/cache/contentCache.js';
export {
  cacheDir,
  ceremonySrs,
  cutSrs,
  DEVELOPMENT_WARNING,
  defaultCache,
  developmentSrs,
  importPtau,
  importSrs,
  inspectSrs,
  readSrs,
  type Srs,
  warnOfDevelopment,
} from './node/srsStore.js';
