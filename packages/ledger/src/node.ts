// The public interface in Node: everything that verifies, and the log itself. A test holds this list: packages/ledger/test/exports.test.ts.

export * from './index.js';
export type { EventQuery } from './log/eventIndex.js';
export { type Appended, EventLog, type RecordedEvent } from './log/eventLog.js';
export { folderSource } from './log/files.js';
export type { CreateLogOptions, OpenLogOptions } from './log/options.js';
