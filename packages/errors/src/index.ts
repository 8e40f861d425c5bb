// The public interface. A test holds this list: packages/errors/test/exports.test.ts.

export { type ErrorDescription, errorCodes, errorSections, type PotErrorCode } from './codes/index.js';
export { asPotError, isPotError, PotError, type PotErrorJson, type PotErrorOptions } from './potError.js';
export { printable } from './printable.js';
