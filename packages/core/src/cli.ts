// For packages that add commands to `pot`; no promise of stability.

export { readJsonFile, readProofFile, saysFormat } from './cli/files.js';
export { pin, positive, text, whole } from './cli/flags.js';
export { readSecrets } from './cli/inferenceSecrets.js';
export { requireWritable, writeTogether } from './cli/outFiles.js';
export { exitCodeOf, potProgram, runProgram } from './cli/program.js';
export { rowsOf } from './cli/rows.js';
export { LiveLine, Progress, result, say } from './cli/terminal.js';
